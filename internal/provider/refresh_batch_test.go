package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRefreshScript_batch asks the script for the tokens of several accounts: WeChat is asked once for each that has a
// refresh token, with one component token, and what befalls one account befalls no other.
func TestRefreshScript_batch(t *testing.T) {
	t.Parallel()
	needPrograms(t, "the script of the guide to token sources", "sh", "curl", "jq")
	const renewed = `,"authorizer_refresh_token":"refreshtoken@@@renewed"}`
	made := func(name, life string) string {
		return fmt.Sprintf(`{"authorizer_access_token":"61_made_%s","expires_in":%s`, name, life) + renewed
	}
	answers := map[string]string{ // by account; "" is a gateway's page
		"wxfirst": made("first", "7200"), "wxgateway": "", "wxleft": `{"errcode":61003,"errmsg":"not authorized"}`,
		"wxpage": "<html>Log in</html>", "wxnone": `{"expires_in":7200}`, "wxlast": made("last", "300"),
	}
	for name, test := range map[string]struct {
		appids  []string
		without string
		prints  string // without white space
		says    []string
		asked   []string
		renews  []string
	}{
		"some fail": {
			appids: []string{
				"wxfirst", "wxgateway", "wxleft", "wxunknown", "../component", "", "wxpage", "wxnone", "wxlast",
			},
			prints: `{"access_tokens":{"wxfirst":"61_made_first","wxlast":"61_made_last"},"expires_in":300}`,
			says: []string{
				"502", "wxgateway is left out", "errcode 61003", "wxleft is left out", "wxunknown is left out",
				"that is no appid", "../component is left out", "wxpage is left out", "gave no errcode",
				"wxnone is left out",
			},
			asked:  []string{"wxfirst", "wxgateway", "wxleft", "wxpage", "wxnone", "wxlast"},
			renews: []string{"wxfirst", "wxlast"},
		},
		"one that succeeds": {
			appids: []string{"wxlast"}, prints: `{"access_tokens":{"wxlast":"61_made_last"},"expires_in":300}`,
			asked: []string{"wxlast"}, renews: []string{"wxlast"},
		},
		"none": {
			appids: []string{"wxleft", "wxnone"}, says: []string{"errcode 61003", "no account got a token"},
			asked: []string{"wxleft", "wxnone"},
		},
		"refresh tokens that are lost": {
			appids: []string{"wxfirst", "wxlast"}, without: "mv", says: []string{"no account got a token"},
			asked: []string{"wxfirst", "wxlast"},
		},
	} {
		// Shells differ in what ends a script: sh is one of them here, and bash elsewhere.
		for _, shell := range []string{"sh", "bash"} {
			t.Run(name+" "+shell, func(t *testing.T) {
				t.Parallel()
				needPrograms(t, "the script of the guide to token sources in bash", shell)
				var asked []string
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					var request map[string]string
					_ = json.Unmarshal(body, &request)
					appid := request["authorizer_appid"]
					asked = append(asked, appid)
					if got := r.URL.Query().Get("component_access_token"); got != "61_component" {
						t.Errorf("asked with the component token %q", got)
					}
					if got := request["authorizer_refresh_token"]; got != "refreshtoken@@@of_"+appid {
						t.Errorf("asked about %s with the refresh token %q", appid, got)
					}
					if answers[appid] == "" {
						w.WriteHeader(http.StatusBadGateway)
					}
					_, _ = io.WriteString(w, answers[appid])
				}))
				defer server.Close()
				kept, programs := t.TempDir(), watchedPrograms(t, test.without)
				component := filepath.Join(t.TempDir(), "component")
				write(t, component, "61_component\n")
				for appid := range answers {
					write(t, filepath.Join(kept, appid), "refreshtoken@@@of_"+appid+"\n")
				}
				args := append([]string{filepath.Join(moduleRoot, "examples", refreshScript)}, test.appids...)
				script := exec.CommandContext(t.Context(), shell, args...)
				script.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"),
					"COMPONENT_APPID=wx3000000000000001", "COMPONENT_API="+server.URL,
					"COMPONENT_TOKEN_FILE="+component, "REFRESH_TOKENS="+kept)
				var stdout, said bytes.Buffer
				script.Stdout, script.Stderr = &stdout, &said
				if err := script.Run(); (err == nil) != (test.prints != "") {
					t.Errorf("it ended with %v: %s", err, said.String())
				}
				if got := strings.Join(strings.Fields(stdout.String()), ""); got != test.prints {
					t.Errorf("it printed %q, want %q", got, test.prints)
				}
				expectWords(t, said.String(), test.says...)
				if diff := cmp.Diff(test.asked, asked); diff != "" {
					t.Errorf("asked about: -want +got:\n%s", diff)
				}
				var renewed []string
				for _, appid := range test.asked {
					switch content, _ := os.ReadFile(filepath.Join(kept, appid)); string(content) {
					case "refreshtoken@@@renewed\n":
						renewed = append(renewed, appid)
					case "refreshtoken@@@of_" + appid + "\n":
					default:
						t.Errorf("it keeps %q for %s", content, appid)
					}
				}
				if diff := cmp.Diff(test.renews, renewed); diff != "" {
					t.Errorf("kept: -want +got:\n%s", diff)
				}
				arguments, err := os.ReadFile(filepath.Join(programs, "arguments"))
				if err != nil || strings.Count(string(arguments), "curl\n") != len(test.asked) {
					t.Fatalf("the arguments were not seen: %q, %v", arguments, err)
				}
				if got := strings.Count(string(arguments), component); got != 1 {
					t.Errorf("the component token was read %d times, want once", got)
				}
				for _, secret := range []string{"61_component", "61_made", "refreshtoken"} {
					if strings.Contains(string(arguments), secret) || strings.Contains(said.String(), secret) {
						t.Errorf("%s stands in an argument or in what was said:\n%s%s", secret, arguments, said.String())
					}
				}
			})
		}
	}
}
