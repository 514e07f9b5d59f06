package wire

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// shownLength is how many characters of a foreign text are ever shown.
	shownLength = 300

	// readLength bounds how much of a foreign text is looked at: what follows could not be shown anyway.
	readLength = 16 << 10

	// gramLength is the length of the pieces by which a secret is recognised, so that a part of one that was cut
	// off, wrapped or quoted in the middle is found too.
	gramLength = 8

	// shortestSecret is below any secret's length; shorter values are too common to be looked for in texts.
	shortestSecret = 4

	redacted = "[redacted]"
)

var (
	// appid is an account's appid, which is no secret and what messages are about.
	appid = regexp.MustCompile(`^wx[0-9a-f]{16}$`)

	// rid is WeChat's request id, the one long opaque word that must survive: support asks for it.
	rid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`)

	// secretShapes find what looks like a secret where nobody told us its value.
	secretShapes = []*regexp.Regexp{
		regexp.MustCompile(`(?i)(?:token|ticket|secret|password|passwd|authorization|api[_-]?key)[a-z_]*["'\\]*\s*(?:=|:|%3d|%3a)\s*["'\\]*(?:(?:bearer|basic)\s+)?([^\s"'\\&<>,;]+)`),
		regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9_\-+/=.~]{8,})`),
		regexp.MustCompile(`[a-z]+@@@([A-Za-z0-9_\-]+)`),
		regexp.MustCompile(`://([^\s/@]+)@`),
	}

	opaqueWord = regexp.MustCompile(`[A-Za-z0-9_\-+=]{20,}`)
)

// Redact makes a text that came from outside fit to be shown: every piece of the given secrets is replaced, in whatever
// way it is written (percent-encoding, JSON or HTML escapes, several layers of them), and so is everything that looks like
// a token; control characters are removed, and the first 300 characters are kept.
//
// It is the second line of defence. The first is never to pass on a text that could hold a URL or a credential.
func Redact(text string, secrets ...string) string {
	cutOff := len(text) > readLength
	if cutOff {
		text = text[:readLength]
	}
	text = clean(text, secrets)
	runes := []rune(text)
	switch {
	case len(runes) > shownLength:
		runes = append(runes[:shownLength-1], '…')
	case cutOff:
		// The word that was cut off may be a part of a token, too short to look like one.
		runes = []rune(text[:strings.LastIndexByte(text, ' ')+1] + "…")
	}
	return string(runes)
}

// RedactEnd is [Redact] for texts whose end says most: the last 300 characters are kept.
func RedactEnd(text string, secrets ...string) string {
	cutOff := len(text) > readLength
	if cutOff {
		text = text[len(text)-readLength:]
	}
	text = clean(text, secrets)
	runes := []rune(text)
	switch {
	case len(runes) > shownLength:
		runes = append([]rune{'…'}, runes[len(runes)-shownLength+1:]...)
	case cutOff:
		_, whole, _ := strings.Cut(text, " ")
		runes = []rune(strings.TrimSpace("… " + whole))
	}
	return string(runes)
}

// clean is a text without secrets and control characters. The control characters go first: without them, pieces that they
// kept apart would make up the secret again.
func clean(text string, secrets []string) string {
	text = printable(text)
	spans := secretSpans(text, secrets)
	for _, shape := range secretShapes {
		for _, match := range shape.FindAllStringSubmatchIndex(text, -1) {
			if !appid.MatchString(text[match[2]:match[3]]) {
				spans = append(spans, span{match[2], match[3]})
			}
		}
	}
	for _, match := range opaqueWord.FindAllStringIndex(text, -1) {
		if looksRandom(text[match[0]:match[1]]) {
			spans = append(spans, span{match[0], match[1]})
		}
	}
	return cut(text, spans)
}

// looksRandom tells a token from a long ordinary word.
func looksRandom(word string) bool {
	if rid.MatchString(word) {
		return false
	}
	return len(word) >= 40 || strings.ContainsAny(word, "0123456789")
}

