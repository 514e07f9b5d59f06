package provider

import (
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// The environment variables that stand in for attributes. An empty one counts as unset.
const (
	envAccessToken           = "WECHAT_ACCESS_TOKEN"
	envAccessTokenFile       = "WECHAT_ACCESS_TOKEN_FILE"
	envAccessTokensFile      = "WECHAT_ACCESS_TOKENS_FILE"
	envComponentAppID        = "WECHAT_COMPONENT_APPID"
	envComponentAccessToken  = "WECHAT_COMPONENT_ACCESS_TOKEN"
	envBaseURL               = "WECHAT_BASE_URL"
	envProxyURL              = "WECHAT_PROXY_URL"
	envCACertificateFile     = "WECHAT_CA_CERTIFICATE_FILE"
	envRequestTimeout        = "WECHAT_REQUEST_TIMEOUT"
	envMaxRetries            = "WECHAT_MAX_RETRIES"
	envMaxConcurrentRequests = "WECHAT_MAX_CONCURRENT_REQUESTS"
)

const onlyWhiteSpace = "holds white space alone; unset it, or give it a value"

// environment is what the provider takes from the process that it runs in.
type environment struct {
	getenv       func(string) string
	newTransport func(wire.TransportConfig) *http.Transport
}

// parser reads settings from the provider block, and else from the environment, and collects what is wrong.
type parser struct {
	environment
	// unknown is as unknownValues returns it.
	unknown map[string]string
	// unknownSetting is an attribute that setting was to read and that is not known yet.
	unknownSetting string
	diagnostics    diag.Diagnostics
}

// addError reports what is wrong with the configuration, in the words of messages.csv. There is no path with it: the
// engine prints the line of a path, and a secret may stand there.
func (p *parser) addError(reason string, values ...string) {
	m := message{}.with("configuration", reason, values...)
	p.diagnostics.AddError(m.summary, m.text)
}

// addWarning reports what may be wrong with it.
func (p *parser) addWarning(reason string, values ...string) {
	m := message{}.with("configuration", reason, values...)
	p.diagnostics.AddWarning(m.summary, m.text)
}

// addPlanWarning is addWarning for what stands in each good plan. The path is empty, and not left out: without one the
// engine prints the block's first line, and with it the secrets of a block in one line.
func (p *parser) addPlanWarning(reason string, values ...string) {
	m := message{}.with("configuration", reason, values...)
	p.diagnostics.AddAttributeWarning(path.Empty(), m.summary, m.text)
}

// variable reads an environment variable without the white space around it, such as the line break behind what a file
// held.
func (p *parser) variable(name string) string {
	text := p.getenv(name)
	value := strings.TrimSpace(text)
	if value == "" && text != "" {
		p.invalidVariable(name, onlyWhiteSpace)
	}
	return value
}

// invalidVariable reports a bad value in the environment. The value itself may be secret. It stands nowhere in the
// configuration, so that the path is empty.
func (p *parser) invalidVariable(name, problem string) {
	p.diagnostics.Append(attributeError("invalid variable", path.Empty(), "{name}", name, "{problem}", problem))
}

// setting reads an attribute, or the variable that stands in for one that is null, or takes the standard. An error of
// parse completes "The value of … " and shows nothing of the value. What is not known yet counts as the standard:
// nothing is read before it is known.
func setting[T any](p *parser, name, variable string, value attr.Value, fallback T, parse func(string) (T, error)) T {
	if value.IsUnknown() {
		p.unknownSetting = name
		return fallback
	}
	text := value.String()
	if quoted, isString := value.(types.String); isString {
		text = quoted.ValueString()
	}
	if value.IsNull() {
		text = p.variable(variable)
	}
	if value.IsNull() && text == "" {
		return fallback
	}
	parsed, err := parse(text)
	switch {
	case err == nil:
		return parsed
	case value.IsNull():
		p.invalidVariable(variable, err.Error())
	default:
		p.addError("invalid value", "{name}", name, "{problem}", err.Error())
	}
	return fallback
}
