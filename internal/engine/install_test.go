//go:build !windows

package engine

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each different build becomes a version of its own, and an engine finds it with no CLI configuration at all.
func TestInstall(t *testing.T) {
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	environ := CleanEnviron("HOME="+home, "MAKEFLAGS=", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=",
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"))
	install := func() string {
		t.Helper()
		return runCommand(t, root(t), environ, "make", "install")
	}
	versions := filepath.Join(home, ".terraform.d", "plugins", filepath.FromSlash(Address))

	for _, want := range []string{"Installed: version 0.1.0", "Already installed: version 0.1.0"} {
		if out := install(); !strings.Contains(out, want) {
			t.Fatalf("make install did not say %q:\n%s", want, out)
		}
	}
	wantEntries(t, versions, "0.1.0")
	platform := filepath.Join(versions, "0.1.0", goEnv(t, "GOHOSTOS")+"_"+goEnv(t, "GOHOSTARCH"))
	// As in a mirror's archive, so that a lock file holds for both.
	wantEntries(t, platform, "LICENSE", "terraform-provider-wechat_v0.1.0")
	tamper(t, filepath.Join(platform, "terraform-provider-wechat_v0.1.0"))
	if out := install(); !strings.Contains(out, "Installed: version 0.1.1") {
		t.Fatalf("make install did not install another build:\n%s", out)
	}
	wantEntries(t, versions, "0.1.0", "0.1.1")

	w := newTestWorkspace(t, e)
	w.Environ = CleanEnviron("HOME="+home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "TF_INPUT=0")
	config := "terraform {\n  required_providers {\n    wechat = { source = \"" + Address + "\" }\n  }\n}\n\nprovider \"wechat\" {}\n"
	if err := os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, w, "init"); !strings.Contains(out, "v0.1.1") {
		t.Errorf("init did not select the newest build:\n%s", out)
	}
	mustRun(t, w, "validate")
}

// The simulator is installed from a clone with one command, into an empty home, with GOPROXY off: there is nothing to
// download.
func TestInstallSimulator(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	bin := filepath.Join(home, "go", "bin")
	for name, path := range map[string]string{"off the PATH": os.Getenv("PATH"), "on the PATH": bin + ":" + os.Getenv("PATH")} {
		environ := CleanEnviron("HOME="+home, "MAKEFLAGS=", "GOPATH=", "GOBIN=", "GOMODCACHE=", "GOPROXY=off", "GOFLAGS=", "GOCACHE="+goEnv(t, "GOCACHE"), "PATH="+path)
		out := runCommand(t, root(t), environ, "make", "--no-print-directory", "install-simulator")
		installed := filepath.Join(bin, "wechat-simulator")
		if !strings.HasPrefix(out, "Installed: "+installed+"\n") || strings.Contains(out, "Call it by this path") == (name == "on the PATH") {
			t.Errorf("%s: make install-simulator said\n%s", name, out)
		}
		if usage := runCommand(t, home, environ, installed, "-h"); !strings.Contains(usage, "-accounts") {
			t.Errorf("it said\n%s", usage)
		}
	}
}

// tamper makes what is installed a different build.
func tamper(t *testing.T, binary string) {
	t.Helper()
	f, err := os.OpenFile(binary, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("x")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// make rename reaches every place that says the address, and can be taken back.
func TestRename(t *testing.T) {
	other := "registry.terraform.io/" + "somebody/wechat" // this file, too, must survive
	dir := t.TempDir()
	environ := CleanEnviron("MAKEFLAGS=", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	for _, name := range projectFiles(t) {
		content, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runCommand(t, dir, environ, "git", "init", "-q")
	runCommand(t, dir, environ, "git", "add", "-A")
	before := contents(t, dir)

	runCommand(t, dir, environ, "make", "rename", "ADDRESS="+other)
	after := contents(t, dir)
	for name, content := range after {
		if bytes.Contains(content, []byte(Address)) {
			t.Errorf("%s still says %s", name, Address)
		}
	}
	for _, name := range []string{"internal/provider/message_page.go", "examples/demo/main.tf", "internal/engine/engine.go", "scripts/install.sh"} {
		if !bytes.Contains(after[name], []byte(other)) {
			t.Errorf("%s does not say %s", name, other)
		}
	}

	runCommand(t, dir, environ, "make", "rename", "ADDRESS="+Address)
	for name, content := range contents(t, dir) {
		if !bytes.Equal(content, before[name]) {
			t.Errorf("%s is not what it was", name)
		}
	}

	make := exec.CommandContext(t.Context(), "make", "rename", "ADDRESS=acme/wechat")
	make.Dir, make.Env = dir, environ
	if out, err := make.CombinedOutput(); err == nil || !strings.Contains(string(out), "usage: make rename ADDRESS=") {
		t.Errorf("an address without a host was taken: %v\n%s", err, out)
	}
}

var sourceArgument = regexp.MustCompile(`\bsource\s*=\s*"([^"]*/wechat)"`)

// One address is written everywhere, so that make rename finds it.
func TestOneAddress(t *testing.T) {
	for _, name := range projectFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range sourceArgument.FindAllSubmatch(content, -1) {
			if string(match[1]) != Address {
				t.Errorf("%s says %s, not source = %q", name, match[0], Address)
			}
		}
	}
}

// projectFiles lists what belongs to the project, committed already or not.
func projectFiles(t *testing.T) []string {
	t.Helper()
	out := runCommand(t, root(t), nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	var names []string
	for name := range strings.SplitSeq(strings.TrimRight(out, "\x00"), "\x00") {
		if _, err := os.Stat(filepath.Join(root(t), name)); err == nil {
			names = append(names, name)
		}
	}
	return names
}

func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// root is the module's.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(runCommand(t, "", nil, "go", "env", name))
}

func runCommand(t *testing.T, dir string, environ []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func wantEntries(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s holds %v, want %v", dir, got, want)
	}
}
