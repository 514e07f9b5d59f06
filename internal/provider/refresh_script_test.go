package provider

import (
	"bytes"
	"errors"
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

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The tests in this file run the script that makes a token, which the guide to token sources shows for those who know
// what that ends.

const refreshScript = "guides/refresh-token/refresh.sh"

// refreshToken runs the example on a simulated WeChat: each plan makes a token, and ends the one before.
func refreshToken(t *testing.T, wechat *lab) {
	needPrograms(t, "the script of the guide to token sources", "sh", "curl", "jq")
	kept := t.TempDir()
	component := wechat.IssueComponentToken()
	write(t, filepath.Join(kept, "component"), component+"\n")
	write(t, filepath.Join(kept, teaShop), wechat.RefreshToken(teaShop)+"\n")
	service := wechat.Token(teaShop) // which the running service holds
	place := watched(t, readExample(t, "guides/refresh-token/main.tf"),
		baseURL(wechat), "COMPONENT_API="+wechat.server.URL(),
		fmt.Sprintf("TF_VAR_platform={appid=%q,token_file=%q,refresh_tokens=%q}",
			wechat.Component().AppID, filepath.ToSlash(filepath.Join(kept, "component")), filepath.ToSlash(kept)))
	write(t, filepath.Join(place.Dir, filepath.Base(refreshScript)), readExample(t, refreshScript))

	results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin")}
	expectAsked(t, wechat, map[string]int{pathAuthorizerToken: 1, pathOpenGet: 1})
	made := wechat.Token(teaShop)
	if made == service {
		t.Error("the service's token is still the latest, and the page says that it is not")
	}
	results = append(results, expectExit(t, place, 0, "apply", "plan.bin"))
	expectOutputs(t, place, map[string]any{"shop": teaOpen})
	expectAsked(t, wechat, map[string]int{pathAuthorizerToken: 1, pathOpenGet: 1}) // nothing was left to read

	leave := func(account *simulator.Account) { account.Authorized = false }
	if err := wechat.UpdateAccount(teaShop, leave); err != nil {
		t.Fatal(err)
	}
	refused := expectExit(t, place, 1, "plan")
	expectWords(t, refused.Stderr, "the program failed with exit status 1", "WeChat refused with errcode 61003")
	expectNoSecret(t, place, append(results, refused), []string{component, service, made, wechat.RefreshToken(teaShop)})
}

// TestRefreshScript answers the script as WeChat does, and as WeChat does not.
func TestRefreshScript(t *testing.T) {
	t.Parallel()
	needPrograms(t, "the script of the guide to token sources", "sh", "curl", "jq")
	const (
		componentToken = `61_component+/=%"\`
		old, renewed   = `refreshtoken@@@old"\`, "refreshtoken@@@renewed"
		made           = `"authorizer_access_token":"61_made","expires_in":7200`
		whole          = `{` + made + `,"authorizer_refresh_token":"refreshtoken@@@renewed"}`
		printed        = `{"access_token":"61_made","expires_in":7200}`
		bodySent       = `{"component_appid":"wx3000000000000001","authorizer_appid":"wx1000000000000004",` +
			`"authorizer_refresh_token":"refreshtoken@@@old\"\\"}`
	)
	for name, test := range map[string]struct {
		status  int
		answer  string
		without string // a program that fails
		prints  string // without white space
		says    string
		keeps   string
	}{
		"a token":            {answer: whole, prints: printed, keeps: renewed},
		"a token and a code": {answer: `{"errcode":0,` + made + `}`, prints: printed, keeps: old},
		"a refusal": {
			answer: `{"errcode":61023,"errmsg":"refresh_token is invalid"}`,
			says:   "WeChat refused with errcode 61023", keeps: old,
		},
		"a refusal beside a token":     {answer: `{"errcode":"-1",` + whole[1:], says: "errcode -1", keeps: old},
		"an errcode of words":          {answer: `{"errcode":"61_made"}`, says: "that is no number", keeps: old},
		"no token":                     {answer: `{"expires_in":7200}`, says: "gave no errcode", keeps: old},
		"nothing":                      {says: "errcode missing", keeps: old},
		"a list":                       {answer: `["61_made"]`, says: "jq: ", keeps: old},
		"a login page":                 {answer: "<html>Log in</html>", says: "parse error", keeps: old},
		"a gateway's page":             {status: 502, answer: whole, says: "502", keeps: old},
		"a refresh token that is lost": {answer: whole, without: "mv", keeps: old},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				asked = append(asked, r.URL.Path, fmt.Sprint(r.URL.Query()), r.Header.Get("Content-Type"), string(body))
				if test.status != 0 {
					w.WriteHeader(test.status)
				}
				_, _ = io.WriteString(w, test.answer)
			}))
			defer server.Close()
			kept, programs := t.TempDir(), watchedPrograms(t, test.without)
			write(t, filepath.Join(kept, "component"), componentToken+"\n")
			write(t, filepath.Join(kept, books), old+"\n")
			script := exec.CommandContext(t.Context(), "sh", filepath.Join(moduleRoot, "examples", refreshScript))
			script.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"),
				"WECHAT_APPID="+books, "COMPONENT_APPID=wx3000000000000001", "COMPONENT_API="+server.URL,
				"COMPONENT_TOKEN_FILE="+filepath.Join(kept, "component"), "REFRESH_TOKENS="+kept)
			var stdout, said bytes.Buffer
			script.Stdout, script.Stderr = &stdout, &said
			err := script.Run()
			var exited *exec.ExitError
			if (err == nil) != (test.prints != "") || err != nil && !errors.As(err, &exited) {
				t.Errorf("it ended with %v: %s", err, said.String())
			}
			if got := strings.Join(strings.Fields(stdout.String()), ""); got != test.prints {
				t.Errorf("it printed %q, want %q", got, test.prints)
			}
			if !strings.Contains(said.String(), test.says) {
				t.Errorf("it said %q, want %q", said.String(), test.says)
			}
			want := []string{
				"/cgi-bin/component/api_authorizer_token", "map[component_access_token:[" + componentToken + "]]",
				"application/json", bodySent,
			}
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}

			file := filepath.Join(kept, books)
			content, err := os.ReadFile(file)
			if err != nil || string(content) != test.keeps+"\n" {
				t.Errorf("it keeps %q, %v, want %q", content, err, test.keeps)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the refresh token's file has the mode %v, %v", info.Mode(), err)
			}
			arguments, err := os.ReadFile(filepath.Join(programs, "arguments"))
			if err != nil || !strings.Contains(string(arguments), "curl\n") {
				t.Fatalf("the arguments were not seen: %q, %v", arguments, err)
			}
			for _, secret := range []string{"61_component", "61_made", "refreshtoken"} {
				if strings.Contains(string(arguments), secret) || strings.Contains(said.String(), secret) {
					t.Errorf("%s stands in an argument or in what was said:\n%s%s", secret, arguments, said.String())
				}
			}
		})
	}
}

// watchedPrograms is a folder with the programs that the script needs, each of which writes its arguments into the file
// arguments before it runs. One of them may fail.
func watchedPrograms(t *testing.T, failing string) string {
	t.Helper()
	folder := t.TempDir()
	for _, program := range []string{"curl", "jq", "head", "mktemp", "mv"} {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		if program == failing {
			path = "false"
		}
		const watching = "#!/bin/sh\nprintf '%%s\\n' %s \"$@\" >>'%s/arguments'\nexec %s \"$@\"\n"
		watched := []byte(fmt.Sprintf(watching, program, folder, path))
		if err := os.WriteFile(filepath.Join(folder, program), watched, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
