package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// TestAccPublishing_moves is the last step of PUBLISHING.md: what was read with the provider from the plugin folder is
// read on with the published one, and the first is needed no longer.
func TestAccPublishing_moves(t *testing.T) {
	t.Parallel()
	const published = "registry.terraform.io/" + "example/wechat" // in two parts, so that make rename leaves it
	plugins, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	binaries, err := filepath.Glob(filepath.Join(plugins, filepath.FromSlash(engine.Address), "*", "*", "*"))
	if err != nil || len(binaries) != 1 {
		t.Fatalf("built: %v (%v)", binaries, err)
	}
	within, err := filepath.Rel(filepath.Join(plugins, filepath.FromSlash(engine.Address)), binaries[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{engine.Address, published} {
		target := filepath.Join(folder, filepath.FromSlash(source), within)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(binaries[0], target); err != nil {
			t.Fatal(err)
		}
	}
	cliConfig := filepath.Join(t.TempDir(), "cli.tfrc")
	write(t, cliConfig, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(folder)))

	wechat := newLab(t, nil)
	before := readExample(t, "first/main.tf")
	place := workspace(t, before, baseURL(wechat), envAccessToken+"="+wechat.Token(teaClub), "TF_CLI_CONFIG_FILE="+cliConfig)
	expectExit(t, place, 0, "apply", "-auto-approve")

	write(t, filepath.Join(place.Dir, "main.tf"), strings.ReplaceAll(before, engine.Address, published))
	expectWords(t, expectExit(t, place, 0, "state", "replace-provider", "-auto-approve", engine.Address, published).Stdout,
		"Successfully replaced provider for 1 resources.")
	if err := os.RemoveAll(filepath.Join(folder, filepath.FromSlash(engine.Address))); err != nil {
		t.Fatal(err)
	}
	expectExit(t, place, 0, "init")
	asked := wechat.Count(pathOpenGet)
	expectExit(t, place, 0, "plan", "-detailed-exitcode")
	if got := wechat.Count(pathOpenGet) - asked; got != 1 {
		t.Errorf("asked %d times during plan, want once", got)
	}
	lock, err := os.ReadFile(filepath.Join(place.Dir, ".terraform.lock.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(lock); strings.Contains(got, engine.Address) || !strings.Contains(got, published) {
		t.Errorf("the lock file holds another provider than %s:\n%s", published, got)
	}
}
