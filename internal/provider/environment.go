package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The environment variables that stand in for attributes. An empty one counts as unset.
const (
	envAccessToken           = "WECHAT_ACCESS_TOKEN"
	envAccessTokenFile       = "WECHAT_ACCESS_TOKEN_FILE"
	envComponentAppID        = "WECHAT_COMPONENT_APPID"
	envComponentAccessToken  = "WECHAT_COMPONENT_ACCESS_TOKEN"
	envComponentAppSecret    = "WECHAT_COMPONENT_APPSECRET"
	envComponentVerifyTicket = "WECHAT_COMPONENT_VERIFY_TICKET"
	envBaseURL               = "WECHAT_BASE_URL"
	envProxyURL              = "WECHAT_PROXY_URL"
	envCACertificateFile     = "WECHAT_CA_CERTIFICATE_FILE"
	envRequestTimeout        = "WECHAT_REQUEST_TIMEOUT"
	envMaxRetries            = "WECHAT_MAX_RETRIES"
	envMaxConcurrentRequests = "WECHAT_MAX_CONCURRENT_REQUESTS"
)

// trimmed reads a variable without the white space and line breaks around it, which come along from files and pipes.
func trimmed(getenv func(string) string, variable string, diagnostics *diag.Diagnostics) string {
	set := getenv(variable)
	value := strings.TrimSpace(set)
	if set != "" && value == "" {
		diagnostics.AddError(summaryEnvironment,
			variable+" holds white space and nothing else. Give it a value, or unset it.")
	}
	return value
}
