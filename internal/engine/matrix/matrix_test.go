package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// fakeEngine makes this test program an engine that introduces itself as it says.
const fakeEngine = "FAKE_ENGINE"

func TestMain(m *testing.M) {
	if said := os.Getenv(fakeEngine); said != "" {
		fmt.Println(said)
		return
	}
	os.Exit(m.Run())
}

// The module in testdata has a test for each way to end. The go tool that runs this test runs them.
func TestGoTest_countsEachTestOnce(t *testing.T) {
	t.Parallel()
	var progress strings.Builder
	r := goTest(t.Context(), "testdata/module", os.Environ(), []string{"-count=1", "./..."}, &progress)

	if want := 4; r.passed != want { // TestPasses, TestEndsBefore and two parts
		t.Errorf("%d passed, want %d", r.passed, want)
	}
	want := []test{
		{"mixed.TestSkips", "the moon is full"},
		{"mixed.TestSkipsSilently", "no reason is given"},
		{"mixed.TestHasParts/skips", "Mercury has no moon"},
	}
	if diff := cmp.Diff(want, r.skipped, cmp.AllowUnexported(test{})); diff != "" {
		t.Errorf("skipped, -want +got:\n%s", diff)
	}
	failed := map[string]string{}
	for _, f := range r.failed {
		failed[f.name] = f.said
	}
	says := map[string]string{
		"mixed.TestHasParts/fails":      "the part is broken",
		"mixed.TestFailsBesideItsParts": "the whole is broken",
		"broken":                        "t.Moon undefined",
		"exits.TestNeverEnds":           "the lights go out",
		"refuses":                       "there is no moon",
	}
	if got, want := slices.Sorted(maps.Keys(failed)), slices.Sorted(maps.Keys(says)); !slices.Equal(got, want) || len(r.failed) != len(want) {
		t.Errorf("failed %q, want %q", got, want)
	}
	for name, want := range says {
		if !strings.Contains(failed[name], want) {
			t.Errorf("%s does not say %q:\n%s", name, want, failed[name])
		}
	}
	for _, pkg := range []string{"mixed", "broken", "exits", "refuses"} {
		if line := "fail\texample.com/module/" + pkg + "\t"; !strings.Contains(progress.String(), line) {
			t.Errorf("progress has no line %q:\n%s", line, progress.String())
		}
	}
}

// Whatever keeps the tests from running is a failure, and says so.
func TestGoTest_isNoSuccessWithoutTests(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for name, run := range map[string]struct {
		ctx  context.Context
		args []string
		says string
	}{
		"nothing is run":    {t.Context(), []string{"-run=^$", "./mixed"}, "it ran no test"},
		"no such count":     {t.Context(), []string{"-count=many"}, "exit status"},
		"no such directory": {t.Context(), []string{"./none"}, "directory not found"},
		"no time":           {ended, []string{"./mixed"}, "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := goTest(run.ctx, "testdata/module", os.Environ(), run.args, io.Discard)
			if len(r.failed) != 1 || !strings.Contains(r.failed[0].said, run.says) {
				t.Errorf("got %+v, want one failure that says %q", r, run.says)
			}
		})
	}
}

func TestFind_takesEachEngineOnce(t *testing.T) {
	t.Setenv(fakeEngine, "OpenTofu v1.12.6")
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "tofu")
	if err := os.Symlink(self, other); err != nil {
		t.Skip("there are no symbolic links here:", err)
	}
	engines, err := find(t.Context(), []string{self, other})
	if err != nil || len(engines) != 1 || engines[0].String() != "OpenTofu 1.12.6" {
		t.Errorf("got %v and %v, want one engine", engines, err)
	}

	for _, test := range []struct {
		wanted []string
		says   string
	}{
		{nil, "there is no engine to run"},
		{[]string{self, "no-such-engine"}, "no-such-engine cannot be run: name those that are to run in ENGINES"},
	} {
		if _, err := find(t.Context(), test.wanted); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: got %v, want an error that says %q", test.wanted, err, test.says)
		}
	}
}

func TestTestedPackages(t *testing.T) {
	t.Parallel()
	root, err := engine.ModuleRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	packages, err := testedPackages(t.Context(), root, enginePackage)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"engine": true, "provider": true, "engine/schema": false, "wire": false} {
		full := strings.TrimSuffix(enginePackage, "engine") + name
		if got := slices.Contains(packages, full); got != want {
			t.Errorf("%s is among them: %t, want %t", full, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := table([]result{
		{engine: "Terraform 1.5.7", passed: 7, skipped: []test{
			{"provider.TestB", "Terraform 1.5.7 has no ephemeral variables"},
			{"provider.TestC", "redis-cli is not on the PATH"},
			{"provider.TestA", "Terraform 1.5.7 has no ephemeral variables"},
		}, took: 83*time.Second + 400*time.Millisecond},
		{engine: "OpenTofu 1.12.6", passed: 1000, failed: []test{{"make demo", "the whole output\n"}}, took: 9 * time.Second},
	})
	want := `
engine             tests  passed  failed  skipped     time
Terraform 1.5.7       10       7       0        3    1m23s
OpenTofu 1.12.6     1001    1000       1        0       9s

Skipped on Terraform 1.5.7: Terraform 1.5.7 has no ephemeral variables
  provider.TestA
  provider.TestB

Skipped on Terraform 1.5.7: redis-cli is not on the PATH
  provider.TestC

Failed on OpenTofu 1.12.6: make demo
`
	if diff := cmp.Diff(want, "\n"+got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
