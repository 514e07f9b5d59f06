package provider

import (
	"archive/zip"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// guides are the configurations of docs/guides, each with what its page says of it.
var guides = map[string]func(t *testing.T, wechat *lab){
	"guides/getting-started/main.tf":        gettingStarted,
	"guides/getting-started/gate.tf":        gettingStartedGate,
	"guides/where-tokens-come-from/main.tf": whereTokensComeFrom,
	"guides/gate-or-warn/three/main.tf":     gateOrWarn,
	"guides/gate-or-warn/several/main.tf":   severalChecks,
	"guides/gate-or-warn/nested/main.tf":    nestedInACheck,
	"guides/environment-in-ci/main.tf": func(t *testing.T, wechat *lab) {
		place := watched(t, readExample(t, "guides/environment-in-ci/main.tf"), baseURL(wechat), envAccessToken+"="+wechat.Token(teaShop))
		results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
		expectOutputs(t, place, map[string]any{"shop": teaOpen})
		wechat.move(t, teaShop, "")
		gate := expectExit(t, place, 1, "plan")
		expectQuoted(t, "environment-in-ci", gate.Stderr)
		expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
		expectNoSecret(t, place, append(results, gate), []string{wechat.Token(teaShop)})
	},
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
	"guides/redis/wxjava/main.tf":     redisOfWxJava,
	"guides/redis/silenceper/main.tf": redisOfSilenceper,
	"guides/wxcomponent/inner/main.tf": func(t *testing.T, wechat *lab) {
		place := watched(t, readExample(t, "guides/wxcomponent/inner/main.tf"), baseURL(wechat), "TF_VAR_wxcomponent="+wxcomponent(t, wechat, ""))
		results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
		expectOutputs(t, place, map[string]any{"shop": teaOpen})
		if err := wechat.UpdateAccount(teaShop, func(account *simulator.Account) { account.Authorized = false }); err != nil {
			t.Fatal(err)
		}
		failed := expectExit(t, place, 1, "plan")
		expectQuoted(t, "wxcomponent", failed.Stderr)
		expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
		expectNoSecret(t, place, append(results, failed), []string{wechat.Token(teaShop)})
	},
	"guides/wxcomponent/admin/main.tf": func(t *testing.T, wechat *lab) {
		needEphemeralVariables(t)
		const jwt = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"
		place := watched(t, readExample(t, "guides/wxcomponent/admin/main.tf"), baseURL(wechat),
			"TF_VAR_wxcomponent="+wxcomponent(t, wechat, jwt), "TF_VAR_wxcomponent_jwt="+jwt)
		results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
		expectOutputs(t, place, map[string]any{"shop": teaOpen})
		expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
		expectNoSecret(t, place, results, []string{wechat.Token(teaShop), jwt})
	},
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
		expectQuoted(t, "rotating-file", failed.Stderr)
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
	"guides/plan-now-apply-later/literal/main.tf": func(t *testing.T, wechat *lab) {
		dead := wechat.Token(teaShop)
		place := workspace(t, readExample(t, "guides/plan-now-apply-later/literal/main.tf"), baseURL(wechat), "TF_VAR_access_token="+dead)
		expectExit(t, place, 0, "plan", "-out=plan.bin")
		if !planHolds(t, place, dead) {
			t.Error("the plan file does not hold the token, and the page says it does")
		}
		wechat.RevokeTokens(teaShop)
		expectQuoted(t, "plan-now-apply-later", expectExit(t, place, 1, "apply", "plan.bin").Stderr)
		expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
	},
	"guides/two-platforms/main.tf": twoPlatforms,
	"guides/refresh-token/main.tf": refreshToken,
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
		expectQuoted(t, "why-48001", missing.Stderr+granted.Stderr)
		expectAsked(t, wechat, map[string]int{pathOpenGet: 2, pathAuthorizerInfo: 2})
		expectNoSecret(t, place, []engine.Result{missing, granted}, []string{component, wechat.Token(restricted)})
	},
}

