package provider

import (
	"crypto/tls"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// twoPlatforms has two simulated platforms, each behind a proxy of its own. base_url leads nowhere, so that whatever is
// asked went through a proxy.
func twoPlatforms(t *testing.T, wechat *lab) {
	needEphemeralVariables(t)
	world := simulator.DefaultWorld()
	world.Component.AppID = "wx3000000000000002"
	other := newLab(t, world)
	tokens := t.TempDir()
	const teaPassword, booksPassword = "hunter2-and-something-more", "hunter3-and-something-more"
	trusted := newAuthority(t)
	certificate := trusted.server(t, day(2001), day(2101), "wechat.invalid")
	platforms, err := json.Marshal(map[string]map[string]string{
		"tea":   {"proxy_url": proxyTo(t, wechat, certificate, teaPassword), "component_access_token": wechat.IssueComponentToken()},
		"books": {"proxy_url": proxyTo(t, other, certificate, booksPassword), "component_access_token": other.IssueComponentToken()},
	})
	if err != nil {
		t.Fatal(err)
	}
	place := watched(t, readExample(t, "guides/two-platforms/main.tf"), envBaseURL+"=https://wechat.invalid",
		envCACertificateFile+"="+trusted.file(t), "TF_VAR_tokens="+tokens, "TF_VAR_platforms="+string(platforms))
	copyTokens(t, wechat, filepath.Join(tokens, "tea"))
	copyTokens(t, other, filepath.Join(tokens, "books"))
	results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
	expectOutputs(t, place, map[string]any{"open_appids": map[string]any{"tea": teaOpen, "books": booksOpen}})
	if err := other.UpdateAccount(books, func(account *simulator.Account) { account.PermissionSets = []int{1, 3} }); err != nil {
		t.Fatal(err)
	}
	refused := expectExit(t, place, 1, "plan")
	expectWords(t, refused.Stderr, "the account is an official account and has not granted the platform permission set 24")
	// Each platform saw its own account, with tokens of its own, and nothing else.
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectAsked(t, other, map[string]int{pathOpenGet: 2, pathAuthorizerInfo: 1})
	for platform, appid := range map[*lab]string{wechat: tea, other: books} {
		for _, request := range platform.Requests() {
			if request.AppID != appid || request.Token == "unknown" {
				t.Errorf("%s saw a question about %s with the token %s", platform.Component().AppID, request.AppID, request.Token)
			}
		}
	}
	expectNoSecret(t, place, append(results, refused), []string{
		teaPassword, booksPassword, wechat.Token(tea), other.Token(books), wechat.Token(wechat.Component().AppID), other.Token(other.Component().AppID),
	})
}

// proxyTo is a proxy that leads to a simulator with TLS, whatever host it is asked for, for those who know the
// password.
func proxyTo(t *testing.T, wechat *lab, certificate *tls.Config, password string) string {
	t.Helper()
	server, err := simulator.Listen("127.0.0.1:0", wechat.Simulator, simulator.WithTLS(certificate))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	proxy := newConnectProxy(t, strings.TrimPrefix(server.URL(), "https://"), password, 0)
	return "http://terraform:" + password + "@" + proxy.address
}
