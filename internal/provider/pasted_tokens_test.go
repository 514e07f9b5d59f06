package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// pasted is a token that somebody put into the wrong place.
const pasted = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"

// TestAccPastedTokens_areNotShown puts a token into settings that are none of its places, as a literal, whose line the
// engine prints for each diagnostic that carries an attribute's path.
func TestAccPastedTokens_areNotShown(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"access_token":"61_x"}`)
	}))
	t.Cleanup(service.Close)
	for stage, test := range map[string]struct {
		command   string
		providers map[string]string // what a provider block says, by what is said of it
		sources   map[string]string // what a data source says, by its type and what is said of it
	}{
		"validated": {"validate", map[string]string{
			"request_timeout is a text of 58 characters": `request_timeout = "TOKEN"`,
			"exec.timeout is a text of":                  `exec = { command = "x", timeout = "TOKEN" }`,
			"token_endpoint.timeout is a text of":        `token_endpoint = { url = "https://x", timeout = "TOKEN" }`,
			"The value of token_endpoint.url":            `token_endpoint = { url = "TOKEN" }`,
			"The value of token_endpoint.token_path":     `token_endpoint = { url = "https://x", token_path = "TOKEN[0]" }`,
			"The value of base_url must":                 `base_url = "TOKEN"`,
			"The value of proxy_url":                     `proxy_url = "TOKEN"`,
			"component.appid:":                           `component = { appid = "TOKEN" }`,
			"A key of access_tokens":                     `access_tokens = { "TOKEN" = "wx1000000000000004" }`,
			"A key of exec.env":                          `exec = { command = "x", env = { "TOKEN" = "x" } }`,
			"The value of access_token ":                 `access_token = "Bearer TOKEN"`,
		}, map[string]string{
			"wechat_open_account timeouts.read is a text of":                 `timeouts = { read = "TOKEN" }`,
			"wechat_open_account A text of 58 characters cannot be an appid": `appid = "TOKEN"`,
			"wechat_open_accounts Of appids, counted from 0":                 `appids = ["TOKEN"]`,
		}},
		"planned": {"plan", map[string]string{
			"ca_certificate_file, a text of 58 characters that may be a secret":    `ca_certificate_file = "TOKEN"`,
			"exec gives no access token for it: there is no program of the name":   `exec = { command = "TOKEN" }`,
			"access_token_file gives no access token for it: the file that it":     `access_token_file = "TOKEN"`,
			"and no token at that path; the names in its answer are: access_token": `token_endpoint = { url = "SERVICE", token_path = "TOKEN" }`,
			"has no number of seconds at that path":                                `token_endpoint = { url = "SERVICE", expires_in_path = "TOKEN" }`,
		}, nil},
	} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			fill := strings.NewReplacer("TOKEN", pasted, "SERVICE", service.URL)
			var configuration strings.Builder
			configuration.WriteString(required)
			for number, says := range sortedKeys(test.providers) {
				configuration.WriteString(alias(number, fill.Replace(test.providers[says]), books, "1m"))
			}
			for number, says := range sortedKeys(test.sources) {
				kind, settings := strings.Fields(says)[0], fill.Replace(test.sources[says])
				fmt.Fprintf(&configuration, "data %q \"s%d\" {\n  %s\n}\n", kind, number, settings)
			}
			place := workspace(t, configuration.String())
			result := expectExit(t, place, 1, test.command)
			for says := range test.providers {
				expectWords(t, result.Stderr, says)
			}
			for says := range test.sources {
				_, says, _ = strings.Cut(says, " ")
				expectWords(t, result.Stderr, says)
			}
			expectUnsaid(t, result, pasted)
		})
	}
}

// TestPastedTokens_carryNoPath looks at the diagnostics themselves: newer engines print the lines of nested attributes
// too.
func TestPastedTokens_carryNoPath(t *testing.T) {
	t.Parallel()
	server := providerserver.NewProtocol6(New("0.0.0-test")())()
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for written, harmless := range map[string]bool{pasted: false, "soon": true} {
		for name, config := range map[string]map[string]any{
			"request_timeout":        {"request_timeout": written},
			"exec.timeout":           {attributeExec: map[string]any{"command": "x", "timeout": written}},
			"token_endpoint.timeout": {attributeTokenEndpoint: map[string]any{"url": "https://x", "timeout": written}},
			"base_url":               {"base_url": written},
		} {
			kind := schema.Provider.ValueType()
			value, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, config))
			if err != nil {
				t.Fatal(err)
			}
			validate := &tfprotov6.ValidateProviderConfigRequest{Config: &value}
			response, err := server.ValidateProviderConfig(t.Context(), validate)
			if err != nil {
				t.Fatal(err)
			}
			expectPath(t, name, response.Diagnostics, harmless && !strings.Contains(name, "."))
		}
		for source, config := range map[string]map[string]any{
			"wechat_open_account":        {"timeouts": map[string]any{"read": written}},
			"wechat_open_accounts":       {"appids": []string{written + "_"}},
			"wechat_authorizer":          {"appid": written + "_"},
			"wechat_authorizers":         {"timeouts": map[string]any{"read": written}},
			"wechat_open_account_status": {"appid": written + "_"},
		} {
			kind := schema.DataSourceSchemas[source].ValueType()
			value, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, config))
			if err != nil {
				t.Fatal(err)
			}
			validate := &tfprotov6.ValidateDataResourceConfigRequest{TypeName: source, Config: &value}
			response, err := server.ValidateDataResourceConfig(t.Context(), validate)
			if err != nil {
				t.Fatal(err)
			}
			expectPath(t, source, response.Diagnostics, harmless)
		}
	}
}

// expectPath wants one error, with or without an attribute's path, and without the pasted token.
func expectPath(t *testing.T, name string, said []*tfprotov6.Diagnostic, want bool) {
	t.Helper()
	if len(said) != 1 || !isError(said[0]) {
		t.Errorf("%s: got %v, want one error", name, saidIn(said))
		return
	}
	if got := said[0].Attribute != nil && len(said[0].Attribute.Steps()) > 0; got != want {
		t.Errorf("%s: %s: carries the path %s, want one %t", name, saidIn(said), said[0].Attribute, want)
	}
	if strings.Contains(saidIn(said), pasted[:12]) {
		t.Errorf("%s: shows the token: %s", name, saidIn(said))
	}
}
