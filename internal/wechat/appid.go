package wechat

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
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
