package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const admin = "/_simulator/"

func TestAdmin(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	// In order: later rows see what earlier ones did.
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"accounts", "GET", "accounts", "", 200, `"open_appid": "wx2000000000000001"`},
		{"move", "PATCH", "accounts/" + bound, `{"open_appid":"wx2000000000000009"}`, 200, `"open_appid": "wx2000000000000009"`},
		{"what is not given stays", "PUT", "accounts/" + bound, `{"permission_sets":[3]}`, 200, `"open_appid": "wx2000000000000009"`},
		{"unbind", "PATCH", "accounts/" + bound, `{"open_appid":null}`, 200, `"open_appid": ""`},
		{"withdraw", "PATCH", "accounts/" + bound, `{"authorized":false}`, 200, `"authorized": false`},
		{"unknown member", "PATCH", "accounts/" + bound, `{"openappid":""}`, 400, `unknown field "openappid"`},
		{"wrong type", "PATCH", "accounts/" + bound, `{"open_appid":1}`, 400, `neither a string nor null`},
		{"no body", "PATCH", "accounts/" + bound, ``, 400, `empty`},
		{"unknown account", "PATCH", "accounts/wx1", `{}`, 404, `unknown appid`},
		{"new token", "POST", "accounts/" + bound + "/token", "", 200, `"access_token": "61_`},
		{"new token of nobody", "POST", "accounts/wx1/token", "", 404, `unknown appid`},
		{"token service", "GET", "token?appid=" + unbound, "", 200, `"token": "61_`},
		{"token service, unknown", "GET", "token?appid=wx1", "", 200, `"code": 1002`},
		{"token service, not authorized", "GET", "token?appid=" + bound, "", 200, `"code": 1002`},
		{"component", "GET", "component", "", 200, `"verify_ticket": "ticket@@@`},
		{"fault", "POST", "faults", `{"kind":"slow","delay":"2s","count":3}`, 200, `"delay": "2s"`},
		{"impossible fault", "POST", "faults", `{"kind":"slow"}`, 400, `needs a delay`},
		{"fault with an odd delay", "POST", "faults", `{"kind":"slow","delay":"soon"}`, 400, `delay: `},
		{"fault with an unknown member", "POST", "faults", `{"kind":"cut","times":1}`, 400, `unknown field "times"`},
		{"faults", "GET", "faults", "", 200, `"count": 3`},
		{"faults off", "DELETE", "faults", "", 200, `[]`},
		{"requests", "GET", "requests", "", 200, `[]`},
		{"requests forgotten", "DELETE", "requests", "", 200, `[]`},
		{"unknown path", "GET", "nothing", "", 404, ``},
		{"unknown method", "DELETE", "accounts", "", 405, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := send(t, s, test.method, admin+test.path, test.body)
			if got.status != test.status || !strings.Contains(got.body, test.want) {
				t.Errorf("status %d: %s", got.status, got.body)
			}
			if got.status == 400 && strings.Count(got.body, "\n") != 1 {
				t.Errorf("not one line: %q", got.body)
			}
		})
	}
	if s.Count("") != 0 {
		t.Error("the admin API is in the record")
	}
}

func TestAccountsAreAWorld(t *testing.T) {
	document := send(t, newSimulator(t, simulator.Config{}), http.MethodGet, admin+"accounts", "").body
	world, err := simulator.ReadWorld(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if got := send(t, newSimulator(t, simulator.Config{World: world}), http.MethodGet, admin+"accounts", "").body; got != document {
		t.Errorf("the accounts of the accounts: %s", got)
	}
}

func TestAdminGuard(t *testing.T) {
	guarded, open := newSimulator(t, simulator.Config{}), newSimulator(t, simulator.Config{AdminAnyHost: true})
	for _, test := range []struct {
		name   string
		s      *simulator.Simulator
		method string
		host   string
		origin string
		status int
	}{
		{"loopback", guarded, "GET", "127.0.0.1:8080", "", 200},
		{"loopback, IPv6", guarded, "GET", "[::1]:8080", "", 200},
		{"IPv6 without port", guarded, "GET", "[::1]", "", 200},
		{"localhost", guarded, "GET", "LOCALHOST", "", 200},
		{"a rebound name", guarded, "GET", "evil.example:8080", "", 403},
		{"a name that looks alike", guarded, "GET", "127.0.0.1.evil.example", "", 403},
		{"no host", guarded, "GET", "", "", 403},
		{"another origin", guarded, "DELETE", "127.0.0.1:8080", "http://evil.example", 403},
		{"opened for others", open, "GET", "simulator.example", "", 200},
		{"opened for others, another origin", open, "DELETE", "simulator.example", "http://evil.example", 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), test.method, admin+"faults", nil)
			r.Host = test.host
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			w := httptest.NewRecorder()
			test.s.ServeHTTP(w, r)
			if w.Code != test.status {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
		})
	}
}
