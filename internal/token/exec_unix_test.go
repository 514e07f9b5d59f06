//go:build unix

package token

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shell is a source that runs a shell script.
func shell(script string, change func(*ExecConfig)) Source {
	config := ExecConfig{Command: "sh", Args: []string{"-c", script}, Timeout: time.Minute}
	if change != nil {
		change(&config)
	}
	return Exec(Description{Setting: "exec", PerAppID: true}, config)
}

func TestExecReadsWhatAProgramPrints(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   string
		life   time.Duration
	}{
		"a bare token":                {script: `echo 61_one`, want: "61_one"},
		"without a line break":        {script: `printf 61_one`, want: "61_one"},
		"JSON":                        {script: `echo '{"access_token":"61_one"}'`, want: "61_one"},
		"JSON with a life":            {script: `echo '{"access_token":"61_one","expires_in":7200}'`, want: "61_one", life: 2 * time.Hour},
		"JSON with a life as text":    {script: `echo '{"access_token":"61_one","expires_in":"7200"}'`, want: "61_one", life: 2 * time.Hour},
		"JSON with a life of null":    {script: `echo '{"access_token":"61_one","expires_in":null}'`, want: "61_one"},
		"JSON with a life of -1":      {script: `echo '{"access_token":"61_one","expires_in":-1}'`, want: "61_one"},
		"JSON over several lines":     {script: `printf '\n{\n  "access_token": "61_one"\n}\n'`, want: "61_one"},
		"JSON that is one text":       {script: `echo '"61_one"'`, want: "61_one"},
		"with talk on standard error": {script: `echo working >&2; echo 61_one`, want: "61_one"},
		"made of what it is told":     {script: `echo "61_${WECHAT_APPID}_$0${WECHAT_TOKEN_REJECTED}"`, want: "61_" + appid + "_sh"},
		"with its left-over children": {script: `sleep 60 & echo 61_one`, want: "61_one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			got, err := shell(test.script, nil).Fetch(t.Context(), Request{AppID: appid})
			if err != nil || got.Value != test.want {
				t.Fatalf("got %+v, %v, want %q", got, err, test.want)
			}
			if life := got.Expires.Sub(begun); (test.life == 0) != got.Expires.IsZero() || test.life > 0 && (life < test.life || life > test.life+time.Minute) {
				t.Errorf("it ends at %s, want %s from now", got.Expires, test.life)
			}
		})
	}
}

func TestExecSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-and-more"
	for name, test := range map[string]struct {
		script string
		change func(*ExecConfig)
		want   Reason
		says   string // what is told of it, and its own words
	}{
		"nothing":                     {script: `true`, want: InvalidOutput},
		"two lines":                   {script: `echo 61_one; echo 61_two`, want: InvalidOutput},
		"an error where a token goes": {script: `echo "NOAUTH Authentication required."`, want: InvalidOutput},
		"half a quotation":            {script: `echo '"61_one'`, want: InvalidOutput},
		"what jq prints for nothing":  {script: `echo null`, want: InvalidOutput},
		"a failure":                   {script: `echo "cannot reach redis" >&2; exit 3`, want: CommandFailed, says: "exit status 3 cannot reach redis"},
		"a failure after a token":     {script: `echo 61_one; exit 1`, want: CommandFailed, says: "exit status 1"},
		"JSON without a token":        {script: `echo '{"token":"61_one"}'`, want: NoToken},
		"JSON with an empty token":    {script: `echo '{"access_token":""}'`, want: NoToken},
		"JSON with a number":          {script: `echo '{"access_token":61}'`, want: NoToken},
		"JSON with two tokens":        {script: `echo '{"access_token":"61_one","access_token":"61_two"}'`, want: RepeatedName},
		"half of JSON":                {script: `echo '{"access_token":"61_one"'`, want: NotJSON},
		"JSON with a wrong life":      {script: `echo '{"access_token":"61_one","expires_in":"soon"}'`, want: NoLifetime},
		"megabytes":                   {script: `yes 61_one`, want: OutputTooLarge},
		"megabytes of talk":           {script: `yes talk | head -n 1000000 >&2; exit 1`, want: CommandFailed, says: "talk"},
		"no end":                      {script: `sleep 600`, change: func(c *ExecConfig) { c.Timeout = 50 * time.Millisecond }, want: CommandTimeout, says: "50ms"},
		"no such program":             {change: func(c *ExecConfig) { c.Command = "no-such-program-anywhere" }, want: CommandNotFound},
		"no such path":                {change: func(c *ExecConfig) { c.Command = "/no/such/program" }, want: CommandNotFound},
		"a command line": {
			change: func(c *ExecConfig) { c.Command = "redis-cli -a hunter2-and-more get x" }, want: CommandNotFound,
		},
		"no program":               {change: func(c *ExecConfig) { c.Command = os.TempDir() }, want: CommandForbidden},
		"an appid that leads away": {change: func(c *ExecConfig) { c.Args = []string{"{appid}"} }, want: InvalidAppID},
		"a secret on standard error": {
			script: `echo "key $KEY, token=61_abcdefg" >&2; exit 1`, change: func(c *ExecConfig) { c.Env = map[string]string{"KEY": secret} },
			want: CommandFailed, says: "key [redacted], token=[redacted]",
		},
		"the token on standard error": {script: `echo odd.token!; echo "printed odd.token!" >&2; exit 1`, want: CommandFailed, says: "printed [redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := Request{AppID: appid}
			if strings.Contains(name, "leads away") {
				request.AppID = "../x"
			}
			got, err := shell(test.script, test.change).Fetch(t.Context(), request)
			var failed *Error
			if !errors.As(err, &failed) || failed.Reason != test.want || got.Value != "" {
				t.Fatalf("got %+v, %v, want %q", got, err, test.want)
			}
			shown := failed.Detail + " " + failed.Quote
			if !strings.Contains(shown, test.says) {
				t.Errorf("%q is not said in %q", test.says, shown)
			}
			if strings.Contains(shown, "61_") || strings.Contains(shown, secret) {
				t.Errorf("shows a secret: %s", shown)
			}
		})
	}
}

