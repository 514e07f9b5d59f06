package simulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
)

//go:embed accounts.json
var defaultWorld []byte

// World is what a simulated WeChat starts with: one third-party platform and the accounts it looks after.
type World struct {
	Component Component `json:"component"`
	Accounts  []Account `json:"accounts"`
}

// Component is the third-party platform.
type Component struct {
	AppID string `json:"appid"`
	Name  string `json:"name,omitempty"`
}

// Kind is a kind of account. Official accounts and mini programs need different permission sets.
type Kind string

// The kinds of account.
const (
	OfficialAccount Kind = "official_account"
	MiniProgram     Kind = "mini_program"
	Channels        Kind = "channels"
	Store           Kind = "store"
	Talent          Kind = "talent"
	Supplier        Kind = "supplier"
	Unknown         Kind = "unknown" // WeChat tells nothing of it but what it granted
)

var kinds = []Kind{OfficialAccount, MiniProgram, Channels, Store, Talent, Supplier, Unknown}

// Account is an account that may authorize the platform. Control characters in its names go over the wire as they are.
// In JSON, authorized is true and account_status is 1 unless written.
type Account struct {
	AppID          string `json:"appid"`
	Name           string `json:"name,omitempty"`  // nick_name in WeChat's answers
	Kind           Kind   `json:"kind"`            // one of kinds
	Owner          string `json:"owner,omitempty"` // principal_name in WeChat's answers
	PermissionSets []int  `json:"permission_sets"` // granted to the platform, func_info in WeChat's answers
	OpenAppID      string `json:"open_appid"`      // the open account it is bound to; "" when unbound
	Authorized     bool   `json:"authorized"`      // whether the owner authorizes the platform
	// CodePending says that the authorization code was never exchanged: WeChat then tells no refresh token.
	CodePending   bool   `json:"code_pending,omitempty"`
	AuthTime      int64  `json:"auth_time,omitempty"`      // Unix seconds; 0 becomes the start of the simulator
	AccountStatus int    `json:"account_status,omitempty"` // 0, 1 normal, 14 cancelled, 16 banned, 18 warned, 19 frozen
	VerifyType    int    `json:"verify_type,omitempty"`    // -1 unverified, 0 verified by WeChat
	UserName      string `json:"user_name,omitempty"`      // the gh_ original id; "" becomes one made from the appid
	Alias         string `json:"alias,omitempty"`
	Signature     string `json:"signature,omitempty"`
}

// UnmarshalJSON applies the defaults and names the account in errors.
func (a *Account) UnmarshalJSON(data []byte) error {
	type plain Account
	p := plain{Authorized: true, AccountStatus: 1}
	err := decodeStrict(bytes.NewReader(data), &p)
	*a = Account(p)
	if err != nil {
		return fmt.Errorf("account %q: %w", p.AppID, err)
	}
	return nil
}

// DefaultWorld is a platform with two merchants: one whose three accounts share an open account, and one with an
// account bound properly, one astray, one unbound, and one that kept permission set 25 to itself.
func DefaultWorld() *World {
	world, err := ReadWorld(bytes.NewReader(defaultWorld))
	if err != nil {
		panic(err) // the file is part of the program
	}
	return world
}

// ReadWorld reads a World in JSON. Unknown members, repeated appids and unknown kinds are errors that name the account.
func ReadWorld(r io.Reader) (*World, error) {
	world := new(World)
	if err := decodeStrict(r, world); err != nil {
		return nil, err
	}
	return world, world.validate()
}

// appidPattern keeps an appid safe as a file name and in a URL; WeChat's own are wx and 16 hex digits.
var appidPattern = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)

// openAppIDPattern is what can be told on; WeChat documents no form.
var openAppIDPattern = regexp.MustCompile(`^[!-~]{1,64}$`)

func (w *World) validate() error {
	if !appidPattern.MatchString(w.Component.AppID) {
		return fmt.Errorf("component: appid %q is not made of 1 to 64 letters and digits", w.Component.AppID)
	}
	seen := map[string]bool{w.Component.AppID: true}
	for _, a := range w.Accounts {
		if err := a.validate(); err != nil {
			return err
		}
		if seen[a.AppID] {
			return fmt.Errorf("account %q: the appid is there twice", a.AppID)
		}
		seen[a.AppID] = true
	}
	return nil
}

func (a *Account) validate() error {
	switch {
	case !appidPattern.MatchString(a.AppID):
		return fmt.Errorf("account %q: the appid is not made of 1 to 64 letters and digits", a.AppID)
	case !slices.Contains(kinds, a.Kind):
		return fmt.Errorf("account %q: kind %q is none of %q", a.AppID, a.Kind, kinds)
	case a.OpenAppID != "" && !openAppIDPattern.MatchString(a.OpenAppID):
		return fmt.Errorf("account %q: open_appid %q is not made of 1 to 64 visible ASCII "+
			"characters", a.AppID, a.OpenAppID)
	case slices.ContainsFunc(a.PermissionSets, func(set int) bool { return set <= 0 }):
		return fmt.Errorf("account %q: permission sets are numbers above zero", a.AppID)
	}
	return nil
}

func (a Account) clone() Account {
	a.PermissionSets = slices.Clone(a.PermissionSets)
	if a.PermissionSets == nil {
		a.PermissionSets = []int{}
	}
	return a
}

// decodeStrict reads exactly one JSON object without unknown members, and without null, which would silently stand
// for what is left out; to unbind, null is as good as "".
func decodeStrict(r io.Reader, into any) error {
	decoder := json.NewDecoder(r)
	var document json.RawMessage
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("the JSON document is empty")
		}
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON document")
	}
	if document[0] != '{' {
		return fmt.Errorf("the JSON document is no object in braces, but %s", jsonKind(document[0]))
	}
	decoder = json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(document, &members); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if string(members[name]) == "null" && name != "open_appid" {
			return fmt.Errorf("%s is null: leave it out, or give it a value", name)
		}
	}
	return nil
}

// jsonKind names what a JSON document that begins with this byte is.
func jsonKind(first byte) string {
	switch first {
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 'n':
		return "null"
	case 't', 'f':
		return "a truth value"
	default:
		return "a number"
	}
}
