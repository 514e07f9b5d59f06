package provider

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The tests in this file run the tests of docs/guides/modules.md: those that users write for modules of their own, with
// mocks and with the simulator.

const (
	moduleFolder   = "guides/modules/gated/"
	exampleModule  = moduleFolder + "main.tf"
	exampleMocks   = moduleFolder + "mocks/wechat.tfmock.hcl"
	exampleMocked  = moduleFolder + "tests/mocked.tftest.hcl"
	exampleTofu    = moduleFolder + "tests/mocked.tofutest.hcl"
	exampleWithSim = moduleFolder + "tests/simulator/simulator.tftest.hcl"
)

// allPass are the runs of the example's tests, of which both kinds have the same.
var allPass = map[string]string{"bound": "pass", "unbound": "pass", "elsewhere": "pass", "gate_off": "pass"}

// moduleTests are the files of the example, each with what it must do.
var moduleTests = map[string]func(t *testing.T, wechat *lab){
	exampleModule:  brokenModulesFail,
	exampleMocks:   mocksAgree,
	exampleMocked:  testsWithMocks,
	exampleWithSim: testsWithSimulator,
}

// testsWithMocks runs the module's tests as they stand. The environment leads to a simulated WeChat, which is not
// asked.
func testsWithMocks(t *testing.T, wechat *lab) {
	place := moduleUnderTest(t, wechat)
	passed := expectExit(t, place, 0, "test")
	expectRuns(t, passed, allPass)
	expectCalls(t, wechat, map[string]int{})

	// Without the folder an account is bound to none and has an open account nevertheless.
	write(t, filepath.Join(place.Dir, "tests", "mocked.tftest.hcl"), strings.Replace(readExample(t, exampleMocked), `source = "./mocks"`, "", 1))
	write(t, filepath.Join(place.Dir, "tests", "mocked.tofutest.hcl"), strings.Replace(readExample(t, exampleMocked), `source = "./mocks"`, "", 1))
	invented := expectExit(t, place, 1, "test", "-verbose")
	expectRuns(t, invented, map[string]string{"bound": "fail"})
	expectCalls(t, wechat, map[string]int{})
	expectPrinted(t, "the guide "+modulesGuide, under(t, modulesGuide, "Test it with mocks"),
		passed.Stdout+invented.Stdout+invented.Stderr)
}

// testsWithSimulator asks the real provider, and so the simulator, the questions that the mocks were asked.
func testsWithSimulator(t *testing.T, wechat *lab) {
	place := watch(moduleUnderTest(t, wechat))
	passed := expectExit(t, place, 0, "test", "-test-directory=tests/simulator")
	expectRuns(t, passed, allPass)
	expectCalls(t, wechat, map[string]int{pathOpenGet: len(allPass)})
	expectNoSecret(t, place, []engine.Result{passed}, []string{wechat.Token(teaShop), wechat.Token(books), wechat.Token(unbound)})

	// Here a binding counts.
	wechat.move(t, teaShop, booksOpen)
	expectRuns(t, expectExit(t, place, 1, "test", "-test-directory=tests/simulator"), map[string]string{"bound": "fail"})
}

// brokenModulesFail breaks the module in ways in which modules break, and sees that the tests find it.
func brokenModulesFail(t *testing.T, wechat *lab) {
	place := moduleUnderTest(t, wechat)
	module := readExample(t, exampleModule)
	for _, broken := range []struct {
		name, was, is, fails string
	}{
		{"the gate lets every bound account pass", "self.open_appid == var.open_appid", "self.bound", "elsewhere"},
		{"the gate cannot be turned off", "!var.gate || ", "", "gate_off"},
		{
			"nobody is warned", "= data.wechat_open_account.this.open_appid ==", "= data.wechat_open_account.this.open_appid != null || null ==",
			"gate_off",
		},
	} {
		t.Run(broken.name, func(t *testing.T) {
			if strings.Count(module, broken.was) != 1 {
				t.Fatalf("the module has no single %q", broken.was)
			}
			write(t, filepath.Join(place.Dir, "main.tf"), strings.Replace(module, broken.was, broken.is, 1))
			for _, where := range []string{"tests", "tests/simulator"} {
				expectRuns(t, expectExit(t, place, 1, "test", "-test-directory="+where), map[string]string{broken.fails: "fail"})
			}
		})
	}
}