// twoPlatforms has two simulated platforms, each behind a proxy of its own. base_url leads nowhere, so that whatever is
// asked went through a proxy.
func twoPlatforms(t *testing.T, wechat *lab) {
	needEphemeralVariables(t)
	world := simulator.DefaultWorld()
	world.Component.AppID = "wx3000000000000002"
	other := newLab(t, world)
	tokens := t.TempDir()
	const teaPassword, booksPassword = "hunter2-and-something-more", "hunter3-and-something-more"
	trusted := newAuthority(t)
	certificate := trusted.server(t, day(2001), day(2101), "wechat.invalid")
	platforms, err := json.Marshal(map[string]map[string]string{
		"tea":   {"proxy_url": proxyTo(t, wechat, certificate, teaPassword), "component_access_token": wechat.IssueComponentToken()},
		"books": {"proxy_url": proxyTo(t, other, certificate, booksPassword), "component_access_token": other.IssueComponentToken()},
	})
	if err != nil {
		t.Fatal(err)
	}
	place := watched(t, readExample(t, "guides/two-platforms/main.tf"), envBaseURL+"=https://wechat.invalid",
		envCACertificateFile+"="+trusted.file(t), "TF_VAR_tokens="+tokens, "TF_VAR_platforms="+string(platforms))
	copyTokens(t, wechat, filepath.Join(tokens, "tea"))
	copyTokens(t, other, filepath.Join(tokens, "books"))
	results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
	expectOutputs(t, place, map[string]any{"open_appids": map[string]any{"tea": teaOpen, "books": booksOpen}})
	if err := other.UpdateAccount(books, func(account *simulator.Account) { account.PermissionSets = []int{1, 3} }); err != nil {
		t.Fatal(err)
	}
	refused := expectExit(t, place, 1, "plan")
	expectWords(t, refused.Stderr, "the account is an official account and has not granted the platform permission set 24")
	// Each platform saw its own account, with tokens of its own, and nothing else.
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectAsked(t, other, map[string]int{pathOpenGet: 2, pathAuthorizerInfo: 1})
	for platform, appid := range map[*lab]string{wechat: tea, other: books} {
		for _, request := range platform.Requests() {
			if request.AppID != appid || request.Token == "unknown" {
				t.Errorf("%s saw a question about %s with the token %s", platform.Component().AppID, request.AppID, request.Token)
			}
		}
	}
	expectNoSecret(t, place, append(results, refused), []string{
		teaPassword, booksPassword, wechat.Token(tea), other.Token(books), wechat.Token(wechat.Component().AppID), other.Token(other.Component().AppID),
	})
}

// proxyTo is a proxy that leads to a simulator with TLS, whatever host it is asked for, for those who know the password.
func proxyTo(t *testing.T, wechat *lab, certificate *tls.Config, password string) string {
	t.Helper()
	server, err := simulator.Listen("127.0.0.1:0", wechat.Simulator, simulator.WithTLS(certificate))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	proxy := newConnectProxy(t, strings.TrimPrefix(server.URL(), "https://"), password, 0)
	return "http://terraform:" + password + "@" + proxy.address
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

// wxcomponent serves a lab's tokens at the paths of Tencent's wxcomponent: its inner service where jwt is "", and else its
// console.
func wxcomponent(t *testing.T, wechat *lab, jwt string) string {
	t.Helper()
	known := map[string]bool{"/inner/authorizer-access-token": jwt == "", "/wxcomponent/admin/authorizer-access-token": jwt != ""}
	return before(t, wechat, func(r *http.Request) {
		if known[r.URL.Path] && (jwt == "" || r.Header.Get("Authorization") == "Bearer "+jwt) {
			r.URL.Path = "/_simulator/token"
		}
	})
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

const redisPassword = "hunter2-and-something-more"

// redisServer is a real Redis on a port of its own.
type redisServer struct{ port string }

// newRedis starts one. Where there is none to start, `make test` tells of it.
func newRedis(t *testing.T) redisServer {
	t.Helper()
	needPrograms(t, "the recipes for Redis", "redis-server", "redis-cli")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), "redis-server", "-")
	server.Dir = t.TempDir()
	server.Stdin = strings.NewReader("bind 127.0.0.1\nport " + port + "\nrequirepass " + redisPassword + "\nsave \"\"\nappendonly no\n")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	redis := redisServer{port}
	ready := time.Now().Add(30 * time.Second)
	for redis.cli(t, "PING") != "PONG" {
		if time.Now().After(ready) {
			t.Fatal("redis-server does not answer")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return redis
}

func (r redisServer) cli(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "redis-cli", append([]string{"-h", "127.0.0.1", "-p", r.port}, args...)...)
	command.Env = append(os.Environ(), "REDISCLI_AUTH="+redisPassword)
	printed, _ := command.Output()
	return strings.TrimSpace(string(printed))
}

func redisOfWxJava(t *testing.T, wechat *lab) {
	redis := newRedis(t)
	setting := func(prefix string) string {
		return fmt.Sprintf("TF_VAR_redis={host=%q,port=%s,component=%q,prefix=%q}", "127.0.0.1", redis.port, wechat.Component().AppID, prefix)
	}
	for _, prefix := range []string{"", "app:"} {
		redis.cli(t, "SETEX", prefix+"wechat_authorizer_access_token:"+wechat.Component().AppID+":"+teaShop, "7000", wechat.Token(teaShop))
	}
	configuration := readExample(t, "guides/redis/wxjava/main.tf")
	password := "REDISCLI_AUTH=" + redisPassword
	place := watched(t, configuration, baseURL(wechat), setting("app:"), password)
	results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
	expectOutputs(t, place, map[string]any{"shop": teaOpen})

	place.Environ = append(place.Environ, setting(""))
	results = append(results, expectExit(t, place, 0, "plan"))
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})

	place.Environ = append(place.Environ, setting("none:"))
	absent := expectExit(t, place, 1, "plan")
	// The way Redisson's Kryo packs a text: its last character has the highest bit set.
	packed := []byte("\x03" + wechat.Token(teaShop))
	packed[len(packed)-1] |= 0x80
	redis.cli(t, "SET", "packed:wechat_authorizer_access_token:"+wechat.Component().AppID+":"+teaShop, string(packed))
	place.Environ = append(place.Environ, setting("packed:"))
	coded := expectExit(t, place, 1, "plan")
	place.Environ = append(place.Environ, setting(""), "REDISCLI_AUTH=wrong")
	refused := expectExit(t, place, 1, "plan")
	write(t, filepath.Join(place.Dir, "main.tf"), strings.Replace(configuration, `"-e",`, "", 1))
	unmarked := expectExit(t, place, 1, "plan")
	expectQuoted(t, "redis", absent.Stderr+coded.Stderr+refused.Stderr+unmarked.Stderr)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectNoSecret(t, place, append(results, absent, coded, refused, unmarked), []string{redisPassword, wechat.Token(teaShop)})
}

