package wechat

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// someRefreshToken stands in answers where an input says REFRESH.
const someRefreshToken = "refreshtoken@@@bTY-0FMvWkLEJ3hkQd7IRjaS0Y5Fd2Lq8xKzWc1vNpA"

// answering answers as an input says; the secrets are put into their places in it.
func answering(status int, contentType, text string) (handler http.Handler, sent string) {
	secrets := strings.NewReplacer("TOKEN", someToken, "REFRESH", someRefreshToken)
	sent = secrets.Replace(text)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", secrets.Replace(contentType))
		w.WriteHeader(200 + int(uint(status)%400))
		_, _ = io.WriteString(w, sent)
	}), sent
}

var (
	quoted  = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"`)
	control = regexp.MustCompile(`[\x00-\x1f]`)
)

// membersOf reads an object's members by another decoder than the client's. Of a name that stands there twice, the last
// counts, as for the client.
func membersOf(text string) map[string]gjson.Result {
	text = quoted.ReplaceAllStringFunc(text, func(quoted string) string { return control.ReplaceAllString(quoted, " ") })
	members := map[string]gjson.Result{}
	if root := gjson.Parse(text); gjson.Valid(text) && root.IsObject() {
		root.ForEach(func(name, value gjson.Result) bool {
			members[name.String()] = value
			return true
		})
	}
	return members
}

// checkError wants a whole error of the package: of one kind, bounded, and without a secret.
func checkError(t *testing.T, err error) {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want an Error", err)
	}
	kinds := 0
	for _, is := range []bool{failed.Code != 0, failed.Unexpected != nil, failed.Failure != nil} {
		if is {
			kinds++
		}
	}
	if text := err.Error(); kinds != 1 || utf8.RuneCountInString(text) > 1000 || !utf8.ValidString(text) {
		t.Errorf("of %d kinds: %+v", kinds, failed)
	}
	shown := fmt.Sprintf("%s %s %+v %+v", err, failed.Stable, failed, failed.Unexpected)
	for _, secret := range []string{someToken, strings.TrimPrefix(someRefreshToken, "refreshtoken")} {
		for at := 0; at+8 <= len(secret); at++ {
			if strings.Contains(shown, secret[at:at+8]) {
				t.Fatalf("%q shows %q", shown, secret[at:at+8])
			}
		}
	}
}

var (
	fewPrintable = regexp.MustCompile(`^[!-~]{1,64}$`)
	zero         = regexp.MustCompile(`^[+-]?0+$`)
	isUnbound    = regexp.MustCompile(`^\+?0*89002$`)
)

// FuzzOpenGet has anything answer in WeChat's place. What comes of it is the open account that stands there, or "bound
// to none" where the code says so, or an error.
func FuzzOpenGet(f *testing.F) {
	f.Add(0, "application/json; encoding=utf-8", `{"open_appid":"wx2000000000000001","errcode":0,"errmsg":"ok"}`)
	f.Add(0, "text/plain", `{"errcode":"89002","errmsg":"open not exists rid: 641ac152-54065ffe-054fcf92"}`)
	f.Add(0, "application/json", `{"errcode":40001,"errmsg":"invalid credential, access_token=TOKEN rid: 641ac152-54065ffe-054fcf92, hints: [ req_id: x ]"}`)
	f.Add(0, "application/json", `{"errcode":61004,"errmsg":"access clientip is not registered requestIP: 2001:db8::1 rid: 1"}`)
	f.Add(302, "text/html; charset=gbk", "<html><a href='https://x/?access_token=TOKEN'>")
	f.Add(300, "", `{"open\u005fappid":"wx2","open_appid":null,"errcode":-0`)
	f.Add(0, "", `{"errcode":89002,"open_appid":"wx2000000000000001"}`)
	f.Add(0, "", "{\"errcode\":89002,\n\"errmsg\":\"open\x00not\nexists\",\"appid\":\"wx2\"}")
	f.Fuzz(func(t *testing.T, status int, contentType, text string) {
		handler, sent := answering(status, contentType, text)
		account, err := newClient(t, handler, func(config *Config) { config.MaxRetries = 0 }).OpenGet(t.Context(), Token{Value: someToken}, someAppID)
		members := membersOf(sent)
		code, coded := members["errcode"]
		succeeded := !coded || zero.MatchString(code.String()) && (code.Type == gjson.Number || code.Type == gjson.String)
		if code.Type == gjson.Number {
			succeeded = zero.MatchString(code.Raw)
		}
		told, found := members["open_appid"]
		usable := found && told.Type == gjson.String && fewPrintable.MatchString(told.String())
		switch {
		case err != nil:
			if checkError(t, err); account != (OpenAccount{}) {
				t.Errorf("got %+v beside an error", account)
			}
			other := members["appid"].String() != "" && members["appid"].String() != someAppID
			named := 0
			gjson.Parse(sent).ForEach(func(_, _ gjson.Result) bool { named++; return true })
			other = other || named != len(members) // a name that stands there twice
			if usable && succeeded && !other && utf8.ValidString(sent) {
				t.Errorf("%q was refused: %v", sent, err)
			}
		case account.Bound():
			if !usable || told.String() != account.AppID || !succeeded {
				t.Errorf("%q became %+v", sent, account)
			}
		case code.Type != gjson.Number && code.Type != gjson.String, !isUnbound.MatchString(strings.Trim(code.Raw, `"`)) && !isUnbound.MatchString(code.Str):
			t.Errorf("%q became bound to none", sent)
		case told.String() != "":
			t.Errorf("%q became bound to none, and names an open account", sent)
		}
	})
}

