package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const (
	createPreauthcode = "/cgi-bin/component/api_create_preauthcode"
	queryAuth         = "/cgi-bin/component/api_query_auth"
)

// TestAuthorization goes the way of a platform that an owner authorizes: from the pre-auth code to the first access
// token.
func TestAuthorization(t *testing.T) {
	c := newClock()
	s := newSimulator(t, simulator.Config{Now: c.Now})
	ask := func(path string, members ...string) answer {
		t.Helper()
		return send(t, s, http.MethodPost, withToken(path, s.Token(component)),
			object(append([]string{"component_appid", component}, members...)...))
	}
	var preAuth struct {
		Code      string `json:"pre_auth_code"`
		ExpiresIn int    `json:"expires_in"`
	}
	decode(t, ask(createPreauthcode).body, &preAuth)
	if !strings.HasPrefix(preAuth.Code, "preauthcode@@@") || preAuth.ExpiresIn != 1800 {
		t.Errorf("pre-auth code %+v", preAuth)
	}

	oldToken, oldRefreshToken := s.Token(bound), s.RefreshToken(bound)
	code := s.Authorize(bound)
	if !strings.HasPrefix(code, "queryauthcode@@@") || s.Authorize("wx1") != "" {
		t.Errorf("authorization code %q", code)
	}
	if got := getOpen(t, s, oldToken); got != 40001 {
		t.Errorf("the access token from before the scan: %d, want 40001", got)
	}
	if info := ask(authorizerInfo, "authorizer_appid", bound).body; !strings.Contains(info, oldRefreshToken) {
		t.Errorf("the refresh token from before the scan is not told any more: %s", info)
	}
	for _, test := range []struct {
		name, code string
		errcode    int
	}{
		{"no code", "", 61009},
		{"a pre-auth code", preAuth.Code, 61009},
		{"a code nobody got", "queryauthcode@@@1", 61009},
		{"the code", code, 0},
		{"the code again", code, 61010},
	} {
		got := ask(queryAuth, "authorization_code", test.code)
		if got.errcode != test.errcode {
			t.Errorf("%s: %s, want %d", test.name, got.body, test.errcode)
		}
		if test.errcode != 0 {
			continue
		}
		var granted struct {
			Info struct {
				AppID        string           `json:"authorizer_appid"`
				Token        string           `json:"authorizer_access_token"`
				ExpiresIn    int              `json:"expires_in"`
				RefreshToken string           `json:"authorizer_refresh_token"`
				FuncInfo     []map[string]any `json:"func_info"`
			} `json:"authorization_info"`
		}
		decode(t, got.body, &granted)
		info := granted.Info
		if info.AppID != bound || info.ExpiresIn != 7200 || info.RefreshToken != oldRefreshToken ||
			len(info.FuncInfo) != 3 {
			t.Errorf("granted: %s", got.body)
		}
		if got := getOpen(t, s, info.Token); got != 0 {
			t.Errorf("open/get with the token for the code: %d", got)
		}
	}

	late := s.Authorize(bound)
	c.Advance(simulator.CodeLife)
	if got := ask(queryAuth, "authorization_code", late).errcode; got != 61010 {
		t.Errorf("a code past its end: %d, want 61010", got)
	}
	withdrawn := s.Authorize(bound)
	if err := s.UpdateAccount(bound, func(a *simulator.Account) { a.Authorized = false }); err != nil {
		t.Fatal(err)
	}
	if got := ask(queryAuth, "authorization_code", withdrawn).errcode; got != 61003 {
		t.Errorf("a code of a withdrawn authorization: %d, want 61003", got)
	}
	again := s.Authorize(bound)
	info := ask(authorizerInfo, "authorizer_appid", bound).body
	if !strings.Contains(info, `"authorizer_refresh_token":""`) {
		t.Errorf("a new refresh token is told before the code was exchanged: %s", info)
	}
	got := ask(queryAuth, "authorization_code", again)
	if got.errcode != 0 || strings.Contains(got.body, oldRefreshToken) {
		t.Errorf("authorized again after a withdrawal: %s", got.body)
	}
}

func decode(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatal(err)
	}
}

// TestAuthorizingAgainEndsTheToken is true of each way to authorize.
func TestAuthorizingAgainEndsTheToken(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	token := s.Token(bound)
	for _, authorized := range []bool{false, true} {
		if err := s.UpdateAccount(bound, func(a *simulator.Account) { a.Authorized = authorized }); err != nil {
			t.Fatal(err)
		}
	}
	if got := getOpen(t, s, token); got != 40001 {
		t.Errorf("the token from before the withdrawal: %d, want 40001", got)
	}
}

func TestWrongTokenCode(t *testing.T) {
	for configured, want := range map[int]int{0: 48001, 48001: 48001, 61014: 61014} {
		s := newSimulator(t, simulator.Config{WrongTokenCode: configured})
		if got := send(t, s, http.MethodPost, withToken(authorizerInfo, s.Token(bound)), "{}"); got.errcode != want {
			t.Errorf("%d: an account's token for the component's: %s", configured, got.body)
		}
		if got := getOpen(t, s, s.Token(component)); got != 48001 {
			t.Errorf("%d: the component's token for an account's: %d, want 48001", configured, got)
		}
	}
	if _, err := simulator.New(simulator.Config{WrongTokenCode: 40001}); err == nil {
		t.Error("40001 is not refused")
	}
}

