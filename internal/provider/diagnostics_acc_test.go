package provider

import (
	"archive/zip"
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// failures are the ways in which reading one account fails, each with what its message must say for somebody to act on it.
var failures = []struct {
	name  string
	fault simulator.Fault
	// settings are the provider block's; SERVICE in them is the address of a token service, TOKENS the folder of token files,
	// SECURE a server whose certificate nobody signed.
	settings string
	read     string // timeouts.read
	// asks is the data source that fails; "" is wechat_open_account.
	asks string
	says []string
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
		says: []string{"WeChat error -1", "WeChat was busy, after 2 attempts", "report the rid"},
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
		says: []string{"the answer is not WeChat's", "the answer is no JSON object", "status 502", "Bad Gateway"},
	},
	{
		name: "a login page", fault: simulator.Fault{Kind: simulator.FaultHTML200},
		says: []string{"the answer is not WeChat's", "status 200", "a login page on the way answered in WeChat's place"},
	},
	{
		name: "nothing", fault: simulator.Fault{Kind: simulator.FaultEmpty}, settings: "max_retries = 0",
		says: []string{"the answer is empty", "status 200, 0 bytes"},
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
		says: []string{"the connection was refused", "nothing listens at base_url", "cgi-bin/open/get at 127.0.0.1:1", "points to 127.0.0.1:1, not to WeChat"},
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
		name: "a file with a header in it", settings: `access_token_file = "${path.module}/header"`,
		says: []string{"No access token", "access_token_file gives no access token for it", "begins like an Authorization header", "the whole access token and nothing else"},
	},
	{
		name: "a token in a path's place", settings: `access_token_file = var.secret`,
		says: []string{"No access token", "the file that it names does not exist", "a path and not a token"},
	},
	{
		name: "a program that prints null", settings: `exec = { command = "echo", args = ["null"] }`,
		says: []string{"No access token", "what the program printed is the word null, which stands where there is no token"},
	},
	{
		name: "a token in a program's place", settings: `exec = { command = var.secret }`,
		says: []string{"No access token", "there is no program of the name that exec.command gives; it may be a secret, and so it is not shown"},
	},
	{
		name: "a token in a token path's place", settings: `token_endpoint = { url = "SERVICE/sibling/{appid}", token_path = var.secret }`,
		says: []string{"No access token", "no token at that path; the names in its answer are: access_token"},
	},
	{
		name: "a program that fails", settings: `exec = { command = "sh", args = ["-c", "echo cannot reach the vault with $KEY >&2; exit 3"], env = { KEY = var.secret } }`,
		says: []string{"No access token", "exec gives no access token for it", "exit status 3", "cannot reach the vault with [redacted]"},
	},
	{
		name: "a program without end", settings: `exec = { command = "sleep", args = ["600"], timeout = "100ms" }`,
		says: []string{"No access token", "did not end within 100ms and was killed"},
	},
	{
		name: "a program of two lines", settings: `exec = { command = "sh", args = ["-c", "cat ${path.module}/dead; echo; cat ${path.module}/wrong"] }`,
		says: []string{"No access token", "has several lines"},
	},
	{
		name: "a program that talks without end", settings: `exec = { command = "sh", args = ["-c", "yes $(cat ${path.module}/dead)"] }`,
		says: []string{"No access token", "more than 65536 bytes"},
	},
	{
		name: "a program that is not there", settings: `exec = { command = "no-such-program-anywhere" }`,
		says: []string{"No access token", `there is no program "no-such-program-anywhere"`},
	},
	{
		name: "a service's page", settings: `token_endpoint = { url = "SERVICE/page/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"No access token", "token_endpoint gives no access token for it", "something that is no JSON"},
	},
	{
		name: "a service that redirects", settings: `token_endpoint = { url = "SERVICE/redirect/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"No access token", "redirects are not followed"},
	},
	{
		name: "a service with the token elsewhere", settings: `token_endpoint = { url = "SERVICE/token/{appid}", token_path = "data.token" }`,
		says: []string{"No access token", `no token at "data.token"`, "token_endpoint.token_path"},
	},
	{
		name: "a service that does not know the account", settings: `token_endpoint = { url = "SERVICE/unknown/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"No access token", "code 1002", "errorMsg no such account for key [redacted]"},
	},
	{
		name: "a service that is slow", settings: "max_retries = 0\n" + `token_endpoint = { url = "SERVICE/slow/{appid}?key=x", timeout = "100ms" }`,
		says: []string{"No access token", "no answer came in time"},
	},
	{
		name: "a service behind a proxy that refuses", settings: "max_retries = 0\n" + `token_endpoint = { url = "https://tokens.example/{appid}", proxy_url = "http://user:${var.secret}@127.0.0.1:1" }`,
		says: []string{"No access token", "the proxy refused the connection"},
	},
	{
		name: "a service with another account's token", settings: `token_endpoint = { url = "SERVICE/sibling/{appid}" }`,
		says: []string{"WeChat error 40013", "the access token belongs to another account than this appid"},
	},
	{
		name: "a component and nothing beside it", settings: `component = { appid = "wx3000000000000001" }`,
		says: []string{"No access token", "a component but no token source", "token_endpoint"},
	},
	{
		name: "a component without an access token", asks: "wechat_authorizer", settings: `component = { appid = "wx3000000000000001" }`,
		says: []string{"No component access token", "has an appid and no access token", "WECHAT_COMPONENT_ACCESS_TOKEN"},
	},
	{
		name: "a component with an old token", asks: "wechat_authorizer",
		settings: `component = { appid = "wx3000000000000001", access_token = var.secret }`,
		says:     []string{"WeChat error 40001", "refused the component's own access token, given in component.access_token"},
	},
	{
		name: "a component whose token has expired", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 42001},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"WeChat error 42001", "component.access_token", "the access token has expired"},
	},
	{
		name: "a component that is none", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61011},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"WeChat error 61011", "an authorizer's appid may stand in its place"},
	},
	{
		name: "an account that left the platform", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"WeChat error 61003", "withdrawn the authorization"},
	},
	{
		name: "48001, explained", fault: simulator.Fault{Path: "/cgi-bin/open/get", Kind: simulator.FaultErrcode, Code: 48001},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }` + "\n" + `access_token_file = "TOKENS/{appid}"`,
		says:     []string{"WeChat error 48001", "the account is a mini program and has granted the platform permission set 25", "another platform's"},
	},
	{
		name: "48001, not explained", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }` + "\n" + `access_token_file = "TOKENS/{appid}"`,
		says:     []string{"WeChat error 48001", "24 for an official account and 25 for a mini program", "What the account has granted was asked for and could not be read", "it takes the component's own"},
	},
	{
		name: "40014", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40014},
		says: []string{"WeChat error 40014", "the access token is malformed", "access_token_file still has the same one"},
	},
	{
		name: "42007", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 42007},
		says: []string{"WeChat error 42007", "its owner changed the password", "Have the owner authorize the platform again"},
	},
	{
		name: "48004", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48004},
		says: []string{"WeChat error 48004", "forbidden to the account", "account's console"},
	},
	{
		name: "61007", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61007},
		says: []string{"WeChat error 61007", "24 for an official account and 25 for a mini program", "another third-party platform holds that set"},
	},
	{
		name: "89503", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 89503},
		says: []string{"WeChat error 89503", "awaits the administrator's approval", "Have the administrator approve in WeChat"},
	},
	{
		name: "41001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 41001},
		says: []string{"WeChat error 41001", "the access token is missing", "without dropping the query"},
	},
	{
		name: "a token that was given and is dead", settings: `access_token = var.secret`,
		says: []string{"WeChat error 40001", "WeChat refused the access token given in access_token", "one lives for two hours"},
	},
	{
		name: "an account without a token", settings: `access_tokens = { wx1000000000000001 = var.secret }`,
		says: []string{"No access token", "access_tokens gives no access token for it", "the map has no entry for this appid"},
	},
	{
		name: "a token that is not known yet", settings: `access_token = terraform_data.later.output`,
		says: []string{"Provider configuration not known yet", "the provider's access_token will be known only after apply", "depends_on"},
	},
	{
		name: "a certificate of nobody", settings: `base_url = "SECURE"`,
		says: []string{"no answer from WeChat", "the TLS certificate is not trusted", "ca_certificate_file"},
	},
	{
		name: "a proxy that is not there", settings: "max_retries = 0\n" + `base_url = "https://wechat.example"` + "\n" + `proxy_url = "http://user:${var.secret}@127.0.0.1:1"`,
		says: []string{"no answer from WeChat", "the proxy refused the connection", "Check proxy_url"},
	},
	{
		name: "a dead token from elsewhere", settings: `access_token_file = "${path.module}/dead"`,
		says: []string{"WeChat error 40001", "access_token_file still has the same one"},
	},
}

// declareSecrets declares variables for secrets: ephemeral ones, which the engine itself keeps nowhere. An engine that has
// none gets sensitive ones, and keeps them in keptVariables.
func declareSecrets(names ...string) string {
	kind := "ephemeral"
	if !installed.HasEphemeralVariables() {
		kind = "sensitive"
	}
	var declared strings.Builder
	for _, name := range names {
		fmt.Fprintf(&declared, "variable %q { %s = true }\n", name, kind)
	}
	return declared.String()
}

// keptVariables lists the files in which the engine, and not the provider, keeps the values of declareSecrets.
func keptVariables() []string {
	if installed.HasEphemeralVariables() {
		return nil
	}
	return []string{planFile}
}

// tokenService is a service that hands out a lab's tokens, in the ways that its paths name.
func tokenService(t *testing.T, wechat *lab, sibling string) *httptest.Server {
	t.Helper()
	answer := func(format string, values ...any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, format, values...) }
	}
	paths := http.NewServeMux()
	paths.HandleFunc("GET /token/{appid}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":7200}`, wechat.Token(r.PathValue("appid")))
	})
	paths.HandleFunc("GET /page/{appid}", answer("<html>Log in</html>"))
	paths.Handle("GET /redirect/{appid}", http.RedirectHandler("/token/"+sibling, http.StatusFound))
	paths.HandleFunc("GET /unknown/{appid}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"code":1002,"errorMsg":"no such account for key %s"}`, r.Header.Get("X-Key"))
	})
	paths.HandleFunc("GET /slow/{appid}", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	paths.HandleFunc("GET /sibling/{appid}", answer(`{"access_token":%q}`, wechat.Token(sibling)))
	server := httptest.NewServer(paths)
	t.Cleanup(server.Close)
	return server
}