// outsideRefreshTokens are all texts and names of a document but for the values of members that are named as refresh
// tokens.
func outsideRefreshTokens(document gjson.Result) string {
	if !document.IsObject() && !document.IsArray() {
		return document.String() + "\n"
	}
	var texts strings.Builder
	document.ForEach(func(name, value gjson.Result) bool {
		texts.WriteString(name.String() + "\n")
		if !strings.HasSuffix(strings.ToLower(name.String()), "refresh_token") || value.Type != gjson.String {
			texts.WriteString(outsideRefreshTokens(value))
		}
		return true
	})
	return texts.String()
}

// FuzzAuthorizers has anything answer what WeChat is asked about authorizers, and wants no refresh token back.
func FuzzAuthorizers(f *testing.F) {
	f.Add(0, "application/json", `{"authorizer_info":{"nick_name":"Tea","principal_name":"Tea Co.","user_name":"gh_1","account_status":"1","verify_type_info":{"id":-1},"MiniProgramInfo":{}},`+
		`"authorization_info":{"authorizer_appid":"wx1000000000000001","authorizer_refresh_token":"REFRESH","func_info":[{"funcscope_category":{"id":25}},{"funcscope_category":{"id":"3"}}]}}`)
	f.Add(0, "application/json", `{"total_count":2,"list":[{"authorizer_appid":"wx1000000000000001","refresh_token":"REFRESH","auth_time":1558000607},{"authorizer_appid":"wx2","auth_time":"9"}]}`)
	f.Add(0, "application/json", `{"total_count":-1,"list":null,"errcode":"0"}`)
	f.Add(0, "application/json", `{"errcode":61003,"errmsg":"component is not authorized: REFRESH"}`)
	f.Add(302, "REFRESH", "<html>REFRESH")
	f.Fuzz(func(t *testing.T, status int, contentType, text string) {
		handler, sent := answering(status, contentType, text)
		client := newClient(t, handler, func(config *Config) { config.MaxRetries = 0 })
		told := strings.Contains(outsideRefreshTokens(gjson.Parse(sent)), someRefreshToken)

		authorizer, err := client.AuthorizerInfo(t.Context(), Token{Value: someToken}, platformAppID, someAppID)
		if err != nil {
			checkError(t, err)
		}
		if shown := fmt.Sprintf("%+v", authorizer); strings.Contains(shown, someRefreshToken) && !told {
			t.Errorf("a refresh token is among %s", shown)
		}
		authorized, complete, err := client.AuthorizerList(t.Context(), Token{Value: someToken}, platformAppID)
		if err != nil {
			if checkError(t, err); complete {
				t.Error("a list that could not be read has come to rest")
			}
		}
		for appid, since := range authorized {
			if shown := appid + since.Format(time.RFC3339); appid == "" || strings.Contains(shown, someRefreshToken) && !told {
				t.Errorf("%q is among the authorizers", shown)
			}
		}
	})
}

// FuzzCheckAppID wants what passes to be letters and digits, since it is put into paths and addresses.
func FuzzCheckAppID(f *testing.F) {
	for _, appid := range []string{"", someAppID, "wx1\n", "gh_000000000001", "../wx1", "wx\x00", "ｗｘ１", "wx\u200b1", "{appid}"} {
		f.Add(appid)
	}
	f.Fuzz(func(t *testing.T, appid string) {
		err := CheckAppID(appid)
		plain := appid != "" && strings.Trim(appid, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
		if plain != (err == nil) {
			t.Errorf("%q: %v", appid, err)
		}
		if IsUsualAppID(appid) && (err != nil || len(appid) != len(someAppID)) {
			t.Errorf("%q is usual, and: %v", appid, err)
		}
	})
}
