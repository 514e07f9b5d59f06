package wechat

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
)

var (
	usualAppID = regexp.MustCompile(`^wx[0-9a-f]{16}$`)
	safeAppID  = regexp.MustCompile(`^[0-9A-Za-z]+$`)
)

// CheckAppID says why a text cannot be an appid. What passes holds only letters and digits, so it may be put into a
// path or a URL.
func CheckAppID(appid string) error {
	switch {
	case appid == "":
		return errors.New("it is empty")
	case strings.IndexFunc(appid, unicode.IsSpace) >= 0:
		return errors.New("it holds white space, which must be removed")
	case strings.HasPrefix(appid, "gh_"):
		return errors.New("it is an original id (gh_…), which names the account inside WeChat's messages; " +
			"the appid begins with wx and stands in the account's console under its developer settings")
	case !safeAppID.MatchString(appid):
		return errors.New("it holds a character other than 0-9, A-Z and a-z")
	default:
		return nil
	}
}

// IsUsualAppID reports whether an appid has the form that all known ones have. WeChat does not promise it.
func IsUsualAppID(appid string) bool { return usualAppID.MatchString(appid) }
