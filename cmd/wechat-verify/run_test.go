package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// Accounts of the simulator's own world.
const (
	tea        = "wx1000000000000001" // an official account, bound
	unbound    = "wx1000000000000006"
	restricted = "wx1000000000000007" // without permission set 25
	platform   = "wx3000000000000001"
)

// asCommand makes this test binary be the command.
const asCommand = "RUN_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// result is what a run of the command left.
type result struct {
	code           int
	stdout, stderr string
}

func (r result) all() string { return r.stdout + r.stderr }

// command is a run in an environment of its own, without an engine unless the test gives one.
func command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = engine.CleanEnviron(append([]string{asCommand + "=1", "ENGINE=none"}, env...)...)
	return cmd
}

func verify(t *testing.T, env []string, stdin string, args ...string) result {
	t.Helper()
	cmd := command(t.Context(), env, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// outcomes reads what -json prints: exactly one object.
func outcomes(t *testing.T, stdout string) map[string]facts.Result {
	t.Helper()
	var printed struct {
		Facts []facts.Result `json:"facts"`
	}
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&printed); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	if _, err := decoder.Token(); err != io.EOF {
		t.Errorf("something follows the object: %s", stdout)
	}
	found := map[string]facts.Result{}
	for _, r := range printed.Facts {
		found[r.ID] = r
	}
	if len(found) != len(facts.Facts) {
		t.Errorf("%d facts of %d", len(found), len(facts.Facts))
	}
	return found
}

// wechat is a simulator on a port, with something around it, or nil.
func wechat(t *testing.T, around func(http.Handler) http.Handler,
	options ...simulator.ListenOption,
) (*simulator.Simulator, string) {
	t.Helper()
	s, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if around != nil {
		options = append(options, simulator.Wrapped(around))
	}
	server, err := simulator.Listen("127.0.0.1:0", s, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return s, server.URL()
}

// holding are the variables with tokens of up to three holders: an account, another, and the component.
func holding(s *simulator.Simulator, appids ...string) []string {
	var env []string
	for i, appid := range appids {
		if appid != "" {
			env = append(env, facts.Variables[i][0]+"="+s.Token(appid), facts.Variables[i][1]+"="+appid)
		}
	}
	return env
}

func TestRun_confirms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		appids    []string
		confirmed int // at least
	}{
		"nothing":              {nil, 15},
		"an account":           {[]string{tea}, 28},
		"a second, unbound":    {[]string{tea, unbound}, 35},
		"a second without set": {[]string{tea, restricted}, 33},
		"the component":        {[]string{tea, unbound, platform}, 48},
		"the component alone":  {[]string{"", "", platform}, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, address := wechat(t, nil)
			path := filepath.Join(t.TempDir(), "record.json")
			got := verify(t, holding(s, test.appids...), "", "-yes", "-json", "-base-url", address, "-record", path)
			confirmed := 0
			for _, r := range outcomes(t, got.stdout) {
				if r.Outcome == facts.Confirmed {
					confirmed++
				}
			}
			if got.code != 0 || confirmed < test.confirmed {
				t.Errorf("exit code %d, %d confirmed: %s", got.code, confirmed, got.stderr)
			}
			six := []string{
				"/cgi-bin/open/get", "/cgi-bin/open/have", "/cgi-bin/open/sameentity",
				"/cgi-bin/account/getaccountbasicinfo",
				"/cgi-bin/component/api_get_authorizer_list", "/cgi-bin/component/api_get_authorizer_info",
			}
			for _, r := range s.Requests() {
				if !slices.Contains(six, r.Path) {
					t.Errorf("asked %s", r.Path)
				}
			}
			if s.Count("") > 40 {
				t.Errorf("asked %d times", s.Count(""))
			}
			if _, err := facts.ReadRecord(path); err != nil {
				t.Error(err)
			}
			for _, appid := range []string{tea, unbound, restricted, platform} {
				expectNone(t, got.all()+readFile(t, path), appid, s.Token(appid))
			}
		})
	}
}

func TestRun_tellsDifferences(t *testing.T) {
	t.Parallel()
	s, address := wechat(t, func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/cgi-bin/open/have" {
				_, _ = io.WriteString(w, `{"have_open": "Li Lei says so", "errcode": 0, "errmsg": "Li Lei"}`)
				return
			}
			inner.ServeHTTP(w, r)
		})
	})
	got := verify(t, holding(s, tea), "", "-yes", "-json", "-base-url", address)
	if r := outcomes(t, got.stdout)["open_have.boolean"]; got.code != 2 || r.Outcome != facts.Differs ||
		!strings.Contains(r.Came, "have_open string") {
		t.Errorf("exit code %d, %v", got.code, r)
	}
	plain := verify(t, holding(s, tea), "y\n", "-base-url", address)
	if plain.code != 2 || !strings.Contains(plain.stdout, "\ndiffers    open_have.boolean: ") ||
		!strings.Contains(plain.stdout, "\nconfirmed  open_get.bound: ") ||
		!strings.Contains(plain.stdout, "\nnot asked  open_get.second: WECHAT_SECOND_ACCESS_TOKEN") {
		t.Errorf("exit code %d: %s", plain.code, plain.all())
	}
	expectNone(t, got.all()+plain.all(), "Li Lei")
}

