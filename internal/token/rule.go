package token

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// longest is more than any access token: WeChat advises to reserve 512 characters.
const longest = 4096

var (
	// allowed is what an access token is made of.
	allowed = regexp.MustCompile(`^[0-9A-Za-z_.~+/=-]+$`)
	// noValue is what programs write where there is no token.
	noValue = regexp.MustCompile(`(?i)^(?:null|nil|none|undefined|true|false)$`)
	// assignment is a line of a shell script or of an env file.
	assignment = regexp.MustCompile(`^(?:export )?[A-Z_][A-Z0-9_]*=`)
	// scheme is what stands before a token in an Authorization header.
	scheme = regexp.MustCompile(`(?i)^(?:authorization:|bearer\s|basic\s|token\s)`)
)

// Clean reads an access token that stands alone, in a file for instance: one pair of double quotes around it is left
// out, with which jq prints a text.
func Clean(written string) (string, error) {
	if quoted := strings.TrimSpace(written); len(quoted) > 1 && quoted[0] == '"' && quoted[len(quoted)-1] == '"' {
		written = quoted[1 : len(quoted)-1]
	}
	return clean(written)
}

// clean is the one rule for what may be an access token, whatever its source. The line break that a file ends with is
// left out. The error completes "the token …", says what the text seems to be, and never repeats it.
func clean(written string) (string, error) {
	value := strings.TrimRight(written, "\r\n")
	trimmed := strings.TrimSpace(value)
	switch {
	case trimmed == "":
		return "", errors.New("is empty")
	case strings.HasPrefix(value, "\ufeff"), strings.HasPrefix(value, "\xff\xfe"), strings.HasPrefix(value, "\xfe\xff"):
		return "", errors.New("begins with a byte order mark, a character that no access token has: " +
			"write it as plain ASCII, without one")
	case noValue.MatchString(trimmed):
		return "", fmt.Errorf("is the word %s, which stands where there is no token", strings.ToLower(trimmed))
	case assignment.MatchString(trimmed):
		return "", errors.New("reads as NAME=value: give what follows the first equals sign alone")
	case scheme.MatchString(trimmed):
		return "", errors.New(`begins like an Authorization header, as "Bearer " does: give what follows that alone`)
	case trimmed[0] == '<':
		return "", errors.New("is a page of HTML or XML, as a login page or a gateway sends")
	case trimmed[0] == '{', trimmed[0] == '[':
		return "", errors.New("is JSON and not a bare token")
	case strings.ContainsAny(value, "\r\n"):
		return "", errors.New("has several lines")
	case trimmed != value:
		return "", errors.New("begins or ends with a space")
	case strings.ContainsAny(value, `"'`):
		return "", errors.New("has quotation marks, which no token has")
	case strings.ContainsAny(value, " \t"):
		return "", errors.New("has spaces, as a message has and no bare token")
	case !allowed.MatchString(value):
		return "", errors.New("holds a character that no access token has: one is made of 0-9, A-Z, a-z and -_.~+/=")
	case len(value) > longest:
		return "", fmt.Errorf("is longer than %d characters", longest)
	default:
		return value, nil
	}
}

const (
	// opaque is from how many characters on a word with a digit in it may be a token, or a piece of one.
	opaque = 20
	// opaqueName is the same for the parts of a path, which has the names of temporary folders in it.
	opaqueName = 32
	// opaquePlain is the same for a word without a digit.
	opaquePlain = 40
)

var (
	// numbered is how WeChat's access tokens begin.
	numbered = regexp.MustCompile(`(?:^|[\s"'=])[0-9]{1,4}_`)
	word     = regexp.MustCompile(`[0-9A-Za-z_~+=-]+`)
)

// CouldBe reports whether a setting's value could be a token that was pasted into the wrong place, so that no message
// may repeat it.
func CouldBe(written string) bool {
	least := opaque
	if strings.ContainsAny(written, `/\`) {
		least = opaqueName
	}
	for _, found := range word.FindAllString(written, -1) {
		if len(found) >= opaquePlain || len(found) >= least && strings.ContainsAny(found, "0123456789") {
			return true
		}
	}
	return numbered.MatchString(written)
}
