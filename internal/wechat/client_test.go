package wechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

const (
	someToken = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"
	someAppID = "wx1000000000000001"
)

// newClient returns a client of a handler, with the defaults but for what change says.
func newClient(t *testing.T, handler http.Handler, change func(*Config)) *Client {
	t.Helper()
	base, err := ParseBaseURL(DefaultBaseURL)
	if err != nil {
		t.Fatal(err)
	}
	config := Config{
		BaseURL: base,
		ClientConfig: wire.ClientConfig{
			Transport:             simulator.InProcess(handler),
			Timeout:               DefaultRequestTimeout,
			MaxRetries:            DefaultMaxRetries,
			MaxConcurrentRequests: DefaultMaxConcurrentRequests,
			UserAgent:             "test/1.0",
		},
	}
	if change != nil {
		change(&config)
	}
	return NewClient(config)
}

func newSimulator(t *testing.T) *simulator.Simulator {
	t.Helper()
	world, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return world
}

// body answers every request in the same way.
func body(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func TestOpenGetAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	world := newSimulator(t)
	client := newClient(t, world, nil)
	for name, test := range map[string]struct {
		token, appid string
		want         OpenAccount
		code         int
	}{
		"bound":                     {token: world.IssueToken(someAppID), appid: someAppID, want: OpenAccount{AppID: "wx2000000000000001"}},
		"bound, asked without":      {token: world.IssueToken("wx1000000000000002"), want: OpenAccount{AppID: "wx2000000000000001"}},
		"unbound":                   {token: world.IssueToken("wx1000000000000006"), appid: "wx1000000000000006"},
		"another account's token":   {token: world.IssueToken("wx1000000000000003"), appid: someAppID, code: CodeInvalidAppID},
		"no permission set":         {token: world.IssueToken("wx1000000000000007"), code: CodeAPIUnauthorized},
		"a component access token":  {token: world.IssueComponentToken(), code: CodeAPIUnauthorized},
		"a token nobody handed out": {token: someToken, appid: someAppID, code: CodeInvalidToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := client.OpenGet(t.Context(), Token{Value: test.token}, test.appid)
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			var failed *Error
			if errors.As(err, &failed); (failed == nil) != (test.code == 0) || failed != nil && (failed.Code != test.code || failed.RID == "") {
				t.Errorf("got error %+v, want code %d with a rid", failed, test.code)
			}
		})
	}
}

func TestOpenGetSendsWhatWeChatWants(t *testing.T) {
	t.Parallel()
	oddToken := "a+b/c=d&e%f#g h?i;j" + strings.Repeat("x", 500)
	for name, test := range map[string]struct {
		appid, want string
	}{
		"with appid":    {someAppID, `{"appid":"wx1000000000000001"}`},
		"without appid": {"", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, err := io.ReadAll(r.Body)
				if err != nil || string(sent) != test.want {
					t.Errorf("the body is %q, %v, want %q", sent, err, test.want)
				}
				if r.Method != http.MethodPost || r.URL.Path != "/prefix/cgi-bin/open/get" {
					t.Errorf("asked %s %s", r.Method, r.URL.Path)
				}
				if diff := cmp.Diff(url.Values{"access_token": {oddToken}}, r.URL.Query()); diff != "" {
					t.Errorf("the query differs: %s", diff)
				}
				if r.ContentLength != int64(len(test.want)) || r.TransferEncoding != nil || r.UserAgent() != "test/1.0" {
					t.Errorf("Content-Length %d, Transfer-Encoding %v, User-Agent %q", r.ContentLength, r.TransferEncoding, r.UserAgent())
				}
				_, _ = io.WriteString(w, `{"open_appid":"wx2000000000000001","errcode":0,"errmsg":"ok"}`)
			}))
			defer server.Close()
			client := newClient(t, nil, func(config *Config) {
				config.Transport = wire.NewTransport(wire.TransportConfig{MaxConnections: 1})
				config.BaseURL, _ = ParseBaseURL(server.URL + "/prefix/")
			})
			if _, err := client.OpenGet(t.Context(), Token{Value: oddToken}, test.appid); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestBaseURLIsKept has paths that come before WeChat's, and an address of the new kind.
