package wechat

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// DefaultBaseURL is where WeChat's API is reached.
const DefaultBaseURL = "https://api.weixin.qq.com"

// ParseBaseURL parses a base URL. The error says what is wrong with it and does not show it.
func ParseBaseURL(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("is empty; leave it out to ask WeChat itself")
	case err != nil:
		return nil, errors.New("is no URL; write it like " + DefaultBaseURL)
	case address.User != nil:
		return nil, errors.New("holds a user name or a password, which does not belong there")
	case address.Scheme != "https" && address.Scheme != "http", address.Hostname() == "":
		return nil, errors.New("must have a scheme and a host, like " + DefaultBaseURL)
	case address.RawQuery != "" || address.ForceQuery || strings.Contains(text, "#"):
		return nil, errors.New("may have a path, but no query and no fragment")
	case !wire.IsPort(address.Port()):
		return nil, errors.New("has no valid port; ports go from 1 to 65535")
	case address.Scheme == "http" && !IsLoopback(address.Hostname()):
		return nil, errors.New("must begin with https, since access tokens would travel in the clear; " +
			"plain http is for this machine alone (127.0.0.1, [::1] or localhost)")
	default:
		return address, nil
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
