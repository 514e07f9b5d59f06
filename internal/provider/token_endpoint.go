package provider

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// defaultTokenPath is where a token service has the token where nothing is said.
const defaultTokenPath = "access_token"

// tokenEndpointAttribute is a token service.
var tokenEndpointAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "A token service that answers `GET` with JSON. No redirect is followed. It is asked again " +
		"on connection failures, 5xx, 408 and 429, at most `max_retries` times and not before what `Retry-After` " +
		"says, and `max_concurrent_requests` bounds it as it bounds WeChat. Where WeChat has rejected the token it " +
		"gave before, the header `X-WeChat-Token-Rejected: true` is sent. `ca_certificate_file` counts here too.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"url": schema.StringAttribute{
			MarkdownDescription: "Where it is, `https` or `http`; `{appid}` in it is replaced. Without `{appid}` " +
				"here or in a header it serves one account. It must be given.",
			Optional: true,
		},
		"headers": schema.MapAttribute{
			MarkdownDescription: "Headers to send; `{appid}` in their values is replaced.",
			ElementType:         types.StringType,
			Optional:            true,
			Sensitive:           true,
		},
		"token_path": schema.StringAttribute{
			MarkdownDescription: "Where the token is in the JSON, as names joined by dots, such as `data.token`; a " +
				"number counts from 0 in a list. In a name, a backslash stands before each character other than " +
				"letters, digits, `_` and `-`. Default: `access_token`.",
			Optional: true,
		},
		"expires_in_path": schema.StringAttribute{
			MarkdownDescription: "Where the number of seconds is that the token still lives, as in `token_path`. " +
				"Without it the token is kept until WeChat rejects it.",
			Optional: true,
		},
		"expires_at_path": schema.StringAttribute{
			MarkdownDescription: "Where the time is when the token expires, in RFC 3339 or Unix seconds, as in " +
				"`token_path`. Of this and `expires_in_path` the earlier counts.",
			Optional: true,
		},
		"proxy_url": schema.StringAttribute{
			MarkdownDescription: "Proxy to reach it through. Without it the way is direct, whatever `HTTPS_PROXY` " +
				"says.",
			Optional:  true,
			Sensitive: true,
		},
		"timeout": schema.StringAttribute{
			MarkdownDescription: "How long one attempt may take, as a duration such as `30s`. Default: `30s`.",
			Optional:            true,
		},
		"batch": schema.BoolAttribute{
			MarkdownDescription: "Whether one answer has the tokens of all accounts: at `token_path` an object from " +
				"appid to token. It is asked once, and once more if WeChat rejects a token; `{appid}` is not there. " +
				"Default: `false`.",
			Optional: true,
		},
	},
}

// tokenEndpointModel is the attribute token_endpoint.
type tokenEndpointModel struct {
	URL           types.String `tfsdk:"url"`
	Headers       types.Map    `tfsdk:"headers"`
	TokenPath     types.String `tfsdk:"token_path"`
	ExpiresInPath types.String `tfsdk:"expires_in_path"`
	ExpiresAtPath types.String `tfsdk:"expires_at_path"`
	ProxyURL      types.String `tfsdk:"proxy_url"`
	Timeout       types.String `tfsdk:"timeout"`
	Batch         types.Bool   `tfsdk:"batch"`

	given string // see [given]
}

const summaryHeader = "Not a header"