func TestBaseURLIsKept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ listen, path, want string }{
		"no path":              {"127.0.0.1:0", "", "/cgi-bin/open/get"},
		"a slash":              {"127.0.0.1:0", "/", "/cgi-bin/open/get"},
		"a path":               {"127.0.0.1:0", "/wechat", "/wechat/cgi-bin/open/get"},
		"a path and a slash":   {"127.0.0.1:0", "/wechat/v1/", "/wechat/v1/cgi-bin/open/get"},
		"an escaped slash":     {"127.0.0.1:0", "/team%2Fone", "/team%2Fone/cgi-bin/open/get"},
		"other escapes":        {"127.0.0.1:0", "/a%20b/%E5%BE%AE%3F/", "/a%20b/%E5%BE%AE%3F/cgi-bin/open/get"},
		"IPv6":                 {"[::1]:0", "", "/cgi-bin/open/get"},
		"IPv6, and a path too": {"[::1]:0", "/wechat/", "/wechat/cgi-bin/open/get"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", test.listen)
			if err != nil && strings.HasPrefix(test.listen, "[") {
				t.Skipf("this machine has no IPv6 loopback: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			var asked string
			server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = r.RequestURI
				_, _ = io.WriteString(w, `{"open_appid":"wx2"}`)
			})}}
			server.Start()
			defer server.Close()
			client := newClient(t, nil, func(config *Config) {
				config.Transport = wire.NewTransport(wire.TransportConfig{MaxConnections: 1})
				if config.BaseURL, err = ParseBaseURL(server.URL + test.path); err != nil {
					t.Fatal(err)
				}
			})
			if account, err := client.OpenGet(t.Context(), Token{Value: "61_token"}, someAppID); err != nil || account.AppID != "wx2" {
				t.Errorf("got %+v, %v, want the answer", account, err)
			}
			if want := test.want + "?access_token=61_token"; asked != want {
				t.Errorf("asked %s, want %s", asked, want)
			}
		})
	}
}

func TestErrorsShowNoToken(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.Handler{
		"WeChat's text":    body(200, fmt.Sprintf(`{"errcode":40001,"errmsg":"bad %s rid: 641ac152-54065ffe-054fcf92"}`, someToken)),
		"a request id":     body(200, fmt.Sprintf(`{"errcode":40001,"errmsg":"bad rid: %s"}`, someToken)),
		"a gateway's page": body(502, fmt.Sprintf(`<a href="/x?access_token=%s">again</a>`, someToken)),
		"the content type": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/"+someToken) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var observed []string
			client := newClient(t, handler, func(config *Config) {
				config.MaxRetries = 0
				config.Observe = func(_ context.Context, attempt Attempt) { observed = append(observed, fmt.Sprintf("%+v", attempt)) }
			})
			_, err := client.OpenGet(t.Context(), Token{Value: someToken}, someAppID)
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
			shown := fmt.Sprintf("%s %+v %+v %v", err, *failed, failed.Unexpected, observed)
			if strings.Contains(shown, someToken[:12]) || strings.Contains(shown, someToken[20:32]) || len(observed) != 1 {
				t.Errorf("shows a token, or was not observed: %s", shown)
			}
		})
	}
}

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"https://api.weixin.qq.com":         "",
		"https://sh.api.weixin.qq.com/":     "",
		"https://gateway.example:8443/wx":   "",
		"http://127.0.0.1:8080":             "",
		"http://localhost:8080":             "",
		"http://[::1]:8080":                 "",
		"":                                  "is empty",
		"://":                               "is no URL",
		"api.weixin.qq.com":                 "must have a scheme and a host",
		"ftp://api.weixin.qq.com":           "must have a scheme and a host",
		"https://":                          "must have a scheme and a host",
		"https://:443":                      "must have a scheme and a host",
		"http://api.weixin.qq.com":          "must begin with https",
		"http://127.0.0.1.example":          "must begin with https",
		"https://user:pass@gateway.example": "holds a user name",
		"https://gateway.example?x=1":       "no query",
		"https://gateway.example?":          "no query",
		"https://gateway.example#":          "no fragment",
		"https://gateway.example:0":         "no valid port",
		"https://gateway.example:65536":     "no valid port",
	} {
		address, err := ParseBaseURL(written)
		if (address == nil) != (want != "") || (err == nil) != (want == "") ||
			err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pass@")) {
			t.Errorf("ParseBaseURL(%q) = %v, %v, want %q", written, address, err, want)
		}
	}
}

func TestCheckAppID(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		someAppID:                  "",
		"WX2":                      "",
		"":                         "empty",
		" wx1000000000000001":      "white space",
		"wx1000000000000001\n":     "white space",
		"gh_000000000001":          "original id",
		"../../etc/passwd":         "character other than",
		"wx1?access_token=x":       "character other than",
		"wx1000000000000001\x00":   "invisible character U+0000",
		"wx1000000000000001\u200b": "invisible character U+200B",
		"ｗｘ1000000000000001":       "character other than",
	} {
		err := CheckAppID(written)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("CheckAppID(%q) = %v, want %q", written, err, want)
		}
	}
	if !IsUsualAppID(someAppID) || IsUsualAppID("wx100000000000000G") {
		t.Error("IsUsualAppID is wrong")
	}
}
