package wire

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	// shownLength is how many characters of a foreign text are ever shown.
	shownLength = 300

	// readLength bounds how much of a foreign text is looked at, in bytes.
	readLength = 16 << 10

	// shortestSecret is the length in bytes below which a secret is not looked for.
	shortestSecret = 4

	redacted = "[redacted]"
	withheld = "[withheld: it holds a secret, encoded or in pieces]"
)

var (
	// appid is an account's appid, which is no secret and what messages are about.
	appid = regexp.MustCompile(`^wx[0-9a-f]{16}$`)

	// rid is WeChat's request id, the one long opaque word that must survive: support asks for it.
	rid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`)

	// secretShapes find what looks like a secret where nobody told us its value.
	secretShapes = []*regexp.Regexp{
		regexp.MustCompile(`(?i)(?:token|ticket|secret|password|passwd|authorization|api[_-]?key)[a-z_]*["'\\]*` +
			`\s*(?:=|:|%3d|%3a)\s*["'\\]*(?:(?:bearer|basic)\s+)?([^\s"'\\&<>,;]+)`),
		regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9_\-+/=.~]{8,})`),
		regexp.MustCompile(`[a-z]+@@@([A-Za-z0-9_\-]+)`),
	}

	// urlSecrets are the user and the query of a URL.
	urlSecrets = []*regexp.Regexp{
		regexp.MustCompile(`:(?:\\?/){2}([^\s?#]*[^\s?#/]|[^\s/]+)@`),
		regexp.MustCompile(`(?i)(?::|%3a)(?:\\?/|%2f){2}[^\s"'<>?]*?(?:\?|%3f)([^\s"'<>，。；）]+)`),
	}

	// longWord is one of 40 characters, or of 20 with a digit among them, of those that tokens are made of.
	longWord = regexp.MustCompile(`[A-Za-z0-9_\-+=]{20,}`)

	// firstPart and lastPart are of a word that may be a token.
	firstPart = regexp.MustCompile(`[A-Za-z0-9_\-.~+/=]+$`)
	lastPart  = regexp.MustCompile(`^[A-Za-z0-9_\-.~+/=]+`)

	// unprintable could drive a terminal or turn the reading direction, and is no white space.
	unprintable = regexp.MustCompile(`[^\P{Cc}\t-\r\x{85}]|[\p{Cf}\p{Co}\x{FFFD}]`)

	cleared = regexp.MustCompile(`\x00+`)
)

// Redact makes a text that came from outside fit to be shown: a given secret that stands in it plainly is replaced, and
// so are the user and the query of a URL and whatever looks like a token; control characters are removed, and the first
// 300 characters are kept. A text that holds a secret encoded or in pieces is replaced as a whole.
//
// It is the second line of defence. The first is never to pass on a text that could hold a URL or a credential.
func Redact(text string, secrets ...string) string {
	if len(text) > readLength {
		// The word that is cut off may be a part of a token, too short to look like one.
		text = firstPart.ReplaceAllString(text[:readLength], "") + " …"
	}
	runes := []rune(redact(text, secrets))
	if len(runes) > shownLength {
		runes = append(runes[:shownLength-1], '…')
	}
	return string(runes)
}

// RedactEnd is [Redact] for texts whose end says most: the last 300 characters are kept.
func RedactEnd(text string, secrets ...string) string {
	if len(text) > readLength {
		text = "… " + lastPart.ReplaceAllString(text[len(text)-readLength:], "")
	}
	runes := []rune(redact(text, secrets))
	if len(runes) > shownLength {
		runes = append([]rune{'…'}, runes[len(runes)-shownLength+1:]...)
	}
	return string(runes)
}

// redact returns text without secrets and control characters. The control characters go first: without them, pieces
// that they kept apart would make up the secret again.
func redact(text string, secrets []string) string {
	text = printable(text)
	kept := []byte(text) // zero where something is left out
	for _, secret := range secrets {
		if secret = printable(secret); len(secret) >= shortestSecret {
			for _, at := range occurrences(text, secret) {
				clear(kept[at : at+len(secret)])
			}
		}
	}
	clearMatches(kept, text, urlSecrets)
	if len(secrets) > 0 && canBeRead(secrets, cleared.ReplaceAllString(string(kept), redacted)) {
		return withheld
	}
	clearMatches(kept, text, secretShapes)
	for _, span := range longWord.FindAllStringIndex(text, -1) {
		word := text[span[0]:span[1]]
		if (len(word) >= 40 || strings.ContainsAny(word, "0123456789")) && !rid.MatchString(word) {
			clear(kept[span[0]:span[1]])
		}
	}
	return cleared.ReplaceAllString(string(kept), redacted)
}

// clearMatches clears what the first group of each pattern matches in text, unless it is an appid.
func clearMatches(kept []byte, text string, patterns []*regexp.Regexp) {
	for _, pattern := range patterns {
		for _, match := range pattern.FindAllStringSubmatchIndex(text, -1) {
			if from, to := match[2], match[3]; !appid.MatchString(text[from:to]) {
				clear(kept[from:to])
			}
		}
	}
}

// occurrences returns where text holds secret. One with fewer than gramLength letters and digits must be a word of its
// own there.
func occurrences(text, secret string) (found []int) {
	isLong := len(grams(secret)) > 0
	joined := func(at int) bool { // whether ASCII letters or digits stand on both sides
		return at > 0 && at < len(text) && !otherChars.MatchString(text[at-1:at+1])
	}
	for at := range len(text) {
		if strings.HasPrefix(text[at:], secret) && (isLong || !joined(at) && !joined(at+len(secret))) {
			found = append(found, at)
		}
	}
	return found
}

// printable folds white space and drops what could drive a terminal or turn the reading direction.
func printable(text string) string {
	return strings.Join(strings.Fields(unprintable.ReplaceAllString(text, "")), " ")
}

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
	words := strings.FieldsFunc(value, func(char rune) bool {
		return unicode.IsSpace(char) || strings.ContainsRune(`"'{}[],;`, char)
	})
	return slices.DeleteFunc(words, func(word string) bool { return len(word) < 8 || ordinary(word) })
}

// ordinary reports whether a word is a host, a path, an appid, or made of plain words and numbers alone.
func ordinary(word string) bool {
	return hostName.MatchString(word) || filePath.MatchString(word) || appid.MatchString(word) ||
		plainParts.MatchString(word)
}
