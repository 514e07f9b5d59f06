package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
		BaseURL:               base,
		Transport:             simulator.InProcess(handler),
		RequestTimeout:        DefaultRequestTimeout,
		MaxRetries:            DefaultMaxRetries,
		MaxConcurrentRequests: DefaultMaxConcurrentRequests,
		UserAgent:             "test/1.0",
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
		"no permission set":         {token: world.IssueToken("wx1000000000000007"), code: CodeUnauthorized},
		"a component access token":  {token: world.IssueComponentToken(), code: CodeUnauthorized},
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

// TestOpenGetReplaysRecordedBodies sends every recorded body, also those of other endpoints, and wants the truth or an
// error of it: of all of them, only WeChat's 89002 may mean "bound to none".
func TestOpenGetReplaysRecordedBodies(t *testing.T) {
	t.Parallel()
	type outcome struct {
		Account   OpenAccount
		Code      int
		RID, IP   string
		Problem   Problem
		Retryable bool
	}
	foreign := outcome{Problem: ProblemMissing}
	wants := map[string]outcome{
		"open_get_bound_sample":                      {Account: OpenAccount{AppID: "appid_value"}},
		"open_get_48001_missing_permission_set":      {Code: 48001, RID: "641ac152-54065ffe-054fcf92"},
		"open_get_unbound_89002":                     {},
		"invalid_appid_40013_rid":                    {Code: 40013, RID: "60a49653-65622386-5f01ca84"},
		"open_create_89000":                          {Code: 89000, RID: "69d4d397-366d0172-47a37257"},
		"open_bind_89001":                            {Code: 89001, RID: "63523ebd-02109430-53ef0c2b"},
		"open_unbind_89003":                          {Code: 89003, RID: "681096c3-58b40a19-0f492d39"},
		"open_have_true":                             foreign,
		"component_token_sample":                     foreign,
		"component_token_expires_in_string":          foreign,
		"authorizer_token_sample":                    foreign,
		"authorizer_list_sample":                     foreign,
		"authorizer_list_item_without_refresh_token": foreign,
		"authorizer_info_miniprogram_real":           foreign,
		"component_token_61005":                      {Code: 61005, RID: "64f69b23-60f73830-19f36488"},
		"component_61004_ip":                         {Code: 61004, RID: "1", IP: "203.0.113.9"},
		"authorizer_token_61003":                     {Code: 61003, RID: "67a30dc9-302ecc6c-11466d6f"},
		"authorizer_token_61023":                     {Code: 61023, RID: "6142cae2-160a288b-589e1ad2"},
		"authorizer_token_42001":                     {Code: 42001, RID: "66c669e3-210a005b-256a5f92"},
		"probe_fake_token_40001_long":                {Code: 40001, RID: "6aac0063-7ed08fb9-1250f724"},
		"probe_no_token_41001":                       {Code: 41001, RID: "6aac0064-355b48ab-4c5b487e"},
		"ip_whitelist_40164":                         {Code: 40164, RID: "65112232-35da441e-28f02baf", IP: "203.0.113.10"},
		"daily_quota_45009":                          {Code: 45009},
		"empty_body_200":                             {Problem: ProblemEmpty, Retryable: true},
		"chunked_request_412":                        {Problem: ProblemEmpty},
	}
	var vectors []struct {
		Name    string            `json:"name"`
		Status  int               `json:"http_status"`
		Body    string            `json:"response_body"`
		Headers map[string]string `json:"response_headers"`
	}
	recorded, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(recorded, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != len(wants) {
		t.Errorf("%d bodies are recorded and %d expected", len(vectors), len(wants))
	}
	for _, vector := range vectors {
		t.Run(vector.Name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range vector.Headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(vector.Status)
				_, _ = io.WriteString(w, vector.Body)
			}), func(config *Config) { config.MaxRetries = 0 })
			var got outcome
			var err error
			got.Account, err = client.OpenGet(t.Context(), Token{Value: someToken}, "")
			var failed *Error
			if errors.As(err, &failed) {
				got.Code, got.RID, got.IP, got.Retryable = failed.Code, failed.RID, failed.CallerIP, failed.Retryable()
				if failed.Unexpected != nil {
					got.Problem = failed.Unexpected.Problem
				}
			}
			if diff := cmp.Diff(wants[vector.Name], got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestOpenGetNeverGuesses(t *testing.T) {
	t.Parallel()
	const (
		transient = true
		protocol  = false
	)
	for name, test := range map[string]struct {
		status int
		body   string
		want   bool // worth another attempt
	}{
		"no members":                     {200, `{}`, protocol},
		"success without an open_appid":  {200, `{"errcode":0,"errmsg":"ok"}`, protocol},
		"an empty open_appid":            {200, `{"open_appid":"","errcode":0}`, protocol},
		"a null open_appid":              {200, `{"open_appid":null,"errcode":0}`, protocol},
		"a number as open_appid":         {200, `{"open_appid":12,"errcode":0}`, protocol},
		"65 characters of open_appid":    {200, `{"open_appid":"` + strings.Repeat("x", 65) + `"}`, protocol},
		"a space in open_appid":          {200, `{"open_appid":"wx 2"}`, protocol},
		"a line break in open_appid":     {200, `{"open_appid":"wx2\n"}`, protocol},
		"names in another case":          {200, `{"Open_AppID":"wx2","ErrCode":0}`, protocol},
		"errcode null":                   {200, `{"open_appid":"wx2","errcode":null}`, protocol},
		"errcode true":                   {200, `{"open_appid":"wx2","errcode":true}`, protocol},
		"errcode with a fraction":        {200, `{"errcode":89002.5}`, protocol},
		"errcode in words":               {200, `{"errcode":"none"}`, protocol},
		"errcode empty":                  {200, `{"errcode":"","open_appid":"wx2"}`, protocol},
		"a list":                         {200, `[{"open_appid":"wx2"}]`, protocol},
		"null":                           {200, `null`, protocol},
		"a page":                         {200, `<html>Please log in</html>`, protocol},
		"two objects":                    {200, `{"open_appid":"wx2"}{"errcode":89002}`, protocol},
		"an object and the half of one":  {200, `{"open_appid":"wx2"}{"errc`, protocol},
		"an object and a brace":          {200, `{"open_appid":"wx2"}}`, protocol},
		"an object and a NUL":            {200, `{"open_appid":"wx2"}` + "\x00", protocol},
		"a NUL within":                   {200, `{"open_appid":` + "\x00" + `"wx2"}`, protocol},
		"a NUL in the open_appid":        {200, `{"open_appid":"wx2\u0000"}`, protocol},
		"NULs alone":                     {200, "\x00\x00\x00", protocol},
		"one character":                  {200, `x`, protocol},
		"UTF-16":                         {200, "\xff\xfe{\x00\"\x00o\x00\"\x00:\x001\x00}\x00", protocol},
		"UTF-16, the other way":          {200, "\xfe\xff\x00{\x00\"\x00o\x00\"\x00:\x001\x00}", protocol},
		"bound and unbound":              {200, `{"open_appid":"wx2","errcode":0,"errcode":89002}`, protocol},
		"unbound and bound":              {200, `{"errcode":89002,"open_appid":"wx2","errcode":0}`, protocol},
		"two open accounts":              {200, `{"open_appid":"wx2","open_appid":"wx3","errcode":0}`, protocol},
		"an open account and none":       {200, `{"open_appid":"wx2","open_appid":null}`, protocol},
		"two codes, one in escapes":      {200, `{"errcode":89002,"err\u0063ode":48001}`, protocol},
		"a depth that nobody needs":      {200, `{"errcode":0,"open_appid":"wx2","x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, protocol},
		"a change of protocol":           {101, ``, protocol},
		"not found":                      {404, `{"error":"not found"}`, protocol},
		"a redirect":                     {302, ``, protocol},
		"a proxy that wants a password":  {407, ``, protocol},
		"a request without its length":   {412, ``, protocol},
		"nothing":                        {200, ``, transient},
		"white space":                    {200, "\r\n ", transient},
		"the beginning of an answer":     {200, `{"open_appid":"wx2000000000000001","errc`, transient},
		"a gateway's page":               {502, `<html>Bad Gateway</html>`, transient},
		"a gateway's JSON":               {503, `{"message":"no upstream"}`, transient},
		"a gateway that asks for a rest": {429, `slow down`, transient},
		"a gateway without patience":     {408, ``, transient},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, body(test.status, test.body), func(config *Config) { config.MaxRetries = 0 })
			account, err := client.OpenGet(t.Context(), Token{Value: someToken}, someAppID)
			var failed *Error
			if !errors.As(err, &failed) || failed.Unexpected == nil || failed.Unexpected.Retryable != test.want || failed.Unexpected.Status != test.status || account != (OpenAccount{}) {
				t.Errorf("got %+v, %v, want an unexpected response, retryable %t", account, err, test.want)
			}
		})
	}
}

func TestOpenGetTakesWhatIsOnlyOddlyWritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   OpenAccount
		code   int
	}{
		"no errcode":                {200, `{"open_appid":"wx2"}`, OpenAccount{"wx2"}, 0},
		"errcode as text":           {200, `{"open_appid":"wx2","errcode":"0"}`, OpenAccount{"wx2"}, 0},
		"an error as text":          {200, `{"errcode":"48001"}`, OpenAccount{}, 48001},
		"an error beside an answer": {200, `{"open_appid":"wx2","errcode":48001}`, OpenAccount{}, 48001},
		"an error on a 500":         {500, `{"errcode":48001}`, OpenAccount{}, 48001},
		"unbound as text":           {200, `{"errcode":"89002"}`, OpenAccount{}, 0},
		"unbound without a text":    {200, `{"errcode":89002,"errmsg":null}`, OpenAccount{}, 0},
		"space around":              {200, "\n{\"open_appid\":\"wx2\"}\n", OpenAccount{"wx2"}, 0},
		"a byte order mark before":  {200, "\ufeff{\"open_appid\":\"wx2\"}", OpenAccount{"wx2"}, 0},
		"the same said twice":       {200, `{"errcode":0,"open_appid":"wx2","errcode":0}`, OpenAccount{"wx2"}, 0},
		"unbound, said twice":       {200, `{"errcode":89002,"errcode":89002}`, OpenAccount{}, 0},
		"something else, nested":    {200, `{"open_appid":"wx2","x":` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}`, OpenAccount{"wx2"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account, err := newClient(t, body(test.status, test.body), nil).OpenGet(t.Context(), Token{Value: someToken}, someAppID)
			var failed *Error
			if errors.As(err, &failed); account != test.want || failed == nil && test.code != 0 || failed != nil && failed.Code != test.code {
				t.Errorf("got %+v, %v, want %+v, code %d", account, err, test.want, test.code)
			}
		})
	}
}

// TestForeignAnswersSayWhatIsWrong has answers whose fault is worth a name of its own.
func TestForeignAnswersSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	utf16 := func(text string) string {
		var written strings.Builder
		written.WriteString("\xff\xfe")
		for _, char := range []byte(text) {
			written.Write([]byte{char, 0})
		}
		return written.String()
	}
	for name, test := range map[string]struct {
		status   int
		encoding string
		body     string
		want     Problem
		named    string // the encoding
	}{
		"a contradiction":      {200, "", `{"errcode":0,"open_appid":"wx2","errcode":89002}`, ProblemDuplicate, ""},
		"more than an object":  {200, "", `{"open_appid":"wx2"}<!-- ` + someToken + ` -->`, ProblemTrailingData, ""},
		"a page in UTF-16":     {200, "", utf16("<html>" + someToken), ProblemUTF16, ""},
		"compressed, unasked":  {200, "deflate", "\x4b\x04\x00", ProblemEncoding, "deflate"},
		"a token in its place": {200, someToken, "\x4b\x04\x00", ProblemEncoding, "[redacted]"},
		"a mislabelled page":   {302, "utf-8", "", ProblemRedirect, ""},
		"another protocol":     {101, "", "", ProblemUpgrade, ""},
		"half of it":           {200, "", `{"open_appid":"wx2`, ProblemCutOff, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if test.encoding != "" {
					w.Header().Set("Content-Encoding", test.encoding)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}), func(config *Config) { config.MaxRetries = 0 })
			_, err := client.OpenGet(t.Context(), Token{Value: someToken}, someAppID)
			var failed *Error
			if !errors.As(err, &failed) || failed.Unexpected == nil || failed.Unexpected.Problem != test.want ||
				test.want == ProblemEncoding && failed.Unexpected.Encoding != test.named {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if shown := fmt.Sprintf("%v %+v", err, failed.Unexpected); strings.Contains(shown, someToken[:12]) || strings.Contains(shown, someToken[20:32]) {
				t.Errorf("shows a token: %s", shown)
			}
		})
	}
	t.Run("a label that is wrong does not matter", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "utf-8")
			_, _ = io.WriteString(w, `{"open_appid":"wx2"}`)
		}), nil)
		if account, err := client.OpenGet(t.Context(), Token{Value: someToken}, someAppID); err != nil || account.AppID != "wx2" {
			t.Errorf("got %+v, %v, want the answer", account, err)
		}
	})
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

