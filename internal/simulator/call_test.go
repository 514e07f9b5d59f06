package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// Every request but the last of each group fails two checks or more; what is answered shows which comes first.
func TestOrderOfChecks(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	good, restricted, platform := s.Token(bound), s.Token(noSet), s.Token(component)
	ofPlatform := `{"component_appid":"` + component + `"`
	for _, test := range []struct {
		name, method, path, body string
		errcode                  int
	}{
		{"unknown path", "GET", "/cgi-bin/open/nothing", "", 40066},
		{"method before token", "GET", openGet, "", 43002},
		{"method before token, of a GET", "POST", openHave, "{}", 43001},
		{"token missing before body", "POST", openGet, "", 41001},
		{"empty token is missing", "POST", openGet + "?access_token=", "", 41001},
		{"wrong parameter is missing", "POST", openGet + "?component_access_token=" + good, "{}", 41001},
		{"token missing on component paths", "POST", authorizerInfo, "", 41001},
		{"unknown token before body", "POST", withToken(openGet, "unknown"), "", 40001},
		{"permission before body", "POST", withToken(openGet, restricted), "", 48001},
		{"permission before no body", "GET", withToken(openHave, platform), "", 48001},
		{"component token before body", "POST", withToken(openGet, platform), "", 48001},
		{"authorizer token on a component path", "POST", withToken(authorizerInfo, good), "", 48001},
		{"no body", "POST", withToken(openGet, good), "", 44002},
		{"body is no JSON", "POST", withToken(openGet, good), "appid=" + bound, 47001},
		{"body is null", "POST", withToken(openGet, good), "null", 47001},
		{"body is a list", "POST", withToken(openGet, good), "[]", 47001},
		{"body is followed", "POST", withToken(openGet, good), "{}{}", 47001},
		{"appid is a number", "POST", withToken(openGet, good), `{"appid":1}`, 47001},
		{"appid of another account before 89002", "POST", withToken(openGet, s.Token(unbound)), object("appid", bound), 40013},
		{"member names are told apart by case", "POST", withToken(openGet, good), object("AppID", unbound), 0},
		{"its own appid", "POST", withToken(openGet, good), object("appid", bound), 0},
		{"unbound", "POST", withToken(openGet, s.Token(unbound)), "{}", 89002},
		{"bound, by GET", "GET", withToken(openHave, restricted), "", 0},

		{"no component_appid", "POST", withToken(authorizerList, platform), "{}", 41018},
		{"wrong component_appid", "POST", withToken(authorizerList, platform), object("component_appid", bound), 40013},
		{"new query name", "POST", withToken(authorizerList, platform), ofPlatform + "}", 0},
		{"old query name", "POST", authorizerList + "?component_access_token=" + platform, ofPlatform + "}", 0},
		{"no authorizer_appid", "POST", withToken(authorizerInfo, platform), ofPlatform + "}", 40013},
		{"unknown authorizer_appid", "POST", withToken(authorizerInfo, platform), ofPlatform + `,"authorizer_appid":"wx1"}`, 61003},

		{"component token: no body", "POST", componentToken, "", 44002},
		{"component token: no component_appid", "POST", componentToken, "{}", 41018},
		{"component token: another appid", "POST", componentToken, object("component_appid", bound), 61011},
		{"component token: no secret", "POST", componentToken, ofPlatform + "}", 41004},
		{"component token: wrong secret", "POST", componentToken, ofPlatform + `,"component_appsecret":"x"}`, 40125},
		{"component token: wrong ticket", "POST", componentToken, ofPlatform + `,"component_appsecret":"` + s.ComponentSecret() + `"}`, 61006},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := send(t, s, test.method, test.path, test.body); got.errcode != test.errcode || got.status != http.StatusOK {
				t.Errorf("status %d, body %s, want errcode %d", got.status, got.body, test.errcode)
			}
		})
	}
	t.Run("caller's address after token and before permission", func(t *testing.T) {
		if err := s.Inject(simulator.Fault{Kind: simulator.FaultCallerIP}); err != nil {
			t.Fatal(err)
		}
		if got := getOpen(t, s, "unknown"); got != 40001 {
			t.Errorf("unknown token: %d, want 40001", got)
		}
		if got := getOpen(t, s, restricted); got != 61004 {
			t.Errorf("restricted account: %d, want 61004", got)
		}
	})
}

func TestTransportIsCheckedFirst(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for name, test := range map[string]struct {
		body   io.Reader
		status int
	}{
		"chunked":   {io.MultiReader(strings.NewReader("{}")), http.StatusPreconditionFailed},
		"too large": {strings.NewReader(strings.Repeat(" ", 64<<10+1)), http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, openGet, test.body))
			if w.Code != test.status || w.Body.Len() != 0 {
				t.Errorf("status %d, body %q", w.Code, w.Body)
			}
		})
	}
}

func TestContentTypeCanBeSwitched(t *testing.T) {
	s := newSimulator(t, simulator.Config{ContentType: "text/plain"})
	if got := send(t, s, http.MethodPost, openGet, "{}").header.Get("Content-Type"); got != "text/plain" {
		t.Errorf("content type %q", got)
	}
}

func TestAuthorizationWithdrawnAndGivenAgain(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	authorize := func(authorized bool) {
		if err := s.UpdateAccount(bound, func(a *simulator.Account) { a.Authorized = authorized }); err != nil {
			t.Fatal(err)
		}
	}
	old := s.RefreshToken(bound)
	refresh := func(refreshToken string) int {
		return send(t, s, http.MethodPost, withToken(authorizerToken, s.Token(component)),
			object("component_appid", component, "authorizer_appid", bound, "authorizer_refresh_token", refreshToken)).errcode
	}
	if got := refresh(old); got != 0 || s.RefreshToken(bound) != old {
		t.Errorf("refreshing: %d, or the refresh token changed", got)
	}
	token := s.Token(bound)
	authorize(false)
	if got := getOpen(t, s, token); got != 48001 {
		t.Errorf("open/get without authorization: %d, want 48001", got)
	}
	if got := refresh(old); got != 61003 {
		t.Errorf("refreshing without authorization: %d, want 61003", got)
	}
	authorize(true)
	if got := refresh(old); got != 61023 {
		t.Errorf("refreshing with the old refresh token: %d, want 61023", got)
	}
	if got := refresh(s.RefreshToken(bound)); got != 0 {
		t.Errorf("refreshing with the new refresh token: %d", got)
	}
	if err := s.UpdateAccount(bound, func(a *simulator.Account) { a.AccountStatus = 14 }); err != nil {
		t.Fatal(err)
	}
	if got := refresh(s.RefreshToken(bound)); got != 50002 {
		t.Errorf("refreshing for a deregistered account: %d, want 50002", got)
	}
}
