//go:build !windows

package engine

import (
	"os/exec"
	"strings"
	"testing"
)

// Where Go reaches no modules, make install says what to do. A build that fails for another reason is not put down to
// the network.
func TestInstall_withoutModules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ []string
		hints   bool
	}{
		"no module proxy":  {[]string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=off"}, true},
		"no scratch space": {[]string{"GOMODCACHE=" + goEnv(t, "GOMODCACHE"), "GOTMPDIR=/none"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			install := exec.CommandContext(t.Context(), "make", "install")
			install.Dir = root(t)
			install.Env = CleanEnviron("HOME="+t.TempDir(), "MAKEFLAGS=", "GOCACHE="+goEnv(t, "GOCACHE"))
			install.Env = append(install.Env, test.environ...)
			out, err := install.CombinedOutput()
			if err == nil {
				t.Fatalf("make install built it:\n%s", out)
			}
			if hints := strings.Contains(string(out), "Set GOPROXY to a module proxy"); hints != test.hints {
				t.Errorf("names the module proxy: %t, want %t:\n%s", hints, test.hints, out)
			}
		})
	}
}
