package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The tests in this file run the engine with the built provider, race detector and all, in processes of their own.

// fleetWorld has accounts 0 to count-1, all bound to one open account.
func fleetWorld(count int) *simulator.World {
	world := &simulator.World{Component: simulator.Component{AppID: "wx3000000000000001"}}
	for number := range count {
		world.Accounts = append(world.Accounts, simulator.Account{
			AppID: fmt.Sprintf("wx%016x", 0x4000+number), Kind: simulator.MiniProgram,
			PermissionSets: []int{25, 30}, OpenAppID: teaOpen, Authorized: true,
		})
	}
	return world
}

func TestAccForEach_asksOncePerAccount(t *testing.T) {
	t.Parallel()
	const accounts = 100
	wechat := newLab(t, fleetWorld(accounts))
	place := workspace(t, wechat.config("", `
locals {
  accounts = { for number in range(100) : format("account-%03d", number) => format("wx%016x", 16384 + number) }
}

data "wechat_open_account" "all" {
  for_each = local.accounts
  appid    = each.value
}

output "open_appids" { value = distinct([for account in data.wechat_open_account.all : account.open_appid]) }
`))
	log := filepath.Join(place.Dir, "provider.log")
	place.Environ = append(place.Environ, "TF_LOG_PROVIDER=DEBUG", "TF_LOG_PATH="+log)

	if result := run(t, place, "plan", "-no-color"); result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	if got := wechat.Count(pathOpenGet); got != accounts || wechat.Count("") != accounts {
		t.Errorf("asked open/get %d times and anything %d times, want %d", got, wechat.Count(""), accounts)
	}
	for number := range accounts {
		if appid := fmt.Sprintf("wx%016x", 0x4000+number); wechat.CountFor(pathOpenGet, appid) != 1 {
			t.Errorf("asked about %s %d times, want once", appid, wechat.CountFor(pathOpenGet, appid))
		}
	}
	if got := wechat.server.MaxRequestsAtATime(); got > 10 {
		t.Errorf("%d requests were under way at once, want at most the 10 that the engine reads at once", got)
	}
	// On a busy machine net/http at times gives a connection up that was about to be kept.
	if got := wechat.server.Connections(); got > accounts/4 {
		t.Errorf("opened %d connections for %d accounts: they are not kept", got, accounts)
	}
	written, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(written), "asked the token source"); got != accounts {
		t.Errorf("read token files %d times, want %d", got, accounts)
	}
	if got := strings.Count(string(written), "asked WeChat"); got != accounts {
		t.Errorf("logged %d requests, want %d", got, accounts)
	}
}

// TestAccUserAgent_namesTheEngine shows what WeChat, and a gateway before it, is told of who asks.
func TestAccUserAgent_namesTheEngine(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	var agent atomic.Value
	gateway := before(t, wechat, func(r *http.Request) { agent.Store(r.UserAgent()) })
	place := workspace(t, required+`data "wechat_open_account" "x" { appid = "wx1000000000000004" }`,
		envBaseURL+"="+gateway, envAccessToken+"="+wechat.Token(books))
	expectExit(t, place, 0, "plan")

	want := "terraform/" + regexp.QuoteMeta(installed.Version)
	if installed.Name == "tofu" {
		want = `terraform/\d+\.\d+\.\d+` // of a Terraform that can do the same
	}
	if got := fmt.Sprint(agent.Load()); !regexp.MustCompile(`^terraform-provider-wechat/0\.1\.0 ` + want + `$`).MatchString(got) {
		t.Errorf("%s asks as %q, want %s", installed, got, want)
	}
	expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
}

