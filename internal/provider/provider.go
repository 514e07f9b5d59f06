// Package provider is what Terraform and OpenTofu see: schemas, configuration, diagnostics and state.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

var _ provider.ProviderWithValidateConfig = (*WeChatProvider)(nil)

// WeChatProvider is the provider. It remembers nothing between configurations: what a configuration needs hangs on the
// session that Configure makes.
type WeChatProvider struct {
	version string
	environment
}

// New returns the constructor of a provider of the given version.
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return &WeChatProvider{version, environment{os.Getenv, wire.NewTransport}}
	}
}

// Metadata names the provider.
func (p *WeChatProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "wechat"
	response.Version = p.version
}

// providerModel is a provider block.
type providerModel struct {
	sourceModel
	Component             types.Object `tfsdk:"component"`
	BaseURL               types.String `tfsdk:"base_url"`
	ProxyURL              types.String `tfsdk:"proxy_url"`
	CACertificateFile     types.String `tfsdk:"ca_certificate_file"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
}

// Schema describes the provider block.
func (p *WeChatProvider) Schema(_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads which WeChat open platform account an official account or mini program " +
			"is bound to.",
		Attributes: map[string]schema.Attribute{
			"access_token": secretString("One authorizer access token that you already hold; it serves one account. " +
				"A literal stands in the configuration and in plan files: prefer the variable or an ephemeral value. " +
				"Environment variable: `" + envAccessToken + "`."),
			"access_tokens": secretMap("Authorizer access tokens of several accounts, as a map from appid to token. " +
				"Literals stand in plan files here, too."),
			"access_token_file": optionalString("Path of a file that holds an authorizer access token alone. " +
				"`{appid}` in the path is replaced; without it the file is one account's token. A relative path " +
				"starts at the working directory. Environment variable: `" + envAccessTokenFile + "`."),
			"access_tokens_file": optionalString("Path of a JSON file that holds the access tokens of all accounts: " +
				"an object from appid to token, at most 64 MiB. It is read once for all of them, and once more if " +
				"WeChat rejects a token. A relative path starts at the working directory. Environment variable: " +
				"`" + envAccessTokensFile + "`."),
			"exec":           execAttribute,
			"token_endpoint": tokenEndpointAttribute,
			"component":      componentAttribute,
			"base_url": optionalString("Where WeChat's API is reached, and access tokens are sent: `https`, or plain "+
				"`http` to a loopback address alone; a path prefix is allowed. WeChat's other hosts are "+
				"`api2.weixin.qq.com`, `sh.api.weixin.qq.com`, `sz.api.weixin.qq.com` and `hk.api.weixin.qq.com`. "+
				"Messages name a host that is not WeChat's, and where the variable sets one, each plan warns. "+
				"Default: `https://api.weixin.qq.com`. Environment variable: `"+envBaseURL+"`.", apiURL),
			"proxy_url": secretString("Proxy through which `base_url` is reached: `http`, `https` or `socks5`, with " +
				"user name and password where needed. Default: what `HTTPS_PROXY` and `NO_PROXY` say, of which a " +
				"value that cannot be read is an error; `ALL_PROXY` is not looked at. Plain `http` goes through no " +
				"proxy. Environment variable: `" + envProxyURL + "`."),
			"ca_certificate_file": optionalString("Path of a PEM file with certificates of authorities to trust "+
				"besides the system's. Environment variable: `"+envCACertificateFile+"`.", certificateFile),
			"request_timeout": optionalString("How long one attempt may take, as a duration such as `10s`, counted "+
				"from when it has one of the `max_concurrent_requests`. Default: `10s`. "+
				"Environment variable: `"+envRequestTimeout+"`.", positiveDuration),
			"max_retries": optionalInt64("How often a request is repeated after its first attempt where that "+
				"may help: WeChat is busy (-1), its quota of the minute is used up (45011), no connection, "+
				"no answer in time, or an HTTP status of 408, 429 or from 500 on; not before what `Retry-After` says "+
				"on 408, 429 and 503. At least `0`. Default: `3`. Environment variable: `"+envMaxRetries+"`.", 0),
			"max_concurrent_requests": optionalInt64("How many requests may be under way to WeChat at once, at least "+
				"`1`, for each configured provider. Default: `32`. "+
				"Environment variable: `"+envMaxConcurrentRequests+"`.", 1),
		},
	}
}

func optionalString(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
}

// secretString and secretMap have no validator: one would set the attribute's path, and the engine prints the line of
// a path.
func secretString(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Sensitive: true}
}

func secretMap(description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description, ElementType: types.StringType, Optional: true, Sensitive: true,
	}
}

func optionalInt64(description string, least int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: description, Optional: true, Validators: []validator.Int64{int64validator.AtLeast(least)},
	}
}

// ValidateConfig checks what takes more than one attribute to check, and what is secret: a validator would set the
// attribute's path, and the engine prints the source line of a diagnostic that has one.
func (p *WeChatProvider) ValidateConfig(
	ctx context.Context, request provider.ValidateConfigRequest, response *provider.ValidateConfigResponse,
) {
	var config providerModel
	response.Diagnostics.Append(request.Config.Get(ctx, &config)...)
	if response.Diagnostics.HasError() {
		return
	}
	parser := &parser{environment: p.environment}
	parser.checkSources(ctx, config)
	parser.checkProxy("proxy_url", config.ProxyURL)
	response.Diagnostics.Append(withPageLink(parser.diagnostics...)...)
}

// Configure makes the session that data sources read with.
func (p *WeChatProvider) Configure(
	ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse,
) {
	var block providerModel
	response.Diagnostics.Append(request.Config.Get(ctx, &block)...)
	if response.Diagnostics.HasError() {
		return
	}
	parser := &parser{environment: p.environment, unknown: unknownValues(request.Config.Raw)}
	session, diagnostics := newSession(ctx, block, parser, userAgent(p.version, request.TerraformVersion))
	response.Diagnostics.Append(withPageLink(diagnostics...)...)
	if !response.Diagnostics.HasError() {
		response.DataSourceData = session
	}
}

// userAgent names the provider and the engine. The engine's number is a hint: OpenTofu gives another than its own.
func userAgent(version, engine string) string {
	agent := "terraform-provider-wechat/" + version
	if engine != "" {
		agent += " terraform/" + engine
	}
	return agent
}

// DataSources lists the data sources.
func (p *WeChatProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newOpenAccount, newOpenAccounts, newOpenAccountStatus, newAuthorizer, newAuthorizers,
	}
}

// Resources lists the resources: none, for this provider changes nothing.
func (p *WeChatProvider) Resources(context.Context) []func() resource.Resource { return nil }
