package provider

import (
	"archive/zip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// failures are the ways in which reading one account fails, each with what its message must say for somebody to act on it.
var failures = []struct {
	name     string
	fault    simulator.Fault
	settings string // of the provider block
	read     string // timeouts.read
	says     []string
}{
	{
		name: "48001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001},
		says: []string{"WeChat error 48001", "24 for an official account and 25 for a mini program", "another third-party platform holds that set", "a component access token", `"api unauthorized"`, "rid "},
	},
	{
		name: "40001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40001},
		says: []string{"WeChat error 40001", "access_token_file still has the same one", "another process refreshes the account's token"},
	},
	{
		name: "42001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 42001},
		says: []string{"WeChat error 42001", "the access token has expired", "stopped refreshing it"},
	},
	{
		name: "61003", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003},
		says: []string{"WeChat error 61003", "withdrawn the authorization", "authorize the platform again"},
	},
	{
		name: "61004", fault: simulator.Fault{Kind: simulator.FaultCallerIP},
		says: []string{"WeChat error 61004", "come from 127.0.0.1", "third-party platform's IP allow-list"},
	},
	{
		name: "40164", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40164, Message: "invalid ip 203.0.113.10 ipv6 ::ffff:203.0.113.10, not in whitelist"},
		says: []string{"WeChat error 40164", "come from 203.0.113.10", "account's IP allow-list"},
	},
	{
		name: "45009", fault: simulator.Fault{Kind: simulator.FaultDailyQuota},
		says: []string{"WeChat error 45009", "quota of the day", "midnight China time"},
	},
	{
		name: "45011", fault: simulator.Fault{Kind: simulator.FaultMinuteQuota}, read: "20s",
		says: []string{"WeChat error 45011", "quota of the minute", "timeouts.read left no time for another attempt"},
	},
	{
		name: "busy", fault: simulator.Fault{Kind: simulator.FaultSystemBusy}, settings: "max_retries = 1",
		says: []string{"WeChat error -1", "WeChat was busy, 2 times in a row", "report the rid"},
	},
	{
		name: "40013", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40013},
		says: []string{"WeChat error 40013", "the access token belongs to another account than this appid"},
	},
	{
		name: "a code that nobody knows", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 99999, Message: "what is this"},
		says: []string{"WeChat error 99999", "a code that this provider does not know", `"what is this"`},
	},
	{
		name: "a gateway's page", fault: simulator.Fault{Kind: simulator.FaultHTML502}, settings: "max_retries = 0",
		says: []string{"the answer is not WeChat's", "it is no JSON object", "status 502", "Bad Gateway"},
	},
	{
		name: "a login page", fault: simulator.Fault{Kind: simulator.FaultHTML200},
		says: []string{"the answer is not WeChat's", "status 200", "a login page on the way answered in WeChat's place"},
	},
	{
		name: "nothing", fault: simulator.Fault{Kind: simulator.FaultEmpty}, settings: "max_retries = 0",
		says: []string{"it is empty", "status 200, 0 bytes"},
	},
	{
		name: "a cut connection", fault: simulator.Fault{Kind: simulator.FaultCut}, settings: "max_retries = 0",
		says: []string{"no answer from WeChat", "the connection was closed before an answer came"},
	},
	{
		name: "half an answer", fault: simulator.Fault{Kind: simulator.FaultTruncated}, settings: "max_retries = 0",
		says: []string{"no answer from WeChat", "the answer was cut off"},
	},
	{
		name: "no answer in time", fault: simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour}, settings: "max_retries = 0\n request_timeout = \"100ms\"",
		says: []string{"no answer came in time", "request_timeout"},
	},
	{
		name: "nobody there", settings: "max_retries = 0\n base_url = \"http://127.0.0.1:1\"",
		says: []string{"the connection was refused", "nothing listens at base_url", "Asked was 127.0.0.1:1"},
	},
	{
		name: "another account's token", settings: `access_token_file = "${path.module}/wrong"`,
		says: []string{"WeChat error 40013", "the access token belongs to another account than this appid"},
	},
	{
		name: "no token file", settings: `access_token_file = "${path.module}/none/{appid}"`,
		says: []string{"No access token", "access_token_file gives no access token for it", "does not exist"},
	},
	{
		name: "an empty token file", settings: `access_token_file = "${path.module}/empty"`,
		says: []string{"No access token", "is empty"},
	},
	{
		name: "a dead token from elsewhere", settings: `access_token_file = "${path.module}/dead"`,
		says: []string{"WeChat error 40001", "access_token_file still has the same one"},
	},
}

