package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// someToken stands where an input says TOKEN.
const someToken = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"

// begun is when an answer came.
var begun = time.Unix(1_700_000_000, 0)

// reserved are words and lines that stand where there is no token, or before one.
var reserved = regexp.MustCompile(`^(?:(?i:null|nil|none|undefined|true|false)$|[A-Z_][0-9A-Z_]*=)`)

// mayBeToken is the rule for tokens, written another way.
func mayBeToken(text string) bool {
	return text != "" && len(text) <= 4096 && !reserved.MatchString(text) &&
		strings.Trim(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.~+/=") == ""
}

// checkToken wants what was accepted to be a token, and to be one of those that stand in what was read.
func checkToken(t *testing.T, got Token, there []string) {
	t.Helper()
	if !mayBeToken(got.Value) {
		t.Errorf("%q is no token", got.Value)
	}
	if !slices.ContainsFunc(there, func(text string) bool { return strings.TrimRight(text, "\r\n") == got.Value }) {
		t.Errorf("%q is none of %q", got.Value, there)
	}
	if _, err := got.Expires.MarshalText(); err != nil { // a year of more than four digits; expires_at may be long past
		t.Errorf("it ends at %s", got.Expires)
	}
}

// expectNoToken wants nothing of the token in a text.
func expectNoToken(t *testing.T, text string) {
	t.Helper()
	for at := 0; at+8 <= len(someToken); at++ {
		if strings.Contains(text, someToken[at:at+8]) {
			t.Fatalf("%q shows %q", text, someToken[at:at+8])
		}
	}
}

// FuzzReadOutput has a program print anything.
func FuzzReadOutput(f *testing.F) {
	for _, printed := range []string{
		"TOKEN\n", `{"access_token":"TOKEN","expires_in":7200}`, `{"access_token":"TOKEN","expires_in":"1e400"}`, ` "TOKEN" `,
		"NOAUTH Authentication required.", "null", `{"access_token":"TOKEN","expires_at":"2026-11-26T12:00:00+08:00"}`, `["TOKEN"]`, "\xef\xbb\xbfTOKEN", "TOKEN\nTOKEN", "\f\"A\"", `"\f\"A\""`, `{"access_token":"A","access_token":"TOKEN"}`,
		`{"access_token":"\"TOKEN\""}`,
	} {
		f.Add([]byte(printed))
	}
	f.Fuzz(func(t *testing.T, printed []byte) {
		printed = bytes.ReplaceAll(printed, []byte("TOKEN"), []byte(someToken))
		got, err := readOutput(printed, false, begun)
		if err != nil {
			if expectNoToken(t, err.Error()); got.Value != "" || len(err.Error()) > 200 {
				t.Errorf("got %+v, %v", got, err)
			}
			return
		}
		there := []string{string(printed)}
		if trimmed := strings.TrimSpace(string(printed)); strings.HasPrefix(trimmed, `"`) {
			there = append(there, strings.TrimSuffix(trimmed[1:], `"`))
		}
		if json.Valid(printed) {
			there = append(there, texts(reachable(printed, "access_token"))...)
		}
		checkToken(t, got, there)
	})
}

var (
	aPath   = regexp.MustCompile(`^(?s:\\.|[\pL\p{Nd}_-])+(?:\.(?s:\\.|[\pL\p{Nd}_-])+)*$`)
	aName   = regexp.MustCompile(`(?s:\\.|[^.\\])+`)
	escaped = regexp.MustCompile(`(?s)\\(.)`)
)

// reachable are the values that a path leads to, by another decoder than the source's. There may be several, where a
// name stands twice in an object.
func reachable(document json.RawMessage, path string) []json.RawMessage {
	found := []json.RawMessage{document}
	for _, name := range aName.FindAllString(path, -1) {
		name = escaped.ReplaceAllString(name, "$1")
		var next []json.RawMessage
		for _, value := range found {
			decoder := json.NewDecoder(bytes.NewReader(value))
			opening, err := decoder.Token()
			if err != nil || opening != json.Delim('{') && opening != json.Delim('[') {
				continue
			}
			for number := 0; decoder.More(); number++ {
				here := false
				if opening == json.Delim('{') {
					key, err := decoder.Token()
					if err != nil {
						break
					}
					here = key == name
				} else {
					here = name == strconv.Itoa(number)
				}
				var member json.RawMessage
				if decoder.Decode(&member) != nil {
					break
				}
				if here {
					next = append(next, member)
				}
			}
		}
		found = next
	}
	return found
}

// texts are those of the values that are strings.
func texts(values []json.RawMessage) (found []string) {
	for _, value := range values {
		var text string
		if json.Unmarshal(value, &text) == nil && value[0] == '"' {
			found = append(found, text)
		}
	}
	return found
}

// FuzzEndpoint has a token service answer anything, and a configuration look for the token anywhere.
func FuzzEndpoint(f *testing.F) {
	f.Add("access_token", "expires_in", `{"access_token":"TOKEN","expires_in":7200}`, 0)
	f.Add("data.token", "", `{"code":0,"data":{"token":"TOKEN"}}`, 0)
	f.Add("0.token", "1", `[{"token":"TOKEN"},"3600"]`, 0)
	f.Add(`a\.b.\@this`, `\\`, `{"a.b":{"@this":"TOKEN"},"\\":9}`, 0)
	f.Add("token", "", `{"code":1007,"errorMsg":"no ticket for TOKEN","TOKEN":{}}`, 201)
	for _, path := range []string{"@this", "*", `!"61_x"`, `#(a=="b")#.c`, "..0", "data|@tostr", "{a,b}", "@pretty:{\"indent\":\"\"}"} {
		f.Add(path, path, `"{\"a\":\"TOKEN\"}"`, 0)
	}
	f.Fuzz(func(t *testing.T, path, lifePath, body string, status int) {
		body = strings.ReplaceAll(body, "TOKEN", someToken)
		source := &endpoint{config: EndpointConfig{TokenPath: path, ExpiresInPath: lifePath}}
		answer := &wire.Response{Status: 200 + int(uint(status)%400), Body: []byte(body)}
		got, err := source.read(&url.URL{Scheme: "https", Host: "tokens.example", Path: "/" + appid}, answer, begun)

		isPath := utf8.ValidString(path) && aPath.MatchString(path)
		if utf8.ValidString(path) && isPath != IsPath(path) {
			t.Errorf("%q: %t", path, IsPath(path))
		}
		var values []json.RawMessage
		if isPath && json.Valid([]byte(body)) {
			values = reachable(json.RawMessage(body), path)
		}
		there := texts(values)
		if err == nil {
			checkToken(t, got, there)
			if slices.ContainsFunc(values, func(value json.RawMessage) bool { return !bytes.Equal(value, values[0]) }) {
				t.Errorf("one of %q was taken", values)
			}
			return
		}
		var failed *Error
		if !errors.As(err, &failed) || failed.Reason == "" || got.Value != "" {
			t.Fatalf("got %+v, %v", got, err)
		}
		shown := fmt.Sprint(err, failed.Detail, failed.Quote, failed.Names, failed.Invalid)
		if expectNoToken(t, shown); utf8.RuneCountInString(shown) > 6*320+200 {
			t.Errorf("%d bytes of message", len(shown))
		}
		if len(there) == 1 && mayBeToken(there[0]) && failed.Reason != RepeatedName &&
			lifePath == "" && answer.Status < 429 && len(body) <= tokenLimit && utf8.ValidString(body) {
			t.Errorf("%q at %q was not found: %v", there[0], path, err)
		}
	})
}

// FuzzExpand puts an appid into a template, as paths and arguments get it, and into the URL and the headers of a
// question.
func FuzzExpand(f *testing.F) {
	f.Add("/run/tokens/{appid}/token", appid)
	f.Add("https://{appid}.example/{appid}?appid={appid}#{appid}", appid)
	f.Add("{appid", "../x")
	f.Add("{{appid}appid}", "gh_1")
	f.Add("{appid}", "a%2fb")
	f.Add("{appid}", "wx1\u200b")
	f.Add("https://tokens.example/?name=a b&x=100%&y={appid}", appid)
	f.Add("Bearer {appid}\r\nX: y", "wx1\r\nX: y")
	refusals := map[string]bool{}
	invisible := regexp.MustCompile(`^it holds the invisible character U\+[0-9A-F]{4,6}, which must be removed$`)
	for _, wrong := range []string{"", " ", "gh_", "-"} {
		refusals[wechat.CheckAppID(wrong).Error()] = true
	}
	f.Fuzz(func(t *testing.T, template, appid string) {
		got, err := expand(template, appid)
		var failed *Error
		isRefused := errors.As(err, &failed) && failed.Reason == InvalidAppID &&
			(refusals[failed.Detail] || invisible.MatchString(failed.Detail))
		parts := strings.Split(template, "{appid}")
		plain := regexp.MustCompile(`^[0-9A-Za-z]+$`).MatchString(appid)
		switch {
		case len(parts) > 1 && !plain:
			if err == nil || got != "" || !isRefused {
				t.Errorf("%q in %q: %q, %v", appid, template, got, err)
			}
		case err != nil || got != strings.Join(parts, appid):
			t.Errorf("%q in %q: %q, %v", appid, template, got, err)
		}

		source := &endpoint{config: EndpointConfig{URL: template, Headers: map[string]string{"X-Account": template}}}
		question, err := source.httpRequest(t.Context(), Request{AppID: appid})
		switch {
		case err != nil:
			if !errors.As(err, &failed) || failed.Reason != InvalidAppID {
				t.Errorf("%q in %q: %v", appid, template, err)
			}
		case len(parts) > 1 && !plain:
			t.Errorf("%q is asked for", question.URL)
		default:
			address, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Join(parts, appid), nil)
			if err == nil {
				// A query is encoded where it was not, which must not change what it says.
				before, beforeErr := url.PathUnescape(address.URL.RawQuery)
				after, afterErr := url.PathUnescape(question.URL.RawQuery)
				if afterErr != nil || beforeErr == nil && after != before || strings.ContainsAny(question.URL.RawQuery, " \"<>#") {
					t.Errorf("the query %q is sent as %q", address.URL.RawQuery, question.URL.RawQuery)
				}
				address.URL.RawQuery = question.URL.RawQuery
			}
			if err != nil || question.URL.String() != address.URL.String() || question.Host != address.Host || question.Header.Get("X-Account") != strings.Join(parts, appid) {
				t.Errorf("%q in %q: asked %q with %v", appid, template, question.URL, question.Header)
			}
		}
	})
}
