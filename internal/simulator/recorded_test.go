package simulator_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// recorded reads the published bodies by name; testdata/recorded.json tells where each was published.
func recorded(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name string `json:"name"`
		Body string `json:"response_body"`
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{}
	for _, v := range vectors {
		bodies[v.Name] = v.Body
	}
	return bodies
}

// recordedWorld has the accounts that the recorded bodies speak of.
func recordedWorld() *simulator.World {
	return &simulator.World{
		Component: simulator.Component{AppID: component},
		Accounts: []simulator.Account{
			{AppID: bound, Kind: simulator.OfficialAccount, PermissionSets: []int{3, 24}, OpenAppID: "appid_value", Authorized: true, CodePending: true, AuthTime: 1685428690},
			{
				AppID: boundMini, Kind: simulator.MiniProgram, PermissionSets: []int{3, 7, 17, 18, 19, 30, 115}, Authorized: true,
				Name: "示例小程序", Owner: "个人", UserName: "gh_000000000001", Signature: "示例", VerifyType: -1,
			},
			{AppID: unbound, Kind: simulator.MiniProgram, PermissionSets: []int{25}, Authorized: true},
			{AppID: noSet, Kind: simulator.MiniProgram},
		},
	}
}

var (
	ridPattern      = regexp.MustCompile(` rid: [0-9a-f]{8}-[0-7][0-9a-f]{7}-[0-7][0-9a-f]{7}$`)
	anyRIDPattern   = regexp.MustCompile(` rid: [0-9a-f-]+`)
	secretPattern   = regexp.MustCompile(`"(component_access_token|authorizer_access_token|authorizer_refresh_token)": *"[^"]+"`)
	ridOfClockStart = " rid: 6aac0063-"
)

// normalized takes the rid and the secrets out of a body; members are compared in their order.
func normalized(body string) string {
	body = anyRIDPattern.ReplaceAllString(body, "")
	body = strings.ReplaceAll(body, `\/`, "/")
	body = secretPattern.ReplaceAllString(body, `"$1":"***"`)
	var compact strings.Builder
	decoder := json.NewDecoder(strings.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return compact.String()
		}
		b, _ := json.Marshal(token)
		if delimiter, is := token.(json.Delim); is {
			b = []byte(delimiter.String())
		}
		compact.Write(append(b, ' '))
	}
}

func TestRecordedBodies(t *testing.T) {
	vectors := recorded(t)
	platform := `"component_appid":"` + component + `"`
	type state struct {
		s     *simulator.Simulator
		clock *clock
	}
	post := func(path string, token func(state) string, body func(state) string) func(*testing.T, state) answer {
		return func(t *testing.T, st state) answer {
			t.Helper()
			tok := token(st)
			return send(t, st.s, http.MethodPost, withToken(path, tok), body(st))
		}
	}
	of := func(appid string) func(state) string { return func(st state) string { return st.s.IssueToken(appid) } }
	text := func(body string) func(state) string { return func(state) string { return body } }
	refreshing := func(appid, refreshToken string) func(state) string {
		return func(st state) string {
			if refreshToken == "" {
				refreshToken = st.s.RefreshToken(appid)
			}
			return `{` + platform + `,"authorizer_appid":"` + appid + `","authorizer_refresh_token":"` + refreshToken + `"}`
		}
	}
	authenticating := func(st state, ticket string) string {
		return object("component_appid", component, "component_appsecret", st.s.ComponentSecret(), "component_verify_ticket", ticket)
	}
	for name, ask := range map[string]func(*testing.T, state) answer{
		"open_get_bound_sample":                 post(openGet, of(bound), text(object("appid", bound))),
		"open_get_48001_missing_permission_set": post(openGet, of(boundMini), text("{}")),
		"open_get_unbound_89002":                post(openGet, of(unbound), text("{}")),
		"invalid_appid_40013_rid":               post(openGet, of(bound), text(object("appid", unbound))),
		"authorizer_token_sample":               post(authorizerToken, of(component), refreshing(bound, "")),
		"authorizer_token_61003":                post(authorizerToken, of(component), refreshing(noSet, "")),
		"authorizer_token_61023":                post(authorizerToken, of(component), refreshing(bound, "refreshtoken@@@other")),
		"authorizer_info_miniprogram_real":      post(authorizerInfo, of(component), text(object("component_appid", component, "authorizer_appid", boundMini))),
		"probe_fake_token_40001_long":           post(openGet, text("fake_token_00000000000000000000000000000000"), text("{}")),
		"probe_no_token_41001":                  post(openGet, text(""), text("{}")),
		"component_token_sample": func(t *testing.T, st state) answer {
			return send(t, st.s, http.MethodPost, componentToken, authenticating(st, st.s.VerifyTicket()))
		},
		"component_token_61005": func(t *testing.T, st state) answer {
			ticket := st.s.VerifyTicket()
			st.clock.Advance(simulator.TicketLife)
			return send(t, st.s, http.MethodPost, componentToken, authenticating(st, ticket))
		},
		"component_61004_ip": func(t *testing.T, st state) answer {
			if err := st.s.Inject(simulator.Fault{Kind: simulator.FaultCallerIP}); err != nil {
				t.Fatal(err)
			}
			return send(t, st.s, http.MethodPost, componentToken, authenticating(st, st.s.VerifyTicket()))
		},
		"authorizer_token_42001": func(t *testing.T, st state) answer {
			token := st.s.IssueComponentToken()
			st.clock.Advance(simulator.TokenLife)
			return send(t, st.s, http.MethodPost, withToken(authorizerToken, token), refreshing(bound, "")(st))
		},
		"authorizer_list_item_without_refresh_token": func(t *testing.T, st state) answer {
			a := post(authorizerList, of(component), text(`{`+platform+`,"offset":0,"count":1}`))(t, st)
			a.body = strings.TrimSuffix(strings.TrimPrefix(a.body, `{"total_count":3,"list":[`), `]}`)
			return a
		},
		"open_have_true": func(t *testing.T, st state) answer {
			return send(t, st.s, http.MethodGet, withToken(openHave, st.s.IssueToken(bound)), "")
		},
		"daily_quota_45009": func(t *testing.T, st state) answer {
			if err := st.s.Inject(simulator.Fault{Kind: simulator.FaultDailyQuota}); err != nil {
				t.Fatal(err)
			}
			return post(openGet, of(bound), text("{}"))(t, st)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			got := ask(t, state{newSimulator(t, simulator.Config{World: recordedWorld(), Now: c.Now}), c})
			want, found := vectors[name]
			if !found {
				t.Fatal("no such vector")
			}
			if want, got := normalized(want), normalized(got.body); got != want {
				t.Errorf("body differs: %s\nrecorded: %s", got, want)
			}
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json; encoding=utf-8" {
				t.Errorf("status %d, content type %q", got.status, got.header.Get("Content-Type"))
			}
			if got.errcode != 0 && !ridPattern.MatchString(strings.TrimSuffix(got.body, `"}`)) {
				t.Errorf("no rid at the end of %s", got.body)
			}
		})
	}
}

