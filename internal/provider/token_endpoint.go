package provider

import (
	"cmp"
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
	MarkdownDescription: "A token service that answers `GET` with JSON. No redirect is followed, and an answer " +
		"without a token is a failure, whatever its HTTP status. It is asked again on connection failures, 5xx, " +
		"408 and 429, at most `max_retries` times; on 408, 429 and 503 not before what `Retry-After` says. Where " +
		"WeChat has rejected the token it gave before, it is asked once more, with the header " +
		"`X-WeChat-Token-Rejected: true`. `max_concurrent_requests` and `ca_certificate_file` count here, too.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"url": optionalString("Where it is; `{appid}` in it is replaced. Without `{appid}` here or in a header it " +
			"serves one account. Spaces and characters that are no ASCII are encoded. Plain `http` is allowed, " +
			"with a warning where it leads neither to this machine nor to a private address. It must be given."),
		"headers": secretMap("Headers to send; `{appid}` in their values is replaced."),
		"token_path": optionalString("Where the token is in the JSON, as names joined by dots, such as `data.token`; " +
			"a number counts from 0 in a list. In a name, a backslash stands before each character other than " +
			"letters, digits, `_` and `-`, and Terraform wants it doubled: `a\\\\.b`. Default: `access_token`."),
		"expires_in_path": optionalString("Where the number of seconds is that the token still lives, as in " +
			"`token_path`. Without it the token is kept until WeChat rejects it."),
		"expires_at_path": optionalString("Where the time is when the token expires, in RFC 3339 or Unix seconds, " +
			"as in `token_path`. Of this and `expires_in_path` the earlier counts."),
		"proxy_url": secretString("Proxy to reach it through. Default: none, whatever `HTTPS_PROXY` says."),
		"timeout":   optionalString("How long one attempt may take, as a duration such as `30s`. Default: `30s`."),
		"batch": optionalBool("Whether one answer, of at most 64 MiB, has the tokens of all accounts: at " +
			"`token_path` an object from appid to token. It is asked once, and once more if WeChat rejects a " +
			"token. `{appid}` is an error then. Default: `false`."),
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

	setNames string // see [setNames]
}

var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// check checks what is known.
func (m tokenEndpointModel) check(p *parser, name string) {
	p.checkGiven(name+".url", m.URL, m.setNames)
	p.checkPlaceholder(name+".url", m.URL.ValueString(), otherPlaceholder)
	if _, err := parseEndpointURL(m.URL.ValueString()); err != nil && isKnown(m.URL) && m.URL.ValueString() != "" {
		p.addError("service URL", "{name}", name+".url", "{problem}", err.Error())
	}
	p.checkAllAtOnce(name, name+".url", m.URL.ValueString(), m.Batch)
	seen := map[string]bool{}
	wrong, twice := false, false
	for header, value := range m.Headers.Elements() {
		text, _ := value.(types.String)
		p.checkPlaceholder("A value of "+name+".headers", text.ValueString(), otherPlaceholder)
		if !headerName.MatchString(header) || text.IsNull() ||
			strings.ContainsFunc(text.ValueString(), unicode.IsControl) {
			wrong = true
			continue
		}
		p.checkAllAtOnce(name, name+".headers", text.ValueString(), m.Batch)
		twice = twice || seen[http.CanonicalHeaderKey(header)]
		seen[http.CanonicalHeaderKey(header)] = true
	}
	if wrong {
		p.addError("header", "{source}", name)
	}
	if twice {
		p.addError("repeated header", "{source}", name)
	}
	p.checkJSONPath(name+".token_path", m.TokenPath)
	p.checkJSONPath(name+".expires_in_path", m.ExpiresInPath)
	p.checkJSONPath(name+".expires_at_path", m.ExpiresAtPath)
	p.checkProxy(name+".proxy_url", m.ProxyURL)
	p.checkDuration(name+".timeout", m.Timeout)
	p.checkBatch(name, m.Batch)
}

// checkJSONPath checks a path within a token service's answer.
func (p *parser) checkJSONPath(name string, value types.String) {
	p.checkNotEmpty(name, value)
	if path := value.ValueString(); strings.TrimSpace(path) != "" && !token.IsPath(path) {
		p.addError("answer path", "{name}", name)
	}
}

// source is the token source of a block that is known. It warns of tokens in the clear here and not while validating,
// which an engine does twice.
func (m tokenEndpointModel) source(ctx context.Context, p *parser, name string, conn connection) token.Source {
	timeout := setting(p, name+".timeout", "", m.Timeout, sourceTimeout, parseDuration)
	proxy := setting(p, name+".proxy_url", "", m.ProxyURL, nil, parseProxyURL)
	address := setting(p, name+".url", "", m.URL, nil, parseEndpointURL)
	if address != nil && address.Scheme == "http" &&
		(!isNearby(address.Hostname()) || proxy != nil && !isNearby(proxy.Hostname())) {
		p.addPlanWarning("service without TLS", "{source}", name)
	}
	description := token.Description{Setting: name, Batch: m.Batch.ValueBool(), Given: m.setNames}
	return token.Endpoint(description, token.EndpointConfig{
		URL:           m.URL.ValueString(),
		Headers:       decode[map[string]string](ctx, p, m.Headers),
		TokenPath:     cmp.Or(m.TokenPath.ValueString(), defaultTokenPath),
		ExpiresInPath: m.ExpiresInPath.ValueString(),
		ExpiresAtPath: m.ExpiresAtPath.ValueString(),
		ClientConfig:  conn.client(p, timeout, wire.TransportConfig{ProxyURL: proxy}),
	})
}

// parseEndpointURL reads a token service's URL, in which {appid} may stand anywhere.
func parseEndpointURL(value string) (*url.URL, error) {
	address, err := url.Parse(strings.ReplaceAll(value, "{appid}", "wx0000000000000000"))
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
