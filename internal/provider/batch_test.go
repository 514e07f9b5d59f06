package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// batchAccounts is how many accounts the tests of batches read.
const batchAccounts = 300

// tokensOf is a JSON object from appid to token of all of a lab's accounts, within the named members.
func tokensOf(t *testing.T, wechat *lab, within ...string) string {
	t.Helper()
	tokens := map[string]string{}
	for _, account := range wechat.World().Accounts {
		tokens[account.AppID] = wechat.Token(account.AppID)
	}
	var document any = tokens
	for _, name := range within {
		document = map[string]any{name: document, "expires_in": 7200}
	}
	written, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

// TestAccBatch_bringsAllTokensInOneQuestion reads three hundred accounts from each source that hands out all tokens
// together, and once more after one of them was refreshed behind its back.
func TestAccBatch_bringsAllTokensInOneQuestion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings  string
		questions int // in a read with tokens that were rejected; 0: not counted
	}{
		"a program": {
			`exec = { command = "sh", args = ["-c", "echo run >>DIR/asked; cat DIR/FILE"], batch = true }`, 2,
		},
		"a service": {`token_endpoint = { url = "SERVICE/all", token_path = "data.tokens", batch = true }`, 2},
		"a file":    {`access_tokens_file = "DIR/tokens.json"`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, fleetWorld(batchAccounts))
			folder := filepath.ToSlash(t.TempDir())
			var asked, told atomic.Int32 // told of a rejection
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				if r.Header.Get("X-WeChat-Token-Rejected") == "true" {
					told.Add(1)
				}
				content, _ := os.ReadFile(filepath.Join(folder, "service.json"))
				_, _ = w.Write(content)
			}))
			t.Cleanup(service.Close)
			keep := func() {
				write(t, filepath.Join(folder, "tokens.json"), tokensOf(t, wechat))
				write(t, filepath.Join(folder, "printed.json"), tokensOf(t, wechat, "access_tokens"))
				write(t, filepath.Join(folder, "service.json"), tokensOf(t, wechat, "tokens", "data"))
			}
			keep()
			settings := strings.NewReplacer("DIR", folder, "FILE", "printed.json", "SERVICE", service.URL).Replace(test.settings)
			place := workspace(t, required+fmt.Sprintf("provider \"wechat\" {\n  base_url = %q\n  %s\n}\n", wechat.server.URL(), settings)+
				fleet(batchAccounts, ""))
			expectExit(t, place, 0, "apply", "-auto-approve")
			if got := wechat.Count(pathOpenGet); got != batchAccounts {
				t.Errorf("asked WeChat %d times", got)
			}
			runs := func() int {
				content, _ := os.ReadFile(filepath.Join(folder, "asked"))
				return strings.Count(string(content), "run") + int(asked.Load())
			}
			if got := runs(); test.questions > 0 && got != 1 {
				t.Errorf("the source was asked %d times for %d accounts, want once", got, batchAccounts)
			}

			// All tokens of the batch are stale, and the source has new ones only when it is asked again.
			wechat.fault(t, simulator.Fault{Path: pathOpenGet, Kind: simulator.FaultErrcode, Code: 40001, AppID: fleetAppID(7)})
			wechat.fault(t, simulator.Fault{Path: pathOpenGet, Kind: simulator.FaultErrcode, Code: 40001, AppID: fleetAppID(8)})
			before := runs()
			refused := expectExit(t, place, 1, "plan")
			expectWords(t, refused.Stderr, "2 of 300 accounts could not be read", "still has the same one")
			if got := runs() - before; test.questions > 0 && got != test.questions {
				t.Errorf("the source was asked %d times in a read with rejections, want %d", got, test.questions)
			}
			if got := told.Load(); asked.Load() > 0 && got != 1 {
				t.Errorf("the service was told %d times of a rejection, want once", got)
			}
		})
	}
}