// mocksAgree reads all data sources from the folder of mocks, and holds their answers against each other. It also holds
// what the page says of mocks.
func mocksAgree(t *testing.T, wechat *lab) {
	needMocks(t)
	place := workspace(t, required+`
variable "appid" { default = "wx1000000000000002" }
data "wechat_open_account" "x" {
  for_each      = { shop = var.appid, club = "wx1000000000000003" }
  appid         = each.value
  require_bound = true
}
data "wechat_open_account_status" "x" {}
data "wechat_open_accounts" "x" { appids = ["wx1000000000000009"] }
data "wechat_authorizer" "x" { appid = "wx1000000000000002" }
data "wechat_authorizers" "x" {}
output "maps_left_empty" { value = length(data.wechat_open_accounts.x.accounts) + length(data.wechat_authorizers.x.authorizers) == 0 }
`, baseURL(wechat))
	if err := place.CopyIn(filepath.Join(moduleRoot, "examples", filepath.FromSlash(moduleFolder), "mocks")); err != nil {
		t.Fatal(err)
	}
	mocks := `source = "./"`
	if installed.Name == "tofu" {
		mocks = readExample(t, exampleMocks)
	}
	write(t, filepath.Join(place.Dir, "agree.tftest.hcl"), "mock_provider \"wechat\" {\n"+mocks+"\n}\n"+`
run "agree" {
  command = plan

  assert {
    condition     = data.wechat_open_account.x["shop"].bound && data.wechat_open_account_status.x.bound
    error_message = "One says that the account is bound and the other that it is not."
  }
  assert {
    condition     = contains(data.wechat_open_accounts.x.by_open_appid[data.wechat_open_account.x["shop"].open_appid], data.wechat_authorizers.x.appids[0])
    error_message = "The account's open account is not that of its siblings."
  }
  assert {
    condition = (join(" ", concat(flatten(values(data.wechat_open_accounts.x.by_open_appid)), data.wechat_open_accounts.x.unbound, data.wechat_open_accounts.x.failed))
      == join(" ", data.wechat_authorizers.x.appids))
    error_message = "The authorizers are not the accounts that were read."
  }
  assert {
    condition = alltrue([
      for appid, account in data.wechat_open_accounts.x.accounts :
      account.status == "bound" && account.errcode == null && account.errmsg == null && contains(data.wechat_open_accounts.x.by_open_appid[account.open_appid], appid)
    ]) && contains([0, length(data.wechat_authorizers.x.appids)], length(data.wechat_open_accounts.x.accounts))
    error_message = "accounts and by_open_appid do not agree."
  }
  assert {
    condition = alltrue([
      for appid, authorizer in data.wechat_authorizers.x.authorizers : contains(data.wechat_authorizers.x.appids, appid) && can(timeadd(authorizer.auth_time, "0s"))
    ]) && contains([0, length(data.wechat_authorizers.x.appids)], length(data.wechat_authorizers.x.authorizers))
    error_message = "authorizers and appids do not agree."
  }
  assert {
    condition     = data.wechat_authorizer.x.kind == "mini_program" && contains(data.wechat_authorizer.x.permission_sets, 25) && data.wechat_authorizer.x.open_account_permission
    error_message = "The account could not have been read."
  }
}

run "left_out_is_invented" {
  command = plan
  override_data {
    target = data.wechat_open_account.x
    values = { bound = false }
  }
  assert {
    condition     = data.wechat_open_account.x["shop"].open_appid != null && data.wechat_open_account.x["shop"].open_appid != "wx2000000000000001"
    error_message = "It is not."
  }
}
`)
	agreed := expectExit(t, place, 0, "test", "-verbose")
	expectRuns(t, agreed, map[string]string{"agree": "pass", "left_out_is_invented": "pass"})
	if installed.Name == "terraform" && strings.HasPrefix(installed.Version, "1.11.") { // others may fill them
		expectWords(t, agreed.Stdout, "maps_left_empty = true")
	}

	if installed.Name != "tofu" { // a target cannot be one of several instances there
		write(t, filepath.Join(place.Dir, "agree.tftest.hcl"), `
mock_provider "wechat" {
  source = "./"
}

run "one_of_several_and_require_bound_has_no_effect" {
  command = plan
  override_data {
    target = data.wechat_open_account.x["club"]
    values = { bound = false, open_appid = null }
  }
  assert {
    condition     = !data.wechat_open_account.x["club"].bound && data.wechat_open_account.x["shop"].bound
    error_message = "It is not."
  }
}

run "an_original_id_is_refused" {
  command = plan
  variables {
    appid = "gh_1234567890ab"
  }
}
`)
		refused := expectExit(t, place, 1, "test")
		expectRuns(t, refused, map[string]string{"one_of_several_and_require_bound_has_no_effect": "pass", "an_original_id_is_refused": "fail"})
		expectWords(t, refused.Stdout+refused.Stderr, "it is an original id")
	}
	expectCalls(t, wechat, map[string]int{})
}

// moduleUnderTest is a workspace with the example module, its tests and its mocks, and a simulated WeChat in the
// environment.
func moduleUnderTest(t *testing.T, wechat *lab) *engine.Workspace {
	t.Helper()
	needMocks(t)
	place := workspace(t, readExample(t, exampleModule), baseURL(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	if err := place.CopyIn(filepath.Join(moduleRoot, "examples", filepath.FromSlash(moduleFolder))); err != nil {
		t.Fatal(err)
	}
	return place
}

// needMocks skips a test where the engine's own tests have no mocks yet.
func needMocks(t *testing.T) {
	t.Helper()
	if !installed.HasMocks() {
		t.Skipf("%s has no mock_provider", installed)
	}
}

var testedRun = regexp.MustCompile(`(?m)^\s*run "([^"]+)"\.\.\. (pass|fail|skip)$`)

// expectRuns fails where one of these runs of the engine's own tests did not end like this, or another one failed.
func expectRuns(t *testing.T, result engine.Result, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, found := range testedRun.FindAllStringSubmatch(result.Stdout, -1) {
		if _, named := want[found[1]]; named || found[2] == "fail" {
			got[found[1]] = found[2]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s%s%s", diff, result.Stdout, result.Stderr)
	}
}
