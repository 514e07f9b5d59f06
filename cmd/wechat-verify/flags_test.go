package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

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