// TestRun_beginsWhenTold shows that nothing is asked before that.
func TestRun_beginsWhenTold(t *testing.T) {
	t.Parallel()
	for stdin, begins := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "": false, "\n": false} {
		s, address := wechat(t, nil)
		got := verify(t, nil, stdin, "-base-url", address)
		if (s.Count("") > 0) != begins || (got.code == 0) != begins ||
			!strings.Contains(got.stdout, "2 x  POST open/get with no token") {
			t.Errorf("%q: %d requests, exit code %d: %s", stdin, s.Count(""), got.code, got.all())
		}
	}
}

// TestRun_refuses gives it what cannot be run: one line says why, and shows no value.
func TestRun_refuses(t *testing.T) {
	t.Parallel()
	s, address := wechat(t, nil)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>Sign in, Li Lei</html>")
	}))
	t.Cleanup(page.Close)
	const bare = "wx1000000000000003" // made to lack the permission set
	if err := s.UpdateAccount(bare, func(a *simulator.Account) { a.PermissionSets = []int{30} }); err != nil {
		t.Fatal(err)
	}
	ended := s.IssueToken(restricted)
	s.RevokeTokens(restricted)
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	pair := func(i int, token, appid string) []string {
		return []string{facts.Variables[i][0] + "=" + token, facts.Variables[i][1] + "=" + appid}
	}
	for name, test := range map[string]struct {
		env  []string
		args []string
		want string
	}{
		"a token without an appid": {
			env:  []string{"WECHAT_ACCESS_TOKEN=" + s.Token(tea)},
			want: "WECHAT_ACCESS_TOKEN is set, and WECHAT_APPID is not",
		},
		"an appid without a token": {
			env:  []string{"WECHAT_SECOND_APPID=" + tea},
			want: "WECHAT_SECOND_APPID is set, and WECHAT_SECOND_ACCESS_TOKEN is not",
		},
		"half of the component's": {
			env:  []string{"WECHAT_COMPONENT_APPID=" + platform},
			want: "WECHAT_COMPONENT_ACCESS_TOKEN is not",
		},
		"what is no token": {
			env:  pair(0, "Bearer "+s.Token(tea), tea),
			want: "WECHAT_ACCESS_TOKEN is no token",
		},
		"what is no appid": {env: pair(0, s.Token(tea), "wx/../1"), want: "WECHAT_APPID is no appid"},
		"one account twice": {
			env:  append(holding(s, tea), pair(1, s.Token(unbound), tea)...),
			want: "is that of another holder",
		},
		"the component's token": {
			env:  pair(0, s.Token(platform), tea),
			want: "48001, so it is not an authorizer's",
		},
		"an authorizer's for the component": {
			env:  pair(2, s.Token(tea), platform),
			want: "48001, so it is not a component's",
		},
		"a token that has ended": {env: pair(0, ended, restricted), want: "40001, so it has ended"},
		"another account's appid": {
			env:  pair(0, s.Token(tea), unbound),
			want: "not the token of the account WECHAT_APPID",
		},
		"another appid for the second": {
			env:  append(holding(s, tea), pair(1, s.Token(unbound), restricted)...),
			want: "not the token of the account WECHAT_SECOND_APPID",
		},
		"another appid for a second without the set": {
			env:  append(holding(s, tea), pair(1, s.Token(bare), unbound)...),
			want: "not the token of the account WECHAT_SECOND_APPID: account/getaccountbasicinfo names another",
		},
		"another component's appid": {
			env:  pair(2, s.Token(platform), "wx3000000000000009"),
			want: "40013, so it is not the token of the appid",
		},
		"nobody there": {
			args: []string{"-base-url", "http://127.0.0.1:1"},
			want: "nothing could be asked: no connection could be made",
		},
		"a page in WeChat's place": {
			args: []string{"-base-url", page.URL},
			want: "nothing could be asked: what answers is not WeChat",
		},
		"plain http to another machine": {args: []string{"-base-url", "http://192.0.2.1"}, want: "plain http"},
		"an address with a query": {
			args: []string{"-base-url", "https://wechat.example/?access_token=x"},
			want: "a query",
		},
		"no address": {args: []string{"-base-url", "wechat"}, want: "-base-url is no"},
		"no certificates": {
			args: []string{"-ca-certificate-file", file},
			want: "holds no PEM certificate",
		},
		"no file of certificates": {
			args: []string{"-ca-certificate-file", file + "x"},
			want: "-ca-certificate-file",
		},
		"a folder that is none": {
			args: []string{"-record", filepath.Join(file, "record.json")},
			want: "cannot be written",
		},
		"a folder that is not there": {
			args: []string{"-record", filepath.Join(folder, "none", "record.json")},
			want: "cannot be written",
		},
		"a record that is a folder":          {args: []string{"-record", folder}, want: "is a folder"},
		"an unknown flag":                    {args: []string{"-token", "x"}, want: "-token"},
		"an argument":                        {args: []string{"open/create"}, want: "unexpected argument"},
		"an answer that is too late to read": {args: []string{"-ca-certificate-file"}, want: "flag needs an argument"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := verify(t, test.env, "", append([]string{"-yes", "-base-url", address}, test.args...)...)
			lines := strings.Count(got.stderr, "\n")
			if got.code != 1 || !strings.Contains(got.stderr, "wechat-verify: ") ||
				!strings.Contains(got.stderr, test.want) || lines != 1 {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			expectNone(t, got.all(), s.Token(tea), s.Token(platform), ended, "Li Lei")
		})
	}
}

