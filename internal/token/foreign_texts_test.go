package token

import (
	"encoding/base64"
	"errors"
	"net/http"
	"testing"
)

// TestEndpointShowsNoSecret has a token service repeat what it was asked, and looks at what the error shows of it.
func TestEndpointShowsNoSecret(t *testing.T) {
	t.Parallel()
	const key, address = "s3cr3t-key-for-all", "https://me:p4ssw0rd@tokens.example/wechat/tokens/k3y-in-path/{appid}"
	for name, test := range map[string]struct{ message, want string }{
		"a key without its scheme": {"bad key " + key, "bad key [redacted]"},
		"a key in Base64": {
			"bad key " + base64.StdEncoding.EncodeToString([]byte(key)),
			"[withheld: it holds a secret, encoded or in pieces]",
		},
		"the query of the URL":     {"unknown client q9Zw81-x", "unknown client [redacted]"},
		"the user of the URL":      {"no user with p4ssw0rd", "no user with [redacted]"},
		"the path, all but a key":  {"no route wechat/tokens/k3y-in-path", "no route wechat/tokens/[redacted]"},
		"a host and a plain word":  {"tokens.internal is for production", "tokens.internal is for production"},
		"another URL, with tokens": {"GET https://h.example/x?component=abc", "GET https://h.example/x?[redacted]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := service(saying(http.StatusOK, `{"message":"`+test.message+`"}`), func(c *EndpointConfig) {
				c.URL = address + "?secret=q9Zw81-x&kind=authorizer"
				c.Headers = map[string]string{
					"Authorization": "Bearer " + key, "X-Env": "production", "X-Host": "tokens.internal",
				}
			})
			_, err := source.Fetch(t.Context(), Request{AppID: appid})
			var failed *Error
			if !errors.As(err, &failed) || failed.Quote != "message "+test.want {
				t.Errorf("got %v, want it to say %s", err, test.want)
			}
		})
	}
}
