package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const basicInfo = "/cgi-bin/account/getaccountbasicinfo"

// TestKindsAreToldApart has an account of each kind, and sees by which member WeChat tells it and what it may call.
func TestKindsAreToldApart(t *testing.T) {
	for kind, test := range map[simulator.Kind]struct {
		member       string
		open, status int // errcodes of open/get and open/have, with all sets granted
	}{
		simulator.OfficialAccount: {"service_type_info", 89002, 0},
		simulator.MiniProgram:     {"MiniProgramInfo", 89002, 0},
		simulator.Channels:        {"channels_info", 48001, 48001},
		simulator.Store:           {"store_info", 48001, 48001},
		simulator.Talent:          {"talent_info", 48001, 48001},
		simulator.Supplier:        {"supplier_info", 48001, 48001},
		simulator.Unknown:         {"", 48001, 48001},
	} {
		s := newSimulator(t, simulator.Config{World: &simulator.World{
			Component: simulator.Component{AppID: component},
			Accounts:  []simulator.Account{{AppID: bound, Kind: kind, Authorized: true, PermissionSets: []int{3, 24, 25, 30}}},
		}})
		got := send(t, s, http.MethodPost, withToken(authorizerInfo, s.Token(component)), object("component_appid", component, "authorizer_appid", bound))
		var told struct {
			Account map[string]json.RawMessage `json:"authorizer_info"`
		}
		if err := json.Unmarshal([]byte(got.body), &told); err != nil {
			t.Fatal(err)
		}
		for _, member := range []string{"MiniProgramInfo", "channels_info", "store_info", "talent_info", "supplier_info"} {
			if _, found := told.Account[member]; found != (member == test.member) {
				t.Errorf("%s: has %s %t", kind, member, found)
			}
		}
		if kind == simulator.Unknown && len(told.Account) != 0 {
			t.Errorf("%s: %v is told", kind, told.Account)
		}
		if got := getOpen(t, s, s.Token(bound)); got != test.open {
			t.Errorf("%s: open/get says %d, want %d", kind, got, test.open)
		}
		if got := send(t, s, http.MethodGet, withToken(openHave, s.Token(bound)), "").errcode; got != test.status {
			t.Errorf("%s: open/have says %d, want %d", kind, got, test.status)
		}
	}
}

func TestBasicInfoIsOfTheTokensAccount(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	const want = `{"errcode":0,"errmsg":"ok","appid":"wx1000000000000002","account_type":3,"principal_name":"Example Tea Trading Co., Ltd.","nickname":"Example Tea Shop"}`
	if got := send(t, s, http.MethodPost, withToken(basicInfo, s.Token(boundMini)), "{}"); got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	if err := s.UpdateAccount(bound, func(a *simulator.Account) { a.PermissionSets = []int{24} }); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		method, token, body string
		errcode             int
	}{
		"GET":                  {http.MethodGet, s.Token(boundMini), "", 43002},
		"no token":             {http.MethodPost, "", "{}", 41001},
		"the component's":      {http.MethodPost, s.Token(component), "{}", 48001},
		"without 3 or 30":      {http.MethodPost, s.Token(bound), "{}", 48001},
		"no body, not even {}": {http.MethodPost, s.Token(boundMini), "", 44002},
	} {
		if got := send(t, s, test.method, withToken(basicInfo, test.token), test.body).errcode; got != test.errcode {
			t.Errorf("%s: errcode %d, want %d", name, got, test.errcode)
		}
	}
}

// TestControlCharactersTravelRaw has them in a name, as WeChat sends them; the escapes beside them stay.
func TestControlCharactersTravelRaw(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	const name = "a\x00b\n\"\\n\u2028\x1f\x7f"
	if err := s.UpdateAccount(boundMini, func(a *simulator.Account) { a.Name = name }); err != nil {
		t.Fatal(err)
	}
	got := send(t, s, http.MethodPost, withToken(basicInfo, s.Token(boundMini)), "{}").body
	if want := `"nickname":"a` + "\x00b\n" + `\"\\n\u2028` + "\x1f\x7f" + `"`; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}
