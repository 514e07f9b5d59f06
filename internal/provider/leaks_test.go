package provider

import (
	"archive/zip"
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// watched is a workspace in which the engine and the provider log all they can, for expectNoSecret.
func watched(t *testing.T, configuration string, environment ...string) *engine.Workspace {
	t.Helper()
	return watch(workspace(t, configuration, environment...))
}

// watch makes the engine and the provider log all they can from now on.
func watch(place *engine.Workspace) *engine.Workspace {
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	return place
}

// planHolds reports whether a secret stands in the plan file, as it is.
func planHolds(t *testing.T, place *engine.Workspace, secret string) bool {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(place.Dir, "plan.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), secret) {
			return true
		}
	}
	return false
}

// declareSecrets declares variables for secrets: ephemeral ones, which the engine itself keeps nowhere. An engine that
// has none gets sensitive ones, and keeps them in keptVariables.
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

// TestAccMisbehavingServer_leaksNothing has a server that sends more than it said it would, with the request's URL in
// it: net/http would print it.
func TestAccMisbehavingServer_leaksNothing(t *testing.T) {
	t.Parallel()
	address := listenRaw(t, func(connection net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(connection))
		if err != nil {
			return
		}
		const answer = `{"open_appid":"wx2000000000000001","errcode":0,"errmsg":"ok"}`
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s<p>You asked for %s</p>", len(answer), answer, request.URL)
		_, _ = io.Copy(io.Discard, connection)
	})
	const secret = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" { base_url = "http://%s" }
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, address), "WECHAT_ACCESS_TOKEN="+secret)
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	result := run(t, place, "plan", "-no-color", "-out=plan.bin")
	if result.ExitCode != 0 {
		t.Errorf("exit code %d: %s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	expectNoSecret(t, place, []engine.Result{result}, []string{secret})
}

// planFile is the plan that expectNoSecret unpacks.
const planFile = "plan.bin"

// expectNoSecret reads every byte of all that runs printed and of all files in the workspace but the ones named, plan
// files unpacked, and fails where a secret stands there, as it is or encoded.
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