// TestEachFlagIsOnItsPage finds each flag and each variable there.
func TestEachFlagIsOnItsPage(t *testing.T) {
	t.Parallel()
	page := readFile(t, "../../docs/guides/verify-wechat.md")
	usage := verify(t, nil, "", "-h")
	named := regexp.MustCompile(`(?m)^  (-[a-z-]+|WECHAT_\w+ with WECHAT_\w+)`).FindAllStringSubmatch(usage.stderr, -1)
	if len(named) != 8 || usage.code != 0 {
		t.Fatalf("exit code %d: %s", usage.code, usage.stderr)
	}
	for _, name := range named {
		for part := range strings.SplitSeq(name[1], " with ") {
			if !strings.Contains(page, "`"+part) {
				t.Errorf("the page does not have %s", part)
			}
		}
	}
}

// TestRun_behindAProxy tells a proxy that makes no connection from a WeChat that is not there.
func TestRun_behindAProxy(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	for name, address := range map[string]string{"that refuses": proxy.URL, "that is not there": "http://127.0.0.1:1"} {
		got := verify(t, []string{"HTTPS_PROXY=" + address}, "", "-yes")
		if got.code != 1 || !strings.Contains(got.stderr, "nothing could be asked: the proxy made no connection\n") {
			t.Errorf("%s: exit code %d: %s", name, got.code, got.stderr)
		}
	}
}

// TestRun_proxysPage tells of all facts that they were not asked.
func TestRun_proxysPage(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	got := verify(t, nil, "", "-yes", "-json", "-base-url", page.URL)
	for id, r := range outcomes(t, got.stdout) {
		if r.Outcome != facts.NotAsked || r.Came != "what answers is not WeChat" {
			t.Errorf("%s: %v", id, r)
		}
	}
}

// TestRun_refusesAnUnsafeRecord has a token that stands in every record by chance.
func TestRun_refusesAnUnsafeRecord(t *testing.T) {
	t.Parallel()
	s, address := wechat(t, nil)
	if err := s.SetToken(tea, "open_appid"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "record.json")
	got := verify(t, holding(s, tea), "", "-yes", "-base-url", address, "-record", path)
	if got.code != 1 || !strings.Contains(got.stderr, "the record was not written") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("there is a record: %v", err)
	}
}

