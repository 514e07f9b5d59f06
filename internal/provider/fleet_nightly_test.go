package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// nightlyJob has the nights of a fleet: what moves, what cannot be read, what stays so, and who leaves.
func nightlyJob(t *testing.T, wechat *lab) {
	const example = "guides/fleets/nightly/main.tf"
	job := newJob(t, wechat, example)
	reads := 0
	nightly := func(want int) engine.Result {
		reads += 4
		return job.ends(want, "plan", "-detailed-exitcode", "-input=false", "-lock=false")
	}
	record := func() {
		reads += 4
		job.ends(0, "apply", "-auto-approve")
	}
	withdraws := func(appid string) {
		wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: appid})
	}
	nightly(2) // nothing is recorded yet
	record()
	nightly(0)
	nightly(0)

	wechat.move(t, teaShop, booksOpen)
	moved := nightly(2)
	nightly(2) // until it is recorded, or undone
	wechat.move(t, teaShop, teaOpen)
	nightly(0)

	// An account that cannot be read any more is news, and not one that lost its open account.
	withdraws(books)
	unread := nightly(2)
	expectUnwarned(t, unread, `"no open account"`)
	record()
	known := nightly(0)
	expectWords(t, known.Stdout, "Warning: Accounts not read", "1 account ("+books+")")
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultDailyQuota, AppID: books})
	nightly(0) // for another reason

	// What moves beside the known gap is news as well, and so is a binding that is lost.
	wechat.move(t, teaShop, booksOpen)
	expectWords(t, nightly(2).Stdout, teaShop+` = "`+teaOpen+`" -> "`+booksOpen+`"`, "1 account ("+books+")")
	wechat.move(t, teaShop, "")
	expectWords(t, nightly(2).Stdout, teaShop+` = "`+teaOpen+`" -> "no open account"`)
	withdraws(tea) // and another cannot be read in the same night
	expectWords(t, nightly(2).Stdout, teaShop+` = "`+teaOpen+`" -> "no open account"`, tea+` = "`+teaOpen+`" -> "not read"`)
	wechat.move(t, teaShop, teaOpen)
	wechat.ClearFaults()
	expectWords(t, nightly(2).Stdout, books+` = "not read" -> "`+booksOpen+`"`) // it can be read again

	// Where nothing can be read, nothing is known.
	for _, appid := range []string{tea, teaShop, books, unbound} {
		withdraws(appid)
	}
	nothing := nightly(1)
	wechat.ClearFaults()
	expectQuotedUnder(t, "Has anything moved since yesterday?", moved.Stdout+unread.Stdout+nothing.Stderr)
	expectCalls(t, wechat, map[string]int{pathOpenGet: reads})

	// One line takes a merchant's account off the list for good, whatever becomes of it.
	withdraws(books)
	configuration := readExample(t, example)
	line := `"` + books + `",`
	without := strings.Replace(configuration, "# "+line, line, 1)
	write(t, filepath.Join(job.place.Dir, "main.tf"), without)
	nightly(2)
	record()
	expectUnwarned(t, nightly(0), "Accounts not read")
	if got := fmt.Sprint(outputs(t, job.place)); strings.Contains(got, books) {
		t.Errorf("%s is still recorded: %s", books, got)
	}
	expectCalls(t, wechat, map[string]int{pathOpenGet: reads - 3}) // 3 without it

	// What the page warns of: a data source within a check is always to be read once more.
	write(t, filepath.Join(job.place.Dir, "main.tf"), without+`
check "nested" {
  data "wechat_open_account" "tea" { appid = "wx1000000000000001" }
  assert {
    condition     = data.wechat_open_account.tea.bound
    error_message = "unbound"
  }
}
`)
	record()
	nightly(2)
	job.leavesNoSecret()
}

// forEachThroughAGap has an account that cannot be read destroy what stands for it where for_each goes over the
// answers, and leave it alone where it goes over the question.
func forEachThroughAGap(t *testing.T, wechat *lab) {
	const example = "data-sources/wechat_open_accounts/for_each.tf"
	place := besideProvider(t, wechat, example)
	expectExit(t, place, 0, "apply", "-auto-approve")
	expectExit(t, place, 0, "plan", "-detailed-exitcode")
	wechat.move(t, books, "") // unbound is an answer
	expectChanges(t, place, 0, map[string]string{`terraform_data.shop["` + books + `"]`: "update"})
	wechat.move(t, books, booksOpen)

	gap := simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: books}
	wechat.fault(t, gap)
	expectChanges(t, place, 1, map[string]string{})
	expectWords(t, expectExit(t, place, 1, "plan").Stderr, books+" could not be read, and what stands for it stays as it is.")
	wechat.ClearFaults()
	expectExit(t, place, 0, "plan", "-detailed-exitcode")

	// What the page warns of.
	write(t, filepath.Join(place.Dir, "for_each.tf"), `
data "wechat_open_accounts" "shops" {
  appids        = ["`+teaShop+`", "`+books+`"]
  fail_on_error = false
}
resource "terraform_data" "open_account" {
  for_each = data.wechat_open_accounts.shops.by_open_appid
  input    = each.value
}
`)
	expectExit(t, place, 0, "apply", "-auto-approve")
	wechat.fault(t, gap)
	expectChanges(t, place, 0, map[string]string{`terraform_data.open_account["` + booksOpen + `"]`: "delete"})
}

// expectChanges fails where a plan would do anything else than this, by address.
func expectChanges(t *testing.T, place *engine.Workspace, exit int, want map[string]string) {
	t.Helper()
	expectExit(t, place, exit, "plan", "-out=plan.bin")
	var plan struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Change  struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	showPlan(t, place, &plan)
	got := map[string]string{}
	for _, resource := range plan.ResourceChanges {
		if actions := strings.Join(resource.Change.Actions, " "); actions != "no-op" {
			got[resource.Address] = actions
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
