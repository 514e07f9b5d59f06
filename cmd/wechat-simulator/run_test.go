package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// start runs the command until stop is called, which returns the exit code. The output is what it prints on its start.
func start(t *testing.T, args ...string) (output string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		code <- run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), writer, &stderr)
		_ = writer.Close()
	}()
	lines := bufio.NewScanner(reader)
	for !strings.Contains(output, "\ncurl") && lines.Scan() {
		output += lines.Text() + "\n"
	}
	stop = func() int {
		cancel()
		result := <-code
		if stderr.Len() > 0 {
			t.Errorf("standard error: %s", stderr.String())
		}
		return result
	}
	t.Cleanup(cancel)
	return output, stop
}

// exported finds the value of an export line.
func exported(t *testing.T, output, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^export ` + name + `='(.*)'$`).FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("no %s in:\n%s", name, output)
	}
	return found[1]
}

func TestRunServesAndCleansUp(t *testing.T) {
	given := filepath.Join(t.TempDir(), "tokens")
	for name, args := range map[string][]string{
		"temporary directory": nil,
		"given directory":     {"-token-dir", given},
	} {
		t.Run(name, func(t *testing.T) {
			output, stop := start(t, args...)
			path := strings.ReplaceAll(exported(t, output, "WECHAT_ACCESS_TOKEN_FILE"), "{appid}", "wx1000000000000001")
			token, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("mode %s, error %v", info.Mode(), err)
			}
			address := exported(t, output, "WECHAT_BASE_URL") + "/cgi-bin/open/get?access_token=" + url.QueryEscape(strings.TrimSpace(string(token)))
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(`{"appid":"wx1000000000000001"}`))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, _ := io.ReadAll(response.Body)
			if want := `{"open_appid":"wx2000000000000001","errcode":0,"errmsg":"ok"}`; string(body) != want {
				t.Errorf("%s, want %s", body, want)
			}
			http.DefaultClient.CloseIdleConnections()
			if code := stop(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("the token file is left: %v", err)
			}
			if _, err := os.Stat(filepath.Dir(path)); os.IsNotExist(err) != (args == nil) {
				t.Errorf("the directory: %v", err)
			}
		})
	}
}

func TestRunPrintsTheAccounts(t *testing.T) {
	output, stop := start(t)
	defer stop()
	for _, want := range []string{
		"WeChat simulator at http://127.0.0.1:",
		"wx1000000000000001  official_account  wx2000000000000001  Example Tea ",
		"wx1000000000000006  mini_program      -  ",
		"/_simulator/accounts/wx1000000000000001'",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("no %q in:\n%s", want, output)
		}
	}
}

func TestEachFlagIsOnItsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/guides/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	var usage bytes.Buffer
	if code := run(t.Context(), []string{"-h"}, io.Discard, &usage); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	flags := regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(usage.String(), -1)
	if len(flags) == 0 {
		t.Fatalf("no flags in:\n%s", usage.String())
	}
	for _, flag := range flags {
		if !strings.Contains(string(page), "\n| `"+flag[1]+"` |") {
			t.Errorf("the page does not have %s", flag[1])
		}
	}
}

func TestRunRefuses(t *testing.T) {
	busy, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	bad := filepath.Join(t.TempDir(), "accounts.json")
	if err := os.WriteFile(bad, []byte(`{"component": {"appid": "wx3"}, "accounts": [{"appid": "wx1", "kind": "x"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		code int
		want string // on standard error
	}{
		"help":                   {[]string{"-h"}, 0, "-token-dir"},
		"unknown flag":           {[]string{"-port", "1"}, 2, "-port"},
		"argument":               {[]string{"accounts.json"}, 2, `unexpected argument "accounts.json"`},
		"negative overlap":       {[]string{"-overlap", "-1s"}, 2, "-overlap is negative"},
		"port in use":            {[]string{"-listen", busy.Addr().String()}, 1, "cannot listen on " + busy.Addr().String()},
		"address for all to see": {[]string{"-listen", "0.0.0.0:0"}, 1, "-any-address allows it"},
		"bad accounts":           {[]string{"-accounts", bad}, 1, `account "wx1": kind "x"`},
		"no accounts":            {[]string{"-accounts", bad + "x"}, 1, bad + "x"},
		"token directory a file": {[]string{"-listen", "127.0.0.1:0", "-token-dir", bad}, 1, bad},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), test.args, &stdout, &stderr); code != test.code || !strings.Contains(stderr.String(), test.want) || stdout.Len() > 0 {
				t.Errorf("exit code %d, standard output %q, standard error %q", code, stdout.String(), stderr.String())
			}
			if test.code == 1 && strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("not one line: %q", stderr.String())
			}
		})
	}
}

func TestTokenFilesFollowTheTokens(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s, err := simulator.New(simulator.Config{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	files, err := newTokenFiles(t.TempDir(), s)
	if err != nil {
		t.Fatal(err)
	}
	update := func() string {
		t.Helper()
		if err := files.update(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(files.directory, "wx1000000000000001"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(content))
	}
	first := update()
	now = now.Add(time.Hour)
	if update() != first {
		t.Error("replaced without need")
	}
	if issued := s.IssueToken("wx1000000000000001"); update() != issued {
		t.Error("a token issued by somebody else is not followed")
	}
	now = now.Add(simulator.TokenLife - updateInterval) // the last update before the end of the token
	if last := update(); last == first || s.Token("wx1000000000000001") != last {
		t.Error("not replaced before its end")
	}
	if err := files.remove(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(files.directory); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
