package wechat

import (
	"net"
	"net/url"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// DefaultBaseURL is where WeChat's API is reached.
const DefaultBaseURL = "https://api.weixin.qq.com"

// ParseBaseURL reads a base URL, or says what is wrong with it without showing it.
func ParseBaseURL(written string) (address *url.URL, problem string) {
	address, err := url.Parse(written)
	switch {
	case written == "":
		return nil, "is empty; leave it out to ask WeChat itself"
	case err != nil:
		return nil, "is no URL; write it like " + DefaultBaseURL
	case address.User != nil:
		return nil, "holds a user name or a password, which does not belong there"
	case address.Scheme != "https" && address.Scheme != "http", address.Hostname() == "":
		return nil, "must have a scheme and a host, like " + DefaultBaseURL
	case address.RawQuery != "" || address.ForceQuery || strings.Contains(written, "#"):
		return nil, "may have a path, but no query and no fragment"
	case !wire.IsPort(address.Port()):
		return nil, "has no valid port; ports go from 1 to 65535"
	case address.Scheme == "http" && !IsLoopback(address.Hostname()):
		return nil, "must begin with https, since access tokens would travel in the clear; " +
			"plain http is for this machine alone (127.0.0.1, [::1] or localhost)"
	default:
		return address, ""
	}
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// IsOfficialHost reports whether the host is one of WeChat's own.
func IsOfficialHost(host string) bool {
	return strings.HasSuffix("."+strings.ToLower(host), ".weixin.qq.com")
}
