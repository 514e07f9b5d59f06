package provider

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

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
	paths.HandleFunc("GET /refused/{status}/{appid}", func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.PathValue("status"))
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, `{"error":{"code":"denied","message":"not for you"}}`)
	})
	paths.HandleFunc("GET /busy/{appid}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	paths.HandleFunc("GET /bare/{appid}", answer("%s\n", wechat.Token(sibling)))
	paths.HandleFunc("GET /expired/{appid}", answer(`{"access_token":%q,"expires_at":"tomorrow"}`, wechat.Token(sibling)))
	paths.HandleFunc("GET /wxcomponent/{appid}", answer(
		`{"code":1002,"errorMsg":"系统错误","data":"Post \"https://api.weixin.qq.com/cgi-bin/component/api_authorizer_token?component_access_token=%s\": EOF"}`,
		wechat.Token(sibling),
	))
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

// TestAccFailures_sayWhatToDoAndLeakNothing runs every failure in one plan, each account under a provider of its own,
// with the engine and the provider logging all they can. Each message must help, and no byte of what the run left may
// hold a secret.
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
		"TF_VAR_sibling=" + wechat.Token(appid(len(failures))),
	}
	var configuration strings.Builder
	configuration.WriteString(required + declareSecrets("secret", "component", "sibling") + "resource \"terraform_data\" \"later\" { input = \"known after apply\" }\n")
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
		if failure.read == "mistyped" {
			reads = strings.Replace(reads, "{ read = ", "{ raed = ", 1)
		}
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
	write(t, filepath.Join(place.Dir, "map"), fmt.Sprintf(`{"wx1000000000000001":%q}`, dead))
	for name, script := range map[string]string{"windows.sh": "#!/bin/sh\r\necho\r\n", "plain.sh": "echo\n"} {
		if err := os.WriteFile(filepath.Join(place.Dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
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
	expectNoSecret(t, place, []engine.Result{result}, secrets, append(keptVariables(), "wrong", "dead", "header", "map")...)
}
