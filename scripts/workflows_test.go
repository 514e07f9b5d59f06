package scripts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// releasing is the one workflow that holds a key, and may write.
const releasing = "release.yml"

// rules say what no line of a workflow may have, so that no stranger's code runs with what it must not have. actionlint
// looks after all else.
var rules = []struct {
	name        string
	found       *regexp.Regexp
	allowed     *regexp.Regexp // lines that are found and well
	mayRelease  bool           // not for the workflow that releases
	scriptsOnly bool
	example     string
}{
	{
		name:    "what is used is pinned to a commit, with its version beside",
		found:   regexp.MustCompile(`\buses:`),
		allowed: regexp.MustCompile(`^\s*(- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`),
		example: "      - uses: actions/checkout@v7",
	},
	{
		name:    "nothing runs with secrets on what strangers wrote",
		found:   regexp.MustCompile(`pull_request_target|workflow_run|issue_comment`),
		example: "  pull_request_target:",
	},
	{
		name:       "only the release may do more than read",
		found:      regexp.MustCompile(`^\s+[\w-]+: write\b|^\s*permissions: \S`),
		mayRelease: true,
		example:    "      contents: write",
	},
	{
		name:       "only the release has secrets",
		found:      regexp.MustCompile(`\bsecrets\b`),
		mayRelease: true,
		example:    "          PASSPHRASE: ${{ secrets.PASSPHRASE }}",
	},
	{
		name:    "a secret stands alone in a setting",
		found:   regexp.MustCompile(`\bsecrets\b`),
		allowed: regexp.MustCompile(`^\s+\w+: \$\{\{ secrets\.[A-Z_]+ \}\}$`),
		example: "          ALL: ${{ toJSON(secrets) }}",
	},
	{
		name:        "a script gets values from env, not from expressions",
		found:       regexp.MustCompile(`\$\{\{`),
		scriptsOnly: true,
		example:     "      - run: echo ${{ github.head_ref }}",
	},
}

// verifying is the workflow that may open an issue, where WeChat differs from what is believed of it.
const verifying = "verify.yml"

var (
	runsOf  = regexp.MustCompile(`run: (make|go)`)
	opening = regexp.MustCompile(`^ {6}issues: write\b`)
	running = regexp.MustCompile(`^( *)(- )?run:`)
	job     = regexp.MustCompile(`(?m)^  [\w-]+:\n    `)
)

// faults lists the rules that a workflow breaks.
func faults(file, workflow string) (found []string) {
	if !strings.Contains(workflow, "\npermissions:\n  contents: read\n\n") {
		found = append(found, "it may read the contents, and no more")
	}
	_, jobs, _ := strings.Cut(workflow, "\njobs:\n")
	if strings.Count(jobs, "\n    timeout-minutes: ") != len(job.FindAllString(jobs, -1)) {
		found = append(found, "each job has timeout-minutes")
	}
	script := -1 // how far the run: is indented that this line belongs to
	for line := range strings.SplitSeq(workflow, "\n") {
		if strings.TrimSpace(line) != "" && len(line)-len(strings.TrimLeft(line, " ")) <= script {
			script = -1
		}
		if match := running.FindStringSubmatch(line); match != nil {
			script = len(match[1]) + len(match[2])
		}
		for _, rule := range rules {
			allowed := rule.allowed != nil && rule.allowed.MatchString(line) || rule.mayRelease && file == releasing ||
				rule.scriptsOnly && script < 0 || file == verifying && opening.MatchString(line)
			if rule.found.MatchString(line) && !allowed {
				found = append(found, rule.name+": "+line)
			}
		}
	}
	return found
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no workflows", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		workflow := string(content)
		for _, fault := range faults(filepath.Base(file), workflow) {
			t.Errorf("%s: %s", file, fault)
		}

		// What is looked for is found, in the middle of this workflow too.
		broken := map[string]string{
			"it may read the contents": strings.Replace(workflow, "  contents: read", "  contents: none", 1),
			"each job has":             strings.Replace(workflow, "    timeout-minutes: ", "    minutes: ", 1),
			"a script gets values":     runsOf.ReplaceAllString(workflow, "run: |\n\n          ${{ x }}; $1"),
		}
		for _, rule := range rules {
			if !rule.mayRelease || filepath.Base(file) != releasing {
				broken[rule.name] = strings.Replace(workflow, "    steps:\n", "    steps:\n"+rule.example+"\n", 1)
			}
		}
		for want, content := range broken {
			if found := strings.Join(faults(filepath.Base(file), content), "\n"); !strings.Contains(found, want) {
				t.Errorf("%s: with a fault put in, %q is not among %q", file, want, found)
			}
		}
	}
}
