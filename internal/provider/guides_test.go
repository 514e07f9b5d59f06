package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// guides are the configurations of docs/guides, each with what its page says of it.
var guides = map[string]func(t *testing.T, wechat *lab){
	"guides/getting-started/main.tf":        gettingStarted,
	"guides/getting-started/gate.tf":        gettingStartedGate,
	"guides/where-tokens-come-from/main.tf": whereTokensComeFrom,
	"guides/gate-or-warn/three/main.tf":     gateOrWarn,
	"guides/gate-or-warn/nested/main.tf":    nestedInACheck,
	"guides/gate-or-warn/apply/main.tf":     gateDuringTheApply,
	"guides/ephemeral-values/main.tf": func(t *testing.T, wechat *lab) {
		needEphemeralVariables(t)
		const variable = "TF_VAR_access_tokens="
		tokens := fmt.Sprintf(variable+"{%s=%q,%s=%q}", teaShop, wechat.Token(teaShop), books, wechat.Token(books))
		place := watched(t, readExample(t, "guides/ephemeral-values/main.tf"), baseURL(wechat), tokens)
		results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
		expectOutputs(t, place, map[string]any{"same_users": false})
		expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
		expectNoSecret(t, place, results, []string{wechat.Token(teaShop), wechat.Token(books)})
		for number, set := range place.Environ {
			if strings.HasPrefix(set, variable) {
				place.Environ[number] = "UNSET=" // the apply below gets no tokens
			}
		}
		expectExit(t, place, 0, "plan", "-out=plan.bin", "-var", strings.TrimPrefix(tokens, "TF_VAR_"))
		expectWords(t, expectExit(t, place, 1, "apply", "plan.bin").Stderr, "access_tokens")
	},
	"guides/ephemeral-values/vault/main.tf": ephemeralVault,
	"guides/redis/wxjava/main.tf":           redisOfWxJava,
	"guides/redis/silenceper/main.tf":       redisOfSilenceper,
	"guides/redis/fleet/main.tf":            redisOfAFleet,
	"guides/redis/component/main.tf":        redisOfAComponent,
	"guides/all-tokens/file/main.tf":        allTokens("file"),
	"guides/all-tokens/service/main.tf":     allTokens("service"),
	"guides/wxcomponent/component/main.tf":  wxcomponentForAll,
	"guides/wxcomponent/inner/main.tf":      wxcomponentInside,
	"guides/wxcomponent/admin/main.tf":      wxcomponentConsole,
	"guides/rotating-file/main.tf": func(t *testing.T, wechat *lab) {
		// The token dies while it is on its way, the first time; the service has put a new one in its place.
		var once atomic.Bool
		front := before(t, wechat, func(*http.Request) {
			if once.CompareAndSwap(false, true) {
				for _, appid := range []string{tea, teaShop} {
					wechat.RevokeTokens(appid)
					rotateFile(t, wechat, appid)
				}
			}
		})
		place := watched(t, readExample(t, "guides/rotating-file/main.tf"), envBaseURL+"="+front, "TF_VAR_tokens="+wechat.tokens)
		results := []engine.Result{expectExit(t, place, 0, "plan", "-parallelism=1", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
		expectOutputs(t, place, map[string]any{"tea": map[string]any{"official_account": teaOpen, "shop": teaOpen}})
		expectAsked(t, wechat, map[string]int{pathOpenGet: 3})
		dead := wechat.Token(teaShop)
		wechat.RevokeTokens(teaShop)
		failed := expectExit(t, place, 1, "plan")
		expectQuotedOfTokens(t, "Files that rotate", failed.Stderr)
		rotateFile(t, wechat, teaShop)
		results = append(results, failed, expectExit(t, place, 0, "plan"))
		expectNoSecret(t, place, results, []string{dead, wechat.Token(tea), wechat.Token(teaShop)})
	},
	"guides/plan-now-apply-later/source/main.tf": func(t *testing.T, wechat *lab) {
		service := tokenService(t, wechat, tea).URL + "/token"
		place := watched(t, readExample(t, "guides/plan-now-apply-later/source/main.tf"), baseURL(wechat), "TF_VAR_token_service="+service)
		results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin")}
		old := wechat.Token(teaShop)
		wechat.RevokeTokens(teaShop)
		wechat.move(t, teaShop, booksOpen)
		expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
		results = append(results, expectExit(t, place, 0, "apply", "plan.bin"))
		expectOutputs(t, place, map[string]any{"shop_afterwards": booksOpen})
		if state := expectExit(t, place, 0, "state", "show", "terraform_data.release"); !strings.Contains(state.Stdout, teaOpen) {
			t.Errorf("the release went by another answer than the plan's:\n%s", state.Stdout)
		}
		expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
		expectNoSecret(t, place, results, []string{old, wechat.Token(teaShop)})
	},
	"guides/two-platforms/main.tf":       twoPlatforms,
	"guides/refresh-token/main.tf":       refreshToken,
	"guides/refresh-token/batch/main.tf": refreshTokens,
	"guides/why-48001/main.tf": func(t *testing.T, wechat *lab) {
		component := wechat.IssueComponentToken()
		place := watched(t, readExample(t, "guides/why-48001/main.tf"), baseURL(wechat), "TF_VAR_tokens="+wechat.tokens,
			envComponentAppID+"="+wechat.Component().AppID, envComponentAccessToken+"="+component)
		missing := expectExit(t, place, 1, "plan")
		// The set is granted, and the token is the platform's own.
		err := wechat.UpdateAccount(restricted, func(account *simulator.Account) { account.PermissionSets = []int{17, 18, 25, 30} })
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(wechat.tokens, restricted), component)
		granted := expectExit(t, place, 1, "plan")
		expectPrinted(t, "the guide reading-errors, under 48001", under(t, "reading-errors", "48001"),
			missing.Stderr+granted.Stderr)
		expectAsked(t, wechat, map[string]int{pathOpenGet: 2, pathAuthorizerInfo: 2})
		expectNoSecret(t, place, []engine.Result{missing, granted}, []string{component, wechat.Token(restricted)})
	},
}

// before puts something before a simulator that sees each request first.
func before(t *testing.T, wechat *lab, see func(*http.Request)) string {
	t.Helper()
	forward := forwardTo(t, wechat)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		see(r)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func forwardTo(t *testing.T, wechat *lab) http.Handler {
	t.Helper()
	target, err := url.Parse(wechat.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
}

// rotateScript is the example that rotateFile runs.
const rotateScript = "guides/rotating-file/rotate.sh"

// rotateFile replaces an account's token file the way the page shows.
func rotateFile(t *testing.T, wechat *lab, appid string) {
	t.Helper()
	script := exec.CommandContext(t.Context(), "sh", filepath.Join(moduleRoot, "examples", rotateScript), wechat.tokens, appid)
	script.Stdin = strings.NewReader(wechat.IssueToken(appid))
	if printed, err := script.CombinedOutput(); err != nil || len(printed) > 0 {
		t.Errorf("rotate.sh: %v: %s", err, printed)
	}
}

// needPrograms skips the test where a program is missing that users of a guide have. In CI that is a failure.
func needPrograms(t *testing.T, guide string, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			said := program + " is not on the PATH: " + guide + " were not run"
			if os.Getenv("CI") == "true" {
				t.Fatal(said)
			}
			t.Skip(said)
		}
	}
}

func needEphemeralVariables(t *testing.T) {
	t.Helper()
	if !installed.HasEphemeralVariables() {
		t.Skipf("%s has no ephemeral variables", installed)
	}
}
