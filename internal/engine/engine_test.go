package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeEngine makes this test program an engine of the kind it names.
const fakeEngine = "FAKE_ENGINE"

func TestMain(m *testing.M) {
	if kind := os.Getenv(fakeEngine); kind != "" {
		os.Exit(beEngine(kind))
	}
	os.Exit(m.Run())
}

func beEngine(kind string) int {
	home := os.Getenv("FAKE_ENGINE_HOME")
	switch {
	case home != "" && home != os.Getenv("HOME"):
		fmt.Fprintln(os.Stderr, "no version is set")
		return 1
	case slices.Equal(os.Args[1:], []string{"version"}):
		fmt.Println(kind + "\non plan9_amd64")
		return 0
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	if err := os.WriteFile("ready", nil, 0o600); err != nil {
		return 1
	}
	<-interrupts
	fmt.Println("interrupted")
	if slices.Contains(os.Args[1:], "stubborn") {
		select {}
	}
	return 3
}

func useFake(t *testing.T, kind string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ENGINE", self)
	t.Setenv(fakeEngine, kind)
	t.Setenv("GORACE", "atexit_sleep_ms=0")
}

func TestFind(t *testing.T) {
	tests := map[string]struct{ introduction, want, wantErr string }{
		"terraform":          {introduction: "Terraform v1.11.4", want: "Terraform 1.11.4"},
		"opentofu":           {introduction: "OpenTofu v1.10.0", want: "OpenTofu 1.10.0"},
		"pre-release":        {introduction: "Terraform v1.16.0-beta1", want: "Terraform 1.16.0-beta1"},
		"oldest":             {introduction: "Terraform v1.5.0", want: "Terraform 1.5.0"},
		"without check":      {introduction: "Terraform v1.4.7", wantErr: "Terraform 1.4.7 at "},
		"ancient":            {introduction: "Terraform v0.12.31", wantErr: "is too old: set ENGINE to the path of a Terraform or OpenTofu 1.5 or newer"},
		"something else":     {introduction: "Ansible v2.0.0", wantErr: "is neither a Terraform nor an OpenTofu"},
		"warning before it":  {introduction: "Warning: odd\n\nTerraform v1.9.1", want: "Terraform 1.9.1"},
		"version inside it":  {introduction: "wraps Terraform v1.9.1", wantErr: "is neither"},
		"no version with it": {introduction: "Terraform", wantErr: "is neither"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			useFake(t, test.introduction)
			e, err := Find(t.Context())
			if test.wantErr != "" {
				wantError(t, err, test.wantErr)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e.String() != test.want || !filepath.IsAbs(e.Path) {
				t.Errorf("got %s at %s, want %s", e, e.Path, test.want)
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	t.Setenv("ENGINE", "")
	t.Setenv("PATH", t.TempDir())
	_, err := Find(t.Context())
	wantError(t, err, "neither terraform nor tofu is on the PATH: install")

	t.Setenv("ENGINE", "no-such-engine")
	_, err = Find(t.Context())
	wantError(t, err, "no-such-engine cannot be run: set ENGINE to the path of")
}

// The launchers that version managers put on the PATH find their settings in the user's home.
func TestLauncherKeepsItsHome(t *testing.T) {
	useFake(t, "Terraform v1.11.4")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("FAKE_ENGINE_HOME", os.Getenv("HOME"))
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := newTestWorkspace(t, e)
	if home := value(w.Environ, "HOME"); home != os.Getenv("HOME") {
		t.Errorf("the launcher's HOME is %s", home)
	}

	t.Setenv("FAKE_ENGINE_HOME", "another")
	_, err = Find(t.Context())
	wantError(t, err, "does not run")
}

func TestCleanEnviron(t *testing.T) {
	for _, name := range []string{"WECHAT_ACCESS_TOKEN", "TF_LOG", "TF_CLI_CONFIG_FILE", "TF_VAR_x", "TERRAFORM_CONFIG", "TOFU_X_EXPERIMENTAL_RUNTIME", "OPENTOFU_USER_AGENT", "HTTPS_PROXY", "http_proxy", "no_proxy", "ALL_PROXY"} {
		t.Setenv(name, "dirt")
	}
	t.Setenv("TFENV_ROOT", "kept")
	t.Setenv("TOFUENV_ROOT", "kept")
	t.Setenv("CHECKPOINT_DISABLE", "")
	environ := CleanEnviron("TF_LOG=TRACE")
	if i := slices.IndexFunc(environ, func(v string) bool { return strings.HasSuffix(v, "=dirt") }); i >= 0 {
		t.Errorf("%s is still there", environ[i])
	}
	for name, want := range map[string]string{"TFENV_ROOT": "kept", "TOFUENV_ROOT": "kept", "CHECKPOINT_DISABLE": "1", "TF_LOG": "TRACE", "PATH": os.Getenv("PATH")} {
		if got := value(environ, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestInterrupt(t *testing.T) {
	w := fakeWorkspace(t)
	run, err := w.Start(t.Context(), "apply")
	if err != nil {
		t.Fatal(err)
	}
	waitReady(t, w)
	if err := run.Interrupt(); err != nil {
		t.Fatal(err)
	}
	result, err := run.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Result{Stdout: "interrupted\n", ExitCode: 3}); result != want {
		t.Errorf("got %+v, want %+v", result, want)
	}
}

func TestContextInterruptsThenKills(t *testing.T) {
	for _, args := range [][]string{{"apply"}, {"apply", "stubborn"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			w := fakeWorkspace(t)
			w.grace = 300 * time.Millisecond
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			run, err := w.Start(ctx, args...)
			if err != nil {
				t.Fatal(err)
			}
			waitReady(t, w)
			cancel()
			result, err := run.Wait()
			wantError(t, err, "context canceled")
			if result.Stdout != "interrupted\n" {
				t.Errorf("the engine printed %q", result.Stdout)
			}
		})
	}
}

func TestMissingCompiler(t *testing.T) {
	t.Setenv("CC", "no-such-compiler -m64")
	_, err := BuildProvider(t.Context(), t.TempDir(), BuildOptions{Race: true})
	wantError(t, err, `the race detector needs a C compiler and "no-such-compiler" is not on the PATH`)
}

// A real engine installs the provider that was built, and leaves the caller's home alone.
func TestProviderInWorkspace(t *testing.T) {
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	mirror := t.TempDir()
	path, err := BuildProvider(t.Context(), mirror, BuildOptions{Race: true})
	if err != nil {
		t.Fatal(err)
	}
	if name := filepath.Base(path); !strings.HasPrefix(name, "terraform-provider-wechat_v0.1.0") {
		t.Errorf("the provider is called %s", name)
	}

	t.Setenv("HOME", home)
	w, err := NewWorkspace(e, t.TempDir(), mirror)
	if err != nil {
		t.Fatal(err)
	}
	examples := t.TempDir()
	for name, content := range map[string]string{
		"main.tf": fmt.Sprintf("terraform {\n  required_providers {\n    wechat = { source = %q }\n  }\n}\n", Address),
		// What somebody who tried it by hand has left is not taken along.
		"terraform.tfstate":   "no state",
		".terraform.lock.hcl": "no lock file",
	} {
		if err := os.WriteFile(filepath.Join(examples, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.CopyIn(examples); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, w, "init"); !strings.Contains(out, Address+" v0.1.0") && !strings.Contains(out, "wechat v0.1.0") {
		t.Errorf("init did not install the provider:\n%s", out)
	}
	mustRun(t, w, "validate")
	if entries, err := os.ReadDir(home); err != nil || len(entries) > 0 {
		t.Errorf("the caller's home holds %v (%v)", entries, err)
	}
}

func fakeWorkspace(t *testing.T) *Workspace {
	t.Helper()
	useFake(t, "Terraform v1.11.4")
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newTestWorkspace(t, e)
}

func newTestWorkspace(t *testing.T, e Engine) *Workspace {
	t.Helper()
	w, err := NewWorkspace(e, t.TempDir(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func mustRun(t *testing.T, w *Workspace, args ...string) string {
	t.Helper()
	result, err := w.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 {
		t.Fatalf("%s ended with exit code %d:\n%s%s", args[0], result.ExitCode, result.Stdout, result.Stderr)
	}
	return result.Stdout
}

func waitReady(t *testing.T, w *Workspace) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(w.Dir, "ready")); err == nil {
			return
		}
	}
	t.Fatal("the engine did not start")
}

// value returns what a process that is started with environ sees.
func value(environ []string, name string) string {
	cmd := exec.Cmd{Env: environ}
	for _, variable := range slices.Backward(cmd.Environ()) {
		if n, v, _ := strings.Cut(variable, "="); n == name {
			return v
		}
	}
	return ""
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got error %v, want one that says %q", err, want)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is more than one line: %v", err)
	}
}
