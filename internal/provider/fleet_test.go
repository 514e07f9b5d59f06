package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const (
	pathBasicInfo      = "/cgi-bin/account/getaccountbasicinfo"
	pathOpenHave       = "/cgi-bin/open/have"
	pathOpenSameEntity = "/cgi-bin/open/sameentity"
)

// strs is a list of strings as state has it.
func strs(values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, 0, len(values))
	for _, value := range values {
		checks = append(checks, knownvalue.StringExact(value))
	}
	return knownvalue.ListExact(checks)
}

// entry is an account of accounts as state has it.
func entry(status string, openAppID, errcode, errmsg knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"status": knownvalue.StringExact(status), "open_appid": openAppID, "errcode": errcode, "errmsg": errmsg,
	})
}

func TestAccOpenAccounts_saysWhichShareAnOpenAccount(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	configuration := wechat.config("", `
data "wechat_open_accounts" "all" {
  appids = [
    "wx1000000000000007", "wx1000000000000005", "wx1000000000000001", "wx1000000000000006",
    "wx1000000000000004", "wx1000000000000001",
  ]
  fail_on_error = false
}
`)
	at := func(name string) tfjsonpath.Path { return tfjsonpath.New(name) }
	null := knownvalue.Null()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configuration,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_accounts.all", at("accounts"), knownvalue.MapExact(map[string]knownvalue.Check{
						tea:        entry("bound", knownvalue.StringExact(teaOpen), null, null),
						books:      entry("bound", knownvalue.StringExact(booksOpen), null, null),
						astray:     entry("bound", knownvalue.StringExact(teaOpen), null, null),
						unbound:    entry("unbound", null, null, null),
						restricted: entry("error", null, knownvalue.Int64Exact(48001), knownvalue.StringExact("api unauthorized")),
					})),
					statecheck.ExpectKnownValue("data.wechat_open_accounts.all", at("by_open_appid"), knownvalue.MapExact(map[string]knownvalue.Check{
						teaOpen: strs(tea, astray), booksOpen: strs(books),
					})),
					statecheck.ExpectKnownValue("data.wechat_open_accounts.all", at("unbound"), strs(unbound)),
					statecheck.ExpectKnownValue("data.wechat_open_accounts.all", at("failed"), strs(restricted)),
				},
			},
			{
				Config:           configuration,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			{
				Config:      wechat.config("", `data "wechat_open_accounts" "all" { appids = ["wx1000000000000001", "gh_000000000001"] }`),
				ExpectError: saying("it is an original id (gh_…)"),
			},
			{
				Config:      wechat.config("", `data "wechat_open_accounts" "all" { appids = ["wx1000000000000001", null] }`),
				ExpectError: saying("Null List Value"),
			},
			{
				Config: wechat.config("", `data "wechat_open_accounts" "all" { appids = [] }`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_accounts.all", at("accounts"), knownvalue.MapExact(map[string]knownvalue.Check{})),
					statecheck.ExpectKnownValue("data.wechat_open_accounts.all", at("failed"), strs()),
				},
			},
		},
	})
	for _, appid := range []string{tea, books, astray, unbound, restricted} {
		if got, want := wechat.CountFor(pathOpenGet, appid), wechat.CountFor(pathOpenGet, tea); got != want || got == 0 {
			t.Errorf("asked %d times about %s, and %d times about one that is named twice", got, appid, want)
		}
	}
}

// fleet is a configuration that reads accounts 0 to count-1 of a fleetWorld.
func fleet(count int, rest string) string {
	appids := make([]string, count)
	for number := range appids {
		appids[number] = strconv.Quote(fleetAppID(number))
	}
	return fmt.Sprintf(`
data "wechat_open_accounts" "all" {
  appids = [%s]
  %s
}
output "failed" { value = data.wechat_open_accounts.all.failed }
output "bound" { value = length(flatten(values(data.wechat_open_accounts.all.by_open_appid))) }
`, strings.Join(appids, ", "), rest)
}

func fleetAppID(number int) string { return fmt.Sprintf("wx%016x", 0x4000+number) }

