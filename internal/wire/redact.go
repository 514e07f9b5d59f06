package wire

import (
	"regexp"
	"strings"
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
	runes := []rune(clean(text, secrets))
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
	runes := []rune(clean(text, secrets))
	if len(runes) > shownLength {
		runes = append([]rune{'…'}, runes[len(runes)-shownLength+1:]...)
	}
	return string(runes)
}

// clean returns text without secrets and control characters. The control characters go first: without them, pieces that
// they kept apart would make up the secret again.
func clean(text string, secrets []string) string {
	text = printable(text)
	var spans [][]int
	for _, secret := range secrets {
		if secret = printable(secret); len(secret) >= shortestSecret {
			spans = append(spans, occurrences(text, secret)...)
		}
	}
	for _, part := range urlSecrets {
		spans = append(spans, submatches(part, text)...)
	}
	if len(secrets) > 0 && canBeRead(secrets, cut(text, spans)) {
		return withheld
	}
	for _, shape := range secretShapes {
		spans = append(spans, submatches(shape, text)...)
	}
	for _, span := range longWord.FindAllStringIndex(text, -1) {
		word := text[span[0]:span[1]]
		if (len(word) >= 40 || strings.ContainsAny(word, "0123456789")) && !rid.MatchString(word) {
			spans = append(spans, span)
		}
	}
	return cut(text, spans)
}

// submatches returns where the first group of each match stands in text, unless it is an appid.
func submatches(pattern *regexp.Regexp, text string) [][]int {
	var spans [][]int
	for _, match := range pattern.FindAllStringSubmatchIndex(text, -1) {
		if !appid.MatchString(text[match[2]:match[3]]) {
			spans = append(spans, match[2:])
		}
	}
	return spans
}

// occurrences returns where text holds secret. One with fewer than gramLength letters and digits must be a word of its
// own there.
func occurrences(text, secret string) [][]int {
	var spans [][]int
	isLong := len(grams(secret)) > 0
	joined := func(at int) bool { // whether ASCII letters or digits stand on both sides
		return at > 0 && at < len(text) && folded(text[at-1]) != 0 && folded(text[at]) != 0
	}
	for at := range len(text) {
		end := at + len(secret)
		if strings.HasPrefix(text[at:], secret) && (isLong || !joined(at) && !joined(end)) {
			spans = append(spans, []int{at, end})
		}
	}
	return spans
}

// cut replaces the spans of bytes, which may overlap, with a placeholder each. Text is printable.
func cut(text string, spans [][]int) string {
	kept := []byte(text)
	for _, span := range spans {
		clear(kept[span[0]:span[1]])
	}
	return cleared.ReplaceAllString(string(kept), redacted)
}

// printable folds white space and drops what could drive a terminal or turn the reading direction.
func printable(text string) string {
	return strings.Join(strings.Fields(unprintable.ReplaceAllString(text, "")), " ")
}
