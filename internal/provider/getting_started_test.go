package provider

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The guide to getting started, played as its reader does it: what it shows is pasted into a shell, section by section.
// What stands in for its first section, which installs the provider and starts a simulator, is the workspace.

const gettingStartedGuide = "getting-started"

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

func gettingStarted(t *testing.T, wechat *lab) {
	place := readersFolder(t, wechat)
	results := append(pasteUnder(t, wechat, place, "Read a binding", block{reads: 1}, block{reads: 1}),
		pasteUnder(t, wechat, place, "An account that is bound to none", block{reads: 1}, block{reads: 1, says: "No changes."})...)
	results = append(results, pasteUnder(t, wechat, place, "A token that WeChat refuses", block{reads: 1, exit: 1})...)
	expectNoSecret(t, place, results, []string{wechat.Token(teaShop), wechat.Token(tea)})
}

func gettingStartedGate(t *testing.T, wechat *lab) {
	place := readersFolder(t, wechat)
	write(t, filepath.Join(place.Dir, "gate.tf"), readExample(t, "guides/getting-started/gate.tf"))
	results := pasteUnder(t, wechat, place, "A gate", block{reads: 2, exit: 1}, block{reads: 1, says: "No changes."})
	expectNoSecret(t, place, results, []string{wechat.Token(teaShop), wechat.Token(tea)})
}

// readersFolder is a workspace with the guide's first file, and with the engine and the simulator at hand in a shell.
func readersFolder(t *testing.T, wechat *lab) *engine.Workspace {
	t.Helper()
	needPrograms(t, "the steps of the guide to getting started", "sh", "curl")
	place := watched(t, readExample(t, "guides/getting-started/main.tf"),
		baseURL(wechat), envAccessTokenFile+"="+filepath.ToSlash(wechat.tokens)+"/{appid}", "TF_CLI_ARGS=-no-color")
	onPath(t, place)
	return place
}

// block is what a block of commands must come to: how often WeChat is asked, what is said, the exit code of the last
// one.
type block struct {
	reads, exit int
	says        string
}

// pasteUnder pastes what the guide shows under a heading, and fails where it comes to something else than the page
// says.
func pasteUnder(t *testing.T, wechat *lab, place *engine.Workspace, heading string, blocks ...block) []engine.Result {
	t.Helper()
	section := under(t, gettingStartedGuide, heading)
	commands := shellBlock.FindAllStringSubmatch(section, -1)
	if len(commands) != len(blocks) {
		t.Fatalf("under %q are %d blocks of commands, want %d", heading, len(commands), len(blocks))
	}
	var results []engine.Result
	var printed string
	for number, want := range blocks {
		asked := wechat.Count("")
		result := paste(t, place, commands[number][1])
		if result.ExitCode != want.exit {
			t.Fatalf("%s: exit code %d, want %d:\n%s%s", commands[number][1], result.ExitCode, want.exit, result.Stdout, result.Stderr)
		}
		if got := wechat.Count("") - asked; got != want.reads {
			t.Errorf("%s: WeChat was asked %d times, want %d", commands[number][1], got, want.reads)
		}
		expectWords(t, result.Stdout, want.says)
		results = append(results, result)
		printed += result.Stdout + result.Stderr
	}
	expectPrinted(t, "the guide "+gettingStartedGuide+", under "+heading, section, printed)
	return results
}

// paste runs commands where the engine runs, each only if those before it went well.
func paste(t *testing.T, place *engine.Workspace, commands string) engine.Result {
	t.Helper()
	var stdout, stderr strings.Builder
	shell := exec.CommandContext(t.Context(), "sh", "-ec", commands)
	shell.Dir, shell.Env = place.Dir, place.Environ
	shell.Stdout, shell.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := shell.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return engine.Result{Stdout: stdout.String(), Stderr: stderr.String(), ExitCode: shell.ProcessState.ExitCode()}
}

// onPath puts the installed engine on a workspace's PATH under the name that the pages call it by.
func onPath(t *testing.T, place *engine.Workspace) {
	t.Helper()
	folder := t.TempDir()
	script := "#!/bin/sh\nexec '" + installed.Path + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(folder, "terraform"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	place.Environ = append(place.Environ, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
}