// TestRetries counts requests and time on a clock of its own: which answers are asked for again, and how long it waits.
func TestRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    simulator.Fault
		retries  int
		requests int
		least    time.Duration
		code     int
		ok       bool
	}{
		"busy twice, then an answer":   {fault: simulator.Fault{Kind: simulator.FaultSystemBusy, Count: 2}, retries: 3, requests: 3, least: 800 * time.Millisecond, ok: true},
		"busy for good":                {fault: simulator.Fault{Kind: simulator.FaultSystemBusy}, retries: 2, requests: 3, code: -1},
		"busy, and no retries":         {fault: simulator.Fault{Kind: simulator.FaultSystemBusy}, requests: 1, code: -1},
		"a gateway's page":             {fault: simulator.Fault{Kind: simulator.FaultHTML502, Count: 1}, retries: 1, requests: 2, ok: true},
		"an empty answer":              {fault: simulator.Fault{Kind: simulator.FaultEmpty, Count: 1}, retries: 1, requests: 2, ok: true},
		"a cut connection":             {fault: simulator.Fault{Kind: simulator.FaultCut, Count: 1}, retries: 1, requests: 2, ok: true},
		"a cut answer":                 {fault: simulator.Fault{Kind: simulator.FaultTruncated, Count: 1}, retries: 1, requests: 2, ok: true},
		"no answer in time":            {fault: simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour, Count: 1}, retries: 1, requests: 2, least: DefaultRequestTimeout, ok: true},
		"the quota of the minute":      {fault: simulator.Fault{Kind: simulator.FaultMinuteQuota, Count: 2}, retries: 3, requests: 3, least: 2 * time.Minute, ok: true},
		"the quota of the day":         {fault: simulator.Fault{Kind: simulator.FaultDailyQuota}, retries: 3, requests: 1, code: 45009},
		"an address on no allow-list":  {fault: simulator.Fault{Kind: simulator.FaultCallerIP}, retries: 3, requests: 1, code: 61004},
		"a login page instead of JSON": {fault: simulator.Fault{Kind: simulator.FaultHTML200}, retries: 3, requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				world := newSimulator(t)
				if err := world.Inject(test.fault); err != nil {
					t.Fatal(err)
				}
				client := newClient(t, world, func(config *Config) { config.MaxRetries = test.retries })
				begun := time.Now()
				account, err := client.OpenGet(t.Context(), Token{Value: world.IssueToken(someAppID)}, someAppID)
				var failed *Error
				errors.As(err, &failed)
				if (err == nil) != test.ok || account.Bound() != test.ok {
					t.Fatalf("got %+v, %v", account, err)
				}
				if failed != nil && (failed.Code != test.code || failed.Attempts != test.requests || failed.OutOfTime) {
					t.Errorf("got %+v, want code %d after %d attempts", failed, test.code, test.requests)
				}
				if got := world.Count("/cgi-bin/open/get"); got != test.requests {
					t.Errorf("asked %d times, want %d", got, test.requests)
				}
				if took := time.Since(begun) * 4 / 3; took < test.least { // jitter takes up to a quarter
					t.Errorf("took %s, want at least %s", took, test.least)
				}
			})
		})
	}
}

func TestDeadlineKeepsTheLastAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultMinuteQuota}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := newClient(t, world, nil).OpenGet(ctx, Token{Value: world.IssueToken(someAppID)}, someAppID)
		var failed *Error
		if !errors.As(err, &failed) || failed.Code != CodeMinuteQuota || !failed.OutOfTime || time.Since(begun) != 0 {
			t.Errorf("got %v after %s, want 45011 at once", err, time.Since(begun))
		}
	})
}

func TestCancellationEndsARequestAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begun := time.Now()
		_, err := newClient(t, world, nil).OpenGet(ctx, Token{Value: world.IssueToken(someAppID)}, someAppID)
		if !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
			t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
		}
	})
}

func TestSlotIsNotHeldAcrossBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultMinuteQuota, AppID: someAppID}); err != nil {
			t.Fatal(err)
		}
		client := newClient(t, world, func(config *Config) { config.MaxConcurrentRequests = 1 })
		go func() { _, _ = client.OpenGet(t.Context(), Token{Value: world.IssueToken(someAppID)}, someAppID) }()
		synctest.Wait()
		begun := time.Now()
		if _, err := client.OpenGet(t.Context(), Token{Value: world.IssueToken("wx1000000000000002")}, ""); err != nil || time.Since(begun) != 0 {
			t.Errorf("got %v after %s, want an answer while the other waits", err, time.Since(begun))
		}
	})
}

func TestWaitingForASlotEndsWithTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultSlow, Delay: 9 * time.Second}); err != nil {
			t.Fatal(err)
		}
		client := newClient(t, world, func(config *Config) { config.MaxConcurrentRequests = 1 })
		go func() { _, _ = client.OpenGet(t.Context(), Token{Value: world.IssueToken(someAppID)}, someAppID) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.OpenGet(ctx, Token{Value: someToken}, someAppID)
		var failed *Error
		if !errors.As(err, &failed) || failed.Failure == nil || failed.Failure.Reason != wire.TimeoutSlot || !failed.OutOfTime {
			t.Errorf("got %v, want that every slot was taken", err)
		}
		if got := world.Count(""); got != 1 {
			t.Errorf("asked %d times, want 1", got)
		}
	})
}

func TestConnectionsAreKeptAndBounded(t *testing.T) {
	t.Parallel()
	const reads, concurrent = 200, 8
	world := newSimulator(t)
	server, err := simulator.Listen("127.0.0.1:0", world)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	client := newClient(t, nil, func(config *Config) {
		config.Transport = wire.NewTransport(wire.TransportConfig{MaxConnections: concurrent})
		config.BaseURL, _ = ParseBaseURL(server.URL())
		config.MaxConcurrentRequests = concurrent
	})
	token := world.IssueToken(someAppID)
	var group sync.WaitGroup
	for range reads {
		group.Go(func() {
			if _, err := client.OpenGet(t.Context(), Token{Value: token}, someAppID); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := world.Count("/cgi-bin/open/get"); got != reads {
		t.Errorf("asked %d times, want %d", got, reads)
	}
	if got := server.MaxRequestsAtATime(); got > concurrent {
		t.Errorf("%d requests were under way at once, want at most %d", got, concurrent)
	}
	// On a busy machine net/http at times gives a connection up that was about to be kept.
	if got := server.Connections(); got > reads/4 {
		t.Errorf("opened %d connections for %d reads: they are not kept", got, reads)
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
