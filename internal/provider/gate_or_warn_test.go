package provider

import (
	"path/filepath"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The configurations of docs/guides/gate-or-warn.md, each with what the page says of it.

const gateOrWarnGuide = "gate-or-warn"

func gateOrWarn(t *testing.T, wechat *lab) {
	const example = "guides/gate-or-warn/three/main.tf"
	job := newJob(t, wechat, example)
	said := func(heading, printed string) {
		t.Helper()
		expectPrinted(t, "the guide "+gateOrWarnGuide+", under "+heading, under(t, gateOrWarnGuide, heading), printed)
	}

	// A check leaves the exit code alone, whatever that is.
	const warning = "Warning: Check block assertion failed"
	wechat.move(t, teaClub, "")
	expectWords(t, job.ends(2, "plan", "-detailed-exitcode").Stdout, warning)
	expectWords(t, job.ends(0, "apply", "-auto-approve").Stdout, warning)
	astray := job.ends(0, "plan", "-detailed-exitcode", "-out=plan.bin")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 3 * 3})

	// A saved plan goes by its own answers: it warns once more, of what is over.
	wechat.move(t, teaClub, teaOpen)
	expectWords(t, job.ends(0, "apply", "plan.bin").Stdout, warning, "The club is bound to no open account")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 3 * 3})
	expectUnwarned(t, job.ends(0, "plan", "-detailed-exitcode", "-out=plan.bin"), warning)

	// And it lets through what would not pass any more.
	wechat.move(t, tea, booksOpen)
	wechat.move(t, teaShop, "")
	job.ends(0, "apply", "plan.bin")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 4 * 3})

	// A gate fails whatever plans anew.
	moved := job.ends(1, "plan", "-detailed-exitcode")
	job.ends(1, "apply", "-auto-approve")
	wechat.move(t, tea, teaOpen)
	unbound := job.ends(1, "plan", "-detailed-exitcode")
	said("Side by side", astray.Stdout+moved.Stderr+unbound.Stderr)
	expectCalls(t, wechat, map[string]int{pathOpenGet: 7 * 3})

	// What goes wrong: a check beside a postcondition …
	configuration := readExample(t, example)
	wechat.move(t, teaShop, teaOpen)
	wechat.move(t, tea, "")
	write(t, filepath.Join(job.place.Dir, "main.tf"), configuration+`
check "official" {
  assert {
    condition     = data.wechat_open_account.official.bound
    error_message = "The check was evaluated."
  }
}
`)
	both := job.ends(1, "plan")
	expectWords(t, both.Stderr, "Resource postcondition failed")
	expectUnwarned(t, both, "The check was evaluated.")

	// … and a null in a message.
	write(t, filepath.Join(job.place.Dir, "main.tf"),
		strings.Replace(configuration, `coalesce(self.open_appid, "no open account")`, "self.open_appid", 1))
	expectWords(t, job.ends(1, "plan").Stderr, "Invalid template interpolation value", "The expression result is null.")
	job.leavesNoSecret()
}

func nestedInACheck(t *testing.T, wechat *lab) {
	const example = "guides/gate-or-warn/nested/main.tf"
	job := newJob(t, wechat, example)
	job.ends(0, "apply", "-auto-approve")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 2}) // in the plan, and in its apply
	forever := job.ends(2, "plan", "-detailed-exitcode", "-out=plan.bin")
	job.ends(0, "apply", "plan.bin")
	expectCalls(t, wechat, map[string]int{pathOpenGet: 4})
	job.ends(2, "plan", "-detailed-exitcode")

	// The club is astray, and cannot be read: nobody looks, and nothing fails.
	wechat.move(t, teaClub, "")
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: teaClub})
	unread := job.ends(0, "plan")
	expectWords(t, unread.Stdout, "Warning: Open account not read: WeChat error 61003")
	expectUnwarned(t, unread, "Check block assertion failed")
	wechat.ClearFaults()
	expectWords(t, job.ends(0, "plan").Stdout, "The club is not bound to "+teaOpen+".")

	configuration := readExample(t, example)
	write(t, filepath.Join(job.place.Dir, "main.tf"), configuration+"\noutput \"club\" { value = data.wechat_open_account.club.bound }\n")
	expectWords(t, job.ends(1, "plan").Stderr, "Reference to scoped resource")

	// A null in a message is quoted under the same heading, and fails the plan where a check was only to warn.
	write(t, filepath.Join(job.place.Dir, "main.tf"), strings.Replace(configuration,
		"is not bound to", "is bound to ${data.wechat_open_account.club.open_appid}, not to", 1))
	null := job.ends(1, "plan")
	expectPrinted(t, "the guide "+gateOrWarnGuide, under(t, gateOrWarnGuide, "What goes wrong"), forever.Stdout+null.Stderr)
	job.leavesNoSecret()
}

// gateDuringTheApply moves an account between plan and apply, and has the gate stop the release that waits for it.
func gateDuringTheApply(t *testing.T, wechat *lab) {
	place := examplesWorkspace(t, wechat, "guides/gate-or-warn/apply/main.tf")
	released := func() any {
		return expectExit(t, place, 0, "state", "show", "-no-color", "terraform_data.release").Stdout
	}
	expectExit(t, place, 0, "apply", "-auto-approve")
	before := released()
	expectExit(t, place, 0, "plan", "-detailed-exitcode") // nothing changes without a release

	place.Environ = append(place.Environ, "TF_VAR_release=2")
	expectExit(t, place, 0, "plan", "-out=plan.bin")
	wechat.move(t, teaClub, booksOpen)
	expectWords(t, expectExit(t, place, 1, "apply", "plan.bin").Stderr, teaGateSays)
	if after := released(); after != before {
		t.Errorf("the release went on: %s", after)
	}
	wechat.move(t, teaClub, teaOpen)
	expectExit(t, place, 0, "apply", "-auto-approve")
	if after := released(); after == before {
		t.Error("the release stays behind")
	}
}