// span is a half-open range of bytes of a text.
type span struct{ start, end int }

// cut replaces the spans, which may overlap, with a placeholder each.
func cut(text string, spans []span) string {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var kept strings.Builder
	at := 0
	for _, s := range spans {
		if s.end <= at {
			continue
		}
		if s.start > at || at == 0 {
			kept.WriteString(text[at:max(s.start, at)])
			kept.WriteString(redacted)
		}
		at = s.end
	}
	kept.WriteString(text[at:])
	return kept.String()
}

// printable folds white space and drops what could drive a terminal or turn the reading direction.
func printable(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co):
			return -1
		default:
			return r
		}
	}, text)
	return strings.Join(strings.Fields(clean), " ")
}

// glyph is one byte of a text after decoding, with the place in the original where it stands.
type glyph struct {
	char byte
	span
}

// secretSpans finds all pieces of the secrets in the text, also where the text writes them encoded, or breaks them up.
func secretSpans(text string, secrets []string) []span {
	var spans []span
	var layers [][]glyph
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		if layers == nil {
			layers = decodings(text)
		}
		grams, length := gramsOf(secret)
		for _, glyphs := range layers {
			chars := charsOf(glyphs)
			for at := 0; length > 0 && at+length <= len(chars); at++ {
				if _, found := grams[chars[at:at+length]]; found {
					spans = append(spans, span{glyphs[at].start, glyphs[at+length-1].end})
				}
			}
		}
		// What is not ASCII has no pieces.
		spans = append(spans, occurrences(text, secret)...)
		spans = append(spans, occurrences(text, url.QueryEscape(secret))...)
	}
	return spans
}

// occurrences are the places where a text holds exactly what is wanted.
func occurrences(text, wanted string) []span {
	var spans []span
	for at := 0; ; {
		found := strings.Index(text[at:], wanted)
		if found < 0 {
			return spans
		}
		spans = append(spans, span{at + found, at + found + len(wanted)})
		at += found + len(wanted)
	}
}

// matters reports whether a character counts when a secret is looked for. Spaces do not, nor the plus sign, which is how a
// query writes one, since a text may be broken into lines anywhere; nor does what is no visible ASCII.
func matters(char byte) bool { return char > ' ' && char <= '~' && char != '+' }

// gramsOf are the pieces of a secret, and their length. One that holds what reads as an escape has other pieces after each
// round of decoding: a text in which only its other characters are encoded is decoded as a whole.
func gramsOf(secret string) (grams map[string]struct{}, length int) {
	layers := decodings(secret)
	length = min(gramLength, len(layers[0]))
	grams = make(map[string]struct{}, len(layers[0]))
	for _, glyphs := range layers {
		chars := charsOf(glyphs)
		for at := 0; at+length <= len(chars); at++ {
			grams[chars[at:at+length]] = struct{}{}
		}
	}
	return grams, length
}

// charsOf are the characters of a decoded text.
func charsOf(glyphs []glyph) string {
	chars := make([]byte, 0, len(glyphs))
	for _, g := range glyphs {
		chars = append(chars, g.char)
	}
	return string(chars)
}

// decodeRounds is how many layers of encoding are undone at the most.
const decodeRounds = 8

// decodings returns the text as it stands and after each round of decoding.
func decodings(text string) [][]glyph {
	glyphs := make([]glyph, 0, len(text))
	for at := range len(text) {
		if matters(text[at]) {
			glyphs = append(glyphs, glyph{text[at], span{at, at + 1}})
		}
	}
	layers := [][]glyph{glyphs}
	for range decodeRounds {
		next, changed := decodeOnce(layers[len(layers)-1])
		if !changed {
			break
		}
		layers = append(layers, next)
	}
	return layers
}

