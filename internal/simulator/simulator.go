// Package simulator is an in-memory WeChat: accounts with bindings, permission sets and access tokens, the endpoints
// that speak of them, faults that can be switched on, and an account of what it was asked. It implements http.Handler;
// Listen serves it on a port.
package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// NoOverlap as Config.Overlap makes a superseded token invalid at once.
const NoOverlap time.Duration = -1

// DefaultContentType is how WeChat labels its answers; some endpoints say text/plain instead.
const DefaultContentType = "application/json; encoding=utf-8"

// Config says what to simulate. The zero value is complete.
type Config struct {
	World       *World           // nil: DefaultWorld
	Now         func() time.Time // nil: time.Now
	Overlap     time.Duration    // how long a superseded token keeps working; 0: DefaultOverlap
	ContentType string           // of answers; "": DefaultContentType
	// WrongTokenCode is the errcode for an account's token on the component's endpoints: 48001 as reported of late,
	// which 0 becomes, or 61014 as documented.
	WrongTokenCode int
	AdminAnyHost   bool // answer the admin API to Host headers other than loopback addresses and localhost
}

// Simulator is one simulated WeChat. All methods may be called at any time from any goroutine.
type Simulator struct {
	now            func() time.Time
	overlap        time.Duration
	contentType    string
	wrongTokenCode int
	component      Component
	secret         string
	admin          http.Handler

	mu              sync.Mutex
	order           []*account // as in the World
	accounts        map[string]*account
	componentTokens holder
	tokens          map[string]*accessToken
	ticket          string
	tickets         map[string]time.Time // verify ticket: when it was pushed
	codes           map[string]*authCode
	faults          []*Fault
	record          record
}

// account is an Account and its credentials.
type account struct {
	Account
	refreshToken string
	tokens       holder
}

// New makes a Simulator. It fails if the World is not consistent.
func New(config Config) (*Simulator, error) {
	s := &Simulator{
		now:             config.Now,
		overlap:         max(cmp.Or(config.Overlap, DefaultOverlap), 0),
		contentType:     cmp.Or(config.ContentType, DefaultContentType),
		wrongTokenCode:  cmp.Or(config.WrongTokenCode, codeUnauthorized),
		secret:          newAppSecret(),
		accounts:        map[string]*account{},
		componentTokens: holder{label: "component"},
		tokens:          map[string]*accessToken{},
		tickets:         map[string]time.Time{},
		codes:           map[string]*authCode{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wrongTokenCode != codeUnauthorized && s.wrongTokenCode != codeNeedComponent {
		return nil, fmt.Errorf("the errcode of a wrong token is %d or %d, not %d",
			codeUnauthorized, codeNeedComponent, s.wrongTokenCode)
	}
	world := config.World
	if world == nil {
		world = DefaultWorld()
	}
	if err := world.validate(); err != nil {
		return nil, err
	}
	s.component = world.Component
	for _, a := range world.Accounts {
		s.add(a.clone())
	}
	s.admin = s.newAdmin(config.AdminAnyHost)
	return s, nil
}

func (s *Simulator) add(a Account) {
	a.AuthTime = cmp.Or(a.AuthTime, s.now().Unix())
	a.AccountStatus = cmp.Or(a.AccountStatus, 1)
	a.UserName = cmp.Or(a.UserName, "gh_"+a.AppID[max(0, len(a.AppID)-12):])
	added := &account{Account: a, refreshToken: newRefreshToken()}
	added.tokens = holder{account: added, label: a.AppID}
	s.accounts[a.AppID] = added
	s.order = append(s.order, added)
}

// Component returns the third-party platform.
func (s *Simulator) Component() Component { return s.component }

// World returns the present state, in the form that New and ReadWorld take.
func (s *Simulator) World() World {
	s.mu.Lock()
	defer s.mu.Unlock()
	world := World{Component: s.component, Accounts: make([]Account, 0, len(s.order))}
	for _, a := range s.order {
		world.Accounts = append(world.Accounts, a.clone())
	}
	return world
}

// Account returns the present state of one account.
func (s *Simulator) Account(appid string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[appid]
	if a == nil {
		return Account{}, false
	}
	return a.clone(), true
}

// UpdateAccount changes an account: change gets its present state to alter, and must not call the Simulator.
// Authorizing again after a withdrawal brings a new refresh token and auth_time. An unknown appid, another appid and an
// inconsistent account are errors that change nothing.
func (s *Simulator) UpdateAccount(appid string, change func(*Account)) error {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[appid]
	if a == nil {
		return fmt.Errorf("unknown appid %q", appid)
	}
	changed := a.clone()
	change(&changed)
	if changed.AppID != appid {
		return fmt.Errorf("account %q: an appid cannot change", appid)
	}
	if err := changed.validate(); err != nil {
		return err
	}
	again := changed.Authorized && !a.Authorized
	a.Account = changed.clone()
	if again {
		a.Authorized = false
		a.authorize(now)
	}
	return nil
}

// Authorize lets the owner of an account authorize the platform, for the first time or again, which ends the
// account's access tokens. It returns the authorization code that WeChat pushes then, "" for an unknown appid:
// api_query_auth exchanges it, once and within CodeLife, and until then no new refresh token is told.
func (s *Simulator) Authorize(appid string) string {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[appid]
	if a == nil {
		return ""
	}
	a.CodePending = a.CodePending || !a.Authorized
	a.authorize(now)
	code := newAuthCode()
	s.codes[code] = &authCode{account: a, end: now.Add(CodeLife)}
	return code
}

// authorize is what an owner's scan does. Only one after a withdrawal, or the first, brings a new refresh token.
func (a *account) authorize(now time.Time) {
	if !a.Authorized {
		a.Authorized, a.AuthTime, a.refreshToken = true, now.Unix(), newRefreshToken()
	}
	a.tokens.revoked = a.tokens.issued
}
