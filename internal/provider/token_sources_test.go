package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

const (
	pathComponentToken  = "/cgi-bin/component/api_component_token"
	pathAuthorizerToken = "/cgi-bin/component/api_authorizer_token"
	pathAuthorizerInfo  = "/cgi-bin/component/api_get_authorizer_info"
	pathAuthorizerList  = "/cgi-bin/component/api_get_authorizer_list"
)

// asked counts what a lab was asked, by endpoint.
func asked(wechat *lab) map[string]int {
	counted := map[string]int{}
	for _, path := range []string{pathOpenGet, pathComponentToken, pathAuthorizerToken, pathAuthorizerInfo, pathAuthorizerList} {
		if count := wechat.Count(path); count > 0 {
			counted[path] = count
		}
	}
	return counted
}

// TestAccSources reads two accounts, the second after the first, through each source, and sees which endpoints were
// asked how often, and that nothing secret was left.
func TestAccSources(t *testing.T) {
	t.Parallel()
	const reads = `
data "wechat_open_account" "tea" { appid = "wx1000000000000001" }
data "wechat_open_account" "books" {
  appid         = "wx1000000000000004"
  require_bound = data.wechat_open_account.tea.bound
}
output "open_appids" { value = [data.wechat_open_account.tea.open_appid, data.wechat_open_account.books.open_appid] }
`
	read := map[string]int{pathOpenGet: 2}
	for name, test := range map[string]struct {
		settings string
		asked    map[string]int
	}{
		"access_tokens":             {settings: `access_tokens = { wx1000000000000001 = var.tea, wx1000000000000004 = var.books }`, asked: read},
		"access_token_file":         {settings: `access_token_file = "TOKENS/{appid}"`, asked: read},
		"exec, a bare token":        {settings: `exec = { command = "cat", args = ["TOKENS/{appid}"] }`, asked: read},
		"exec, JSON":                {settings: `exec = { command = "sh", args = ["-c", "printf '{\"access_token\":\"%s\",\"expires_in\":7200}' \"$(cat TOKENS/$WECHAT_APPID)\""], env = { KEY = var.secret } }`, asked: read},
		"token_endpoint":            {settings: `token_endpoint = { url = "SERVICE/token/{appid}", headers = { X-Key = var.secret }, expires_in_path = "expires_in" }`, asked: read},
		"token_endpoint, Tencent's": {settings: `token_endpoint = { url = "WECHAT/_simulator/token?appid={appid}", token_path = "data.token" }`, asked: read},
		"a component beside":        {settings: "access_token_file = \"TOKENS/{appid}\"\n component = { appid = \"wx3000000000000001\", access_token = var.component }", asked: read},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			service := tokenService(t, wechat, tea)
			component := ""
			if strings.Contains(test.settings, "var.component") {
				component = wechat.IssueComponentToken()
			}
			const secret = "hunter2-and-something-more"
			secrets := []string{
				secret, wechat.ComponentSecret(), wechat.VerifyTicket(), wechat.Token(tea), wechat.Token(books), wechat.RefreshToken(tea), wechat.RefreshToken(books),
			}
			fill := strings.NewReplacer("TOKENS", filepath.ToSlash(wechat.tokens), "SERVICE", service.URL, "WECHAT/", wechat.server.URL()+"/")
			environment := []string{
				"TF_VAR_tea=" + wechat.Token(tea), "TF_VAR_books=" + wechat.Token(books), "TF_VAR_secret=" + secret,
				"TF_VAR_component=" + component,
			}
			variables := declareSecrets("secret", "component", "tea", "books")
			place := workspace(t, required+variables+`
provider "wechat" {
  base_url = "`+wechat.server.URL()+`"
  `+fill.Replace(test.settings)+`
}
`+reads, environment...)
			place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))

			result := run(t, place, "plan", "-no-color", "-out=plan.bin")
			if result.ExitCode != 0 {
				t.Fatal(result.Stdout, result.Stderr)
			}
			if diff := cmp.Diff(test.asked, asked(wechat)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(result.Stdout, "Warning:") {
				t.Errorf("it warns:\n%s", result.Stdout)
			}
			for _, request := range wechat.Requests() {
				if request.Path == pathOpenGet && !strings.HasPrefix(request.Token, request.AppID+"#") {
					t.Errorf("asked about %s with the token %s", request.AppID, request.Token)
				}
			}
			applied := run(t, place, "apply", "-no-color", "plan.bin")
			if got := fmt.Sprint(outputs(t, place)["open_appids"]); got != "["+teaOpen+" "+booksOpen+"]" {
				t.Errorf("got %s: %s%s", got, applied.Stdout, applied.Stderr)
			}
			secrets = append(secrets, wechat.Token(tea), wechat.Token(books))
			if component != "" {
				secrets = append(secrets, component)
			}
			expectNoSecret(t, place, []engine.Result{result, applied}, secrets, keptVariables()...)
		})
	}
}