// unsigned is a server with a certificate that no authority of this machine has signed.
func unsigned(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // which would tell of each handshake that failed
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// alias is a numbered provider block and one read through it.
func alias(number int, settings, appid, read string) string {
	return fmt.Sprintf(`
provider "wechat" {
  alias = "p%[1]d"
  %[2]s
}

data "wechat_open_account" "d%[1]d" {
  provider = wechat.p%[1]d
  appid    = %[3]q
  timeouts = { read = %[4]q }
}
`, number, settings, appid, read)
}

// TestAccFailures_sayWhatToDoAndLeakNothing runs every failure in one plan, each account under a provider of its own, with
// the engine and the provider logging all they can. Each message must help, and no byte of what the run left may hold a
// secret.
func TestAccFailures_sayWhatToDoAndLeakNothing(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, fleetWorld(len(failures)+1))
	appid := func(number int) string { return fmt.Sprintf("wx%016x", 0x4000+number) }
	service, secure := tokenService(t, wechat, appid(len(failures))), unsigned(t)
	secrets := []string{
		"hunter2-and-something-more", wechat.IssueComponentToken(), wechat.ComponentSecret(), wechat.VerifyTicket(),
	}
	variables := []string{
		"TF_VAR_secret=" + secrets[0], "TF_VAR_component=" + secrets[1],
	}
	var configuration strings.Builder
	configuration.WriteString(required + declareSecrets("secret", "component") + "resource \"terraform_data\" \"later\" { input = \"known after apply\" }\n")
	for number, failure := range failures {
		if failure.fault.Kind != "" {
			failure.fault.AppID = appid(number)
			wechat.fault(t, failure.fault)
		}
		settings := strings.NewReplacer("SERVICE", service.URL, "SECURE", secure, "TOKENS", filepath.ToSlash(wechat.tokens)).Replace(failure.settings)
		if !strings.Contains(settings, "base_url") {
			settings += fmt.Sprintf("\n  base_url = %q", wechat.server.URL())
		}
		if !regexp.MustCompile(`access_token|exec|token_endpoint|component`).MatchString(settings) {
			settings += fmt.Sprintf("\n  access_token_file = \"%s/{appid}\"", filepath.ToSlash(wechat.tokens))
		}
		read := failure.read
		if read == "" {
			read = "2m"
		}
		reads := alias(number, settings, appid(number), read)
		if failure.asks != "" {
			reads = strings.Replace(reads, "wechat_open_account", failure.asks, 1)
		}
		configuration.WriteString(reads)
	}

	place := workspace(t, configuration.String(), variables...)
	write(t, filepath.Join(place.Dir, "wrong"), wechat.Token(appid(len(failures))))
	write(t, filepath.Join(place.Dir, "empty"), "\n")
	dead := wechat.IssueToken(appid(len(failures) - 1))
	wechat.RevokeTokens(appid(len(failures) - 1))
	write(t, filepath.Join(place.Dir, "dead"), dead)
	write(t, filepath.Join(place.Dir, "header"), "Bearer "+dead)
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))

	result := run(t, place, "plan", "-json", "-out=plan.bin")
	if result.ExitCode != 1 {
		t.Errorf("exit code %d, want 1", result.ExitCode)
	}
	messages := diagnosticsIn(result)
	var all []kept
	for number, failure := range failures {
		t.Run(failure.name, func(t *testing.T) {
			own := errorsAbout(messages, number)
			if len(own) != 1 {
				t.Fatalf("got %d messages, want 1:\n%s", len(own), messages)
			}
			expectWords(t, own[0], append(failure.says, appid(number), "What to do:")...)
			all = append(all, kept{failure.name, own[0]})
		})
	}
	expectKept(t, "failures.txt", all, map[string]string{"MODULE": place.Dir, "TOKENS": wechat.tokens})

	secrets = append(secrets, dead)
	for number := range len(failures) + 1 {
		secrets = append(secrets, wechat.Token(appid(number)), wechat.RefreshToken(appid(number)))
	}
	expectNoSecret(t, place, []engine.Result{result}, secrets, append(keptVariables(), "wrong", "dead", "header")...)
}

