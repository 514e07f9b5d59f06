package wire

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

var (
	secretName = regexp.MustCompile(
		`(?i)pass(?:$|[_-]|w|phrase)|pwd|secret|token|key(?:$|s$|[_-])|auth(?:$|[_-]|orization)|credential`)
	// openName is the name of a variable that says where a secret is, or where the shell is.
	openName = regexp.MustCompile(`(?i)^(?:old)?pwd$|(?:file|path|dir|sock|host|port|url|name)s?$`)

	authScheme = regexp.MustCompile(`(?i)^(?:bearer|basic|token) +`)
	hostName   = regexp.MustCompile(`^[0-9a-z-]+(?:\.[0-9a-z-]+)*\.[a-z]{2,}(?::\d+)?$`)
	plainWord  = regexp.MustCompile(`^(?:\p{L}+|\d+)$`)
	filePath   = regexp.MustCompile(`^(?:~|\.\.?)?(?:/[0-9A-Za-z._-]{1,19}){2,}$`)
	// plainParts are words of at most 15 letters and numbers, with anything but letters and digits between them.
	plainParts = regexp.MustCompile(`^[^\pL\d]*(?:(?:\p{Lu}?[\p{Ll}\p{Lo}]{0,14}|\p{Lu}{1,15}|\d+)(?:[^\pL\d]+|$))*$`)
)

// NamesSecret reports whether a variable or header of this name holds a password, a secret, a token or a key.
func NamesSecret(name string) bool {
	return secretName.MatchString(name) && !openName.MatchString(name)
}

// Secrets returns what [Redact] must not show of a value that a program or a service was given under a name. Not secret
// is what a message needs: short values, plain words, numbers, hosts, paths, appids, and URLs without a user. Under a
// name that speaks of a secret, any value of 8 bytes or more counts, and a shorter one unless it is a word or a number.
func Secrets(name, value string) []string {
	value = authScheme.ReplaceAllString(strings.TrimSpace(value), "")
	if address, err := url.Parse(value); err == nil && address.Scheme != "" && address.Host != "" {
		password, _ := address.User.Password()
		return append(Secrets("", address.User.Username()), Secrets("password", password)...)
	}
	if NamesSecret(name) && !strings.ContainsAny(value, "{\n") {
		if len(value) >= 8 || len(value) >= shortestSecret && !plainWord.MatchString(value) {
			return []string{value}
		}
		return nil
	}
	var found []string
	for _, word := range strings.FieldsFunc(value, func(char rune) bool {
		return unicode.IsSpace(char) || strings.ContainsRune(`"'{}[],;`, char)
	}) {
		if len(word) >= 8 && !ordinary(word) {
			found = append(found, word)
		}
	}
	return found
}

// ordinary reports whether a word is a host, a path, an appid, or made of plain words and numbers alone.
func ordinary(word string) bool {
	return hostName.MatchString(word) || filePath.MatchString(word) || appid.MatchString(word) ||
		plainParts.MatchString(word)
}
