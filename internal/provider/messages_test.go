package provider

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// Messages are kept in testdata/messages, one file for each test that provokes them, so that a change of a message is
// seen where it is reviewed, and so that what the pages quote can be found without an engine.

var update = flag.Bool("update", false, "write files that tests compare with")

// diagnostic is a message as an engine passes it on in JSON: not wrapped, and apart from the engine's own words.
type diagnostic struct {
	Severity, Summary, Detail string
	Address                   string // of the data source
}

func (m diagnostic) String() string {
	severity := strings.ToUpper(m.Severity[:1]) + m.Severity[1:]
	return severity + ": " + m.Summary + "\n\n" + strings.TrimSpace(m.Detail) + "\n"
}

// diagnosticsIn are the diagnostics of a run with -json.
func diagnosticsIn(result engine.Result) []diagnostic {
	var found []diagnostic
	for line := range strings.Lines(result.Stdout) {
		var event struct{ Diagnostic *diagnostic }
		if err := json.Unmarshal([]byte(line), &event); err == nil && event.Diagnostic != nil {
			found = append(found, *event.Diagnostic)
		}
	}
	return found
}

// errorsAbout are the errors of the numbered read.
func errorsAbout(diagnostics []diagnostic, number int) []string {
	var own []string
	for _, message := range diagnostics {
		if message.Severity == "error" && strings.HasSuffix(message.Address, fmt.Sprintf(".d%d", number)) {
			own = append(own, message.String())
		}
	}
	return own
}

// differsByRun are the parts of messages that no two runs have in common.
var differsByRun = []struct {
	pattern *regexp.Regexp
	written string
}{
	{regexp.MustCompile(`starts at "/[^"]*"`), `starts at "FOLDER"`},
	{regexp.MustCompile(regexp.QuoteMeta(errorsPage)), "PAGE"},
	{regexp.MustCompile(`127\.0\.0\.1:\d{2,5}`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}\b`), "RID"},
	{regexp.MustCompile(`\bwx0{10,}[0-9a-f]{4}\b`), "APPID"},
}

// kept is a message with the name of what provoked it.
type kept struct{ name, message string }

// expectKept compares messages with those that a file keeps. Folders are written by the names that they are given.
func expectKept(t *testing.T, file string, messages []kept, folders map[string]string) {
	t.Helper()
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return // a part of the tests runs
	}
	var replaced []string
	for name, folder := range folders {
		replaced = append(replaced, folder, name, filepath.ToSlash(folder), name)
	}
	var got strings.Builder
	for _, each := range messages {
		text := strings.NewReplacer(replaced...).Replace("=== " + each.name + "\n" + each.message + "\n")
		for _, part := range differsByRun {
			text = part.pattern.ReplaceAllString(text, part.written)
		}
		got.WriteString(text)
	}
	expectFile(t, filepath.Join("testdata", "messages", file), got.String())
}

// keep returns a function that collects what parallel tests of a table provoke, for a file in the order of their names.
func keep(t *testing.T, file string) (add func(name string, diagnostics []diagnostic)) {
	t.Helper()
	var mutex sync.Mutex
	texts := map[string]string{}
	t.Cleanup(func() {
		var all []kept
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			all = append(all, kept{name, texts[name]})
		}
		expectKept(t, file, all, nil)
	})
	return func(name string, diagnostics []diagnostic) {
		mutex.Lock()
		defer mutex.Unlock()
		for _, each := range diagnostics {
			texts[name] += each.String()
		}
	}
}

// expectFile compares a text with a file, or writes the file anew with -update.
func expectFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, path, got)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s keeps something else; where the change is meant, run the test with -args -update\n"+
			"-want +got:\n%s", path, diff)
	}
}