// TestAccOpenAccounts_failures has accounts of a hundred fail for several reasons, and more.
func TestAccOpenAccounts_failures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare  func(*testing.T, *lab)
		settings string
		rest     string
		exit     int
		says     []string
		requests int // 0: not looked at
		failed   []any
	}{
		"one of a hundred": {
			prepare: func(t *testing.T, l *lab) {
				l.fault(t, simulator.Fault{Kind: simulator.FaultDailyQuota, AppID: fleetAppID(7)})
			},
			exit:     1,
			says:     []string{"Accounts not read", "1 of 100 accounts could not be read", "1 account (" + fleetAppID(7) + ")", "quota of the day", "midnight China time"},
			requests: 100,
		},
		"one of a hundred, and it goes on": {
			prepare: func(t *testing.T, l *lab) {
				l.fault(t, simulator.Fault{Kind: simulator.FaultDailyQuota, AppID: fleetAppID(7)})
			},
			rest:     "fail_on_error = false",
			says:     []string{"Warning: Accounts not read", "1 account (" + fleetAppID(7) + ")"},
			requests: 100, failed: []any{fleetAppID(7)},
		},
		"one without a token": {
			prepare: func(t *testing.T, l *lab) {
				if err := os.Remove(filepath.Join(l.tokens, fleetAppID(7))); err != nil {
					t.Fatal(err)
				}
			},
			rest:     "fail_on_error = false",
			says:     []string{"Warning: Accounts not read", "1 account (" + fleetAppID(7) + ")", "gives no access token for it", "does not exist"},
			requests: 99, failed: []any{fleetAppID(7)},
		},
		"several, grouped": {
			prepare: func(t *testing.T, l *lab) {
				for number := range 7 {
					l.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: fleetAppID(10 + number)})
				}
				l.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001, AppID: fleetAppID(20)})
			},
			exit: 1,
			says: []string{"8 of 100 accounts could not be read", "7 accounts (" + fleetAppID(10), "and 2 more): the account has not authorized the platform", "1 account (" + fleetAppID(20) + "): this API is not permitted"},
		},
		"none has a token": {
			prepare:  func(t *testing.T, l *lab) {},
			settings: "OVERRIDE none/{appid}",
			exit:     1,
			says:     []string{"100 of 100 accounts could not be read", "100 accounts (" + fleetAppID(0), "and 95 more)"},
		},
		"an address on no list stops it": {
			prepare:  func(t *testing.T, l *lab) { l.fault(t, simulator.Fault{Kind: simulator.FaultCallerIP}) },
			settings: "max_concurrent_requests = 1",
			rest:     "fail_on_error = false",
			exit:     1,
			says:     []string{"WeChat error 61004", "come from 127.0.0.1", "the same for 5 accounts in a row"},
		},
		"nobody there stops it": {
			prepare:  func(t *testing.T, l *lab) { _ = l.server.Close() },
			settings: "max_retries = 0",
			rest:     "fail_on_error = false",
			exit:     1,
			says:     []string{"no answer from WeChat", "the connection was refused", "the same for 5 accounts in a row"},
		},
		"no time": {
			prepare: func(t *testing.T, l *lab) {
				l.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour, AppID: fleetAppID(7)})
			},
			settings: "request_timeout = \"1h\"",
			rest:     "timeouts = { read = \"2s\" }",
			exit:     1,
			says:     []string{"1 of 100 accounts could not be read", "(" + fleetAppID(7) + "): no answer came in time"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, fleetWorld(100))
			test.prepare(t, wechat)
			configuration := wechat.config(test.settings, fleet(100, test.rest))
			if path, override := strings.CutPrefix(test.settings, "OVERRIDE "); override {
				configuration = strings.Replace(wechat.config("", fleet(100, test.rest)), filepath.ToSlash(wechat.tokens)+"/{appid}", path, 1)
			}
			place := workspace(t, configuration)
			result := run(t, place, "apply", "-auto-approve", "-no-color")
			if result.ExitCode != test.exit {
				t.Errorf("exit code %d, want %d:\n%s%s", result.ExitCode, test.exit, result.Stdout, result.Stderr)
			}
			expectWords(t, result.Stdout+result.Stderr, test.says...)
			if got := wechat.Count(pathOpenGet); test.requests > 0 && got != test.requests {
				t.Errorf("asked %d times, want %d", got, test.requests)
			}
			if strings.Contains(name, "stops it") && wechat.Count(pathOpenGet) > 20 {
				t.Errorf("asked %d times before it stopped", wechat.Count(pathOpenGet))
			}
			if test.failed != nil {
				if diff := cmp.Diff(test.failed, outputs(t, place)["failed"]); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

// TestAccFleet_audit reads everything about a platform's authorizers with no list typed by hand, and sees what was asked.
func TestAccFleet_audit(t *testing.T) {
	t.Parallel()
	world := fleetWorld(700)
	wechat := newLab(t, world)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: fleetAppID(3), Path: pathOpenGet})
	component := wechat.IssueComponentToken()
	place := workspace(t, wechat.config(`component = {}`, `
data "wechat_authorizers" "all" {}
data "wechat_open_accounts" "all" {
  appids        = data.wechat_authorizers.all.appids
  fail_on_error = false
}
data "wechat_authorizer" "first" { appid = data.wechat_authorizers.all.appids[0] }
data "wechat_open_account_status" "first" { appid = data.wechat_authorizers.all.appids[0] }
output "counted" { value = [length(data.wechat_authorizers.all.authorizers), length(data.wechat_open_accounts.all.accounts)] }
output "first" { value = data.wechat_authorizer.first }
output "status" { value = data.wechat_open_account_status.first }
output "auth_time" { value = values(data.wechat_authorizers.all.authorizers)[0].auth_time }
`), envComponentAppID+"="+wechat.Component().AppID, envComponentAccessToken+"="+component)
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	result := run(t, place, "apply", "-auto-approve", "-no-color")
	if result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	asked := map[string]int{}
	for _, path := range []string{pathOpenGet, pathBasicInfo, pathOpenHave, pathOpenSameEntity, pathAuthorizerInfo, pathAuthorizerList, pathAuthorizerToken, pathComponentToken} {
		asked[path] = wechat.Count(path)
	}
	if diff := cmp.Diff(map[string]int{
		pathOpenGet: 700, pathBasicInfo: 1, pathOpenHave: 1, pathOpenSameEntity: 1, pathAuthorizerInfo: 1, pathAuthorizerList: 2, pathAuthorizerToken: 0, pathComponentToken: 0,
	}, asked); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got := outputs(t, place)
	if fmt.Sprint(got["counted"]) != "[700 700]" {
		t.Errorf("counted %v", got["counted"])
	}
	wantFirst := map[string]any{
		"appid": fleetAppID(0), "timeouts": nil, "nick_name": "", "principal_name": "", "user_name": "gh_000000004000", "kind": "mini_program",
		"verify_type": 0.0, "verify_type_text": "verified by WeChat", "account_status": 1.0, "account_status_text": "normal",
		"permission_sets": []any{25.0, 30.0}, "open_account_permission": true,
	}
	if diff := cmp.Diff(wantFirst, got["first"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"appid": fleetAppID(0), "timeouts": nil, "bound": true, "same_entity": true}, got["status"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if at, err := time.Parse(time.RFC3339, fmt.Sprint(got["auth_time"])); err != nil || time.Since(at) > time.Hour {
		t.Errorf("auth_time is %v", got["auth_time"])
	}
	secrets := []string{component}
	for number := range 700 {
		secrets = append(secrets, wechat.Token(fleetAppID(number)), wechat.RefreshToken(fleetAppID(number)))
	}
	expectNoSecret(t, place, []engine.Result{result}, secrets[:101])
	if log, err := os.ReadFile(filepath.Join(place.Dir, "trace.log")); err != nil || strings.Count(string(log), "reading bindings") != 10 {
		t.Errorf("progress was logged %d times, want 10 (%v)", strings.Count(string(log), "reading bindings"), err)
	}
}

// TestAccComponentDataSources_sayWhatIsMissing asks about authorizers without what that takes.
func TestAccComponentDataSources_sayWhatIsMissing(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	for name, test := range map[string]struct {
		settings string
		says     []string
	}{
		"no component":           {"", []string{"No component", "WECHAT_COMPONENT_ACCESS_TOKEN"}},
		"a component of no name": {`component = {}`, []string{"No component", "the provider's component has no appid", "WECHAT_COMPONENT_APPID"}},
		"no access token of it":  {`component = { appid = "wx3000000000000001" }`, []string{"No component access token", "has an appid and no access token", "WECHAT_COMPONENT_ACCESS_TOKEN"}},
		"an authorizer's token":  {`component = { appid = "wx3000000000000001", access_token = "` + wechat.Token(tea) + `" }`, []string{"WeChat error 48001", "it takes the component's own", "an authorizer's access token was given in the component's place", "No account's owner has to grant anything"}},
		"a token of long ago": {
			`component = { appid = "wx3000000000000001", access_token = "61_long_ago" }`,
			[]string{"WeChat error 40001", "refused the component's own access token, given in component.access_token"},
		},
		"not known yet": {
			`component = { appid = "wx3000000000000001", access_token = terraform_data.later.output }`,
			[]string{"component.access_token will be known only after apply"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, wechat.config(test.settings, `
resource "terraform_data" "later" { input = "x" }
data "wechat_authorizers" "all" {}
data "wechat_authorizer" "x" { appid = "wx1000000000000004" }
`))
			result := run(t, place, "plan", "-no-color")
			if got := strings.Count(result.Stderr, "\nError: "); result.ExitCode != 1 || got != 2 {
				t.Errorf("exit code %d, %d errors", result.ExitCode, got)
			}
			expectWords(t, result.Stderr, append(test.says, "The list of authorizers could not be read", "What WeChat tells of wx1000000000000004 could not be read")...)
		})
	}
}
