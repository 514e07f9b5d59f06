package provider

import (
	"fmt"
	"strings"
)

// The environment variables that stand in for attributes. An empty one counts as unset, and
// what they hold is read without the white space around it.
const (
	envAccessToken           = "WECHAT_ACCESS_TOKEN"
	envAccessTokenFile       = "WECHAT_ACCESS_TOKEN_FILE"
	envComponentAppID        = "WECHAT_COMPONENT_APPID"
	envComponentAccessToken  = "WECHAT_COMPONENT_ACCESS_TOKEN"
	envBaseURL               = "WECHAT_BASE_URL"
	envProxyURL              = "WECHAT_PROXY_URL"
	envCACertificateFile     = "WECHAT_CA_CERTIFICATE_FILE"
	envRequestTimeout        = "WECHAT_REQUEST_TIMEOUT"
	envMaxRetries            = "WECHAT_MAX_RETRIES"
	envMaxConcurrentRequests = "WECHAT_MAX_CONCURRENT_REQUESTS"
)

// getenv reads a variable of this provider's without the white space around it, such as the line break behind what a
// file held; "" counts as unset.
func (s settings) getenv(variable string) string {
	written := s.environment(variable)
	value := strings.TrimSpace(written)
	if value == "" && written != "" {
		s.invalid(variable, "holds white space alone; unset it, or give it a value")
	}
	return value
}

// invalid reports a bad value in the environment. The value itself may be secret.
func (s settings) invalid(variable, problem string) {
	s.diagnostics.AddError(summaryEnvironment, fmt.Sprintf("%s %s.", variable, problem))
}
