package provider

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The tests in this file have the engine do what it seldom does.

// TestAccEdges_tenThousandAccounts reads as many in one data source: each once, over few connections.
func TestAccEdges_tenThousandAccounts(t *testing.T) {
	t.Parallel()
	const accounts = 10_000
	wechat := newLab(t, fleetWorld(accounts))
	place := workspace(t, wechat.config("", fleet(accounts, "")))
	planned := expectExit(t, place, 0, "plan")
	expectWords(t, planned.Stdout, "+ bound = 10000", "+ failed = []")
	if got := wechat.Count(""); got != accounts {
		t.Errorf("asked %d times, want %d", got, accounts)
	}
	if got := wechat.server.MaxRequestsAtATime(); got > 32 {
		t.Errorf("%d requests were under way at once, want at most 32", got)
	}
	if got := wechat.server.Connections(); got > accounts/40 {
		t.Errorf("opened %d connections for %d accounts: they are not kept", got, accounts)
	}
}

// TestAccEdges_unknownUntilApply has appids that the run itself brings about: plan reads nothing and says so, apply
// reads each once, and refuses what turns out to be none.
func TestAccEdges_unknownUntilApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		appid string
		exit  int
		says  []string
		asked int
	}{
		"an appid":  {appid: tea, asked: 2},
		"none":      {appid: "gh_000000000001", exit: 1, says: []string{"Not an appid", "it is an original id (gh_…)"}},
		"an empty":  {appid: "", exit: 1, says: []string{"Not an appid", "it is empty"}},
		"unusual":   {appid: "wxABC", exit: 1, says: []string{"gives no access token for it", "wxABC"}},
		"a traitor": {appid: "../../etc/passwd", exit: 1, says: []string{"Not an appid", "a character other than 0-9, A-Z and a-z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			place := workspace(t, wechat.config("", fmt.Sprintf(`
resource "terraform_data" "later" { input = %q }
data "wechat_open_account" "one" { appid = terraform_data.later.output }
data "wechat_open_accounts" "many" { appids = ["wx1000000000000001", terraform_data.later.output] }
output "open_appids" { value = [data.wechat_open_account.one.open_appid, keys(data.wechat_open_accounts.many.by_open_appid)] }
`, test.appid)))
			planned := expectExit(t, place, 0, "plan", "-out=plan.bin")
			expectWords(t, planned.Stdout, "(known after apply)")
			if got := wechat.Count(""); got != 0 {
				t.Errorf("plan asked %d times", got)
			}
			applied := expectExit(t, place, test.exit, "apply", "plan.bin")
			expectWords(t, applied.Stderr, test.says...)
			if got := wechat.Count(""); test.exit == 0 && got != test.asked {
				t.Errorf("apply asked %d times, want %d", got, test.asked)
			}
			if test.exit == 0 {
				if got := fmt.Sprint(outputs(t, place)["open_appids"]); got != fmt.Sprintf("[%s [%s]]", teaOpen, teaOpen) {
					t.Errorf("got %s", got)
				}
			}
		})
	}
}

// TestAccEdges_modesOfPlan counts what each way to plan and apply asks: a data source whose arguments are known is read
// in each plan, whatever its mode, and never again by the apply of a saved one.
func TestAccEdges_modesOfPlan(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, wechat.config("", `
data "wechat_open_account" "one" { appid = "wx1000000000000001" }
data "wechat_open_accounts" "many" { appids = ["wx1000000000000006", "wx1000000000000004", "wx1000000000000006"] }
resource "terraform_data" "user" { input = [data.wechat_open_account.one.open_appid, data.wechat_open_accounts.many.unbound] }
`))
	for _, step := range []struct {
		args  []string
		asked int
	}{
		{[]string{"validate"}, 0},
		{[]string{"apply", "-auto-approve"}, 3},
		{[]string{"plan", "-detailed-exitcode"}, 3},
		{[]string{"plan", "-refresh=false", "-detailed-exitcode"}, 3},
		{[]string{"plan", "-refresh-only"}, 3}, // whose detailed exit code engines disagree on
		{[]string{"plan", "-destroy", "-out=plan.bin"}, 3},
		{[]string{"apply", "plan.bin"}, 0},
		{[]string{"apply", "-auto-approve"}, 3},
		{[]string{"destroy", "-auto-approve"}, 3},
	} {
		before := wechat.Count("")
		expectExit(t, place, 0, step.args...)
		if got := wechat.Count("") - before; got != step.asked {
			t.Errorf("%s asked %d times, want %d", strings.Join(step.args, " "), got, step.asked)
		}
	}
}

// TestAccEdges_configuredTwice has a provider block that the plan cannot know and the apply evaluates anew: each
// process fetches its tokens for itself, and none reads with what another knew.
func TestAccEdges_configuredTwice(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	service := tokenService(t, wechat, tea)
	place := workspace(t, required+fmt.Sprintf(`
variable "changed" { default = "first" }
resource "terraform_data" "folder" {
  input            = "token"
  triggers_replace = var.changed
}
provider "wechat" {
  base_url       = %q
  token_endpoint = { url = "%s/${terraform_data.folder.output}/{appid}" }
}
data "wechat_open_account" "x" {
  appid      = "wx1000000000000004"
  depends_on = [terraform_data.folder]
}
output "open_appid" { value = data.wechat_open_account.x.open_appid }
`, wechat.server.URL(), service.URL))
	for number, args := range [][]string{
		{"apply", "-auto-approve"}, {"plan"}, {"apply", "-auto-approve", "-var", "changed=again"},
	} {
		before := wechat.Count(pathOpenGet)
		expectExit(t, place, 0, args...)
		if got := wechat.Count(pathOpenGet) - before; got != 1 {
			t.Errorf("run %d asked %d times, want once", number, got)
		}
	}
	if got := outputs(t, place)["open_appid"]; got != booksOpen {
		t.Errorf("got %v", got)
	}
}

// TestAccEdges_twoRunsAtOnce has two plans of the same folder under way at the same time.
func TestAccEdges_twoRunsAtOnce(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, fleetWorld(100))
	place := workspace(t, wechat.config("", fleet(100, "")))
	expectExit(t, place, 0, "apply", "-auto-approve")
	before := wechat.Count(pathOpenGet)
	// Neither can end before both have begun.
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Second, AppID: fleetAppID(0)})
	var runs sync.WaitGroup
	results := make([]engine.Result, 2)
	for number := range results {
		runs.Go(func() {
			var err error
			if results[number], err = place.Run(t.Context(), "plan", "-no-color", "-lock=false", "-detailed-exitcode"); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	for _, result := range results {
		if result.ExitCode != 0 {
			t.Errorf("exit code %d:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
		}
	}
	if got := wechat.Count(pathOpenGet) - before; got != 200 {
		t.Errorf("asked %d times, want 200", got)
	}
}
