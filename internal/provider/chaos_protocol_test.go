package provider

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// serve starts the provider, and the network that it finds.
func (c *chaos) serve() {
	c.network = newPipes()
	c.network.serve(chaosWeChat, http.HandlerFunc(c.serveWeChat))
	c.network.serve(chaosService, http.HandlerFunc(c.serveTokens))
	// Tokens that were made before are of an age at which some end on the way.
	time.Sleep(simulator.TokenLife - 10*time.Minute)

	c.ctx = tfsdklogtest.RootLogger(tflogtest.RootLogger(c.t.Context(), &c.log), &c.log)
	c.ctx = tfsdklog.NewSubsystem(c.ctx, "framework")
	c.server = providerserver.NewProtocol6(&WeChatProvider{"0.0.0-chaos", environment{
		getenv: func(string) string { return "" },
		newTransport: func(config wire.TransportConfig) *http.Transport {
			transport := wire.NewTransport(config)
			transport.DialContext = c.network.dial
			return transport
		},
	}})()
	var err error
	if c.schema, err = c.server.GetProviderSchema(c.ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		c.t.Fatal(err)
	}
	c.configure()
}

func (c *chaos) configure() {
	own := c.wechat.IssueComponentToken()
	c.issued = append(c.issued, own)
	settings := map[string]any{
		"base_url": "http://" + chaosWeChat, "max_retries": chaosRetries,
		attributeComponent: map[string]any{"appid": c.wechat.Component().AppID, "access_token": own},
	}
	switch c.source {
	case attributeTokenEndpoint:
		settings[attributeTokenEndpoint] = map[string]any{"url": "http://" + chaosService + "/{appid}", "expires_in_path": "expires_in", "headers": map[string]any{"X-Key": chaosKey}}
	case attributeAccessTokenFile:
		settings[attributeAccessTokenFile] = filepath.ToSlash(c.files) + "/{appid}"
	}
	kind := c.schema.Provider.ValueType()
	written, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, settings))
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := c.server.ConfigureProvider(c.ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: &written})
	if err != nil || slices.ContainsFunc(response.Diagnostics, isError) {
		c.t.Fatal(err, saidIn(response.Diagnostics))
	}
}

// read reads a data source and returns its state, or nil.
func (c *chaos) read(name string, config map[string]any) (state map[string]any, diagnostics []*tfprotov6.Diagnostic) {
	kind := c.schema.DataSourceSchemas[name].ValueType()
	config["timeouts"] = map[string]any{"read": chaosLimit.String()}
	written, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, config))
	if err != nil {
		c.t.Fatal(err)
	}
	begun := time.Now()
	response, err := c.server.ReadDataSource(c.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &written})
	if err != nil {
		c.t.Fatal(err)
	}
	if took := time.Since(begun); took > chaosLimit {
		c.t.Errorf("seed %d: %s took %s, and its time is %s", c.seed, name, took, chaosLimit)
	}
	if slices.ContainsFunc(response.Diagnostics, isError) {
		return nil, response.Diagnostics
	}
	got, err := response.State.Unmarshal(kind)
	if err != nil {
		c.t.Fatal(err)
	}
	state, _ = goValue(c.t, got).(map[string]any)
	return state, response.Diagnostics
}

func isError(diagnostic *tfprotov6.Diagnostic) bool {
	return diagnostic.Severity == tfprotov6.DiagnosticSeverityError
}

func saidIn(diagnostics []*tfprotov6.Diagnostic) string {
	var text strings.Builder
	for _, diagnostic := range diagnostics {
		text.WriteString(diagnostic.Summary + "\n" + diagnostic.Detail + "\n")
	}
	return text.String()
}

// tfValue is a Go value as one of the plugin protocol; what an object does not name is null.
func tfValue(kind tftypes.Type, value any) tftypes.Value {
	switch written := value.(type) {
	case nil:
		return tftypes.NewValue(kind, nil)
	case []string:
		elements := make([]tftypes.Value, 0, len(written))
		for _, each := range written {
			elements = append(elements, tftypes.NewValue(tftypes.String, each))
		}
		return tftypes.NewValue(kind, elements)
	case map[string]any:
		values := map[string]tftypes.Value{}
		object, isObject := kind.(tftypes.Object)
		if !isObject {
			for name, each := range written {
				values[name] = tftypes.NewValue(tftypes.String, each)
			}
			return tftypes.NewValue(kind, values)
		}
		for name, inner := range object.AttributeTypes {
			values[name] = tfValue(inner, written[name])
		}
		return tftypes.NewValue(kind, values)
	default:
		return tftypes.NewValue(kind, value)
	}
}

// goValue is the other way round.
func goValue(t *testing.T, value tftypes.Value) any {
	t.Helper()
	var err error
	var result any
	switch {
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.String):
		var text string
		err = value.As(&text)
		result = text
	case value.Type().Is(tftypes.Bool):
		var truth bool
		err = value.As(&truth)
		result = truth
	case value.Type().Is(tftypes.Number):
		result = numberOf(t, value)
	case value.Type().Is(tftypes.List{}):
		var elements []tftypes.Value
		err = value.As(&elements)
		list := make([]any, 0, len(elements))
		for _, each := range elements {
			list = append(list, goValue(t, each))
		}
		result = list
	default:
		var members map[string]tftypes.Value
		err = value.As(&members)
		object := map[string]any{}
		for name, each := range members {
			object[name] = goValue(t, each)
		}
		result = object
	}
	if err != nil {
		t.Fatal(err)
	}
	return result
}
