package wechat

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const platformAppID = "wx3000000000000001"

func TestComponentEndpointsAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	world := newSimulator(t)
	client := newClient(t, world, nil)
	ctx := t.Context()

	own, err := client.ComponentToken(ctx, platformAppID, world.ComponentSecret(), world.VerifyTicket())
	if err != nil || own.Value != world.Token(platformAppID) || own.Life != 2*time.Hour || own.RefreshToken != "" {
		t.Fatalf("the component's token: %+v, %v", own, err)
	}
	refreshToken, err := client.RefreshToken(ctx, own.Value, platformAppID, someAppID)
	if err != nil || refreshToken != world.RefreshToken(someAppID) {
		t.Errorf("the refresh token: %v", err)
	}
	listed, err := client.ListedRefreshToken(ctx, own.Value, platformAppID, someAppID)
	if err != nil || listed != refreshToken {
		t.Errorf("the listed refresh token: %v", err)
	}
	minted, err := client.AuthorizerToken(ctx, own.Value, platformAppID, someAppID, refreshToken)
	if err != nil || minted.Value != world.Token(someAppID) || minted.Life != 2*time.Hour || minted.RefreshToken != refreshToken {
		t.Errorf("the account's token: %v", err)
	}
	for appid, want := range map[string]Authorizer{
		someAppID:            {PermissionSets: []int{1, 3, 24}},
		"wx1000000000000007": {MiniProgram: true, PermissionSets: []int{17, 18, 30}},
	} {
		got, err := client.AuthorizerInfo(ctx, own.Value, platformAppID, appid)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, -want +got:\n%s", appid, err, diff)
		}
	}
	if (Authorizer{PermissionSets: []int{25}}).GrantsOpen() || !(Authorizer{MiniProgram: true, PermissionSets: []int{25}}).GrantsOpen() {
		t.Error("an official account needs set 24, a mini program set 25")
	}
	for _, request := range world.Requests() {
		if want := map[bool]string{true: "", false: "component_access_token"}[strings.HasSuffix(request.Path, "api_component_token")]; request.Parameter != want {
			t.Errorf("%s carried a token in %q, want %q", request.Path, request.Parameter, want)
		}
	}
}

func TestListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	world := &simulator.World{Component: simulator.Component{AppID: platformAppID}}
	for number := range 1200 {
		world.Accounts = append(world.Accounts, simulator.Account{AppID: fmt.Sprintf("wx%016x", 0x4000+number), Kind: simulator.MiniProgram, Authorized: true})
	}
	wechat, err := simulator.New(simulator.Config{World: world})
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, wechat, nil)
	own := wechat.IssueComponentToken()
	last := world.Accounts[len(world.Accounts)-1].AppID
	if got, err := client.ListedRefreshToken(t.Context(), own, platformAppID, last); err != nil || got == "" || got != wechat.RefreshToken(last) {
		t.Errorf("the last of the list: %v", err)
	}
	if got, err := client.ListedRefreshToken(t.Context(), own, platformAppID, "wx9999"); err != nil || got != "" {
		t.Errorf("one that is not there: %v", err)
	}
	if got := wechat.Count("/cgi-bin/component/api_get_authorizer_list"); got != 6 {
		t.Errorf("asked for %d pages, want 3 for each", got)
	}
}

// TestComponentSecretsAreNotShown has answers that repeat what the body held.
func TestComponentSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	const secret, ticket, refreshToken = "short-app-secret", "ticket@@@of-the-platform", "refreshtoken@@@of-the-account"
	for name, handler := range map[string]http.Handler{
		"WeChat's text": body(200, `{"errcode":61006,"errmsg":"`+secret+" "+ticket+" "+refreshToken+`"}`),
		"a page":        body(404, secret+" "+ticket+" "+refreshToken),
	} {
		client := newClient(t, handler, func(config *Config) { config.MaxRetries = 0 })
		_, own := client.ComponentToken(t.Context(), platformAppID, secret, ticket)
		_, minted := client.AuthorizerToken(t.Context(), someToken, platformAppID, someAppID, refreshToken)
		for _, err := range []error{own, minted} {
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
		}
		if text := own.Error(); strings.Contains(text, "app-secret") || strings.Contains(text, "of-the-platform") {
			t.Errorf("%s: shows a secret: %s", name, text)
		}
		if text := minted.Error(); strings.Contains(text, "of-the-account") {
			t.Errorf("%s: shows a refresh token: %s", name, text)
		}
	}
}

func TestTokensAreNotTakenFromAnOddAnswer(t *testing.T) {
	t.Parallel()
	for name, answered := range map[string]string{
		"no token":       `{"expires_in":7200}`,
		"an empty token": `{"component_access_token":"","expires_in":7200}`,
		"no life":        `{"component_access_token":"61_x"}`,
		"a life of none": `{"component_access_token":"61_x","expires_in":0}`,
		"a life of text": `{"component_access_token":"61_x","expires_in":"soon"}`,
	} {
		_, err := newClient(t, body(200, answered), nil).ComponentToken(t.Context(), platformAppID, "secret", "ticket")
		var failed *Error
		if !errors.As(err, &failed) || failed.Class != ClassProtocol {
			t.Errorf("%s: got %v, want a protocol error", name, err)
		}
	}
	issued, err := newClient(t, body(200, `{"component_access_token":"61_x","expires_in":"7200"}`), nil).ComponentToken(t.Context(), platformAppID, "secret", "ticket")
	if err != nil || issued.Life != 2*time.Hour {
		t.Errorf("a life as text: got %+v, %v", issued, err)
	}
}
