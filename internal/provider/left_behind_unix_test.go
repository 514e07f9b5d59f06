//go:build unix

package provider

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// gone reports whether a process has ended; one that is dead and not yet waited for by its parent has.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

// expectGone waits until processes have ended, for far longer than that may take, and ends what is left.
func expectGone(t *testing.T, pids map[string]int) {
	t.Helper()
	late := time.Now().Add(30 * time.Second)
	for name, pid := range pids {
		waitFor(t, func() bool { return gone(pid) || time.Now().After(late) })
		if !gone(pid) {
			t.Errorf("%s is left behind", name)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// readPIDs reads the numbers of processes that a token program has written, each under the name that is given for it.
func readPIDs(t *testing.T, path string, names ...string) map[string]int {
	t.Helper()
	var written []byte
	waitFor(t, func() bool {
		var err error
		written, err = os.ReadFile(path)
		return err == nil
	})
	pids := map[string]int{}
	for number, field := range strings.Fields(string(written)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids[names[number]] = pid
	}
	return pids
}

// TestAccEngineKilled_leavesNoProcess ends the engine without a chance to end its provider, and sends its whole process
// group what a terminal, a time limit or a CI system sends one: neither provider nor token program outlives it.
func TestAccEngineKilled_leavesNoProcess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		level  string // of logs
		whole  bool   // the group, and not the engine alone
		signal syscall.Signal
		token  bool // WeChat is asked, and does not answer; else the program goes on for ten minutes
	}{
		{"the engine killed while WeChat is slow", "", false, syscall.SIGKILL, true},
		{"the engine killed while WeChat is slow, with logs", "TRACE", false, syscall.SIGKILL, true},
		{"the engine killed while a program runs", "", false, syscall.SIGKILL, false},
		{"the engine killed while a program runs, with logs", "TRACE", false, syscall.SIGKILL, false},
		{"the group terminated", "", true, syscall.SIGTERM, false},
		{"the group hung up", "", true, syscall.SIGHUP, false},
		{"the group told to quit", "", true, syscall.SIGQUIT, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour})
			pids := filepath.ToSlash(filepath.Join(t.TempDir(), "pids"))
			does := "wait"
			if test.token {
				does = "cat '" + wechat.tokens + "'/$WECHAT_APPID"
			}
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url        = %q
  request_timeout = "1h"
  exec = {
    command = "sh"
    args    = ["-c", "sleep 600 & echo $PPID $$ $! > %[2]s.new; mv %[2]s.new %[2]s; %[3]s"]
    timeout = "1h"
  }
}
data "wechat_open_account" "x" {
  appid    = "wx1000000000000004"
  timeouts = { read = "1h" }
}
`, wechat.server.URL(), pids, does))
			if test.level != "" {
				watch(place)
			}
			process, err := place.Start(t.Context(), "plan", "-no-color")
			if err != nil {
				t.Fatal(err)
			}
			processes := readPIDs(t, pids, "the provider", "the token program", "what the token program started")
			target, err := syscall.Getpgid(processes["the provider"]) // of the group that the engine leads
			if err != nil {
				t.Fatal(err)
			}
			if test.token {
				waitFor(t, func() bool { return wechat.Count(pathOpenGet) > 0 })
			}
			if test.whole {
				target = -target
			}
			if err := syscall.Kill(target, test.signal); err != nil {
				t.Fatal(err)
			}
			if result, err := process.Wait(); err != nil || result.ExitCode == 0 {
				t.Errorf("%v, exit code %d", err, result.ExitCode)
			}
			expectGone(t, processes)
		})
	}
}

// TestAccEngineIsProcessOne has the engine be process 1, as in a container: its provider's parent bears the number that
// else belongs to whoever takes orphans in, and a read goes on for longer than it takes to find an engine gone.
func TestAccEngineIsProcessOne(t *testing.T) {
	t.Parallel()
	var unshare []string
	for _, how := range [][]string{
		{"unshare", "--pid", "--fork", "--mount-proc"},
		{"unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"},
	} {
		if exec.CommandContext(t.Context(), how[0], append(how[1:], "true")...).Run() == nil {
			unshare = how
			break
		}
	}
	if unshare == nil {
		t.Skip("unshare makes no process namespace here: the engine was not run as process 1")
	}
	wechat := newLab(t, nil)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: 6 * time.Second})
	parent := filepath.Join(t.TempDir(), "parent")
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url = %q
  exec = {
    command = "sh"
    args    = ["-c", "read -r pid name state ppid rest < /proc/$PPID/stat; echo $ppid > '%s'; cat '%s'/$WECHAT_APPID"]
  }
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
output "open_appid" { value = data.wechat_open_account.x.open_appid }
`, wechat.server.URL(), parent, wechat.tokens))
	command := exec.CommandContext(t.Context(), unshare[0],
		append(unshare[1:], installed.Path, "apply", "-auto-approve", "-no-color")...)
	command.Dir, command.Env = place.Dir, place.Environ
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, said)
	}
	if got := outputs(t, place)["open_appid"]; got != booksOpen {
		t.Errorf("got %v", got)
	}
	if written, err := os.ReadFile(parent); err != nil || strings.TrimSpace(string(written)) != "1" {
		t.Errorf("the provider's parent was %q, %v, and not 1", written, err)
	}
}

// TestAccPrograms_leaveNothingRunning has token programs start others that outlive them, also after good runs.
func TestAccPrograms_leaveNothingRunning(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	folder := filepath.ToSlash(t.TempDir())
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url = %q
  exec = {
    command = "sh"
    args    = ["${path.module}/token.sh"]
    env     = { FOLDER = %q, TOKENS = %q }
  }
}
data "wechat_open_accounts" "all" {
  appids        = [%q, %q, %q]
  fail_on_error = false
}
output "status" { value = { for appid, account in data.wechat_open_accounts.all.accounts : appid => account.status } }
`, wechat.server.URL(), folder, wechat.tokens, tea, books, unbound))
	write(t, filepath.Join(place.Dir, "token.sh"), fmt.Sprintf(`
case $WECHAT_APPID in
%s) sleep 600 & ;; # holds the program's output open
*) sleep 600 >/dev/null 2>&1 & ;;
esac
echo $! > "$FOLDER/$WECHAT_APPID"
if [ $WECHAT_APPID = %s ]; then exit 3; fi
cat "$TOKENS/$WECHAT_APPID"
`, tea, unbound))
	expectExit(t, place, 0, "apply", "-auto-approve")
	want := map[string]any{tea: "bound", books: "bound", unbound: "error"}
	if got := outputs(t, place)["status"]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for appid := range want {
		expectGone(t, readPIDs(t, filepath.Join(folder, appid), "what the program of "+appid+" started"))
	}
}

// TestAccPipes_areNoFiles names pipes, to which nobody writes, where files belong.
func TestAccPipes_areNoFiles(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	place := workspace(t, required+`data "wechat_open_account" "x" { appid = "wx1000000000000004" }`,
		envBaseURL+"="+wechat.server.URL())
	without := place.Environ
	for _, environment := range [][]string{
		{envAccessTokenFile + "=" + pipe},
		{envAccessToken + "=" + wechat.Token(books), envCACertificateFile + "=" + pipe},
	} {
		place.Environ = append(without[:len(without):len(without)], environment...)
		expectWords(t, expectExit(t, place, 1, "plan").Stderr, "it is no plain file")
	}
}
