package token

import (
	"errors"
	"io"
	"net/http"
	"testing"
)

// TestServiceSays has a token service say in several ways why it has no token: its words are shown, what may be a token
// in their place is not.
func TestServiceSays(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		reason Reason
		says   string
	}{
		`{"error":"no such account"}`:                                      {NoToken, "error no such account"},
		`{"error":{"message":"no such account","code":404}}`:               {NoToken, "error.code 404, error.message no such account"},
		`{"code":1002,"errorMsg":"系统错误","data":"empty ticket"}`:            {NoToken, "code 1002, errorMsg 系统错误, data empty ticket"},
		`{"code":1002,"data":"Get \"https://h.example/p?a=61_one\": EOF"}`: {NoToken, `code 1002, data Get "https://h.example/p?[redacted]": EOF`},
		`{"code":0,"data":"` + someToken + `"}`:                            {NoToken, ""},
		`{"code":0,"data":"eyJh.bGci.OiJI.UzI1.NiJ9"}`:                     {NoToken, ""},
		`{"code":1,"data":{"reason":"x"}}`:                                 {NoToken, "code 1"},
		someToken + "\n":                                                   {BareToken, ""},
		`"` + someToken + `"`:                                              {BareToken, ""},
		"locked":                                                           {NotJSON, ""},
	} {
		_, err := service(saying(http.StatusOK, body), nil).Fetch(t.Context(), Request{AppID: appid})
		var failed *Error
		if !errors.As(err, &failed) || failed.Reason != want.reason || failed.Quote != want.says {
			t.Errorf("%s: got %#v, want %q, %q", body, err, want.reason, want.says)
		}
	}
}

// TestEndpointEncodesItsURL has spaces and characters that are no ASCII in a URL, which a browser would encode.
func TestEndpointEncodesItsURL(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"/a b/账号?name=账号 1&x=%41+{appid}": "/a%20b/%E8%B4%A6%E5%8F%B7?name=%E8%B4%A6%E5%8F%B7%201&x=%41+" + appid,
		`/?a="<>"&b=100%&c=[1]`:           "/?a=%22%3C%3E%22&b=100%25&c=%5B1%5D",
		"/?next=https://x/y?z=(1),2;3":    "/?next=https://x/y?z=(1),2;3",
	} {
		asked := ""
		source := service(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.RequestURI()
			_, _ = io.WriteString(w, `{"access_token":"61_one"}`)
		}), func(c *EndpointConfig) { c.URL = "https://tokens.example" + written })
		if _, err := source.Fetch(t.Context(), Request{AppID: appid}); err != nil || asked != want {
			t.Errorf("%s: asked %s, %v, want %s", written, asked, err, want)
		}
	}
}