func TestAccCheck_warnsAndGoesOn(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, wechat.config("", `
data "wechat_open_account" "books" { appid = "wx1000000000000004" }

check "books_share_users" {
  assert {
    condition     = data.wechat_open_account.books.open_appid == "wx2000000000000002"
    error_message = "Books hangs on ${coalesce(data.wechat_open_account.books.open_appid, "no open account")}."
  }
}
`))
	if result := run(t, place, "plan", "-no-color", "-detailed-exitcode"); result.ExitCode != 0 || strings.Contains(result.Stdout, "Warning") {
		t.Errorf("exit code %d, want 0 and no warning:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	wechat.move(t, books, "")
	result := run(t, place, "plan", "-no-color", "-detailed-exitcode")
	if result.ExitCode != 0 {
		t.Errorf("exit code %d, want 0:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	expectWords(t, result.Stdout, "Warning: Check block assertion failed", "Books hangs on no open account.")
}

func TestAccUnbound_doesNotStopDestroyOrRefresh(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, wechat.config("", `
data "wechat_open_account" "x" { appid = "wx1000000000000006" }
resource "terraform_data" "y" { input = data.wechat_open_account.x.bound }
`))
	for _, args := range [][]string{
		{"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}, {"plan", "-refresh=false"}, {"plan", "-refresh-only"}, {"plan", "-destroy"}, {"destroy", "-auto-approve"},
	} {
		if result := run(t, place, append(args, "-no-color")...); result.ExitCode != 0 {
			t.Errorf("%s: exit code %d:\n%s%s", args, result.ExitCode, result.Stdout, result.Stderr)
		}
	}
}

func TestAccAliases_shareNothingAndTakeNothingFromTheEnvironment(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, required+fmt.Sprintf(`
variable "tokens" {
  type      = map(string)
  sensitive = true
}

provider "wechat" {
  alias        = "tea"
  base_url     = %[1]q
  access_token = var.tokens.tea
}

provider "wechat" {
  alias         = "books"
  base_url      = %[1]q
  access_tokens = { wx1000000000000004 = var.tokens.books }
}

data "wechat_open_account" "tea" {
  provider = wechat.tea
  appid    = "wx1000000000000001"
}

data "wechat_open_account" "books" {
  provider = wechat.books
  appid    = "wx1000000000000004"
}

output "tea" { value = data.wechat_open_account.tea.open_appid }
output "books" { value = data.wechat_open_account.books.open_appid }
`, wechat.server.URL()),
		"WECHAT_ACCESS_TOKEN="+wechat.Token(astray),
		fmt.Sprintf(`TF_VAR_tokens={tea=%q,books=%q}`, wechat.Token(tea), wechat.Token(books)))
	if result := run(t, place, "apply", "-auto-approve", "-no-color"); result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	if got := outputs(t, place); got["tea"] != teaOpen || got["books"] != booksOpen {
		t.Errorf("got %v", got)
	}
	for _, request := range wechat.Requests() {
		if request.Token != request.AppID+"#1" {
			t.Errorf("asked about %s with the token %s", request.AppID, request.Token)
		}
	}
}

func TestAccEnvironment_servesAConfigurationWithoutASource(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	configuration := required + `
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
output "open_appid" { value = data.wechat_open_account.x.open_appid }
`
	address := "WECHAT_BASE_URL=" + wechat.server.URL()
	for name, test := range map[string]struct {
		environment []string
		says        []string
		fails       bool
	}{
		"a token":             {environment: []string{address, "WECHAT_ACCESS_TOKEN=" + wechat.Token(books)}, says: []string{"Warning: WeChat is asked at another host", "WECHAT_BASE_URL is set"}},
		"files":               {environment: []string{address, "WECHAT_ACCESS_TOKEN_FILE=" + wechat.tokens + "/{appid}", "WECHAT_ACCESS_TOKEN="}},
		"both":                {environment: []string{address, "WECHAT_ACCESS_TOKEN=x", "WECHAT_ACCESS_TOKEN_FILE=x"}, fails: true, says: []string{"WECHAT_ACCESS_TOKEN and WECHAT_ACCESS_TOKEN_FILE"}},
		"nothing":             {fails: true, says: []string{"was not told where access tokens come from", "WECHAT_ACCESS_TOKEN", "WECHAT_ACCESS_TOKEN_FILE", "access_tokens"}},
		"a wrong address":     {environment: []string{"WECHAT_BASE_URL=http://gateway.example"}, fails: true, says: []string{"WECHAT_BASE_URL must begin with https"}},
		"a wrong timeout":     {environment: []string{"WECHAT_REQUEST_TIMEOUT=0s"}, fails: true, says: []string{"WECHAT_REQUEST_TIMEOUT must be a duration above zero"}},
		"a wrong number":      {environment: []string{"WECHAT_MAX_RETRIES=-1"}, fails: true, says: []string{"WECHAT_MAX_RETRIES must be a whole number, at least 0"}},
		"a wrong limit":       {environment: []string{"WECHAT_MAX_CONCURRENT_REQUESTS=none"}, fails: true, says: []string{"WECHAT_MAX_CONCURRENT_REQUESTS must be a whole number, at least 1"}},
		"a wrong proxy":       {environment: []string{"WECHAT_PROXY_URL=user:hunter2@proxy"}, fails: true, says: []string{"WECHAT_PROXY_URL"}},
		"missing authorities": {environment: []string{"WECHAT_CA_CERTIFICATE_FILE=/none.pem"}, fails: true, says: []string{"WECHAT_CA_CERTIFICATE_FILE names a file that cannot be used"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, configuration, test.environment...)
			result := run(t, place, "plan", "-no-color")
			if (result.ExitCode != 0) != test.fails {
				t.Errorf("exit code %d", result.ExitCode)
			}
			expectWords(t, result.Stdout+result.Stderr, test.says...)
			if strings.Contains(result.Stdout+result.Stderr, "hunter2") {
				t.Error("shows the proxy's password")
			}
		})
	}
}

func TestAccInterrupt_endsASlowReadAtOnce(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour})
	place := workspace(t, wechat.config(`request_timeout = "1h"`, `
data "wechat_open_account" "x" {
  appid    = "wx1000000000000004"
  timeouts = { read = "1h" }
}
`))
	process, err := place.Start(t.Context(), "plan", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return wechat.Count(pathOpenGet) == 1 })
	begun := time.Now()
	if err := process.Interrupt(); err != nil {
		t.Fatal(err)
	}
	result, err := process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	// The engine itself would wait for ever: that the run ended at all shows that the read did. The bound only keeps a
	// failure short of the test's own time limit.
	if took := time.Since(begun); result.ExitCode != 1 || took > time.Minute {
		t.Errorf("exit code %d after %s:\n%s%s", result.ExitCode, took, result.Stdout, result.Stderr)
	}
	expectWords(t, result.Stderr, "Reading was interrupted", "wx1000000000000004")
}

// waitFor waits until something is so that another process brings about.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("it never came about")
		}
	}
}
