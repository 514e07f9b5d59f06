//go:build unix

package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// oddTokens are tokens that a query or JSON could change on the way.
var oddTokens = map[string]string{
	"what a query means":  "61_a+b/c=d+access_token=e+2F~f",
	"what a path means":   "61_/../a/./b//c",
	"512 characters":      "61_" + strings.Repeat("aZ09-_+/=~.", 50)[:509],
	"4096 characters":     "61_" + strings.Repeat("aZ09-_+/=~.", 400)[:4093],
	"all that is allowed": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.~+/=",
}

// simulated is a simulated WeChat on a port, and a client of it.
func simulated(t *testing.T) (*simulator.Simulator, *wechat.Client) {
	t.Helper()
	world, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.Listen("127.0.0.1:0", world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	base, err := wechat.ParseBaseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := wire.NewTransport(wire.TransportConfig{MaxConnections: 1})
	t.Cleanup(transport.CloseIdleConnections)
	return world, wechat.NewClient(wechat.Config{BaseURL: base, ClientConfig: wire.ClientConfig{Transport: transport, Timeout: time.Minute, MaxConcurrentRequests: 1}})
}

// echo has WeChat repeat a token in its refusals, as it is and as a query has it.
func echo(t *testing.T, world *simulator.Simulator, token string) {
	t.Helper()
	if err := world.Inject(simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001, Message: fmt.Sprintf("%s, that is %s, is not permitted", token, url.QueryEscape(token))}); err != nil {
		t.Fatal(err)
	}
}

// expectRedacted fails where an error has nothing redacted or withheld, or eight characters in a row of a token.
func expectRedacted(t *testing.T, err error, token string) {
	t.Helper()
	var refused *wechat.Error
	if !errors.As(err, &refused) || refused.Code != 48001 ||
		!strings.Contains(refused.Text, "[redacted]") && !strings.Contains(refused.Text, "[withheld: ") {
		t.Errorf("got %v, want WeChat's refusal without the token", err)
		return
	}
	shown := fmt.Sprintf("%v %+v %s", err, *refused, refused.Stable)
	for at := 0; at+8 <= len(token); at++ {
		if strings.Contains(shown, token[at:at+8]) {
			t.Errorf("%q still holds %q", shown, token[at:at+8])
			return
		}
	}
}

// TestTokensTravelExact hands odd tokens through every source to WeChat, and has WeChat repeat them in a refusal.
func TestTokensTravelExact(t *testing.T) {
	t.Parallel()
	for name, odd := range oddTokens {
		inJSON, err := json.Marshal(map[string]any{"access_token": odd})
		if err != nil {
			t.Fatal(err)
		}
		sources := map[string]Source{
			"access_token":      Static("access_token", odd),
			"access_tokens":     PerAppID("access_tokens", map[string]string{appid: odd, sibling: "61_another"}),
			"access_token_file": File("access_token_file", write(t, "token", odd+"\n")),
			"token_endpoint":    service(saying(http.StatusOK, string(inJSON)), nil),
			"exec, JSON":        Exec(Description{Setting: "exec", PerAppID: true}, ExecConfig{Command: "cat", Args: []string{write(t, "token", string(inJSON))}, Timeout: time.Minute}),
			"exec, bare":        Exec(Description{Setting: "exec", PerAppID: true}, ExecConfig{Command: "cat", Args: []string{write(t, "token", odd+"\n")}, Timeout: time.Minute}),
		}
		for kind, source := range sources {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				world, client := simulated(t)
				if err := world.SetToken(appid, odd); err != nil {
					t.Fatal(err)
				}
				ask := func(ctx context.Context, accessToken wechat.Token) (wechat.OpenAccount, error) {
					return client.OpenGet(ctx, accessToken, appid)
				}
				tokens := NewCache(source)
				if account, err := Use(t.Context(), tokens, appid, ask); err != nil || account.AppID != "wx2000000000000001" {
					t.Errorf("got %+v, %v, want the binding: %+v", account, err, world.Requests())
				}
				echo(t, world, odd)
				_, err := Use(t.Context(), tokens, appid, ask)
				expectRedacted(t, err, odd)
				if got := world.Count("/cgi-bin/open/get"); got != 2 {
					t.Errorf("asked %d times, want 2", got)
				}
			})
		}
	}
}

// TestComponentTokensTravelExact does the same with the component's own token.
func TestComponentTokensTravelExact(t *testing.T) {
	t.Parallel()
	const platformAppID = "wx3000000000000001"
	for name, odd := range oddTokens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, client := simulated(t)
			if err := world.SetToken(platformAppID, odd); err != nil {
				t.Fatal(err)
			}
			tokens := NewCache(Static("component.access_token", odd))
			info := func(ctx context.Context, accessToken wechat.Token) (wechat.Authorizer, error) {
				return client.AuthorizerInfo(ctx, accessToken, platformAppID, appid)
			}
			if authorizer, err := Use(t.Context(), tokens, "", info); err != nil || authorizer.UserName == nil {
				t.Errorf("got %+v, %v, want the account", authorizer, err)
			}
			echo(t, world, odd)
			_, err := Use(t.Context(), tokens, "", info)
			expectRedacted(t, err, odd)
			if got := world.Count("/cgi-bin/component/api_get_authorizer_info"); got != 2 {
				t.Errorf("asked %d times, want 2", got)
			}
		})
	}
}
