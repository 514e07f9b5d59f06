package wechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		"another protocol":     {101, "", "", ProblemEmpty, ""},
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