// TestAccFailures_sayWhatToDoAndLeakNothing runs every failure in one plan, each account under a provider of its own, with
// the engine and the provider logging all they can. Each message must help, and no byte of what the run left may hold a
// secret.
func TestAccFailures_sayWhatToDoAndLeakNothing(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, fleetWorld(len(failures)+1))
	appid := func(number int) string { return fmt.Sprintf("wx%016x", 0x4000+number) }
	var configuration strings.Builder
	configuration.WriteString(required)
	for number, failure := range failures {
		if failure.fault.Kind != "" {
			failure.fault.AppID = appid(number)
			wechat.fault(t, failure.fault)
		}
		settings := failure.settings
		if !strings.Contains(settings, "base_url") {
			settings += fmt.Sprintf("\n  base_url = %q", wechat.server.URL())
		}
		if !strings.Contains(settings, "access_token_file") {
			settings += fmt.Sprintf("\n  access_token_file = \"%s/{appid}\"", filepath.ToSlash(wechat.tokens))
		}
		read := failure.read
		if read == "" {
			read = "2m"
		}
		fmt.Fprintf(&configuration, `
provider "wechat" {
  alias = "p%[1]d"
  %[2]s
}

data "wechat_open_account" "d%[1]d" {
  provider = wechat.p%[1]d
  appid    = %[3]q
  timeouts = { read = %[4]q }
}
`, number, settings, appid(number), read)
	}

	place := workspace(t, configuration.String())
	write(t, filepath.Join(place.Dir, "wrong"), wechat.Token(appid(len(failures))))
	write(t, filepath.Join(place.Dir, "empty"), "\n")
	dead := wechat.IssueToken(appid(len(failures) - 1))
	wechat.RevokeTokens(appid(len(failures) - 1))
	write(t, filepath.Join(place.Dir, "dead"), dead)
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))

	result := run(t, place, "plan", "-no-color", "-out=plan.bin")
	if result.ExitCode != 1 {
		t.Errorf("exit code %d, want 1", result.ExitCode)
	}
	messages := strings.Split(result.Stderr, "\nError: ")
	for number, failure := range failures {
		t.Run(failure.name, func(t *testing.T) {
			var own []string
			for _, message := range messages {
				if strings.Contains(message, fmt.Sprintf("data.wechat_open_account.d%d,", number)) {
					own = append(own, message)
				}
			}
			if len(own) != 1 {
				t.Fatalf("got %d messages, want 1:\n%s", len(own), result.Stderr)
			}
			expectWords(t, own[0], append(failure.says, appid(number), "What to do:")...)
		})
	}

	secrets := []string{dead}
	for number := range len(failures) + 1 {
		secrets = append(secrets, wechat.Token(appid(number)))
	}
	expectNoSecret(t, place, []engine.Result{result}, secrets, "wrong", "dead")
}

// TestAccSuccess_leaksNothing applies a configuration that is in order, and looks at state, plan and logs.
func TestAccSuccess_leaksNothing(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	odd := "61_odd+/ =&%#" + strings.Repeat("Qx7", 40)
	if err := wechat.SetToken(books, odd); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(wechat.tokens, books), odd+"\n")
	place := workspace(t, wechat.config("", `
data "wechat_open_account" "tea" { appid = "wx1000000000000001" }
data "wechat_open_account" "books" { appid = "wx1000000000000004" }
output "books" { value = data.wechat_open_account.books.open_appid }
`))
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	results := []engine.Result{
		run(t, place, "plan", "-no-color", "-out=plan.bin"),
		run(t, place, "apply", "-no-color", "plan.bin"),
		run(t, place, "show", "-no-color", "-json"),
	}
	if got := outputs(t, place)["books"]; got != booksOpen {
		t.Errorf("got %v, want the binding through a token of odd characters", got)
	}
	expectNoSecret(t, place, results, []string{odd, wechat.Token(tea), wechat.Token(books)})
}

// expectNoSecret reads every byte of all that runs printed and of all files in the workspace but the ones named, plan files
// unpacked, and fails where a secret stands there, as it is or encoded.
func expectNoSecret(t *testing.T, place *engine.Workspace, results []engine.Result, secrets []string, but ...string) {
	t.Helper()
	texts := map[string]string{}
	for number, result := range results {
		texts[fmt.Sprintf("standard output %d", number)] = result.Stdout
		texts[fmt.Sprintf("standard error %d", number)] = result.Stderr
	}
	err := filepath.WalkDir(place.Dir, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(place.Dir, path)
		if err != nil || entry.IsDir() || strings.Contains(name, "providers") {
			return err
		}
		for _, excepted := range but {
			if name == excepted {
				return nil
			}
		}
		content, err := os.ReadFile(path)
		texts[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if archive, err := zip.OpenReader(filepath.Join(place.Dir, "plan.bin")); err == nil {
		for _, file := range archive.File {
			opened, err := file.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(opened)
			if err != nil {
				t.Fatal(err)
			}
			texts["plan.bin/"+file.Name] = string(content)
		}
	}
	if trace := texts["trace.log"]; !strings.Contains(trace, "asked WeChat") {
		t.Error("the log holds nothing of the provider: is it the right one?")
	}
	for name, text := range texts {
		for _, secret := range secrets {
			for encoding, written := range map[string]string{
				"as it is":       secret,
				"in a query":     url.QueryEscape(secret),
				"in a path":      url.PathEscape(secret),
				"in Base64":      base64.StdEncoding.EncodeToString([]byte(secret)),
				"in hexadecimal": hex.EncodeToString([]byte(secret)),
				"its beginning":  secret[:16],
				"its end":        secret[len(secret)-16:],
			} {
				if at := strings.Index(text, written); at >= 0 {
					t.Errorf("%s holds a secret %s, behind %q", name, encoding, text[max(0, at-80):at])
				}
			}
		}
	}
}
