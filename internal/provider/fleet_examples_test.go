package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// fleets are the configurations of docs/guides/fleets.md, each with what the page says of it, and the examples of the
// data sources that it uses.
var fleets = map[string]func(t *testing.T, wechat *lab){
	"data-sources/wechat_open_accounts/data-source.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_accounts/data-source.tf")
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{
			"by_open_appid": map[string]any{teaOpen: []any{tea, astray}, booksOpen: []any{books}},
			"unbound":       []any{unbound},
		})
		expectCalls(t, wechat, map[string]int{pathOpenGet: 4})
	},
	"data-sources/wechat_open_accounts/go_on.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_accounts/go_on.tf")
		warned := expectExit(t, place, 0, "apply", "-auto-approve")
		expectWords(t, warned.Stdout, "Warning: Accounts not read", "1 account ("+restricted+")")
		expectOutputs(t, place, map[string]any{"not_read": map[string]any{restricted: "api unauthorized"}})
		expectCalls(t, wechat, map[string]int{pathOpenGet: 2})
	},
	"data-sources/wechat_open_accounts/for_each.tf": forEachThroughAGap,
	"data-sources/wechat_authorizers/data-source.tf": func(t *testing.T, wechat *lab) {
		place := workspace(t, readExample(t, "data-sources/wechat_authorizers/data-source.tf"), ofComponent(wechat)...)
		expectExit(t, place, 0, "apply", "-auto-approve")
		all := []any{tea, teaShop, teaClub, books, astray, unbound, restricted}
		if diff := cmp.Diff(all, outputs(t, place)["appids"]); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if at, _ := outputs(t, place)["authorized_at"].(map[string]any); len(at) != len(all) {
			t.Errorf("authorized_at: got %v", at)
		}
		expectCalls(t, wechat, map[string]int{pathAuthorizerList: 1})
	},
	"data-sources/wechat_authorizers/not_granted.tf": notGranted,
	"data-sources/wechat_authorizer/data-source.tf": func(t *testing.T, wechat *lab) {
		place := workspace(t, readExample(t, "data-sources/wechat_authorizer/data-source.tf"), ofComponent(wechat)...)
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{
			"shop": "Example Tea Shop (mini_program) of Example Tea Trading Co., Ltd.", "shop_can_be_read": true,
		})
		expectCalls(t, wechat, map[string]int{pathAuthorizerInfo: 1})
	},
	"data-sources/wechat_open_account_status/data-source.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_account_status/data-source.tf")
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{"restricted": map[string]any{"bound": true, "same_entity": true}})
		expectCalls(t, wechat, map[string]int{pathBasicInfo: 1, pathOpenHave: 1, pathOpenSameEntity: 1})
	},
	"guides/fleets/merchants/main.tf": oneOpenAccountPerMerchant,
	"guides/fleets/staging/main.tf":   stagingAndProduction,
	"guides/fleets/nightly/main.tf":   nightlyJob,
	"guides/fleets/inventory/main.tf": inventory,
	"guides/fleets/report/main.tf":    fleetReport,
	// The guide to plans as JSON, whose files run together.
	"guides/plan-json/main.tf":       planForOtherPrograms,
	"guides/plan-json/expected.json": func(*testing.T, *lab) {},
}