// TestAccSuccess_leaksNothing applies a configuration that is in order, and looks at state, plan and logs.
func TestAccSuccess_leaksNothing(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	odd := "61_odd-_.~+/=" + strings.Repeat("Qx7", 40)
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

// TestAccMisbehavingServer_leaksNothing has a server that sends more than it said it would, with the request's URL in it:
// net/http would print it.
func TestAccMisbehavingServer_leaksNothing(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				request, err := http.ReadRequest(bufio.NewReader(connection))
				if err != nil {
					return
				}
				const answer = `{"open_appid":"wx2000000000000001","errcode":0,"errmsg":"ok"}`
				_, _ = fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s<p>You asked for %s</p>", len(answer), answer, request.URL)
				_, _ = io.Copy(io.Discard, connection)
			}()
		}
	}()
	const secret = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" { base_url = "http://%s" }
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, listener.Addr()), "WECHAT_ACCESS_TOKEN="+secret)
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	result := run(t, place, "plan", "-no-color", "-out=plan.bin")
	if result.ExitCode != 0 {
		t.Errorf("exit code %d: %s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	expectNoSecret(t, place, []engine.Result{result}, []string{secret})
}

// planFile is the plan that expectNoSecret unpacks.
const planFile = "plan.bin"

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
		if slices.Contains(but, name) {
			return nil
		}
		content, err := os.ReadFile(path)
		texts[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if archive, err := zip.OpenReader(filepath.Join(place.Dir, planFile)); err == nil && !slices.Contains(but, planFile) {
		for _, file := range archive.File {
			opened, err := file.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(opened)
			if err != nil {
				t.Fatal(err)
			}
			texts[planFile+"/"+file.Name] = string(content)
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
