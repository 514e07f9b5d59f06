package provider

import (
	"path/filepath"
	"testing"
)

// teaGateSays is what the gate of the README's first configuration says of a club that moved.
const teaGateSays = "The club is bound to " + booksOpen + ", not to " + teaOpen + "."

// firstConfiguration does what the README says under that heading: after the provider is installed and a simulator
// started, for which the workspace stands, its commands are pasted into a shell.
func firstConfiguration(t *testing.T, wechat *lab) {
	needPrograms(t, "the commands of the README", "sh", "curl")
	place := watched(t, readExample(t, "first/main.tf"),
		baseURL(wechat), envAccessTokenFile+"="+filepath.ToSlash(wechat.tokens)+"/{appid}", "TF_CLI_ARGS=-no-color")
	onPath(t, place)
	blocks := shellBlock.FindAllStringSubmatch(sectionOf(readDocument(t, "README.md"), "A first configuration"), -1)
	if len(blocks) != 3 {
		t.Fatalf("the README has %d blocks of commands there, want 3: before, these, and those for the real WeChat", len(blocks))
	}
	result := paste(t, place, blocks[1][1])
	if result.ExitCode != 1 {
		t.Errorf("exit code %d, want 1:\n%s", result.ExitCode, result.Stdout)
	}
	expectWords(t, result.Stdout, `+ club = "`+teaOpen+`"`, "Warning: WeChat is asked at another host")
	expectWords(t, result.Stderr, teaGateSays)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
}

// warnsBesideTheFirst has the check that the README shows warn of another account, in the same folder.
func warnsBesideTheFirst(t *testing.T, wechat *lab) {
	place := examplesWorkspace(t, wechat, "first/main.tf", "first/warn.tf")
	expectExit(t, place, 0, "apply", "-auto-approve")
	wechat.move(t, books, "")
	expectWords(t, expectExit(t, place, 0, "plan", "-detailed-exitcode").Stdout, "Example Books is bound to no open account.")
}