// TestAccRotation_inTheMiddleOfARun has a token service whose token dies as soon as it has been handed out, the first
// time.
func TestAccRotation_inTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	var questions, rejected atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-WeChat-Token-Rejected") == "true" {
			rejected.Add(1)
		}
		_, _ = fmt.Fprintf(w, `{"access_token":%q}`, wechat.Token(books))
		if questions.Add(1) == 1 {
			wechat.RevokeTokens(books)
		}
	}))
	t.Cleanup(service.Close)
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url       = %q
  token_endpoint = { url = "%s/{appid}" }
}
locals { readers = { for number in range(20) : number => "wx1000000000000004" } }
data "wechat_open_account" "x" {
  for_each = local.readers
  appid    = each.value
}
`, wechat.server.URL(), service.URL))
	if result := run(t, place, "plan", "-no-color"); result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	if questions.Load() != 2 || rejected.Load() != 1 {
		t.Errorf("the service was asked %d times, %d of them with word of the rejection, want 2 and 1", questions.Load(), rejected.Load())
	}
	if got := wechat.Count(pathOpenGet); got < 21 || got > 30 {
		t.Errorf("asked %d times, want each reader's once, and again for those of the ten at once that had the dead token", got)
	}
}

// TestAccSavedPlan_appliesAfterTheTokenDied has a read that waits for apply.
func TestAccSavedPlan_appliesAfterTheTokenDied(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, wechat.config("", `
resource "terraform_data" "first" {}
data "wechat_open_account" "now" { appid = "wx1000000000000001" }
data "wechat_open_account" "later" {
  appid      = "wx1000000000000004"
  depends_on = [terraform_data.first]
}
output "later" { value = data.wechat_open_account.later.open_appid }
`))
	if result := run(t, place, "plan", "-no-color", "-out=plan.bin"); result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	for _, appid := range []string{tea, books} {
		wechat.RevokeTokens(appid)
		wechat.rotate(t, appid)
	}
	wechat.ResetRecord()
	if result := run(t, place, "apply", "-no-color", "plan.bin"); result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	if got := outputs(t, place)["later"]; got != booksOpen {
		t.Errorf("got %v", got)
	}
	if wechat.Count("") != 1 || wechat.CountFor(pathOpenGet, books) != 1 {
		t.Errorf("asked %+v, want the one that waited, once", wechat.Requests())
	}
}

// TestAccPermission_isExplainedForAFew has seven accounts without the permission set.
func TestAccPermission_isExplainedForAFew(t *testing.T) {
	t.Parallel()
	world := fleetWorld(7)
	for number := range world.Accounts {
		world.Accounts[number].PermissionSets = []int{17, 30}
	}
	wechat := newLab(t, world)
	place := workspace(t, wechat.config(`component = {}`, `
locals { accounts = { for number in range(7) : number => format("wx%016x", 16384 + number) } }
data "wechat_open_account" "x" {
  for_each = local.accounts
  appid    = each.value
}
`), envComponentAppID+"="+wechat.Component().AppID, envComponentAccessToken+"="+wechat.IssueComponentToken())
	result := run(t, place, "plan", "-no-color")
	if got := strings.Count(words(result.Stderr), "has not granted the platform permission set 25, which is the one that is needed (granted are: 17, 30)"); got != 5 {
		t.Errorf("%d refusals are explained, want 5:\n%s", got, result.Stderr)
	}
	if diff := cmp.Diff(map[string]int{pathOpenGet: 7, pathAuthorizerInfo: 5}, asked(wechat)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAccUnknownSources has parts of the new sources that are known only after apply.
func TestAccUnknownSources(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]string{
		"exec.env":               `exec = { command = "cat", env = { KEY = terraform_data.later.output } }`,
		"exec.args":              `exec = { command = "cat", args = [terraform_data.later.output] }`,
		"token_endpoint.headers": `token_endpoint = { url = "http://127.0.0.1:1/{appid}", headers = { X = terraform_data.later.output } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, required+`
resource "terraform_data" "later" { input = "known after apply" }
provider "wechat" {
  `+settings+`
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, "WECHAT_ACCESS_TOKEN=61_from_the_environment")
			result := run(t, place, "plan", "-no-color")
			expectWords(t, result.Stderr, "the provider's "+name+" will be known only after apply")
		})
	}
}