func notGranted(t *testing.T, wechat *lab) {
	const folder = "data-sources/wechat_authorizers/"
	place := examplesWorkspace(t, wechat, folder+"data-source.tf", folder+"not_granted.tf")
	expectExit(t, place, 0, "apply", "-auto-approve")
	want := map[string]any{"Example Books Co., Ltd.": []any{"Example Books Restricted (" + restricted + ")"}}
	if diff := cmp.Diff(want, outputs(t, place)["not_granted"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	expectCalls(t, wechat, map[string]int{pathAuthorizerList: 2, pathAuthorizerInfo: 7})
}

func oneOpenAccountPerMerchant(t *testing.T, wechat *lab) {
	job := newJob(t, wechat, "guides/fleets/merchants/main.tf")
	// Example Books is not together in the simulator's own world.
	apart := job.ends(0, "apply", "-auto-approve")
	expectUnwarned(t, apart, "tea:", "Not read", "Accounts not read")
	expectOutputs(t, job.place, map[string]any{"astray": map[string]any{
		"books": map[string]any{books: booksOpen, astray: teaOpen, unbound: "no open account"},
	}})

	wechat.move(t, astray, booksOpen)
	wechat.move(t, unbound, booksOpen)
	expectUnwarned(t, job.ends(0, "apply", "-auto-approve"), "Warning")
	expectOutputs(t, job.place, map[string]any{"astray": map[string]any{}})

	// An account that cannot be read is no proof that its merchant is together, nor that it is not.
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: astray})
	unread := job.ends(0, "plan", "-detailed-exitcode")
	expectUnwarned(t, unread, "books:")
	expectQuotedUnder(t, "Is each merchant on one open account?", apart.Stdout+unread.Stdout)

	// The others are judged all the same.
	wechat.move(t, teaClub, booksOpen)
	expectWords(t, job.ends(2, "plan", "-detailed-exitcode").Stdout, "Not read, and so perhaps astray too: "+astray+".",
		"tea: "+tea+" is bound to "+teaOpen+", "+teaShop+" is bound to "+teaOpen+", "+teaClub+" is bound to "+booksOpen+".")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 4 * 6})
	job.leavesNoSecret()
}

func stagingAndProduction(t *testing.T, wechat *lab) {
	job := newJob(t, wechat, "guides/fleets/staging/main.tf")
	job.ends(0, "apply", "-auto-approve")
	job.ends(0, "plan", "-detailed-exitcode")

	wechat.move(t, books, teaOpen)
	shared := job.ends(1, "plan")
	expectQuotedUnder(t, "Do staging and production share users?", shared.Stderr)
	job.ends(1, "apply", "-auto-approve")

	// Unread is not apart, on either side.
	wechat.move(t, books, booksOpen)
	for _, appid := range []string{books, teaClub} {
		wechat.fault(t, simulator.Fault{Kind: simulator.FaultDailyQuota, AppID: appid})
		expectWords(t, job.ends(1, "plan").Stderr, "Accounts not read", appid)
		wechat.ClearFaults()
	}

	// Accounts that are bound to none share with none.
	wechat.move(t, books, "")
	wechat.move(t, teaClub, "")
	job.ends(0, "plan")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 7 * 4})
	job.leavesNoSecret()
}

func inventory(t *testing.T, wechat *lab) {
	job := newJob(t, wechat, "guides/fleets/inventory/main.tf", ofComponent(wechat)...)
	applied := job.ends(0, "apply", "-auto-approve")
	expectWords(t, applied.Stdout, "Warning: Accounts not read", "1 account ("+restricted+")", "permission set 25")
	// The account that was refused is the only one whose permission sets are asked for.
	expectCalls(t, wechat, map[string]int{pathAuthorizerList: 1, pathOpenGet: 7, pathAuthorizerInfo: 1})
	written := job.ends(0, "output", "-raw", "inventory")
	expectQuotedUnder(t, "Which accounts are there at all?", written.Stdout)
	for _, line := range []string{"## " + teaOpen, "- " + restricted + ": api unauthorized", "- " + unbound} {
		if !strings.Contains(written.Stdout, "\n"+line+"\n") {
			t.Errorf("there is no line %q in:\n%s", line, written.Stdout)
		}
	}
	job.ends(0, "plan", "-detailed-exitcode", "-out=plan.bin")
	expectCalls(t, wechat, map[string]int{pathAuthorizerList: 2, pathOpenGet: 14, pathAuthorizerInfo: 2})

	// Who withdraws is gone from it, and nothing was typed.
	if err := wechat.UpdateAccount(teaClub, func(account *simulator.Account) { account.Authorized = false }); err != nil {
		t.Fatal(err)
	}
	job.ends(0, "apply", "-auto-approve")
	if left := job.ends(0, "output", "-raw", "inventory").Stdout; strings.Contains(left, teaClub) {
		t.Errorf("%s is still there:\n%s", teaClub, left)
	}
	expectCalls(t, wechat, map[string]int{pathAuthorizerList: 3, pathOpenGet: 20, pathAuthorizerInfo: 3})
	job.leavesNoSecret()
}

// ofComponent is the environment in which a lab's platform may be asked about its authorizers.
func ofComponent(wechat *lab) []string {
	return []string{
		baseURL(wechat), envComponentAppID + "=" + wechat.Component().AppID, envComponentAccessToken + "=" + wechat.IssueComponentToken(),
	}
}
