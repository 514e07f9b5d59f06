package token

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

func service(handler http.Handler, change func(*EndpointConfig)) Source {
	config := EndpointConfig{
		URL: "https://tokens.example/{appid}", TokenPath: "access_token", ClientConfig: wire.ClientConfig{
			Timeout: 30 * time.Second, MaxRetries: 2, MaxConcurrentRequests: 4, Transport: simulator.InProcess(handler), UserAgent: "test/1.0",
		},
	}
	if change != nil {
		change(&config)
	}
	return Endpoint(Description{Setting: "token_endpoint"}, config)
}

func saying(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestEndpointFindsTheToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, path, life string
		want             string
		ends             time.Duration
	}{
		"by default":              {body: `{"access_token":"61_one"}`, want: "61_one"},
		"with its life":           {body: `{"access_token":"61_one","expires_in":7200}`, life: "expires_in", want: "61_one", ends: 2 * time.Hour},
		"with its life as text":   {body: `{"access_token":"61_one","expires_in":"7200"}`, life: "expires_in", want: "61_one", ends: 2 * time.Hour},
		"further down":            {body: `{"code":0,"data":{"token":"61_one"}}`, path: "data.token", want: "61_one"},
		"behind a mark":           {body: "\ufeff" + `{"access_token":"61_one"}`, want: "61_one"},
		"in a list":               {body: `[{"token":"61_one"}]`, path: "0.token", want: "61_one"},
		"with a life of null":     {body: `{"access_token":"61_one","expires_in":null}`, life: "expires_in", want: "61_one"},
		"with a life of -1":       {body: `{"access_token":"61_one","expires_in":-1}`, life: "expires_in", want: "61_one"},
		"named twice alike":       {body: `{"access_token":"61_one","access_token": "61_one"}`, want: "61_one"},
		"under a name with a dot": {body: `{"a.b":"61_one"}`, path: `a\.b`, want: "61_one"},
		"under an odd name":       {body: `{"@odata.token":"61_one"}`, path: `\@odata\.token`, want: "61_one"},
		"under names of no ASCII": {body: `{"数据":{"令牌":"61_one"}}`, path: "数据.令牌", want: "61_one"},
		"of odd characters":       {body: `{"access_token":"a-_.~+\/=b"}`, want: `a-_.~+/=b`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := service(saying(http.StatusOK, test.body), func(c *EndpointConfig) {
					if c.ExpiresInPath = test.life; test.path != "" {
						c.TokenPath = test.path
					}
				})
				got, err := source.Fetch(t.Context(), Request{AppID: appid})
				if err != nil || got.Value != test.want || test.ends > 0 && time.Until(got.Expires) != test.ends || test.ends == 0 && !got.Expires.IsZero() {
					t.Errorf("got %+v, %v, want %q for %s", got, err, test.want, test.ends)
				}
			})
		})
	}
}

func TestEndpointSendsWhatItWasTold(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	source := service(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		_, _ = io.WriteString(w, `{"access_token":"61_one"}`)
	}), func(c *EndpointConfig) {
		c.URL = "https://tokens.example/token?appid={appid}"
		c.Headers = map[string]string{"Authorization": "Bearer hunter2", "X-Account": "{appid}", "Host": "inner.example"}
	})
	for rejected, want := range map[bool]string{false: "", true: "true"} {
		if _, err := source.Fetch(t.Context(), Request{AppID: appid, Rejected: rejected}); err != nil {
			t.Fatal(err)
		}
		if seen.Method != http.MethodGet || seen.URL.String() != "https://tokens.example/token?appid="+appid || seen.Host != "inner.example" ||
			seen.Header.Get("Authorization") != "Bearer hunter2" || seen.Header.Get("X-Account") != appid ||
			seen.Header.Get("X-WeChat-Token-Rejected") != want || seen.UserAgent() != "test/1.0" {
			t.Errorf("rejected %t: sent %s %s %v", rejected, seen.Method, seen.URL, seen.Header)
		}
	}
}

// TestEndpointSendsAConfiguredUserAgent has one among the headers, which stands before the one of this program.
func TestEndpointSendsAConfiguredUserAgent(t *testing.T) {
	t.Parallel()
	var agent string
	source := service(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent = r.UserAgent()
		_, _ = io.WriteString(w, `{"access_token":"61_one"}`)
	}), func(c *EndpointConfig) { c.Headers = map[string]string{"user-agent": "gateway-only/2"} })
	if _, err := source.Fetch(t.Context(), Request{AppID: appid}); err != nil || agent != "gateway-only/2" {
		t.Errorf("sent %q, %v, want the configured user agent", agent, err)
	}
}

func TestEndpointSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		change func(*EndpointConfig)
		want   Reason
		says   string // of the failure, or the names in the answer
		asked  int32
	}{
		"another path": {status: 200, body: `{"data":{"token":"61_one"}}`, want: NoToken, says: "data", asked: 1},
		"a path with a word of the answer's": {
			status: 200, body: `{"access_token":"61_one","expires_in":7200}`, change: func(c *EndpointConfig) {
				c.URL, c.TokenPath = "https://tokens.example/token/{appid}", "data.token"
			},
			want: NoToken, says: "access_token, expires_in", asked: 1,
		},
		"an empty token":        {status: 200, body: `{"access_token":""}`, want: NoToken, asked: 1},
		"a number":              {status: 200, body: `{"access_token":61}`, want: NoToken, asked: 1},
		"wxcomponent's failure": {status: 200, body: `{"code":1007,"errorMsg":"no ticket","data":{}}`, want: NoToken, says: "code 1007, errorMsg no ticket", asked: 1},
		"WeChat's failure":      {status: 200, body: `{"errcode":61003,"errmsg":"component is not authorized"}`, want: NoToken, says: "errcode 61003, errmsg component is not authorized", asked: 1},
		"a refusal": {
			status: 401, body: `{"message":"bad key hunter2-and-more"}`, change: func(c *EndpointConfig) { c.Headers = map[string]string{"X-Key": "hunter2-and-more"} },
			want: NoToken, says: "message bad key [redacted]", asked: 1,
		},
		"a page":                 {status: 200, body: `<html>Log in</html>`, want: NotJSON, asked: 1},
		"a redirect":             {status: 302, body: ``, want: NotJSON, asked: 1},
		"a gateway's page":       {status: 502, body: `<html>Bad Gateway</html>`, want: NotJSON, asked: 3},
		"too many questions":     {status: 429, body: `{"access_token":"61_one"}`, want: AnswerUnavailable, asked: 3},
		"JSON for a token":       {status: 200, body: `{"access_token":"{}"}`, want: InvalidToken, asked: 1},
		"a document in a text":   {status: 200, body: `"{\"access_token\":\"61_one\"}"`, want: NoToken, asked: 1},
		"a name in a list":       {status: 200, body: `[{"access_token":"61_one"}]`, want: NoToken, asked: 1},
		"a path of another kind": {status: 200, body: `{"access_token":"61_one"}`, change: func(c *EndpointConfig) { c.TokenPath = `!"61_two"` }, want: NoToken, asked: 1},
		"a token of two lines":   {status: 200, body: `{"access_token":"61_one\n61_two"}`, want: InvalidToken, asked: 1},
		"no life where one is":   {status: 200, body: `{"access_token":"61_one"}`, change: func(c *EndpointConfig) { c.ExpiresInPath = "expires_in" }, want: NoLifetime, asked: 1},
		"an answer without end":  {status: 200, body: strings.Repeat("x", wire.ResponseLimit+1), want: RequestFailed, asked: 1},
		"nothing":                {status: 200, body: ``, want: NotJSON, asked: 1},
		"deep nesting, no token": {status: 200, body: strings.Repeat("[", 30000) + strings.Repeat("]", 30000), want: NotJSON, asked: 1},
		"more than a token has":  {status: 200, body: `{"access_token":"61_one","x":"` + strings.Repeat("x", tokenLimit) + `"}`, want: RequestFailed, asked: 1},
		"two tokens": {
			status: 200, body: `{"access_token":"61_one","access_token":"61_two"}`, want: RepeatedName, asked: 1,
		},
		"two places": {
			status: 200, body: `{"data":{"token":"61_one"},"data":{"token":"61_two"}}`, change: func(c *EndpointConfig) {
				c.TokenPath = "data.token"
			},
			want: RepeatedName, asked: 1,
		},
		"two lifetimes": {
			status: 200, body: `{"access_token":"61_one","expires_in":1,"expires_in":7200}`,
			change: func(c *EndpointConfig) { c.ExpiresInPath = "expires_in" }, want: RepeatedName, asked: 1,
		},
		"a large page of a gateway": {
			status: 503, body: strings.Repeat("x", tokenLimit+1), want: NotJSON, asked: 3,
		},
		"what it was asked, repeated": {
			status: 404, body: `{"message":"no route GET /s3cr3t-path/wx1000000000000001?key=hunter2-pw"}`, change: func(c *EndpointConfig) {
				c.URL = "https://tokens.example/s3cr3t-path/{appid}?key=hunter2-pw"
			},
			want: NoToken, says: "message no route GET /[redacted]/wx1000000000000001?key=[redacted]", asked: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asked atomic.Int32
				handler := saying(test.status, test.body)
				_, err := service(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked.Add(1)
					handler.ServeHTTP(w, r)
				}), test.change).Fetch(t.Context(), Request{AppID: appid})
				var failed *Error
				if !errors.As(err, &failed) || failed.Reason != test.want || failed.Attempts != int(test.asked) {
					t.Fatalf("got %v, %+v, want %q", err, failed, test.want)
				}
				shown := failed.Quote
				if shown == "" {
					shown = failed.Names
				}
				if test.says != "" && shown != test.says {
					t.Errorf("it says %q, want %q", shown, test.says)
				}
				shown = fmt.Sprint(err, failed.Detail, failed.Quote, failed.Names, failed.Host, failed.Encoding, failed.Invalid)
				if strings.Contains(shown, "hunter2") || strings.Contains(shown, "61_") || strings.Contains(shown, "https://") {
					t.Errorf("shows a secret or a URL: %s", shown)
				}
				if asked.Load() != test.asked {
					t.Errorf("asked %d times, want %d", asked.Load(), test.asked)
				}
			})
		})
	}
}

func TestPathsAreNamesJoinedByDots(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"access_token": true, "data.token": true, "0.token": true, `a\.b.c-d`: true, `\@this`: true, `\\`: true, "数据.令牌": true,
		"": false, ".token": false, "a..b": false, "a.": false,
		`a\`: false, `a.\`: false,
		// In the words of other languages for paths.
		"$.data.token": false, "data[0]": false, "/data/token": false, "data.#.token": false,
		"*": false, "data.tok?n": false, "data|@tostr": false, "@this": false,
		`#(name=="x").token`: false, "{data,token}": false, `!"61_one"`: false, "data token": false,
	} {
		if got := IsPath(path); got != want {
			t.Errorf("%q: got %t, want %t", path, got, want)
		}
	}
}
