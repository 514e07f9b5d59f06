//go:build unix

package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What gotestsum counts stands in the table, and whatever keeps tests from passing is a failure.
func TestEngines(t *testing.T) {
	t.Parallel()
	const head = "engine              tests  passed  failed  skipped      time  demo\n"
	for name, test := range map[string]struct {
		engines  []string
		reported string // by gotestsum
		exitCode string // gotestsum's
		demo     string // the demo's program
		want     string
		succeeds bool
	}{
		"all pass": {
			engines: []string{"one", "./one"}, reported: "DONE 812 tests, 9 skipped in 83.215s", succeeds: true,
			want: head + "OpenTofu 1.12.6       812     803       0        9   83.215s  passed\n" +
				"OpenTofu 1.12.6       812     803       0        9   83.215s  passed\n",
		},
		"tests and a whole package fail": {
			engines: []string{"one"}, exitCode: "1",
			reported: "=== FAIL: broken  (0.00s)\n\n=== FAIL: mixed TestParts (0.00s)\n\n" +
				"DONE 11 tests, 3 skipped, 2 failures, 1 error in 0.3s",
			want: head + "OpenTofu 1.12.6        12       7       2        3      0.3s  passed\n",
		},
		"no test is run": {
			engines: []string{"one"}, reported: "DONE 0 tests in 0.1s",
			want: head + "OpenTofu 1.12.6         0       0       0        0      0.1s  passed\n",
		},
		"the demo fails": {
			engines: []string{"one"}, reported: "DONE 1 tests in 0.1s", demo: `panic("no open account")`,
			want: head + "OpenTofu 1.12.6         1       1       0        0      0.1s  FAILED\n",
		},
		"no engine":      {want: "name some in ENGINES"},
		"no such engine": {engines: []string{"one", "two"}, want: "two cannot be run: name those that are to run"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script, err := os.ReadFile("test-engines.sh")
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			writeFiles(t, dir, map[string]string{
				"scripts/test-engines.sh": string(script), "go.mod": "module example.com/p\n\ngo 1.26\n",
				"internal/demo/main.go":   "package main\n\nfunc main() { " + test.demo + " }\n",
				"internal/p/p_test.go":    "package p // engine.Find()\n",
				"internal/q/none_test.go": "package q\n",
				"one":                     "#!/bin/sh\nprintf 'OpenTofu v1.12.6\\non plan9_amd64\\n'\n",
				"gotestsum": "#!/bin/sh\necho '" + test.reported + "'\nfor argument; do last=$argument; done\n" +
					"[ \"$last\" = ./internal/p ] && cd internal && \"$ENGINE\" >/dev/null && exit " + test.exitCode + "\n",
			})
			args := append([]string{"scripts/test-engines.sh"}, test.engines...)
			cmd := exec.CommandContext(t.Context(), "sh", args...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if (err == nil) != test.succeeds || !strings.Contains(string(out), test.want) {
				t.Errorf("ended with %v, want\n%s, got\n%s", err, test.want, out)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".cache", "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// writeFiles writes files below a directory, all of them executable.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}
