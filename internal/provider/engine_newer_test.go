package provider

import (
	"fmt"
	"path/filepath"
	"testing"
)

// What only newer engines have, and the provider's page says of it.

// TestAccMinimalRefresh_judgesGates has nothing that -minimal-refresh would have to refresh, and a gate.
func TestAccMinimalRefresh_judgesGates(t *testing.T) {
	t.Parallel()
	if !installed.HasMinimalRefresh() {
		t.Skipf("%s has no -minimal-refresh", installed)
	}
	wechat := newLab(t, nil)
	place := workspace(t, wechat.config("", `
data "wechat_open_account" "x" {
  appid = "wx1000000000000004"

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000002"
      error_message = "astray"
    }
  }
}

resource "terraform_data" "y" { input = data.wechat_open_account.x.open_appid }
`))
	expectExit(t, place, 0, "apply", "-auto-approve")
	for _, step := range []struct {
		open        string // where the account hangs
		args        []string
		exit, asked int
	}{
		{booksOpen, []string{"plan", "-minimal-refresh", "-detailed-exitcode"}, 0, 1},
		{teaOpen, []string{"plan", "-minimal-refresh"}, 1, 1},
		{teaOpen, []string{"plan", "-destroy"}, 0, 1},
		{teaOpen, []string{"plan", "-destroy", "-minimal-refresh"}, 0, 0},
	} {
		wechat.move(t, books, step.open)
		before := wechat.Count(pathOpenGet)
		expectExit(t, place, step.exit, step.args...)
		if got := wechat.Count(pathOpenGet) - before; got != step.asked {
			t.Errorf("%v asked %d times, want %d", step.args, got, step.asked)
		}
	}
}

// TestAccEnabled_readsOnlyWhereItIs has an account that is read only where a variable says so.
func TestAccEnabled_readsOnlyWhereItIs(t *testing.T) {
	t.Parallel()
	if !installed.HasEnabled() {
		t.Skipf("%s has no enabled in a lifecycle block", installed)
	}
	wechat := newLab(t, nil)
	place := workspace(t, required)
	write(t, filepath.Join(place.Dir, "main.tf"), wechat.config("", `
variable "look" { type = bool }

data "wechat_open_account" "x" {
  appid = "wx1000000000000004"
  lifecycle { enabled = var.look }
}

output "open_appid" { value = var.look ? data.wechat_open_account.x.open_appid : "not looked at" }
`))
	for look, want := range map[bool]string{true: booksOpen, false: "not looked at"} {
		before := wechat.Count(pathOpenGet)
		expectExit(t, place, 0, "apply", "-auto-approve", fmt.Sprintf("-var=look=%t", look))
		expectOutputs(t, place, map[string]any{"open_appid": want})
		if got := wechat.Count(pathOpenGet) - before; (got == 1) != look || got > 1 {
			t.Errorf("look = %t: asked %d times", look, got)
		}
	}
}
