//go:build unix

package scripts_test

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMirror holds what `make mirror` makes to the layout that the engines read, and to bytes that depend on the source
// alone.
func TestMirror(t *testing.T) {
	t.Parallel()
	const (
		within = "mirror/terraform.local/wechat/wechat/"
		linux  = within + "terraform-provider-wechat_0.2.0_linux_amd64.zip"
		other  = within + "terraform-provider-wechat_0.2.0_windows_amd64.zip"
	)
	source := t.TempDir()
	writeFiles(t, source, map[string]string{
		"go.mod":  "module example.com/p\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() {}\n",
		"LICENSE": "As you like.\n",
	})
	program := filepath.Join(t.TempDir(), "mirror")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "tools", "mirror")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mirror := func(dist string, environ []string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program, append([]string{"-source", source, "-out", dist}, args...)...)
		cmd.Env = append(os.Environ(), environ...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(dist string, environ []string, args ...string) {
		t.Helper()
		if out, err := mirror(dist, environ, args...); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	dist := t.TempDir()
	must(dist, nil, "-version", "0.2.0", "-platforms", "windows_amd64 linux_amd64")
	first := filesIn(t, dist)

	for archive, binary := range map[string]string{
		linux: "terraform-provider-wechat_v0.2.0", other: "terraform-provider-wechat_v0.2.0.exe",
	} {
		reader, err := zip.OpenReader(filepath.Join(dist, archive))
		if err != nil {
			t.Fatal(err)
		}
		var inside []string
		for _, file := range reader.File {
			changed := file.Modified.UTC().Format("2006-01-02 15:04")
			inside = append(inside, fmt.Sprint(file.Name, " ", file.Mode(), " ", changed))
		}
		want := []string{"LICENSE -rw-r--r-- 1980-01-01 00:00", binary + " -rwxr-xr-x 1980-01-01 00:00"}
		if diff := cmp.Diff(want, inside); diff != "" {
			t.Errorf("%s (-want +got):\n%s", archive, diff)
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
		zh := fmt.Sprintf("\"zh:%x\",\n", sha256.Sum256([]byte(first[archive])))
		if !strings.Contains(first["lock.hcl"], zh) {
			t.Errorf("the block does not have %s:\n%s", zh, first["lock.hcl"])
		}
	}
	var index struct {
		Archives map[string]struct {
			URL    string
			Hashes []string
		}
	}
	if err := json.Unmarshal([]byte(first[within+"0.2.0.json"]), &index); err != nil {
		t.Fatal(err)
	}
	for platform, archive := range map[string]string{"linux_amd64": linux, "windows_amd64": other} {
		got := index.Archives[platform]
		if within+got.URL != archive || len(got.Hashes) != 1 ||
			!strings.Contains(first["lock.hcl"], "\""+got.Hashes[0]+"\",\n") {
			t.Errorf("the index says of %s %v, which the block does not: %s", platform, got, first["lock.hcl"])
		}
	}

	// The same bytes come in other surroundings, and where they are there already.
	again := t.TempDir()
	surroundings := []string{"TZ=Asia/Shanghai", "GOAMD64=v3", "GOFLAGS=-ldflags=-w", "CGO_ENABLED=1"}
	for _, platforms := range []string{"linux_amd64", "windows_amd64 linux_amd64"} {
		must(again, surroundings, "-version", "0.2.0", "-platforms", platforms)
	}
	if diff := cmp.Diff(digests(first), digests(filesIn(t, again))); diff != "" {
		t.Errorf("the second time (-first +second):\n%s", diff)
	}
	// The archives of a release are taken as they are.
	released := t.TempDir()
	must(released, nil, "-version", "0.2.0", "-archives", filepath.Join(dist, within))
	if diff := cmp.Diff(digests(first), digests(filesIn(t, released))); diff != "" {
		t.Errorf("of a release (-built +taken):\n%s", diff)
	}

	// Another build under the same number is refused, and a new number joins the old one.
	writeFiles(t, source, map[string]string{"LICENSE": "As we like.\n"})
	out, err := mirror(dist, nil, "-version", "0.2.0", "-platforms", "linux_amd64")
	if err == nil || !strings.Contains(out, "another build of version 0.2.0") {
		t.Errorf("another build was taken: %v: %s", err, out)
	}
	must(dist, nil, "-version", "0.2.1", "-platforms", "linux_amd64")
	second := filesIn(t, dist)
	versions := strings.Join(strings.Fields(second[within+"index.json"]), "")
	if versions != `{"versions":{"0.2.0":{},"0.2.1":{}}}` {
		t.Errorf("the index of versions is %s", versions)
	}
	for _, file := range []string{linux, other, within + "0.2.0.json"} {
		if second[file] != first[file] {
			t.Errorf("%s is no longer what it was", file)
		}
	}
	for want, args := range map[string][]string{
		"is no version":            {"-version", "1.0", "-platforms", "linux_amd64"},
		"is no platform":           {"-platforms", "linux/amd64"},
		"there is nothing to pack": {"-archives", source},
		"go build":                 {"-platforms", "linux_none"},
	} {
		if out, err := mirror(t.TempDir(), nil, args...); err == nil || !strings.Contains(out, want) {
			t.Errorf("%v: got %v and %s, want %q", args, err, out, want)
		}
	}
}

// filesIn returns the files below a folder by their names from there.
func filesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// digests makes files short enough to be shown.
func digests(files map[string]string) map[string]string {
	short := map[string]string{}
	for name, content := range files {
		short[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	}
	return short
}
