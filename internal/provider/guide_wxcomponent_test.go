package provider

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The tests in this file run the recipes for Tencent's wxcomponent. What it answers is copied from its source code.

// wxcomponentConsole logs in as the page shows, reads, and renews what it logged in with.
func wxcomponentConsole(t *testing.T, wechat *lab) {
	needEphemeralVariables(t)
	needPrograms(t, "the commands of the guide to wxcomponent", "sh", "curl", "jq", "openssl")
	console := newConsole(t, wechat)
	place := watched(t, readExample(t, "guides/wxcomponent/admin/main.tf"), baseURL(wechat))
	onPath(t, place)
	commands := shellBlock.FindAllStringSubmatch(under(t, "wxcomponent", "From elsewhere"), -1)
	if len(commands) != 2 {
		t.Fatalf("the page has %d blocks of commands, want one to log in and one to renew", len(commands))
	}
	login, renew := strings.Replace(commands[0][1], "https://wxcomponent.example.com", console.URL, 1), commands[1][1]
	const plan = "\nterraform plan -no-color -out=plan.bin\n"
	var results []engine.Result
	pasted := func(wantExit int, commands string) string {
		t.Helper()
		result := paste(t, place, commands)
		if result.ExitCode != wantExit {
			t.Fatalf("exit code %d, want %d:\n%s%s", result.ExitCode, wantExit, result.Stdout, result.Stderr)
		}
		results = append(results, result)
		return result.Stderr
	}
	pasted(0, login+plan+"terraform apply -no-color plan.bin")
	expectOutputs(t, place, map[string]any{"shop": teaOpen})
	pasted(0, login+renew+plan)
	if got := console.renewals.Load(); got != 1 {
		t.Errorf("the page's second block renewed %d times, want once", got)
	}
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})

	refused := pasted(5, strings.Replace(login, "password=…", "password=wrong", 1))
	expectWords(t, refused, "登录失败")
	expired := pasted(1, login+"TF_VAR_wxcomponent_jwt="+expiredJWT+plan)
	expectPrinted(t, "the guide wxcomponent, under From elsewhere", under(t, "wxcomponent", "From elsewhere"), expired)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectNoSecret(t, place, results, []string{wechat.Token(teaShop), firstJWT, renewedJWT, expiredJWT})
}

const (
	firstJWT   = "eyJhbGciOiJIUzI1NiJ9.e30.dGhlLWZpcnN0LXNpZ25hdHVyZQ"
	renewedJWT = "eyJhbGciOiJIUzI1NiJ9.e30.dGhlLW5ld2VyLXNpZ25hdHVyZQ"
	expiredJWT = "eyJhbGciOiJIUzI1NiJ9.e30.dGhlLW9sZGVyLXNpZ25hdHVyZQ"
)

// console is wxcomponent's console as programs see it.
type console struct {
	*httptest.Server
	renewals atomic.Int32
}

func newConsole(t *testing.T, wechat *lab) *console {
	t.Helper()
	hash := md5.Sum([]byte("…")) // the page's placeholder is the password here
	c := &console{}
	forward := forwardTo(t, wechat)
	answer := func(w http.ResponseWriter, text string) { _, _ = fmt.Fprint(w, text) }
	const granted = `{"code":0,"errorMsg":"OK","data":{"jwt":%q}}`
	paths := http.NewServeMux()
	paths.HandleFunc("PUT /wxcomponent/auth", func(w http.ResponseWriter, r *http.Request) {
		var user struct{ Username, Password string }
		_ = json.NewDecoder(r.Body).Decode(&user)
		if r.Header.Get("Content-Type") != "application/json" || user.Username != "admin" ||
			user.Password != hex.EncodeToString(hash[:]) {
			answer(w, `{"code":1006,"errorMsg":"登录失败","data":"record not found"}`)
			return
		}
		answer(w, fmt.Sprintf(granted, firstJWT))
	})
	loggedIn := func(handler http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch r.Header.Get("Authorization") {
			case "Bearer " + firstJWT, "Bearer " + renewedJWT:
				handler(w, r)
			case "", "Bearer ":
				answer(w, `{"code":1000,"errorMsg":"访问未授权"}`)
			default:
				answer(w, `{"code":1004,"errorMsg":"Token错误"}`)
			}
		}
	}
	paths.HandleFunc("GET /wxcomponent/admin/refresh-auth", loggedIn(func(w http.ResponseWriter, _ *http.Request) {
		c.renewals.Add(1)
		answer(w, fmt.Sprintf(granted, renewedJWT))
	}))
	paths.HandleFunc("GET /wxcomponent/admin/authorizer-access-token", loggedIn(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/_simulator/token"
		forward.ServeHTTP(w, r)
	}))
	c.Server = httptest.NewServer(paths)
	t.Cleanup(c.Close)
	return c
}

// wxcomponentInside asks the inner service for an account that it has in its list, and then for one that it has not.
func wxcomponentInside(t *testing.T, wechat *lab) {
	service := before(t, wechat, func(r *http.Request) {
		if r.URL.Path == "/inner/authorizer-access-token" {
			r.URL.Path = "/_simulator/token"
		}
	})
	place := watched(t, readExample(t, "guides/wxcomponent/inner/main.tf"), baseURL(wechat), "TF_VAR_wxcomponent="+service)
	results := applied(t, place)
	expectOutputs(t, place, map[string]any{"shop": teaOpen})
	if err := wechat.UpdateAccount(teaShop, func(account *simulator.Account) { account.Authorized = false }); err != nil {
		t.Fatal(err)
	}
	failed := expectExit(t, place, 1, "plan")
	expectPrinted(t, "the guide wxcomponent, under When it fails", under(t, "wxcomponent", "When it fails"), failed.Stderr)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
	expectNoSecret(t, place, append(results, failed), []string{wechat.Token(teaShop)})
}

// wxcomponentForAll reads every account that authorized the platform, with all tokens from wxcomponent.
func wxcomponentForAll(t *testing.T, wechat *lab) {
	component := wechat.IssueComponentToken()
	forward := forwardTo(t, wechat)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/inner/component-access-token":
			_, _ = fmt.Fprintf(w, `{"code":0,"errorMsg":"OK","data":{"token":%q}}`, component)
		case "/inner/authorizer-access-token":
			r.URL.Path = "/_simulator/token"
			forward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(service.Close)
	place := watched(t, readExample(t, "guides/wxcomponent/component/main.tf"), baseURL(wechat),
		"TF_VAR_wxcomponent="+service.URL, "TF_VAR_component="+wechat.Component().AppID)
	read := expectExit(t, place, 0, "apply", "-auto-approve")
	expectOutputs(t, place, map[string]any{
		"by_open_appid": map[string]any{teaOpen: []any{tea, teaShop, teaClub, astray}, booksOpen: []any{books}},
	})
	// The account that refuses is explained with the same component token.
	expectAsked(t, wechat, map[string]int{pathAuthorizerList: 1, pathOpenGet: 7, pathAuthorizerInfo: 1})
	secrets := []string{component}
	for _, account := range wechat.World().Accounts {
		secrets = append(secrets, wechat.Token(account.AppID))
	}
	expectNoSecret(t, place, []engine.Result{read}, secrets)
}
