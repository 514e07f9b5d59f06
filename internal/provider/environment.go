package provider

// The environment variables that stand in for attributes. An empty one counts as unset.
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

// secretVariables are those of them that hold a secret, or may.
var secretVariables = []string{envAccessToken, envComponentAccessToken, envProxyURL}
