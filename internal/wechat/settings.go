package wechat

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

var usualAppID = regexp.MustCompile(`^wx[0-9a-f]{16}$`)

// CheckAppID says why a text cannot be an appid. What passes holds only letters and digits, so it may be put into a
// path or a URL.
func CheckAppID(appid string) error {
	odd := []rune(strings.TrimLeft(appid, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
	switch {
	case appid == "":
		return errors.New("it is empty")
	case strings.IndexFunc(appid, unicode.IsSpace) >= 0:
		return errors.New("it holds white space, which must be removed")
	case strings.HasPrefix(appid, "gh_"):
		return errors.New("it is an original id (gh_…), which names the account inside WeChat's messages; " +
			"the appid begins with wx and stands in the account's console under its developer settings")
	case len(odd) > 0 && !unicode.IsPrint(odd[0]):
		return fmt.Errorf("it holds the invisible character %U, which must be removed", odd[0])
	case len(odd) > 0:
		return errors.New("it holds a character other than 0-9, A-Z and a-z")
	default:
		return nil
	}
}

// IsUsualAppID reports whether an appid has the form that all known ones have. WeChat does not promise it.
func IsUsualAppID(appid string) bool { return usualAppID.MatchString(appid) }

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