var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// check checks what is known.
func (m tokenEndpointModel) check(p *parser, name string) {
	p.checkGiven(name+".url", m.URL, m.given)
	p.checkPlaceholder(name+".url", m.URL.ValueString(), otherPlaceholder)
	if _, err := parseEndpointURL(m.URL.ValueString()); err != nil && isKnown(m.URL) && m.URL.ValueString() != "" {
		p.diagnostics.AddError("Not a token service's URL", "The value of "+name+".url "+err.Error()+".")
	}
	p.checkAllAtOnce(name, name+".url", m.URL.ValueString(), m.Batch)
	written := map[string]bool{}
	wrong, twice := false, false
	for header, value := range m.Headers.Elements() {
		text, isString := value.(types.String)
		p.checkPlaceholder("A value of "+name+".headers", text.ValueString(), otherPlaceholder)
		if !headerName.MatchString(header) || value.IsNull() || isString && hasControl(text.ValueString()) {
			wrong = true
			continue
		}
		p.checkAllAtOnce(name, name+".headers", text.ValueString(), m.Batch)
		twice = twice || written[http.CanonicalHeaderKey(header)]
		written[http.CanonicalHeaderKey(header)] = true
	}
	if wrong {
		p.diagnostics.AddError(summaryHeader,
			"A name in "+name+".headers is no header's name, or its value is null or holds a control character.")
	}
	if twice {
		p.diagnostics.AddError(summaryHeader,
			"A name stands twice in "+name+".headers: headers do not tell upper from lower case.")
	}
	p.checkJSONPath(name+".token_path", m.TokenPath)
	p.checkJSONPath(name+".expires_in_path", m.ExpiresInPath)
	p.checkJSONPath(name+".expires_at_path", m.ExpiresAtPath)
	p.checkProxy(name+".proxy_url", m.ProxyURL)
	p.checkDuration(name+".timeout", m.Timeout)
	p.checkBatch(name, m.Batch)
}

func hasControl(text string) bool { return strings.IndexFunc(text, unicode.IsControl) >= 0 }

// checkJSONPath checks a path within a token service's answer.
func (p *parser) checkJSONPath(name string, value types.String) {
	p.checkNotEmpty(name, value)
	if path := value.ValueString(); strings.TrimSpace(path) != "" && !token.IsPath(path) {
		p.diagnostics.AddError("Not a path", "The value of "+name+" "+mustBePath)
	}
}

// source is the token source of a block that is known. It warns of tokens in the clear here and not while validating,
// which an engine does twice.
func (m tokenEndpointModel) source(
	ctx context.Context, p *parser, name string, how connection,
) token.Source {
	timeout := setting(p, name+".timeout", "", m.Timeout, sourceTimeout, parseDuration)
	proxy := setting(p, name+".proxy_url", "", m.ProxyURL, nil, parseProxyURL)
	address := setting(p, name+".url", "", m.URL, nil, parseEndpointURL)
	if address != nil && address.Scheme == "http" &&
		(!isNearby(address.Hostname()) || proxy != nil && !isNearby(proxy.Hostname())) {
		p.diagnostics.AddWarning("Token service without TLS", name+".url begins with http and the way there "+
			"leads neither to this machine nor to a private address: access tokens travel in the clear. "+
			"Use https where the service has it.")
	}
	tokenPath := defaultTokenPath
	if !m.TokenPath.IsNull() {
		tokenPath = m.TokenPath.ValueString()
	}
	description := token.Description{Setting: name, Batch: m.Batch.ValueBool(), Given: m.given}
	return token.Endpoint(description, token.EndpointConfig{
		URL:           m.URL.ValueString(),
		Headers:       elements[map[string]string](ctx, p, m.Headers),
		TokenPath:     tokenPath,
		ExpiresInPath: m.ExpiresInPath.ValueString(),
		ExpiresAtPath: m.ExpiresAtPath.ValueString(),
		ClientConfig:  how.client(p, timeout, wire.TransportConfig{ProxyURL: proxy}),
	})
}

// parseEndpointURL reads a token service's URL, in which {appid} may stand anywhere.
func parseEndpointURL(written string) (*url.URL, error) {
	address, err := url.Parse(strings.ReplaceAll(written, "{appid}", "wx0000000000000000"))
	switch {
	case err != nil:
		return nil, errors.New("is no URL")
	case address.User != nil:
		return nil, errors.New("holds a user name or a password; send them in token_endpoint.headers")
	case address.Scheme != "https" && address.Scheme != "http", address.Hostname() == "", !wire.IsPort(address.Port()):
		return nil, errors.New("must have a scheme (https, http), a host, and a port that exists where it has one")
	default:
		return address, nil
	}
}

// isNearby reports whether a host is this machine or has a private address.
func isNearby(host string) bool {
	address, err := netip.ParseAddr(host)
	return wechat.IsLoopback(host) || err == nil && (address.IsPrivate() || address.IsLinkLocalUnicast())
}
