//go:build !windows

package engine

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestMirror installs what `make mirror` makes, each time with an empty cache and no other way to the provider. What is
// packed is no provider, since an engine runs none to install it.
func TestMirror(t *testing.T) {
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	here, elsewhere := runtime.GOOS+"_"+runtime.GOARCH, "windows_arm64"
	source, dist := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module example.com/p\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() {}\n",
		"LICENSE": "As you like.\n",
	} {
		writeFile(t, filepath.Join(source, name), content)
	}
	runCommand(t, filepath.Join(root(t), "tools", "mirror"), nil, "go", "run", ".",
		"-source", source, "-out", dist, "-version", "0.3.1", "-platforms", here+" "+elsewhere)
	folder := filepath.Join(dist, "mirror")
	content, err := os.ReadFile(filepath.Join(dist, "lock.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	lock := string(content)
	if got := len(hashesIn(lock)); got != 4 {
		t.Fatalf("the block has %d hashes, want two of each archive:\n%s", got, lock)
	}
	server := httptest.NewTLSServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(server.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	writeFile(t, authority, string(pem.EncodeToMemory(&certificate)))

	url := server.URL + "/"
	for way, test := range map[string]struct{ method, flag string }{
		"a folder":     {fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", folder), "-fs-mirror=" + folder},
		"a web server": {fmt.Sprintf("network_mirror {\n    url = %q\n  }", url), "-net-mirror=" + url},
	} {
		t.Run(way, func(t *testing.T) {
			if way == "a web server" && runtime.GOOS == "darwin" {
				t.Skip("Go reads no authority from SSL_CERT_FILE on macOS")
			}
			// place is a folder with a configuration, and with a lock file if there is one.
			place := func(t *testing.T, constraint, lock string) *Workspace {
				t.Helper()
				w := newTestWorkspace(t, e)
				configuration := filepath.Join(w.Dir, "cli.tfrc")
				writeFile(t, configuration, "provider_installation {\n  "+test.method+"\n}\n")
				writeFile(t, filepath.Join(w.Dir, "main.tf"), fmt.Sprintf("terraform {\n  required_providers {\n"+
					"    wechat = {\n      source = %q\n%s    }\n  }\n}\n", Address, constraint))
				if lock != "" {
					writeFile(t, filepath.Join(w.Dir, ".terraform.lock.hcl"), lock)
				}
				w.Environ = append(w.Environ, "TF_CLI_CONFIG_FILE="+configuration, "SSL_CERT_FILE="+authority)
				return w
			}
			const constraint = "      version = \"~> 0.3\"\n"
			tampered := lockedHash.ReplaceAllStringFunc(lock, func(hash string) string {
				if strings.HasPrefix(hash, `"h1:`) {
					return `"h1:` + strings.Repeat("A", 43) + `="`
				}
				return `"zh:` + strings.Repeat("0", 64) + `"`
			})
			readonly := []string{"-lockfile=readonly"}
			for name, test := range map[string]struct {
				constraint, lock string
				args             []string
				fails            bool
			}{
				"no lock file":                {},
				"the block":                   {lock: lock, args: readonly},
				"the block with a constraint": {constraint: constraint, lock: lock, args: readonly},
				"checksums of archives alone": {lock: contentHash.ReplaceAllString(lock, "")},
				"another build":               {lock: tampered, fails: true},
				"another archive":             {lock: contentHash.ReplaceAllString(tampered, ""), fails: true},
			} {
				t.Run(name, func(t *testing.T) {
					w := place(t, test.constraint, test.lock)
					result, err := w.Run(t.Context(), append([]string{"init", "-no-color"}, test.args...)...)
					if err != nil {
						t.Fatal(err)
					}
					if (result.ExitCode != 0) != test.fails {
						t.Fatalf("init ended with %d:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
					}
					providers := filepath.Join(w.Dir, ".terraform", "providers", filepath.FromSlash(Address))
					installed, err := filepath.Glob(filepath.Join(providers, "0.3.1", here, "*"))
					if err != nil || !test.fails && len(installed) != 2 {
						t.Errorf("installed: %v (%v)", installed, err)
					}
				})
			}
			// What the engine itself finds out about each platform is what the block says.
			t.Run("providers lock", func(t *testing.T) {
				for name, before := range map[string]string{"no lock file": "", "the block": lock} {
					w := place(t, "", before)
					mustRun(t, w, "providers", "lock", test.flag, "-platform="+here, "-platform="+elsewhere)
					written, err := os.ReadFile(filepath.Join(w.Dir, ".terraform.lock.hcl"))
					if err != nil {
						t.Fatal(err)
					}
					got, want := hashesIn(string(written)), hashesIn(lock)
					if before == "" {
						ofContents := func(hash string) bool { return !strings.HasPrefix(hash, "h1:") }
						got, want = slices.DeleteFunc(got, ofContents), slices.DeleteFunc(want, ofContents)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s: the engine locks %q, want %q", name, got, want)
					}
				}
			})
		})
	}
}

var (
	lockedHash  = regexp.MustCompile(`"((?:h1|zh):[^"]+)"`)
	contentHash = regexp.MustCompile(`(?m)^ *"h1:.*\n`)
)

// hashesIn returns the hashes in a lock file, in their order.
func hashesIn(lock string) (hashes []string) {
	for _, match := range lockedHash.FindAllStringSubmatch(lock, -1) {
		hashes = append(hashes, match[1])
	}
	return hashes
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
