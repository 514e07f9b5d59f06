package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const workflows = "../../.github/workflows"

// releasing is the one workflow that holds a key, and may write; verifying may open an issue.
const (
	releasing = "release.yml"
	verifying = "verify.yml"
)

var (
	uses       = regexp.MustCompile(`^\s*(?:- )?uses:`)
	pinned     = regexp.MustCompile(`^\s*(?:- )?uses: ([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$`)
	running    = regexp.MustCompile(`^( *)(- )?run:`)
	secret     = regexp.MustCompile(`\bsecrets\b`)
	secretOnly = regexp.MustCompile(`^\s+\w+: \$\{\{ secrets\.[A-Z_]+ \}\}$`)
	writing    = regexp.MustCompile(`^\s+[\w-]+: write\b|^\s*permissions: \S`)
	opening    = regexp.MustCompile(`^      issues: write\b`)
	job        = regexp.MustCompile(`^  [\w-]+:$`)
)

// faults tells what in a workflow could let a stranger's code run with what it must not have. The linter looks after all else.
func faults(name, workflow string) []string {
	var found []string
	fault := func(line int, format string, args ...any) {
		found = append(found, fmt.Sprintf("%s:%d ", name, line+1)+fmt.Sprintf(format, args...))
	}
	if !strings.Contains(workflow, "\npermissions:\n  contents: read\n\n") {
		fault(0, "does not begin with permission to read the contents, and no more")
	}
	for _, event := range []string{"pull_request_target", "workflow_run", "issue_comment"} {
		if strings.Contains(workflow, event) {
			fault(0, "runs on %s, with secrets and on what strangers wrote", event)
		}
	}

	lines := strings.Split(workflow, "\n")
	script := -1 // how far the run: is indented that this line belongs to
	inJobs, timed := false, true
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if script >= 0 && strings.TrimSpace(line) != "" && indent <= script {
			script = -1
		}
		if match := running.FindStringSubmatch(line); match != nil {
			script = len(match[1]) + len(match[2])
		}
		if script >= 0 && strings.Contains(line, "${{") {
			fault(i, "has an expression in a script: hand it over in env")
		}
		if uses.MatchString(line) && !pinned.MatchString(line) {
			fault(i, "uses what is not pinned to a commit, with its version beside: %s", strings.TrimSpace(line))
		}
		if secret.MatchString(line) && (name != releasing || !secretOnly.MatchString(line) || script >= 0) {
			fault(i, "has a secret where none belongs")
		}
		if writing.MatchString(line) && name != releasing && (name != verifying || !opening.MatchString(line)) {
			fault(i, "asks for more than to read")
		}
		switch {
		case job.MatchString(line) && inJobs:
			if !timed {
				fault(i, "has a job before this line without timeout-minutes")
			}
			timed = false
		case line == "jobs:":
			inJobs = true
		case strings.HasPrefix(line, "    timeout-minutes: "):
			timed = true
		}
	}
	if !timed {
		fault(len(lines)-1, "has a last job without timeout-minutes")
	}
	return found
}

// TestWorkflows holds the workflows to it, and all of them to the same commit of an action.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(workflows)
	if err != nil {
		t.Fatal(err)
	}
	commits := map[string][]string{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(workflows, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults(entry.Name(), string(content)) {
			t.Error(fault)
		}
		for line := range strings.Lines(string(content)) {
			match := pinned.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if match != nil && !slices.Contains(commits[match[1]], match[2]) {
				commits[match[1]] = append(commits[match[1]], match[2])
			}
		}
	}
	if len(commits["actions/checkout"]) == 0 {
		t.Error("no workflow checks this repository out: they were not read")
	}
	for action, at := range commits {
		if len(at) > 1 {
			t.Errorf("%s is pinned to several commits: %v", action, at)
		}
	}
}

// What the test above looks for, it finds.
func TestFaults(t *testing.T) {
	t.Parallel()
	const good = `name: test
on:
  push:

permissions:
  contents: read

jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - name: make
        run: |
          make test

          make lint
        env:
          ENGINE: ${{ matrix.engine }}
`
	for name, test := range map[string]struct {
		file, old, new string
		want           string
	}{
		"nothing": {old: "make lint", new: "make demo"},
		"a tag": {
			old: "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", new: "@v7",
			want: "test.yml:13 uses what is not pinned",
		},
		"a commit without its version": {
			old: " # v7.0.1", new: "",
			want: "test.yml:13 uses what is not pinned",
		},
		"a short commit": {
			old: "3d3c42e5aac5ba805825da76410c181273ba90b1", new: "3d3c42e",
			want: "test.yml:13 uses what is not pinned",
		},
		"no permissions": {
			old: "permissions:\n  contents: read\n\n", new: "",
			want: "test.yml:1 does not begin with permission to read",
		},
		"all permissions": {
			old: "permissions:\n  contents: read\n", new: "permissions: write-all\n",
			want: "test.yml:5 asks for more than to read",
		},
		"a permission more": {
			old: "    timeout-minutes: 5\n", new: "    timeout-minutes: 5\n    permissions:\n      contents: write\n",
			want: "test.yml:13 asks for more than to read",
		},
		"issues, where something differs": {
			file: verifying, old: "    timeout-minutes: 5\n", new: "    timeout-minutes: 5\n    permissions:\n      issues: write\n",
		},
		"more than issues there": {
			file: verifying, old: "    timeout-minutes: 5\n", new: "    timeout-minutes: 5\n    permissions:\n      contents: write\n",
			want: "verify.yml:13 asks for more than to read",
		},
		"issues elsewhere": {
			old: "    timeout-minutes: 5\n", new: "    timeout-minutes: 5\n    permissions:\n      issues: write\n",
			want: "test.yml:13 asks for more than to read",
		},
		"a stranger's pull request": {
			old: "  push:", new: "  pull_request_target:",
			want: "runs on pull_request_target",
		},
		"no end": {
			old: "    timeout-minutes: 5\n", new: "",
			want: "has a last job without timeout-minutes",
		},
		"an expression in a script": {
			old: "make lint", new: "make ${{ github.head_ref }}",
			want: "test.yml:18 has an expression in a script",
		},
		"an expression in a script of one line": {
			old: "- name: make\n", new: "- run: echo ${{ github.head_ref }}\n",
			want: "test.yml:14 has an expression in a script",
		},
		"a secret outside the release": {
			old: "matrix.engine", new: "secrets.PASSPHRASE",
			want: "test.yml:20 has a secret where none belongs",
		},
		"a secret in the release": {
			file: releasing, old: "matrix.engine", new: "secrets.PASSPHRASE",
		},
		"a secret in the release's script": {
			file: releasing, old: "make lint", new: "sign: ${{ secrets.PASSPHRASE }}",
			want: "release.yml:18 has a secret where none belongs",
		},
		"all secrets": {
			file: releasing, old: "${{ matrix.engine }}", new: "${{ toJSON(secrets) }}",
			want: "release.yml:20 has a secret where none belongs",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, test.old) {
				t.Fatalf("the sample has no %q", test.old)
			}
			file := test.file
			if file == "" {
				file = "test.yml"
			}
			found := strings.Join(faults(file, strings.Replace(good, test.old, test.new, 1)), "\n")
			if test.want == "" && found != "" || !strings.Contains(found, test.want) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}