// decodeOnce undoes one layer of percent-encoding, JSON escapes and HTML character references, and leaves HTML tags out.
func decodeOnce(glyphs []glyph) (decoded []glyph, changed bool) {
	decoded = make([]glyph, 0, len(glyphs))
	for at := 0; at < len(glyphs); {
		char, length := escaped(glyphs[at:])
		if length == 0 {
			decoded = append(decoded, glyphs[at])
			at++
			continue
		}
		changed = true
		if matters(char) {
			decoded = append(decoded, glyph{char, span{glyphs[at].start, glyphs[at+length-1].end}})
		}
		at += length
	}
	return decoded, changed
}

const (
	// longestTag is the longest HTML tag that is left out, such as <wbr>.
	longestTag = 12
	// longestReference is the longest HTML character reference that is read.
	longestReference = 16
)

var namedReferences = map[string]byte{
	"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\'', "num": '#', "percnt": '%', "equals": '=', "lowbar": '_', "hyphen": '-', "sol": '/', "commat": '@',
}

// escaped reads one escape at the start of glyphs: the character it stands for, 0 for none that matters, and how many
// glyphs it takes; 0 where there is no escape.
func escaped(glyphs []glyph) (char byte, length int) {
	switch glyphs[0].char {
	case '%':
		return number(glyphs, 1, 2, 16)
	case '\\':
		if len(glyphs) < 2 {
			return 0, 0
		}
		switch glyphs[1].char {
		case 'u':
			return number(glyphs, 2, 4, 16)
		case 'x':
			return number(glyphs, 2, 2, 16)
		case '/', '"', '\'', '\\':
			return glyphs[1].char, 2
		case 'n', 'r', 't', 'b', 'f', 'a', 'v':
			return 0, 2
		}
	case '&':
		return reference(glyphs)
	case '<':
		for at := 1; at < min(len(glyphs), longestTag); at++ {
			switch char := glyphs[at].char; {
			case char == '>':
				return 0, at + 1
			case char != '/' && !isLetter(char):
				return 0, 0 // an attribute may hold what is looked for
			}
		}
	}
	return 0, 0
}

func isLetter(char byte) bool { return 'a' <= char|0x20 && char|0x20 <= 'z' }

// reference reads an HTML character reference such as &amp; or &#38; or &#x26; whose semicolon may be missing where it is a
// number.
func reference(glyphs []glyph) (char byte, length int) {
	written := make([]byte, 0, longestReference)
	for _, g := range glyphs[1:min(len(glyphs), longestReference)] {
		written = append(written, g.char)
	}
	if numeric, isNumber := strings.CutPrefix(string(written), "#"); isNumber {
		base, from, digits := 10, 2, "0123456789"
		if strings.HasPrefix(strings.ToLower(numeric), "x") {
			base, from, digits, numeric = 16, 3, "0123456789abcdefABCDEF", numeric[1:]
		}
		count := len(numeric) - len(strings.TrimLeft(numeric, digits))
		value, err := strconv.ParseUint(numeric[:count], base, 32)
		if err != nil {
			return 0, 0
		}
		if strings.HasPrefix(numeric[count:], ";") {
			count++
		}
		return ascii(value), from + count
	}
	name, _, ended := strings.Cut(string(written), ";")
	if !ended || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") != "" {
		return 0, 0
	}
	return namedReferences[name], len("&") + len(name) + len(";")
}

// number reads a fixed count of digits as one character; one beyond ASCII does not matter.
func number(glyphs []glyph, from, digits, base int) (char byte, length int) {
	if len(glyphs) < from+digits {
		return 0, 0
	}
	written := make([]byte, 0, digits)
	for _, g := range glyphs[from : from+digits] {
		written = append(written, g.char)
	}
	value, err := strconv.ParseUint(string(written), base, 32)
	if err != nil {
		return 0, 0
	}
	return ascii(value), from + digits
}

// ascii is a character as one byte, or 0 where it is none that matters.
func ascii(value uint64) byte {
	if value > '~' {
		return 0
	}
	return byte(value)
}
