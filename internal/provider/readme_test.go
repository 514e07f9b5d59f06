package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
	if len(blocks) != 2 {
		t.Fatalf("the README has %d blocks of commands there, want 2: before, and these", len(blocks))
	}
	moves, putsBack, isPlanned := strings.Cut(blocks[1][1], teaClubMoves)
	_, putsBack, isPutBack := strings.Cut(putsBack, "terraform plan\n")
	if !isPlanned || !isPutBack {
		t.Fatalf("the README moves nothing and back: %s", blocks[1][1])
	}
	result := paste(t, place, moves+teaClubMoves+"terraform plan\n")
	if result.ExitCode != 1 {
		t.Errorf("exit code %d, want 1:\n%s", result.ExitCode, result.Stdout)
	}
	expectWords(t, result.Stdout, `+ club = "`+teaOpen+`"`, "Warning: WeChat is asked at another host")
	expectWords(t, result.Stderr, teaGateSays)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	if result = paste(t, place, putsBack+"terraform plan\n"); result.ExitCode != 0 {
		t.Errorf("exit code %d after the README's last command, want 0:\n%s", result.ExitCode, result.Stderr)
	}
}

// teaClubMoves is the README's command that moves the club.
const teaClubMoves = `curl -X PATCH -d '{"open_appid": "wx2000000000000002"}' ` +
	`"$WECHAT_BASE_URL/_simulator/accounts/wx1000000000000003"` + "\n"

// TestAccREADME_fleet writes the file of tokens as the README says, and reads what it names.
func TestAccREADME_fleet(t *testing.T) {
	t.Parallel()
	needPrograms(t, "the commands of the README", "sh", "curl")
	wechat := newLab(t, nil)
	place := watched(t, readExample(t, "guides/all-tokens/file/main.tf"), baseURL(wechat))
	command := regexp.MustCompile("`(curl [^`]+ >tokens.json)`").FindStringSubmatch(readDocument(t, "README.md"))
	if command == nil {
		t.Fatal("the README has no command that writes tokens.json")
	}
	paste(t, place, command[1])
	results := applied(t, place)
	expectOutputs(t, place, map[string]any{"by_open_appid": teaAndBooks})
	if err := os.Remove(filepath.Join(place.Dir, "tokens.json")); err != nil {
		t.Fatal(err)
	}
	expectNoSecret(t, place, results, []string{wechat.Token(tea), wechat.Token(books)})
}

// warnsBesideTheFirst has the check that the README shows warn of another account, in the same folder.
func warnsBesideTheFirst(t *testing.T, wechat *lab) {
	place := examplesWorkspace(t, wechat, "first/main.tf", "first/warn.tf")
	expectExit(t, place, 0, "apply", "-auto-approve")
	wechat.move(t, books, "")
	expectWords(t, expectExit(t, place, 0, "plan", "-detailed-exitcode").Stdout, "Example Books is bound to no open account.")
}
