package provider

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const (
	pathCreatePreauthcode = "/cgi-bin/component/api_create_preauthcode"
	pathQueryAuth         = "/cgi-bin/component/api_query_auth"
)

// TestAccRealClients has token services whose SDKs were written against WeChat itself go their whole way on the
// simulator: from the pushed verify ticket to the token of an account that authorizes the platform. Then the provider
// reads with the token that the SDK holds.
func TestAccRealClients(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start func(*testing.T, ...string) client
		asks  []string // what this SDK can ask beyond the token, in order
		asked []string // the endpoints behind that
	}{
		"silenceper": {startSilenceper, []string{"info"}, []string{pathAuthorizerInfo}},
		"node-easywechat": {
			startNodeEasywechat,
			[]string{"info", "list", "open"},
			[]string{pathAuthorizerInfo, pathAuthorizerList, pathOpenGet},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			service := test.start(t, clientSettings(wechat)...)
			// An account that nobody has a token of: it authorizes the platform in the course of this.
			err := wechat.UpdateAccount(teaShop, func(account *simulator.Account) { account.Authorized = false })
			if err != nil {
				t.Fatal(err)
			}
			service.authorize(t, wechat, teaShop)
			token := service.ask(t, "token", teaShop)
			answers := map[string]any{
				"info": map[string]any{
					"nick_name": "Example Tea Shop", "permission_sets": []any{17.0, 18.0, 25.0, 30.0},
				},
				"list": appidsOf(wechat),
				"open": teaOpen,
			}
			for _, question := range test.asks {
				if diff := cmp.Diff(answers[question], service.ask(t, question, teaShop)); diff != "" {
					t.Errorf("%s: -want +got:\n%s", question, diff)
				}
			}

			place := watched(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url       = %q
  token_endpoint = { url = "%s/token?appid={appid}", token_path = "value" }
}
data "wechat_open_account" "shop" { appid = %q }
output "open_appid" { value = data.wechat_open_account.shop.open_appid }
`, wechat.server.URL(), service.url, teaShop))
			results := []engine.Result{
				expectExit(t, place, 0, "plan", "-out="+planFile), expectExit(t, place, 0, "apply", planFile),
			}
			expectOutputs(t, place, map[string]any{"open_appid": teaOpen})
			secret, _ := token.(string)
			if secret == "" {
				t.Fatalf("the service holds %v for a token", token)
			}
			expectNoSecret(t, place, results, []string{secret})

			chain := []string{pathComponentToken, pathCreatePreauthcode, pathQueryAuth, pathAuthorizerToken}
			chain = append(append(chain, test.asked...), pathOpenGet)
			if diff := cmp.Diff(chain, answered(t, wechat)); diff != "" {
				t.Errorf("WeChat was asked -want +got:\n%s", diff)
			}
		})
	}
}

// TestAccRealClientFillsRedis has silenceper/wechat keep its tokens in a real Redis, and the guide's configuration
// read them.
func TestAccRealClientFillsRedis(t *testing.T) {
	t.Parallel()
	needEphemeralVariables(t)
	wechat, redis := newLab(t, nil), newRedis(t)
	service := startSilenceper(t, append(clientSettings(wechat),
		"REDIS_ADDRESS=127.0.0.1:"+redis.port, "REDIS_PASSWORD="+redisPassword)...)
	service.authorize(t, wechat, teaShop)

	place := watched(t, readExample(t, "guides/redis/silenceper/main.tf"), baseURL(wechat),
		fmt.Sprintf("TF_VAR_redis={host=%q,port=%s}", "127.0.0.1", redis.port), "TF_VAR_redis_password="+redisPassword)
	results := []engine.Result{
		expectExit(t, place, 0, "plan", "-out="+planFile), expectExit(t, place, 0, "apply", planFile),
	}
	expectOutputs(t, place, map[string]any{"shop": teaOpen})
	token, _ := service.ask(t, "token", teaShop).(string)
	if token == "" {
		t.Fatal("the service holds no token")
	}
	expectNoSecret(t, place, results, []string{redisPassword, token})
	chain := []string{pathComponentToken, pathCreatePreauthcode, pathQueryAuth, pathAuthorizerToken, pathOpenGet}
	if diff := cmp.Diff(chain, answered(t, wechat)); diff != "" {
		t.Errorf("WeChat was asked -want +got:\n%s", diff)
	}
}

func appidsOf(wechat *lab) (appids []any) {
	for _, account := range wechat.World().Accounts {
		appids = append(appids, account.AppID)
	}
	return appids
}

// answered are the endpoints that were asked, in order; one that answered with an errcode is an error.
func answered(t *testing.T, wechat *lab) (paths []string) {
	t.Helper()
	for _, request := range wechat.Requests() {
		paths = append(paths, request.Path)
		if request.Errcode != 0 || request.Status != http.StatusOK {
			t.Errorf("%s %s: status %d, errcode %d", request.Method, request.Path, request.Status, request.Errcode)
		}
	}
	return paths
}

// client is a running token service, in tools/clients.
type client struct{ url string }

func startSilenceper(t *testing.T, settings ...string) client {
	t.Helper()
	built := filepath.Join(t.TempDir(), "service")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", built, ".")
	build.Dir = filepath.Join(moduleRoot, "tools", "clients", "silenceper")
	if printed, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return startClient(t, exec.CommandContext(t.Context(), built), settings...)
}

func startNodeEasywechat(t *testing.T, settings ...string) client {
	t.Helper()
	const tests = "the tests with node-easywechat"
	needPrograms(t, tests, "node", "npm")
	modules, err := filepath.Abs(filepath.Join(moduleRoot, ".cache", "clients", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "node-easywechat")); err != nil {
		t.Fatalf("make tools was not run, which installs what %s need: %v", tests, err)
	}
	service := filepath.Join(moduleRoot, "tools", "clients", "node-easywechat", "service.js")
	return startClient(t, exec.CommandContext(t.Context(), "node", service), append(settings, "NODE_PATH="+modules)...)
}

// startClient starts a service, which prints its address when it is ready.
func startClient(t *testing.T, command *exec.Cmd, settings ...string) client {
	t.Helper()
	command.Env = append(os.Environ(), settings...)
	stderr := new(bytes.Buffer)
	command.Stderr = stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the service's standard error: %s", stderr)
		}
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the service printed no address: %v", err)
	}
	return client{strings.TrimSpace(address)}
}
