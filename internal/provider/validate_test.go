package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAccValidate has one provider block, or one data source, for each thing that can be wrong with it, and sees that
// `validate` says so on the right attribute, without a value that may be secret, and without any credentials.
func TestAccValidate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	noPEM := filepath.ToSlash(filepath.Join(folder, "ca.pem"))
	write(t, noPEM, "not a certificate")
	const secret = "hunter2"
	// nested is an attribute that holds the one to blame. Not every engine points at its line, and the others at the
	// block.
	const nested = "timeouts"

	type fault struct {
		written string // what stands in the block
		says    string
		at      string // what the source line that is pointed at holds; "" for the block itself
		warns   bool
	}
	providers := []fault{
		{`access_token = ""`, "The value of access_token is empty", "", false},
		{`access_token = " "`, "The value of access_token is empty", "", false},
		{"access_token = \"hunter2\\nhunter2\"", "The value of access_token has several lines", "", false},
		{`access_token = "Bearer hunter2"`, "The value of access_token begins like an Authorization header", "", false},
		{`access_token = "WECHAT_ACCESS_TOKEN=hunter2"`, "The value of access_token reads as NAME=value", "", false},
		{`access_token = "null"`, "The value of access_token is the word null", "", false},
		{`access_token = "<html>hunter2</html>"`, "The value of access_token is a page of HTML", "", false},
		{`access_tokens = { wx1000000000000001 = "{hunter2}", wx1000000000000002 = "[]" }`, "The entry of access_tokens for wx1000000000000001, wx1000000000000002 is JSON", "", false},
		{`component = { access_token = "hunter2 hunter2" }`, "The value of component.access_token has spaces", "", false},
		{`access_tokens = { wx1000000000000001 = "" }`, "The entry of access_tokens for wx1000000000000001 is empty", "", false},
		{`access_tokens = { gh_000000000001 = "hunter2" }`, "A key of access_tokens cannot be an appid", "", false},
		{`access_tokens = { "hunter2" = "wx1000000000000001" }`, "A key of access_tokens is not wx and 16", "", true},
		{`access_tokens = { "hunter2_" = "" }`, "A key of access_tokens cannot be an appid", "", false},
		{"access_token = \"hunter2\"\n  access_token_file = \"x\"", "The provider block has access_token and access_token_file.", "", false},
		{"access_token = \"hunter2\"\n  access_tokens = { wx1000000000000001 = \"hunter2\" }", "The provider block has access_token and access_tokens.", "", false},
		{`access_token_file = ""`, "The value of access_token_file is empty", "access_token_file", false},
		{`base_url = ""`, "The value of base_url is empty", "base_url", false},
		{`base_url = "api.weixin.qq.com"`, "must have a scheme and a host", "base_url", false},
		{`base_url = "http://api.weixin.qq.com"`, "must begin with https", "base_url", false},
		{`base_url = "https://user:hunter2@gateway.example"`, "holds a user name", "", false},
		{`base_url = "https://gateway.example/?key=hunter2"`, "no query", "", false},
		{`base_url = "https://gateway.example/#hunter2"`, "no fragment", "", false},
		{`proxy_url = "hunter2"`, "The value of proxy_url must begin with http", "", false},
		{`proxy_url = ""`, "The value of proxy_url is empty", "", false},
		{`ca_certificate_file = ""`, "The path is empty", "ca_certificate_file", false},
		{fmt.Sprintf(`ca_certificate_file = %q`, noPEM), "holds no PEM certificate", "ca_certificate_file", false},
		{fmt.Sprintf(`ca_certificate_file = %q`, filepath.ToSlash(folder)), "it is no plain file", "ca_certificate_file", false},
		{`request_timeout = "10"`, `request_timeout is "10", and must be a duration above zero`, "request_timeout", false},
		{`request_timeout = "0s"`, "must be a duration above zero", "request_timeout", false},
		{`request_timeout = "-1s"`, "must be a duration above zero", "request_timeout", false},
		{`max_retries = -1`, "value must be at least 0", "max_retries", false},
		{`max_concurrent_requests = 0`, "value must be at least 1", "max_concurrent_requests", false},
		{"access_token = \"hunter2\"\n  exec = { command = \"x\" }", "The provider block has access_token and exec.", "", false},
		{"exec = { command = \"x\" }\n  token_endpoint = { url = \"https://x\" }", "The provider block has exec and token_endpoint.", "", false},
		{`exec = { command = "" }`, "The value of exec.command is empty", "", false},
		{`exec = { command = "x", args = [null] }`, "exec.args[0] is null", "", false},
		{`exec = { command = "x", env = { "A=B" = "hunter2" } }`, "A key of exec.env is not the name", "", false},
		{`exec = { command = "x", env = { A = "hunter2\u0000" } }`, "The entry of exec.env for A", "", false},
		{`exec = { env = { A = "hunter2" } }`, "exec.command must be given", "", false},
		{`token_endpoint = { headers = { X-Key = "hunter2" } }`, "token_endpoint.url must be given", "", false},
		{`token_endpoint = { url = "https://x", headers = { X-Key = "hunter2", x-key = "hunter2" } }`, "stands twice", "", false},
		{`exec = { command = "x", env = { A = "hunter2" }, timeout = "0s" }`, `exec.timeout is "0s"`, "", false},
		{`token_endpoint = { url = "" }`, "The value of token_endpoint.url is empty", "", false},
		{`token_endpoint = { url = "tokens.example/{appid}" }`, "The value of token_endpoint.url must have a scheme", "", false},
		{`token_endpoint = { url = "https://user:hunter2@tokens.example" }`, "holds a user name or a password", "", false},
		{`token_endpoint = { url = "https://tokens.example", headers = { "X Key" = "hunter2" } }`, "no header's name", "", false},
		{`token_endpoint = { url = "https://tokens.example", headers = { X-Key = "hunter2\n" } }`, "holds a control character", "", false},
		{`token_endpoint = { url = "https://tokens.example", token_path = "" }`, "The value of token_endpoint.token_path is empty", "", false},
		{`token_endpoint = { url = "https://tokens.example", token_path = "data.#.token" }`, "The value of token_endpoint.token_path must be names joined by dots", "", false},
		{`token_endpoint = { url = "https://tokens.example", expires_in_path = ".expires_in" }`, "The value of token_endpoint.expires_in_path must be names joined by dots, none of them empty", "", false},
		{`token_endpoint = { url = "https://tokens.example", proxy_url = "hunter2" }`, "The value of token_endpoint.proxy_url", "", false},
		{`token_endpoint = { url = "https://tokens.example", timeout = "soon" }`, `token_endpoint.timeout is "soon"`, "", false},
		{`access_token_file = "/run/{app_id}"`, "access_token_file has a word in braces that is not {appid}", "", false},
		{`token_endpoint = { url = "https://tokens.example/{AppID}" }`, "token_endpoint.url has a word in braces", "", false},
		{`token_endpoint = { url = "https://tokens.example", headers = { X-Key = "{hunter2}" } }`, "A value of token_endpoint.headers has a word in braces", "", false},
		{`exec = { command = "x", args = ["{x}", "${"$"}{APPID}", "{{ appid }}", "wx/{authorizer_appid}"] }`, "exec.args[3] has a word in braces", "", false},
		{`exec = { cmd = "x", env = { A = "hunter2" } }`, "exec.command must be given. What is given: env (1).", "", false},
		{`token_endpoint = { url = "https://tokens.example", token_path = "tokens[0].value" }`, "or tokens.0.value where a list is in between", "", false},
		{`proxy_url = "http://user:hunter2#1@proxy.example:3128"`, "each of : / ? # [ ] @ % must be percent-encoded", "", false},
		{`component = { appid = "gh_000000000001" }`, "component.appid: ", "", false},
		{`component = { appid = "wx3000000000000001", access_token = "" }`, "The value of component.access_token is empty", "", false},
	}
	sources := []fault{
		{`appid = ""`, "it is empty", "appid", false},
		{`appid = "wx1000000000000001 "`, "it holds white space", "appid", false},
		{`appid = "wx1000000000000001\u200b"`, "it holds the invisible character U+200B", "appid", false},
		{`appid = "gh_000000000001"`, "it is an original id (gh_…)", "appid", false},
		{`appid = "../wx1000000000000001"`, "a character other than", "appid", false},
		{`appid = "WX1000000000000001"`, "is not wx and 16 lower-case hexadecimal digits", "appid", true},
		{`timeouts = { read = "0s" }`, `timeouts.read is "0s", and must be a duration above zero`, nested, false},
		{`timeouts = { read = "soon" }`, `timeouts.read is "soon", and must be a duration above zero`, nested, false},
	}
	right := []string{
		"", `access_token = null`, `access_token = "\"hunter2\"\n"`, `access_token = var.not_known`, `access_token_file = "none/{appid}"`, `access_tokens = {}`,
		`access_tokens = { wx1000000000000001 = var.not_known }`, "access_token = var.not_known\n  access_token_file = \"x\"",
		`ca_certificate_file = "not/there/yet.pem"`, `base_url = "http://localhost:1/prefix"`, `proxy_url = "socks5://user:hunter2@127.0.0.1:1"`,
		`max_retries = 0`, `request_timeout = "1h30m"`,
		`exec = { command = "not-here", args = ["{appid}", var.not_known], env = { A = var.not_known } }`,
		`token_endpoint = { url = "http://192.168.0.7/{appid}", headers = { X-Key = "hunter2" } }`, `token_endpoint = { url = "https://{appid}.example" }`,
		"access_token = \"hunter2\"\n  component = { appid = \"wx3000000000000001\", access_token = \"hunter2\" }",
		`component = {}`, "access_token = \"hunter2\"\n  component = { access_token = var.not_known }",
	}

	var configuration strings.Builder
	configuration.WriteString(required + "variable \"not_known\" {}\n")
	wants := map[int]fault{} // by the block's first line
	block := func(header, written string, want *fault) {
		line := strings.Count(configuration.String(), "\n") + 1
		if want != nil {
			wants[line] = *want
		}
		fmt.Fprintf(&configuration, "%s\n  %s\n}\n", header, written)
	}
	provider := func(alias, written string, want *fault) {
		block(fmt.Sprintf("provider \"wechat\" {\n  alias = %q", alias), written, want)
		// The engine looks at a provider block only where something uses it.
		fmt.Fprintf(&configuration, "data \"wechat_open_account\" %q {\n  provider = wechat.%s\n}\n", alias, alias)
	}
	for number, wrong := range providers {
		provider(fmt.Sprintf("wrong%d", number), wrong.written, &wrong)
	}
	for number, fine := range right {
		provider(fmt.Sprintf("right%d", number), fine, nil)
	}
	for number, wrong := range sources {
		block(fmt.Sprintf("data \"wechat_open_account\" \"read%d\" {\n  require_bound = false", number), wrong.written, &wrong)
	}

	place := workspace(t, configuration.String())
	result := run(t, place, "validate", "-json")
	var report struct {
		Diagnostics []struct {
			diagnostic
			Range   struct{ Start struct{ Line int } }
			Snippet struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(result.Stdout), &report); err != nil {
		t.Fatal(err, result)
	}
	if strings.Contains(result.Stdout, secret) {
		t.Errorf("a secret is shown:\n%s", result.Stdout)
	}
	blocks := slices.Sorted(maps.Keys(wants))
	messages := map[int]string{} // by the block's first line
	for _, said := range report.Diagnostics {
		// The block a diagnostic is about is the last that begins at or above its line.
		at, exact := slices.BinarySearch(blocks, said.Range.Start.Line)
		if !exact {
			at--
		}
		first := blocks[max(at, 0)]
		want := wants[first]
		severity := map[bool]string{true: "warning", false: "error"}[want.warns]
		atBlock := strings.HasSuffix(said.Snippet.Code, "{")
		if messages[first] != "" || !strings.Contains(said.Detail, want.says) || said.Severity != severity ||
			want.at != nested && atBlock != (want.at == "") || !atBlock && !strings.Contains(said.Snippet.Code, want.at) {
			t.Errorf("at line %d, %q: %s; want %+v", said.Range.Start.Line, said.Snippet.Code, said, want)
		}
		messages[first] = said.String()
	}
	var all []kept
	for _, first := range blocks {
		if messages[first] == "" {
			t.Errorf("nothing was said of line %d: %+v", first, wants[first])
		}
		all = append(all, kept{strings.ReplaceAll(wants[first].written, "\n", "\\n"), messages[first]})
	}
	expectKept(t, "validate.txt", all, map[string]string{"FOLDER": folder})
}
