//go:build unix

package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// chaosProgram is a token program that does to each account what a file of its name says, and notes that it ran.
const chaosProgram = `
echo $$ >> "$FOLDER/ran/$WECHAT_APPID"
token="$FOLDER/$WECHAT_APPID"
case $(cat "$FOLDER/does/$WECHAT_APPID") in
fail) echo "refused: $(cat "$token")" >&2; exit 3 ;;
hang) sleep 600 & sleep 600 ;;
nothing) ;;
two) cat "$token" "$token" ;;
flood) yes "$(cat "$token")" ;;
sibling) cat "$FOLDER/$SIBLING" ;;
stale) if [ "$WECHAT_TOKEN_REJECTED" = true ]; then cat "$token"; else echo 61_dead_and_never_to_be_taken_by_anybody; fi ;;
json) printf '{"access_token":"%s","expires_in":7200}' "$(cat "$token")" ;;
*) cat "$token" ;;
esac
`

// halfClosed closes a connection in one direction, with half an answer on the way, and goes on listening.
func halfClosed(_ *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
	connection, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = connection.Close() }()
	_, _ = fmt.Fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", answer.Body.Len(), answer.Body.Bytes()[:answer.Body.Len()/2])
	_ = out.Flush()
	if end, ok := connection.(*net.TCPConn); ok {
		_ = end.CloseWrite()
	}
	_, _ = connection.Read(make([]byte, 1)) // the client closes, or its process ends
}

// TestAccChaos is chaos in earnest: the built provider, a real engine, connections of the kernel's and programs that
// print tokens. What takes minutes on a real clock is left to TestChaos.
func TestAccChaos(t *testing.T) {
	t.Parallel()
	accounts := *chaosAccounts / 5
	for seed := *chaosFirst; seed < *chaosFirst+*chaosSeeds; seed++ {
		files := t.TempDir()
		c := newChaos(t, seed, attributeExec, files, accounts, 1)
		c.latency = 20 * time.Millisecond
		c.faults = append(slices.DeleteFunc(slices.Clone(ofWeChat), func(each misfortune) bool { return each.name == "45011" || each.name == "a byte a second" }),
			misfortune{"half-closed", 6, halfClosed})
		var open, underWay, most, total atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A request is over when it is answered, or when its client has given it up.
			over := sync.OnceFunc(func() { underWay.Add(-1) })
			context.AfterFunc(r.Context(), over)
			defer over()
			for now := underWay.Add(1); now > most.Load(); {
				most.Store(now)
			}
			c.serveWeChat(w, r)
		}))
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				total.Add(1)
				open.Add(1)
			case http.StateClosed, http.StateHijacked:
				open.Add(-1)
			}
		}
		server.Start()
		t.Cleanup(server.Close)

		for _, folder := range []string{"ran", "does"} {
			if err := os.Mkdir(filepath.Join(files, folder), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		hung := 0
		for _, appid := range c.fleet {
			does := []string{"", "", "", "", "", "", "", "", "", "json", "json", "json", "stale", "stale", "sibling", "fail", "nothing", "two", "flood", "hang"}[c.dice("program", appid).IntN(20)]
			if does == "hang" {
				if hung++; hung > 8 {
					does = "" // they take their time on a real clock
				}
			}
			if does != "" {
				c.struck["program: "+does]++
			}
			write(t, filepath.Join(files, "does", appid), does)
		}
		place := watched(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url        = %q
  request_timeout = "500ms"
  max_retries     = %d
  exec = {
    command = "sh"
    args    = ["${path.module}/token.sh"]
    env     = { FOLDER = %q, SIBLING = %q }
    timeout = "3s"
  }
}
data "wechat_open_accounts" "all" {
  appids        = ["%s"]
  fail_on_error = false
}
output "all" { value = data.wechat_open_accounts.all }
`, server.URL, chaosRetries, files, c.singles[0], strings.Join(c.fleet, `", "`)))
		write(t, filepath.Join(place.Dir, "token.sh"), chaosProgram)
		begun := time.Now()
		result := expectExit(t, place, 0, "apply", "-auto-approve")
		took := time.Since(begun)

		state, _ := outputs(t, place)["all"].(map[string]any)
		failed := c.checkFleet(state)
		c.checkRequests()
		waitFor(t, func() bool { return open.Load() == 0 })
		c.checkPrograms()
		trace, err := os.ReadFile(filepath.Join(place.Dir, "trace.log"))
		if err != nil {
			t.Fatal(err)
		}
		c.checkSecrets(result.Stdout + result.Stderr + string(trace))
		expectNoSecret(t, place, []engine.Result{result}, c.issued[:50])
		if most.Load() > 32 {
			t.Errorf("seed %d: %d requests were under way at once, want at most 32", seed, most.Load())
		}
		var children syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children); err != nil {
			t.Fatal(err)
		}
		c.report(len(c.fleet)-failed, failed, int(total.Load()), children.Maxrss<<10)
		t.Logf("seed %d: that took %s in real time, and the memory is the most that any child process held, race detector and all", seed, took.Round(time.Second))
	}
}

// checkPrograms sees that each program ran at most twice for an account, and that none of them is left.
func (c *chaos) checkPrograms() {
	for _, appid := range c.fleet {
		written, err := os.ReadFile(filepath.Join(c.files, "ran", appid))
		if err != nil {
			c.t.Error(err)
			continue
		}
		ran := strings.Fields(string(written))
		if len(ran) > 2 {
			c.t.Errorf("seed %d: the program of %s ran %d times", c.seed, appid, len(ran))
		}
		for _, number := range ran {
			pid, err := strconv.Atoi(number)
			if err != nil {
				c.t.Error(err)
				continue
			}
			// A program leads a process group of its own, which is there as long as any of it is.
			if err := syscall.Kill(-pid, 0); !errors.Is(err, syscall.ESRCH) {
				c.t.Errorf("seed %d: of the program of %s something is left: %v", c.seed, appid, err)
			}
		}
	}
}
