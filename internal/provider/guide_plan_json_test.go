package provider

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// planForOtherPrograms runs the guide's filters on plans that are good, that failed at a gate, and that could not read.
func planForOtherPrograms(t *testing.T, wechat *lab) {
	needPrograms(t, "the filters of the guide to plans as JSON", "jq")
	place := ofPlanJSON(t, wechat)
	var printed strings.Builder
	filtered := func(name string, args ...string) []string {
		command := exec.CommandContext(t.Context(), "jq", append([]string{"-r", "-f", name}, append(args, "plan.json")...)...)
		command.Dir = place.Dir
		lines, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		printed.Write(lines)
		return strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
	}
	plan := func(exit int, gates, accounts []string) {
		t.Helper()
		expectExit(t, place, exit, "plan", "-out=plan.bin")
		var shown any
		showPlan(t, place, &shown)
		if !installed.SaysErrored() {
			return // the guide says so
		}
		if diff := cmp.Diff(gates, filtered("gates.jq")); diff != "" {
			t.Errorf("gates: -want +got:\n%s", diff)
		}
		if diff := cmp.Diff(accounts, filtered("astray.jq", "--slurpfile", "expected", "expected.json")); diff != "" {
			t.Errorf("accounts: -want +got:\n%s", diff)
		}
	}
	const clubGate = "::error title=module.club.data.wechat_open_account.club::"
	isAstray := astray + ": " + teaOpen + ", expected: " + booksOpen
	plan(0, []string{""}, []string{isAstray})

	wechat.move(t, astray, "")
	plan(0, []string{"::error title=check.nobody_is_unbound::Bound to none: " + astray + "."},
		[]string{astray + ": no open account, expected: " + booksOpen})

	wechat.move(t, astray, booksOpen)
	wechat.move(t, teaClub, booksOpen)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: books})
	plan(1, []string{
		"::error title=check.nobody_is_unbound::Not judged: the plan failed before this could be.",
		"::error title=data.wechat_open_accounts.all::Not read: " + books + ".",
		clubGate + "The club is bound to " + booksOpen + ".",
	}, []string{
		teaClub + ": " + booksOpen + ", expected: " + teaOpen,
		books + ": not read by this plan, expected: " + booksOpen,
	})
	guide := printed.String()

	// The earlier answer is still there, and is not taken for one of this plan.
	wechat.ClearFaults()
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: teaClub})
	plan(1, []string{clubGate + "Not judged: the plan failed before this could be."},
		[]string{teaClub + ": not read by this plan, expected: " + teaOpen})
	expectQuoted(t, "plan-json", guide)

	// A list of what is expected can say that an account is bound to none.
	wechat.ClearFaults()
	wechat.move(t, teaClub, teaOpen)
	write(t, filepath.Join(place.Dir, "expected.json"), `{"`+astray+`": null, "`+books+`": "`+booksOpen+`"}`)
	plan(0, []string{""}, []string{astray + ": " + booksOpen + ", expected: no open account"})

	// Without gates a plan that failed says so, and none of its answers is believed.
	write(t, filepath.Join(place.Dir, "main.tf"), strings.SplitN(readExample(t, "guides/plan-json/main.tf"), "\ndata", 2)[0]+`
data "wechat_open_accounts" "all" { appids = ["`+books+`", "`+tea+`"] }
`)
	expectExit(t, place, 0, "apply", "-auto-approve")
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: tea})
	plan(1, []string{"::error::The plan failed, and no gate says why: its own output does."}, []string{
		astray + ": not read by this plan, expected: no open account", books + ": not read by this plan, expected: " + booksOpen,
	})

	// What stands in a message begins no command of its own, nor ends the line.
	write(t, filepath.Join(place.Dir, "plan.json"), `{"errored": true, "checks": [{"status": "fail", "instances": [
		{"address": {"to_display": "data.x.y[\"a,b:c\"]"}, "status": "fail", "problems": [{"message": "50%\r\n::error::z"}]}]}]}`)
	if got, want := filtered("gates.jq")[0], `::error title=data.x.y["a%2Cb%3Ac"]::50%25%0D%0A::error::z`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
