//go:build !windows

package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

// TestRun_interrupted keeps what was learned until Ctrl-C, also on disk.
func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{})
	s, address := wechat(t, func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/sameentity") && r.URL.RawQuery != "" {
				close(reached)
				<-r.Context().Done()
				return
			}
			inner.ServeHTTP(w, r)
		})
	})
	path := filepath.Join(t.TempDir(), "record.json")
	cmd := command(t.Context(), holding(s, tea, unbound), "-yes", "-json", "-base-url", address, "-record", path)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	found := outcomes(t, stdout.String())
	if found["open_get.bound"].Outcome != facts.Confirmed || found["open_sameentity.boolean"].Came != "interrupted" {
		t.Errorf("%v, %v", found["open_get.bound"], found["open_sameentity.boolean"])
	}
	if code := cmd.ProcessState.ExitCode(); code != 1 ||
		!strings.Contains(stderr.String(), "wechat-verify: interrupted") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if record, err := facts.ReadRecord(path); err != nil || len(record.Exchanges) < 15 {
		t.Errorf("%d exchanges, %v", len(record.Exchanges), err)
	}
}