func TestExecEnvironment(t *testing.T) {
	t.Setenv("WECHAT_ACCESS_TOKEN", "hunter2")
	t.Setenv("TF_VAR_token", "hunter2")
	t.Setenv("REDIS_HOST", "redis")
	t.Setenv("WECHAT_TOKEN_REJECTED", "true")
	t.Setenv("WECHAT_OF_TOMORROW", "hunter2")
	t.Setenv("TF_CLI_ARGS_plan", "-var token=hunter2")
	const script = `echo "$REDIS_HOST/$WECHAT_ACCESS_TOKEN/$TF_VAR_token/$ADDED/$WECHAT_APPID/$WECHAT_TOKEN_REJECTED/$WECHAT_OF_TOMORROW$TF_CLI_ARGS_plan"`
	source := shell(script, func(c *ExecConfig) {
		c.Env = map[string]string{"ADDED": "added", "WECHAT_APPID": "not this"}
	})
	for rejected, want := range map[bool]string{false: "redis///added/" + appid + "//", true: "redis///added/" + appid + "/true/"} {
		if got, err := source.Fetch(t.Context(), Request{AppID: appid, Rejected: rejected}); err != nil || got.Value != want {
			t.Errorf("got %q, %v, want %q", got.Value, err, want)
		}
	}
}

// TestExecLeavesNothingBehind cancels a program that has started another, and waits for both to be gone.
func TestExecLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	ctx, cancel := context.WithCancel(t.Context())
	source := shell(`sleep 600 & echo $! $$ > "$PIDS.new"; mv "$PIDS.new" "$PIDS"; wait`, func(c *ExecConfig) { c.Env = map[string]string{"PIDS": pids} })
	ended := make(chan error, 1)
	go func() {
		_, err := source.Fetch(ctx, Request{AppID: appid})
		ended <- err
	}()
	var written []byte
	eventually(t, func() bool {
		var err error
		written, err = os.ReadFile(pids)
		return err == nil
	})
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancellation", err)
	}
	for _, field := range strings.Fields(string(written)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return gone(pid) })
	}
}

// gone reports whether a process has ended; one that is dead and not yet waited for by its parent has.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

// eventually waits until something is so that another process brings about.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("it never came about")
		}
	}
}

func TestExecRunsEightAtOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	source := shell(`touch "$DIR/$WECHAT_APPID"; exec sleep 600`, func(c *ExecConfig) { c.Env = map[string]string{"DIR": folder} })
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for number := range execConcurrency + 4 {
		group.Go(func() { _, _ = source.Fetch(ctx, Request{AppID: "wx" + strconv.Itoa(number)}) })
	}
	running := func() int {
		marks, err := os.ReadDir(folder)
		if err != nil {
			t.Error(err)
		}
		return len(marks)
	}
	eventually(t, func() bool { return running() >= execConcurrency })
	// Whoever could run has had as long again to begin as the first eight took together.
	if _, err := shell(`sleep 0.2; echo 61_one`, nil).Fetch(t.Context(), Request{AppID: appid}); err != nil {
		t.Error(err)
	}
	if got := running(); got != execConcurrency {
		t.Errorf("%d programs run at once, want %d", got, execConcurrency)
	}
	cancel()
	group.Wait()
}
