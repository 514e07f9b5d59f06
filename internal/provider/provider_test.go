package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestSchema holds that the provider's schema is in order, that all that is secret is marked so and nothing else is,
// and that each attribute says what it means.
func TestSchema(t *testing.T) {
	t.Parallel()
	var response provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &response)
	if diagnostics := response.Schema.ValidateImplementation(t.Context()); diagnostics.HasError() {
		t.Fatal(diagnostics)
	}
	secret := map[string]bool{
		"access_token": true, "access_tokens": true, "proxy_url": true, "exec.env": true,
		"token_endpoint.headers": true, "token_endpoint.proxy_url": true,
		"component.access_token": true, "component.exec.env": true, "component.token_endpoint.headers": true,
		"component.token_endpoint.proxy_url": true,
	}
	check(t, path.Empty(), response.Schema.Attributes, secret)
	if len(secret) > 0 {
		t.Errorf("not in the schema: %v", secret)
	}
}

func check(t *testing.T, at path.Path, attributes map[string]schema.Attribute, secret map[string]bool) {
	t.Helper()
	for name, attribute := range attributes {
		here := at.AtName(name)
		if attribute.IsSensitive() != secret[here.String()] {
			t.Errorf("%s: sensitive %t", here, attribute.IsSensitive())
		}
		delete(secret, here.String())
		if len(attribute.GetMarkdownDescription()) < 20 || !strings.HasSuffix(attribute.GetMarkdownDescription(), ".") {
			t.Errorf("%s is described as %q", here, attribute.GetMarkdownDescription())
		}
		if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
			check(t, here, nested.Attributes, secret)
		}
	}
}

// TestSession_plainHTTPAndProxies holds that a token never travels to a proxy in the clear.
func TestSession_plainHTTPAndProxies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base, proxy string
		refused     bool
	}{
		"https through a proxy":        {"https://api.weixin.qq.com", "http://proxy.example:3128", false},
		"http through a proxy":         {"http://127.0.0.1:1", "http://proxy.example:3128", true},
		"http through a proxy at home": {"http://127.0.0.1:1", "http://127.0.0.1:3128", true},
		"http without one":             {"http://127.0.0.1:1", "", false},
	} {
		environment := map[string]string{envBaseURL: test.base, envProxyURL: test.proxy, envAccessToken: "61_x"}
		_, diagnostics := newSession(t.Context(), emptyBlock(t), having(environment), "test")
		if diagnostics.HasError() != test.refused {
			t.Errorf("%s: %v", name, diagnostics)
		}
	}
}

func TestTokenEndpoint_warnsOfTokensInTheClear(t *testing.T) {
	t.Parallel()
	for address, warns := range map[string]bool{
		"https://tokens.example/{appid}": false, "http://tokens.example/{appid}": true, "http://203.0.113.9/": true, "http://{appid}.example/": true,
		"http://localhost:1/": false, "http://127.0.0.1/": false, "http://[::1]/": false, "http://10.1.2.3/": false, "http://192.168.0.7/": false, "http://[fd00::1]/": false,
	} {
		parser := having(nil)
		model := tokenEndpointModel{URL: types.StringValue(address), Headers: types.MapNull(types.StringType)}
		model.source(t.Context(), parser, attributeTokenEndpoint, connection{maxConcurrentRequests: 1})
		if got := parser.diagnostics.WarningsCount() == 1; got != warns || parser.diagnostics.HasError() {
			t.Errorf("%s: %v, want a warning %t", address, parser.diagnostics, warns)
		}
	}
}

// TestSession_componentEnvironment holds that the environment speaks of a component only where one is written.
func TestSession_componentEnvironment(t *testing.T) {
	t.Parallel()
	environment := map[string]string{envComponentAppID: "not an appid", envComponentAccessToken: "61_x", envAccessToken: "61_x"}
	made, diagnostics := newSession(t.Context(), emptyBlock(t), having(environment), "test")
	if diagnostics.HasError() {
		t.Fatal(diagnostics)
	}
	if _, err := made.component.Authorizer(t.Context(), tea); !errors.Is(err, errNoComponent) {
		t.Errorf("got %v, want no component", err)
	}
}

// having is a parser with this environment.
func having(variables map[string]string) *parser {
	getenv := func(name string) string { return variables[name] }
	return &parser{environment: environment{getenv, wire.NewTransport}}
}

// emptyBlock is a provider block with nothing in it.
func emptyBlock(t *testing.T) providerModel {
	t.Helper()
	null := func(attribute schema.SingleNestedAttribute) types.Object {
		inner := map[string]attr.Type{}
		for name, nested := range attribute.Attributes {
			inner[name] = nested.GetType()
		}
		return types.ObjectNull(inner)
	}
	return providerModel{
		sourceModel: sourceModel{
			AccessTokens:  types.MapNull(types.StringType),
			oneTokenModel: oneTokenModel{Exec: null(execAttribute), TokenEndpoint: null(tokenEndpointAttribute)},
		},
		Component: null(componentAttribute),
	}
}
