package provider

import (
	"path/filepath"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// fleetReport makes the report of a fleet with an account astray, one unbound, one that cannot be read, one without
// details, and one with a name that would run.
func fleetReport(t *testing.T, wechat *lab) {
	const runs = "<script>document.title='owned'</script>\x07"
	if err := wechat.UpdateAccount(teaClub, func(account *simulator.Account) { account.Name = runs }); err != nil {
		t.Fatal(err)
	}
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: teaShop, Path: pathAuthorizerInfo})
	job := newJob(t, wechat, "guides/fleets/report/main.tf", ofComponent(wechat)...)
	write(t, filepath.Join(job.place.Dir, "report.html.tftpl"), readExample(t, reportTemplate))
	job.ends(0, "apply", "-auto-approve")
	written := job.ends(0, "output", "-raw", "report").Stdout
	job.leavesNoSecret()
	if strings.Contains(written, runs[:8]+"document") {
		t.Errorf("a name stands in the report as it is:\n%s", written)
	}

	needChromium(t)
	seen := browse(t, written, "books astray")
	expectWords(t, seen.Text,
		"Accounts 7 Open accounts 2 Astray 1 Bound to none 1 Not read 1 Without details 1",
		"Example Books Astray mini program · Example Books Co., Ltd. · "+astray+" Bound to "+teaOpen+
			", of Example Tea Trading Co., Ltd.; the owner's others are on "+booksOpen,
		"Bound to no open account: 1 Example Books Unbound",
		"Not read: 1 Example Books Restricted mini program · Example Books Co., Ltd. · "+restricted+" 48001: api unauthorized",
		"(details not read) "+teaShop, "<script>document.title='owned'</script>",
		"Example Tea Trading Co., Ltd. "+teaOpen+" Example Tea official account",
	)
	expectWords(t, seen.Filtered[0], "1 of 7 accounts")
	if seen.Title != "Open accounts" || seen.Overflow > 0 {
		t.Errorf("the title is %q, and it is %d pixels too wide", seen.Title, seen.Overflow)
	}
}
