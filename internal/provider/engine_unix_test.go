//go:build unix

package provider

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// TestAccInterrupt_endsAProgramToo interrupts a run while it waits for a program's token, and looks for what is left of
// it.
func TestAccInterrupt_endsAProgramToo(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	pids := filepath.ToSlash(filepath.Join(t.TempDir(), "pids"))
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url = %q
  exec = {
    command = "sh"
    args    = ["-c", "sleep 600 & echo $! $$ > %[2]s.new; mv %[2]s.new %[2]s; wait"]
    timeout = "1h"
  }
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, wechat.server.URL(), pids))
	process, err := place.Start(t.Context(), "plan", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	var written []byte
	waitFor(t, func() bool {
		var err error
		written, err = os.ReadFile(pids)
		return err == nil
	})
	begun := time.Now()
	if err := process.Interrupt(); err != nil {
		t.Fatal(err)
	}
	result, err := process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); result.ExitCode != 1 || took > time.Minute {
		t.Errorf("exit code %d after %s:\n%s%s", result.ExitCode, took, result.Stdout, result.Stderr)
	}
	for _, field := range strings.Fields(string(written)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool {
			stat, err := os.ReadFile("/proc/" + field + "/stat")
			return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(stat), ") Z ")
		})
	}
}

// TestAccKilled_leavesNothingHalfWritten kills the provider in the middle of a read: the run fails, state stays as it
// was, and the next run is none the worse.
func TestAccKilled_leavesNothingHalfWritten(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	parent := filepath.ToSlash(filepath.Join(t.TempDir(), "parent"))
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url = %q
  exec = {
    command = "sh"
    args    = ["-c", "echo $PPID > %[2]s.new; mv %[2]s.new %[2]s; cat '%[3]s'/$WECHAT_APPID"]
  }
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
resource "terraform_data" "user" { input = data.wechat_open_account.x.open_appid }
`, wechat.server.URL(), parent, wechat.tokens))
	expectExit(t, place, 0, "apply", "-auto-approve")
	state, err := os.ReadFile(filepath.Join(place.Dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	wechat.move(t, books, teaOpen)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour})
	before := wechat.Count(pathOpenGet)
	process, err := place.Start(t.Context(), "apply", "-auto-approve", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return wechat.Count(pathOpenGet) > before })
	written, err := os.ReadFile(parent)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := strconv.Atoi(strings.TrimSpace(string(written)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(provider, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	result, err := process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 1 {
		t.Errorf("exit code %d:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	if after, err := os.ReadFile(filepath.Join(place.Dir, "terraform.tfstate")); err != nil || string(after) != string(state) {
		t.Errorf("state is another than before: %v\n%s", err, after)
	}
	wechat.ClearFaults()
	expectExit(t, place, 0, "apply", "-auto-approve")
}