func redisOfSilenceper(t *testing.T, wechat *lab) {
	needEphemeralVariables(t)
	redis := newRedis(t)
	place := watched(t, readExample(t, "guides/redis/silenceper/main.tf"), baseURL(wechat),
		fmt.Sprintf("TF_VAR_redis={host=%q,port=%s}", "127.0.0.1", redis.port), "TF_VAR_redis_password="+redisPassword)
	var results []engine.Result
	for _, value := range []string{wechat.Token(teaShop), strconv.Quote(wechat.Token(teaShop))} {
		redis.cli(t, "SETEX", "authorizer_access_token_"+teaShop, "7000", value)
		results = append(results, expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin"))
		expectOutputs(t, place, map[string]any{"shop": teaOpen})
	}
	redis.cli(t, "DEL", "authorizer_access_token_"+teaShop)
	absent := expectExit(t, place, 1, "plan")
	expectWords(t, absent.Stderr, "what the program printed is empty")
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectNoSecret(t, place, append(results, absent), []string{redisPassword, wechat.Token(teaShop)})
}

// watched is a workspace in which the engine and the provider log all they can, for expectNoSecret.
func watched(t *testing.T, configuration string, environment ...string) *engine.Workspace {
	t.Helper()
	return watch(workspace(t, configuration, environment...))
}

// watch makes the engine and the provider log all they can from now on.
func watch(place *engine.Workspace) *engine.Workspace {
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	return place
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

// expectAsked fails where WeChat was asked anything else than this, by endpoint.
func expectAsked(t *testing.T, wechat *lab, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, asked(wechat)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

var quotation = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")

// expectQuoted fails where a guide quotes something that the engine did not print.
func expectQuoted(t *testing.T, guide, printed string) {
	t.Helper()
	expectPrinted(t, "the guide "+guide, readDocument(t, "docs/guides/"+guide+".md"), printed)
}

// quotations is set by make docs-test: make test runs what the pages show, and leaves aside how they quote it.
var quotations = flag.Bool("quotations", false, "hold what the pages quote to what was printed")

// expectPrinted fails where a page, or a part of it, quotes something that the engine did not print, or nothing.
func expectPrinted(t *testing.T, where, page, printed string) {
	t.Helper()
	if !*quotations {
		return
	}
	quoted := quotation.FindAllStringSubmatch(page, -1)
	if len(quoted) == 0 {
		t.Errorf("%s quotes nothing", where)
	}
	for _, quotation := range quoted {
		for _, part := range strings.Split(quotation[1], "…") {
			expectWords(t, printed, words(part))
		}
	}
}

// planHolds reports whether a secret stands in the plan file, as it is.
func planHolds(t *testing.T, place *engine.Workspace, secret string) bool {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(place.Dir, "plan.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), secret) {
			return true
		}
	}
	return false
}
