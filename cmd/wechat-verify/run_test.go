package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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
