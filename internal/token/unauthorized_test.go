package token

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestUnauthorizedIsEverybodys has a token service refuse who asks: it would refuse that for every account, whatever it
// says with it. Another refusal may be about the account.
func TestUnauthorizedIsEverybodys(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   bool
	}{
		"JSON":          {http.StatusUnauthorized, `{"message":"who are you"}`, true},
		"a page":        {http.StatusUnauthorized, `<html>log in</html>`, true},
		"a long page":   {http.StatusUnauthorized, strings.Repeat("<p>log in</p>", 10_000), true},
		"nothing":       {http.StatusUnauthorized, ``, true},
		"another error": {http.StatusForbidden, `{"message":"not yours"}`, false},
		"not there":     {http.StatusNotFound, `{"message":"no such account"}`, false},
		"a good answer": {http.StatusOK, `{"message":"no such account"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			source := Endpoint(Description{Setting: "token_endpoint"}, EndpointConfig{
				URL: server.URL + "/{appid}", TokenPath: "access_token",
				ClientConfig: wire.ClientConfig{Timeout: time.Minute, MaxConcurrentRequests: 1, Transport: http.DefaultTransport},
			})
			_, err := source.Fetch(t.Context(), Request{AppID: "wx1000000000000001"})
			var failed *Error
			if !errors.As(err, &failed) || failed.Shared != test.want {
				t.Errorf("got %+v, want everybody's %t", err, test.want)
			}
		})
	}
}