// TestAccBatch_saysWhatIsWrong has batches that fail for all accounts, and entries that fail for theirs.
func TestAccBatch_saysWhatIsWrong(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, fleetWorld(8))
	folder := filepath.ToSlash(t.TempDir())
	whole := tokensOf(t, wechat)
	gaps := strings.Replace(strings.Replace(whole, `"`+fleetAppID(0)+`":"`, `"wx9":"`, 1),
		`"`+fleetAppID(1)+`":"`, `"`+fleetAppID(1)+`":"Bearer `, 1)
	for name, content := range map[string]string{"gaps": gaps, "list": "[" + whole + "]", "one": wechat.Token(fleetAppID(0))} {
		write(t, filepath.Join(folder, name), content)
	}
	for name, test := range map[string]struct {
		settings string
		says     []string
	}{
		"entries": {`access_tokens_file = "DIR/gaps"`, []string{
			"2 of 8 accounts could not be read", "the map has no token for this appid", "begins like an Authorization header",
		}},
		"a list": {`access_tokens_file = "DIR/list"`, []string{"holds no JSON object from appid to token", "is for access_token_file"}},
		"one token": {`access_tokens_file = "DIR/one"`, []string{
			"holds no JSON object from appid to token", "it is asked once, for all accounts",
		}},
		"no file": {`access_tokens_file = "DIR/none"`, []string{"does not exist", "that whatever writes the file has run"}},
		"one printed": {
			`exec = { command = "cat", args = ["DIR/one"], batch = true }`, []string{"What to do: Run the program by hand.", `JSON with "access_tokens"`},
		},
		"an object elsewhere": {
			`exec = { command = "cat", args = ["DIR/gaps"], batch = true }`, []string{`no object from appid to token in "access_tokens"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := strings.ReplaceAll(test.settings, "DIR", folder)
			place := workspace(t, required+fmt.Sprintf("provider \"wechat\" {\n  base_url = %q\n  %s\n}\n", wechat.server.URL(), settings)+fleet(8, ""))
			expectWords(t, expectExit(t, place, 1, "plan").Stderr, test.says...)
		})
	}
}

// TestAccComponent_takesItsTokenFromWhereItLives has the component's own token come from each of its sources, and one
// that is refreshed in between.
func TestAccComponent_takesItsTokenFromWhereItLives(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]string{
		"a file":    `access_token_file = "DIR/component"`,
		"a program": `exec = { command = "sh", args = ["-c", "test -z \"$WECHAT_APPID\" && cat DIR/component"] }`,
		"a service": `token_endpoint = { url = "SERVICE/inner/component-access-token", token_path = "data.token" }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			folder := filepath.ToSlash(t.TempDir())
			token := func() string {
				content, _ := os.ReadFile(filepath.Join(folder, "component"))
				return string(content)
			}
			// The first token that is handed out is one that WeChat does not know any more.
			var asked atomic.Int32
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				_, _ = fmt.Fprintf(w, `{"code":0,"errorMsg":"OK","data":{"token":%q}}`, token())
			}))
			t.Cleanup(service.Close)
			write(t, filepath.Join(folder, "component"), wechat.IssueComponentToken())
			settings := strings.NewReplacer("DIR", folder, "SERVICE", service.URL).Replace(settings)
			place := workspace(t, wechat.config(fmt.Sprintf("component = {\n    appid = %q\n    %s\n  }", wechat.Component().AppID, settings), `
data "wechat_authorizers" "all" {}
data "wechat_authorizer" "tea" { appid = "wx1000000000000001" }
output "count" { value = length(data.wechat_authorizers.all.appids) }
output "kind" { value = data.wechat_authorizer.tea.kind }
`))
			expectExit(t, place, 0, "apply", "-auto-approve")
			expectAsked(t, wechat, map[string]int{pathAuthorizerList: 1, pathAuthorizerInfo: 1})

			write(t, filepath.Join(folder, "component"), "61_a_token_of_long_ago")
			refused := expectExit(t, place, 1, "plan")
			expectWords(t, refused.Stderr, "refused the component's own access token from component.", "there is still the same one")
			write(t, filepath.Join(folder, "component"), "Bearer x")
			expectWords(t, expectExit(t, place, 1, "plan").Stderr, "gives no component access token: ", "begins like an Authorization header")
		})
	}
}

// TestAccBatch_validates has settings that speak of one account where all are asked about, or of none.
func TestAccBatch_validates(t *testing.T) {
	t.Parallel()
	for settings, says := range map[string]string{
		`access_tokens_file = "tokens/{appid}.json"`:                                           "access_tokens_file has {appid} in it, and is asked once",
		`access_tokens_file = ""`:                                                              "The value of access_tokens_file is empty",
		`exec = { command = "x", args = ["{appid}"], batch = true }`:                           "exec.args has {appid} in it, and is asked once",
		`token_endpoint = { url = "https://x/{appid}", batch = true }`:                         "token_endpoint.url has {appid} in it, and is asked once",
		`token_endpoint = { url = "https://x", headers = { A = "{appid}" }, batch = true }`:    "token_endpoint.headers has {appid} in it",
		`component = { appid = "wx3000000000000001", access_token_file = "tokens/{appid}" }`:   "component.access_token_file has {appid} in it, and the component has one access token",
		`component = { appid = "wx3000000000000001", exec = { command = "x", batch = true } }`: "component.exec.batch is true, and the component has one access token",
		`component = { access_token_file = "x", exec = { command = "x" } }`:                    "component has component.access_token_file and component.exec.",
		`component = { exec = { command = "" } }`:                                              "The value of component.exec.command is empty",
		"access_tokens_file = \"x\"\n  access_token_file = \"y\"":                              "The provider block has access_token_file and access_tokens_file.",
	} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, required+"provider \"wechat\" {\n  "+settings+"\n}\ndata \"wechat_authorizers\" \"all\" {}\n")
			expectWords(t, expectExit(t, place, 1, "validate").Stderr, says)
		})
	}
}