// TestRun_keepsNothingOfWhatIsPlanted puts 200 secrets and names into all parts of all answers: none comes out.
func TestRun_keepsNothingOfWhatIsPlanted(t *testing.T) {
	t.Parallel()
	var planted []string
	for i := range 50 {
		planted = append(planted, fmt.Sprintf("61_secretToken%02dOfSomebody", i), fmt.Sprintf("wx9%015d", i),
			fmt.Sprintf("Zhang%02d San", i), fmt.Sprintf("张%02d丰有限公司", i))
	}
	next := 0
	plant := func() string { next++; return planted[next%len(planted)] }
	s, address := wechat(t, func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorder := httptest.NewRecorder()
			inner.ServeHTTP(recorder, r)
			maps.Copy(w.Header(), recorder.Header())
			w.Header().Del("Content-Length")
			var object map[string]any
			if json.Unmarshal(recorder.Body.Bytes(), &object) == nil {
				object["remark"], object[plant()] = plant(), plant()
				object["data"] = []any{plant(), map[string]any{"name": plant(), plant(): 1, "desc": []any{plant()}}}
				object["nickname"] = hex.EncodeToString([]byte(plant())) +
					base64.StdEncoding.EncodeToString([]byte(plant()))
				object["hints"] = map[string]any{"appid": plant(), "url": "https://x.example/?access_token=" +
					url.QueryEscape(plant())}
				if text, _ := object["errmsg"].(string); text != "ok" {
					object["errmsg"] = plant() + " " +
						strings.Replace(text, " rid:", ", see https://"+plant()+" for "+plant()+" rid:", 1)
				}
			}
			w.Header().Set("Server", plant())
			w.Header().Set("Set-Cookie", "user="+url.QueryEscape(plant()))
			w.Header().Set("X-Owner", url.QueryEscape(plant()))
			w.Header().Set("Content-Type", "application/json; encoding="+url.QueryEscape(plant()))
			w.WriteHeader(recorder.Code)
			_ = json.NewEncoder(w).Encode(object)
		})
	})
	path := filepath.Join(t.TempDir(), "record.json")
	got := verify(t, holding(s, tea, unbound, platform), "", "-yes", "-json", "-base-url", address, "-record", path)
	plain := verify(t, holding(s, tea, unbound, platform), "", "-yes", "-base-url", address)
	if next < 2*len(planted) || got.code != 2 || plain.code != 2 {
		t.Errorf("planted %d times, exit codes %d and %d: %s", next, got.code, plain.code, got.stderr)
	}
	expectNone(t, got.all()+plain.all()+readFile(t, path), planted...)
	expectNone(t, got.all()+plain.all()+readFile(t, path), s.Token(tea), s.Token(unbound), s.Token(platform), tea,
		unbound, platform)
	if record, err := facts.ReadRecord(path); err != nil || len(record.Exchanges) < 30 {
		t.Errorf("%d exchanges, %v", len(record.Exchanges), err)
	}
}

// TestRun_readsThroughTheProvider compares the built provider with the plain answer.
func TestRun_readsThroughTheProvider(t *testing.T) {
	t.Parallel()
	found, err := engine.Find(t.Context())
	if err != nil {
		t.Fatalf("this test needs a Terraform or OpenTofu: %v", err)
	}
	for name, test := range map[string]struct {
		provider string // what it is told in WeChat's place
		outcome  facts.Outcome
		code     int
	}{
		"the same": {"", facts.Confirmed, 0},
		"another open account": {
			`{"open_appid": "wx2000000000000009", "errcode": 0, "errmsg": "ok"}`, facts.Differs,
			2,
		},
		"an error in its place":  {`{"errcode": 50002, "errmsg": "user limited"}`, facts.Differs, 2},
		"unbound in the account": {`{"errcode": 89002, "errmsg": "open not exists"}`, facts.Differs, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, address := wechat(t, func(inner http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if test.provider != "" && !strings.Contains(r.UserAgent(), "verify") {
						_, _ = io.WriteString(w, test.provider)
						return
					}
					inner.ServeHTTP(w, r)
				})
			})
			got := verify(t, append(holding(s, tea), "ENGINE="+found.Path), "", "-yes", "-json", "-base-url", address)
			if r := outcomes(t, got.stdout)["provider.same"]; r.Outcome != test.outcome || got.code != test.code {
				t.Errorf("exit code %d, %v: %s", got.code, r, got.stderr)
			}
		})
	}
}

// TestRun_withoutAnEngine leaves the provider out, and says so.
func TestRun_withoutAnEngine(t *testing.T) {
	t.Parallel()
	s, address := wechat(t, nil)
	got := verify(t, holding(s, tea), "", "-yes", "-base-url", address)
	if got.code != 0 || !strings.Contains(got.stdout,
		"not asked  provider.same: there is no engine to run the provider with\n") {
		t.Errorf("exit code %d: %s", got.code, got.all())
	}
}

// expectNone fails where a text holds one of these, as it is or encoded.
func expectNone(t *testing.T, text string, secrets ...string) {
	t.Helper()
	lower := strings.ToLower(text)
	for _, secret := range secrets {
		backwards := []rune(secret)
		slices.Reverse(backwards)
		quoted, _ := json.Marshal(secret)
		forms := []string{
			secret, string(backwards), url.QueryEscape(secret), string(quoted[1 : len(quoted)-1]),
			hex.EncodeToString([]byte(secret)),
			base64.RawStdEncoding.EncodeToString([]byte(secret)),
		}
		for _, form := range forms {
			if strings.Contains(lower, strings.ToLower(form)) {
				t.Errorf("%q stands there as %q", secret, form)
				break
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