func TestRIDTellsTheTime(t *testing.T) {
	s := newSimulator(t, simulator.Config{Now: newClock().Now})
	if got := send(t, s, http.MethodPost, openGet, "{}"); !strings.Contains(got.body, ridOfClockStart) {
		t.Errorf("the rid of %s does not start with the time", got.body)
	}
}

func TestListPages(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	if err := s.UpdateAccount(unbound, func(a *simulator.Account) { a.Authorized = false }); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		offset, count string
		listed        int
		errcode       int
	}{
		"first page":          {"0", "4", 4, 0},
		"last page is short":  {"4", "4", 2, 0},
		"past the end":        {"6", "4", 0, 0},
		"count at the limit":  {"0", "500", 6, 0},
		"count over it":       {"0", "501", 0, 40170},
		"count is negative":   {"0", "-1", 0, 40097},
		"offset is no number": {`"0"`, "4", 0, 47001},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"component_appid":"` + component + `","offset":` + test.offset + `,"count":` + test.count + `}`
			path := authorizerList + "?component_access_token=" + s.Token(component)
			got := send(t, s, http.MethodPost, path, body)
			var page struct {
				Total int `json:"total_count"`
				List  []struct {
					AppID        string `json:"authorizer_appid"`
					RefreshToken string `json:"refresh_token"`
					AuthTime     int64  `json:"auth_time"`
				} `json:"list"`
			}
			if err := json.Unmarshal([]byte(got.body), &page); err != nil {
				t.Fatal(err)
			}
			if got.errcode != test.errcode || len(page.List) != test.listed || test.errcode == 0 && page.Total != 6 {
				t.Errorf("errcode %d, %d of %d listed", got.errcode, len(page.List), page.Total)
			}
			for _, item := range page.List {
				if item.RefreshToken != s.RefreshToken(item.AppID) || time.Since(time.Unix(item.AuthTime, 0)) > time.Hour {
					t.Errorf("%s: wrong refresh token or auth_time", item.AppID)
				}
			}
		})
	}
}

func TestSameEntity(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for appid, want := range map[string]string{bound: "true", boundMini: "true", astray: "false", unbound: "false"} {
		got := send(t, s, http.MethodGet, withToken(openSameEntity, s.Token(appid)), "")
		if want := `{"same_entity":` + want + `,"errcode":0,"errmsg":"ok"}`; got.body != want {
			t.Errorf("%s: %s, want %s", appid, got.body, want)
		}
	}
}
