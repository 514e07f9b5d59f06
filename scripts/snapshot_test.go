//go:build unix

package scripts_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// spoil names what this test program spoils while it stands in for GoReleaser.
const spoil = "SPOIL"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "goreleaser" {
		if err := goreleaser(os.Args[1], os.Getenv(spoil)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// goreleaser leaves in dist what the real one does, for this platform alone.
func goreleaser(command, spoiled string) error {
	if command == "check" {
		return nil
	}
	folder, _ := os.Getwd()
	second := filepath.Base(folder) == "another folder"
	const project = "terraform-provider-wechat"
	name, binary := project+"_0.1.0_"+runtime.GOOS+"_"+runtime.GOARCH, project+"_v0.1.0"
	if spoiled == "name" {
		name = "wechat"
	}
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X main.version=0.1.0", "-o", "dist/"+binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	program, err := os.ReadFile("dist/" + binary)
	if err != nil {
		return err
	}
	if spoiled == "binary" || spoiled == "second binary" && second {
		program = append(program, 0)
	}
	archive, err := os.Create("dist/" + name + ".zip")
	if err != nil {
		return err
	}
	w := zip.NewWriter(archive)
	for _, f := range []struct {
		name, content string
		mode          os.FileMode
	}{{"LICENSE", "as you like", 0o644}, {binary, string(program), 0o755}, {".env", "secret", 0o644}} {
		header := &zip.FileHeader{Name: f.name, Modified: committed}
		header.SetMode(f.mode)
		switch {
		case f.name == ".env" && spoiled != "file", f.name == "LICENSE" && spoiled == "license":
			continue
		case spoiled == "mode":
			header.SetMode(0o700)
		case spoiled == "time":
			header.Modified = committed.Add(time.Hour)
		}
		inside, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := inside.Write([]byte(f.content)); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	bill := "parts"
	if spoiled == "bill" && second {
		bill = "parts, and a time"
	}
	indexes := "dist/mirror/terraform.local/wechat/wechat/"
	if err := os.MkdirAll(indexes, 0o700); err != nil {
		return err
	}
	index := "archives"
	if spoiled == "index" && second {
		index = "archives, by chance"
	}
	var sums strings.Builder
	for _, f := range []struct{ name, from, content string }{
		{name: name + ".cdx.json", content: bill},
		{name: name + ".zip"},
		{name: project + "_0.1.0_manifest.json", from: "terraform-registry-manifest.json"},
		{name: "lock.hcl", content: "hashes"},
		{name: "index.json", from: indexes + "index.json", content: "versions"},
		{name: "0.1.0.json", from: indexes + "0.1.0.json", content: index},
	} {
		from := f.from
		if from == "" {
			from = "dist/" + f.name
		}
		if f.content != "" {
			if err := os.WriteFile(from, []byte(f.content), 0o600); err != nil {
				return err
			}
		}
		content, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if spoiled != "checksums" || f.from != "" {
			fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), f.name)
		}
	}
	if err := os.WriteFile("dist/"+project+"_0.1.0_SHA256SUMS", []byte(sums.String()), 0o600); err != nil {
		return err
	}
	return os.WriteFile("dist/metadata.json", []byte(`{"version":"0.1.0"}`), 0o600)
}

var committed = time.Date(2026, 11, 22, 12, 30, 58, 0, time.UTC)

// What would keep a registry from taking a release, or somebody from verifying it, is found, and so is each difference
// between two builds of a commit.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zipinfo"); err != nil {
		t.Skip("zipinfo is not on the PATH")
	}
	for spoiled, want := range map[string]string{
		"":              "Both builds gave the same bytes: 1 archives",
		"name":          "wechat.zip: the registries look for terraform-provider-wechat_0.1.0_OS_ARCH.zip",
		"binary":        "go build alone gives another binary",
		"second binary": ".zip: the second build gave another archive",
		"bill":          ".cdx.json: the second build gave another bill of materials",
		"index":         "0.1.0.json: the second build gave another file of a mirror",
		"file":          "-rw-r--r-- 20261122.123058 .env",
		"license":       ".zip holds -rwxr-xr-x 20261122.123058 terraform-provider-wechat_v0.1.0, not -rw-r--r--",
		"mode":          ".zip holds -rwx------ 20261122.123058 LICENSE",
		"time":          ".zip holds -rw-r--r-- 20261122.133058 LICENSE",
		"checksums":     "SHA256SUMS does not match the files:",
	} {
		t.Run("spoiled "+spoiled, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			script, err := os.ReadFile("snapshot.sh")
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			writeFiles(t, dir, map[string]string{
				"repo/scripts/snapshot.sh": string(script), "repo/go.mod": "module example.com/p\n\ngo 1.26\n",
				"repo/main.go": "package main\n\nfunc main() {}\n", "repo/terraform-registry-manifest.json": "{}",
				"repo/.gitignore": "/dist/\n/.cache/\n", "bin/none": "",
			})
			if err := os.Symlink(self, filepath.Join(dir, "bin", "goreleaser")); err != nil {
				t.Fatal(err)
			}
			run := func(command ...string) (string, error) {
				cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
				cmd.Dir = filepath.Join(dir, "repo")
				at := committed.Format(time.RFC3339)
				path := filepath.Join(dir, "bin") + ":" + os.Getenv("PATH")
				cmd.Env = append(os.Environ(), "PATH="+path, spoil+"="+spoiled,
					"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at,
					"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=user.name", "GIT_CONFIG_VALUE_0=nobody",
					"GIT_CONFIG_KEY_1=user.email", "GIT_CONFIG_VALUE_1=nobody@example.com")
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			for _, command := range []string{"git init -q", "git add --all", "git commit -qm first"} {
				if out, err := run(strings.Fields(command)...); err != nil {
					t.Fatal(command, err, out)
				}
			}
			out, err := run("sh", "scripts/snapshot.sh")
			if (err == nil) != (spoiled == "") || !strings.Contains(out, want) {
				t.Errorf("ended with %v, want %q:\n%s", err, want, out)
			}
		})
	}
}
