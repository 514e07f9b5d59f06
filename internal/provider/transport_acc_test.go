package provider

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// TestAccWayToWeChat_throughProxiesAndCertificates runs every way there in one plan, each under a provider of its own,
// with a proxy in the environment that has a password. The names under .invalid lead nowhere but through a proxy.
func TestAccWayToWeChat_throughProxiesAndCertificates(t *testing.T) {
	t.Parallel()
	const (
		password = "hunter2-and-something-more"
		wrong    = "hunter3-and-nothing-to-it"
	)
	odd := "61_odd-_.~+/=" + strings.Repeat("Qx7+/=_.~-", 49) + "end.of.odd"
	other := "61_" + strings.Repeat("+2B/access_token=", 20)
	ca := newAuthority(t)
	wechat := newLab(t, fleetWorld(16))
	serve := func(config *tls.Config) string {
		server, err := simulator.Listen("127.0.0.1:0", wechat.Simulator, simulator.WithTLS(config))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		return strings.TrimPrefix(server.URL(), "https://")
	}
	official := serve(ca.server(t, day(2001), day(2101), "api.weixin.qq.com", "gateway.invalid"))
	local := serve(ca.server(t, day(2001), day(2101), "127.0.0.1"))
	expired := serve(ca.server(t, day(2001), day(2002), "127.0.0.1"))
	early := serve(ca.server(t, day(2100), day(2101), "127.0.0.1"))
	tokens := httptest.NewUnstartedServer(tokenService(t, wechat, "").Config.Handler)
	tokens.TLS = ca.server(t, day(2001), day(2101), "tokens.invalid")
	tokens.StartTLS()
	t.Cleanup(tokens.Close)

	environment := newConnectProxy(t, official, password, 0)
	ofTokens := newConnectProxy(t, tokens.Listener.Addr().String(), password, 0)
	named := newConnectProxy(t, official, password, 0)
	forbidding := newConnectProxy(t, "", "", http.StatusForbidden)
	unreaching := newConnectProxy(t, "", "", http.StatusBadGateway)

	trusting := fmt.Sprintf("ca_certificate_file = %q\n", ca.file(t))
	through := func(proxy *connectProxy, password string) string {
		return fmt.Sprintf("proxy_url = \"http://user:${%s}@%s\"\n", password, proxy.address)
	}
	base := func(address string) string { return fmt.Sprintf("base_url = %q\n", address) }
	const files = "access_token_file = \"TOKENS/{appid}\"\n"
	ways := []struct {
		name     string
		settings string
		says     []string // "" where it works
	}{
		{name: "WeChat's own host, by HTTPS_PROXY", settings: trusting + "access_token = var.odd"},
		{name: "another host, by HTTPS_PROXY", settings: trusting + base("https://gateway.invalid") + files},
		{name: "WeChat's own host, by proxy_url", settings: trusting + through(named, "var.password") + files},
		{name: "an address of this machine, by no proxy", settings: trusting + base("https://"+local) + files},
		{
			name:     "a token service, by its own proxy",
			settings: trusting + base(wechat.server.URL()) + fmt.Sprintf("token_endpoint = { url = \"https://tokens.invalid/token/{appid}\", proxy_url = \"http://user:${var.password}@%s\" }", ofTokens.address),
		},
		{
			name: "a token service, not by HTTPS_PROXY", settings: "max_retries = 0\n" + base(wechat.server.URL()) + `token_endpoint = { url = "https://tokens.invalid/token/{appid}", timeout = "5s" }`,
			says: []string{"No access token", "asking tokens.invalid brought no usable answer", "a proxy is used only where token_endpoint.proxy_url names one"},
		},
		{
			name: "a host in NO_PROXY", settings: "max_retries = 0\nrequest_timeout = \"5s\"\n" + base("https://direct.invalid") + files,
			says: []string{"no answer from WeChat", "Asked: cgi-bin/open/get at direct.invalid", "where only a proxy reaches the outside, set proxy_url"},
		},
		{
			name: "an authority that nobody named", settings: files,
			says: []string{`the TLS certificate is not trusted: it is signed by an authority that this machine does not know ("Example Test Authority")`, "name its certificate in ca_certificate_file"},
		},
		{
			name: "a certificate that expired", settings: trusting + base("https://"+expired) + files,
			says: []string{"it expired on 2002-02-03", "has not renewed its certificate", "renew its certificate"},
		},
		{
			name: "a certificate of the future", settings: trusting + base("https://"+early) + files,
			says: []string{"it is not valid before 2100-02-03", "this machine's clock is behind"},
		},
		{
			name: "a certificate for another host", settings: trusting + base("https://"+official) + files,
			says: []string{"it is for another host (it names api.weixin.qq.com, gateway.invalid)", "Write the host into base_url as the certificate names it"},
		},
		{
			name: "a wrong password for the proxy", settings: trusting + through(named, "var.wrong") + files,
			says: []string{"the proxy refused the connection: it asks for credentials (status 407)", "percent-encoded"},
		},
		{
			name: "a proxy that forbids it", settings: through(forbidding, "var.password") + files,
			says: []string{"it answered CONNECT with status 403", "the proxy's rules", "Have whoever runs the proxy allow it"},
		},
		{
			name: "a proxy that cannot reach it", settings: "max_retries = 0\n" + through(unreaching, "var.password") + files,
			says: []string{"it answered CONNECT with status 502", "cannot itself reach the host", "see why it cannot reach the host"},
		},
		{
			name: "a token that WeChat repeats", settings: base(wechat.server.URL()) + "access_tokens = { APPID = var.other }",
			says: []string{"WeChat error 48001", "no good: [redacted]"},
		},
	}
	appid := func(number int) string { return fmt.Sprintf("wx%016x", 0x4000+number) }
	last := len(ways) - 1
	for number, token := range map[int]string{0: odd, last: other} {
		if err := wechat.SetToken(appid(number), token); err != nil {
			t.Fatal(err)
		}
	}
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, AppID: appid(last), Code: 48001, Message: "no good: " + other})

	var configuration strings.Builder
	configuration.WriteString(required + declareSecrets("password", "wrong", "odd", "other"))
	for number, way := range ways {
		settings := strings.NewReplacer("TOKENS", filepath.ToSlash(wechat.tokens), "APPID", appid(number)).Replace(way.settings)
		configuration.WriteString(alias(number, settings, appid(number), "2m"))
	}
	place := workspace(t, configuration.String(), "TF_VAR_password="+password, "TF_VAR_wrong="+wrong, "TF_VAR_odd="+odd, "TF_VAR_other="+other,
		"HTTPS_PROXY=http://user:"+password+"@"+environment.address, "NO_PROXY=direct.invalid")
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	result := run(t, place, "plan", "-json", "-out=plan.bin")
	if result.ExitCode != 1 {
		t.Errorf("exit code %d, want 1", result.ExitCode)
	}
	messages := diagnosticsIn(result)
	var all []kept
	for number, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			own := errorsAbout(messages, number)
			if len(way.says) == 0 {
				if got := wechat.CountFor(pathOpenGet, appid(number)); got != 1 || len(own) != 0 {
					t.Errorf("asked about it %d times, want once and no message: %s", got, own)
				}
				return
			}
			if len(own) != 1 {
				t.Fatalf("got %d messages, want 1:\n%s", len(own), messages)
			}
			expectWords(t, own[0], append(way.says, appid(number), "What to do:")...)
			all = append(all, kept{way.name, own[0]})
		})
	}
	expectKept(t, "way_to_wechat.txt", all, map[string]string{"TOKENS": wechat.tokens})
	for name, test := range map[string]struct {
		proxy *connectProxy
		want  []string
	}{
		"HTTPS_PROXY":              {environment, []string{"api.weixin.qq.com:443", "api.weixin.qq.com:443", "gateway.invalid:443"}},
		"token_endpoint.proxy_url": {ofTokens, []string{"tokens.invalid:443"}},
		"proxy_url":                {named, []string{"api.weixin.qq.com:443", "api.weixin.qq.com:443"}},
	} {
		got := test.proxy.asked()
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("the proxy in %s was asked for %q, want %q", name, got, test.want)
		}
	}
	basic := func(password string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + password)) }
	expectNoSecret(t, place, []engine.Result{result}, []string{password, wrong, basic(password), basic(wrong), odd, other}, keptVariables()...)
}