// TestLackingEndpoints asks for what WeChat has and the simulator has not.
func TestLackingEndpoints(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for _, path := range []string{
		"open/create", "open/bind", "open/unbind", "token", "stable_token", "clear_quota", "clear_quota/v2",
		"openapi/quota/get", "openapi/quota/clear", "openapi/rid/get",
		"component/api_start_push_ticket", "component/clear_quota", "component/clear_quota/v2",
		"component/get_authorizer_option", "component/set_authorizer_option",
		"component/api_get_authorizer_option", "component/api_set_authorizer_option",
	} {
		want := `{"errcode":501,"errmsg":"the simulator does not have /cgi-bin/` + path + `, which WeChat has"}`
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if got := send(t, s, method, "/cgi-bin/"+path, ""); got.body != want || got.status != http.StatusOK {
				t.Errorf("%s %s: status %d, %s", method, path, got.status, got.body)
			}
		}
	}
}

// TestTokenServiceFailsLikeTencents has each way in which wxcomponent gets no token out of WeChat.
func TestTokenServiceFailsLikeTencents(t *testing.T) {
	const failed = `"code": 1002, "errorMsg": "系统错误", "data": `
	for name, test := range map[string]struct {
		change func(*simulator.Account)
		want   string
	}{
		"a token":   {func(*simulator.Account) {}, `"code": 0, "errorMsg": "OK", "data": { "token": "61_`},
		"withdrawn": {func(a *simulator.Account) { a.Authorized = false }, failed + `"empty records" }`},
		"not exchanged": {
			func(a *simulator.Account) { a.CodePending = true },
			failed + `"WxErrCode != 0, resp: {61023 refresh_token is invalid rid: `,
		},
		"deregistered": {
			func(a *simulator.Account) { a.AccountStatus = 14 },
			failed + `"WxErrCode != 0, resp: {50002 user limited rid: `,
		},
	} {
		s := newSimulator(t, simulator.Config{})
		if err := s.UpdateAccount(bound, test.change); err != nil {
			t.Fatal(err)
		}
		got := send(t, s, http.MethodGet, admin+"token?appid="+bound, "")
		body := strings.Join(strings.Fields(got.body), " ")
		if !strings.Contains(body, test.want) || got.status != http.StatusOK {
			t.Errorf("%s: status %d, %s, want %s", name, got.status, body, test.want)
		}
	}
	s := newSimulator(t, simulator.Config{})
	if got := send(t, s, http.MethodGet, admin+"token", "").body; !strings.Contains(got, "empty records") {
		t.Errorf("no appid: %s", got)
	}
}

// TestDocumentsThatAreNoObjects covers what is read as JSON: accounts files, and the admin API's bodies.
func TestDocumentsThatAreNoObjects(t *testing.T) {
	const platform = `{"component": {"appid": "wx3"}, "accounts": `
	for document, want := range map[string]string{
		`[]`:                                     "no object in braces, but a list",
		` null`:                                  "no object in braces, but null",
		`"accounts"`:                             "no object in braces, but a text",
		`true`:                                   "no object in braces, but a truth value",
		`1`:                                      "no object in braces, but a number",
		platform + `null}`:                       "accounts is null: leave it out, or give it a value",
		platform + `[null]}`:                     `account "": the JSON document is no object in braces, but null`,
		platform + `["wx1"]}`:                    `account "": the JSON document is no object in braces, but a text`,
		`{"component": null}`:                    "component is null",
		platform + account("kind", "null"):       `account "wx1": kind is null: leave it out, or give it a value`,
		platform + account("authorized", "null"): `account "wx1": authorized is null: leave it out, or give it a value`,
	} {
		_, err := simulator.ReadWorld(strings.NewReader(document))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", document, err, want)
		}
	}
	for _, nobody := range []string{"null", `""`} {
		world, err := simulator.ReadWorld(strings.NewReader(platform + account("open_appid", nobody)))
		if err != nil || world.Accounts[0].OpenAppID != "" {
			t.Errorf("open_appid %s: %v", nobody, err)
		}
	}
	s := newSimulator(t, simulator.Config{})
	for _, body := range []string{`null`, `[]`, `{"authorized": null}`} {
		if got := send(t, s, http.MethodPatch, admin+"accounts/"+bound, body); got.status != http.StatusBadRequest {
			t.Errorf("PATCH %s: status %d, %s", body, got.status, got.body)
		}
	}
}

// account is the end of an accounts file, with one account that has a member so.
func account(member, value string) string {
	members := map[string]string{"appid": `"wx1"`, "kind": `"mini_program"`}
	members[member] = value
	var written []string
	for name, value := range members {
		written = append(written, `"`+name+`": `+value)
	}
	return `[{` + strings.Join(written, ", ") + `}]}`
}

// TestAuthorizationByTheAdminAPI is what somebody has who tests a token service of another language.
func TestAuthorizationByTheAdminAPI(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	var pushed struct {
		Code      string `json:"authorization_code"`
		ExpiresIn int    `json:"expires_in"`
	}
	decode(t, send(t, s, http.MethodPost, admin+"accounts/"+bound+"/authorization", "").body, &pushed)
	got := send(t, s, http.MethodPost, withToken(queryAuth, s.Token(component)),
		object("component_appid", component, "authorization_code", pushed.Code))
	if got.errcode != 0 || pushed.ExpiresIn != int(simulator.CodeLife/time.Second) {
		t.Errorf("%+v is exchanged for %s", pushed, got.body)
	}
	if got := send(t, s, http.MethodPost, admin+"accounts/wx1/authorization", ""); got.status != http.StatusNotFound {
		t.Errorf("an unknown account: status %d", got.status)
	}
}
