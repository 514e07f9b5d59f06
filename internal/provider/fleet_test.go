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
	keepMessages := keep(t, "fleet_failures.txt")
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
			result := run(t, place, "apply", "-auto-approve", "-json")
			if result.ExitCode != test.exit {
				t.Errorf("exit code %d, want %d:\n%s%s", result.ExitCode, test.exit, result.Stdout, result.Stderr)
			}
			diagnostics := diagnosticsIn(result)
			keepMessages(name, diagnostics)
			expectWords(t, fmt.Sprint(diagnostics), test.says...)
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
