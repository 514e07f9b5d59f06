package wire

import (
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

	redacted = "[redacted]"
)

var (
	// rid is WeChat's request id, the one long opaque word that must survive: support asks for it.
	rid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`)

	// secretShapes find what looks like a secret where nobody told us its value.
	secretShapes = []*regexp.Regexp{
		regexp.MustCompile(`(?i)(?:token|ticket|secret|password|passwd|authorization|api[_-]?key)[a-z_]*["'\\]*\s*(?:=|:|%3d|%3a)\s*["'\\]*(?:(?:bearer|basic)\s+)?([^\s"'\\&<>,;]+)`),
		regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9_\-+/=.~]{8,})`),
		regexp.MustCompile(`[a-z]+@@@([A-Za-z0-9_\-]+)`),
		regexp.MustCompile(`://([^\s/@]+)@`),
	}

	opaqueWord = regexp.MustCompile(`[A-Za-z0-9_\-+/=]{20,}`)
)

// Redact makes a text that came from outside fit to be shown: every piece of the given secrets is replaced, in whatever
// way it is written (percent-encoding, JSON or HTML escapes, several layers of them), and so is everything that looks like
// a token; control characters are removed, and at most 300 characters are kept.
//
// It is the second line of defence. The first is never to pass on a text that could hold a URL or a credential.
func Redact(text string, secrets ...string) string {
	if len(text) > readLength {
		text = text[:readLength]
	}
	spans := secretSpans(text, secrets)
	for _, shape := range secretShapes {
		for _, match := range shape.FindAllStringSubmatchIndex(text, -1) {
			spans = append(spans, span{match[2], match[3]})
		}
	}
	for _, match := range opaqueWord.FindAllStringIndex(text, -1) {
		if looksRandom(text[match[0]:match[1]]) {
			spans = append(spans, span{match[0], match[1]})
		}
	}
	return shorten(printable(cut(text, spans)), shownLength)
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

func shorten(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit-1]) + "…"
}

// glyph is one byte of a text after decoding, with the place in the original where it stands.
type glyph struct {
	char byte
	span
}

// secretSpans finds all pieces of the secrets in the text, also where the text writes them encoded.
func secretSpans(text string, secrets []string) []span {
	var spans []span
	var layers [][]glyph
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		if layers == nil {
			layers = decodings(text)
		}
		grams := gramsOf(secret)
		length := min(gramLength, len(secret))
		for _, glyphs := range layers {
			window := make([]byte, 0, len(glyphs))
			for _, g := range glyphs {
				window = append(window, g.char)
			}
			for at := 0; at+length <= len(window); at++ {
				if _, found := grams[string(window[at:at+length])]; found {
					spans = append(spans, span{glyphs[at].start, glyphs[at+length-1].end})
				}
			}
		}
	}
	return spans
}

func gramsOf(secret string) map[string]struct{} {
	// A plus sign is how a query writes a space, so the two are one here.
	secret = strings.ReplaceAll(secret, "+", " ")
	length := min(gramLength, len(secret))
	grams := make(map[string]struct{}, len(secret))
	for at := 0; at+length <= len(secret); at++ {
		grams[secret[at:at+length]] = struct{}{}
	}
	return grams
}

// decodings returns the text as it stands and after each of up to three rounds of decoding.
func decodings(text string) [][]glyph {
	glyphs := make([]glyph, 0, len(text))
	for at := range len(text) {
		char := text[at]
		switch {
		case char < ' ' || char == 0x7f: // a token wrapped over lines is still that token
			continue
		case char == '+':
			char = ' '
		}
		glyphs = append(glyphs, glyph{char, span{at, at + 1}})
	}
	layers := [][]glyph{glyphs}
	for range 3 {
		next, changed := decodeOnce(layers[len(layers)-1])
		if !changed {
			break
		}
		layers = append(layers, next)
	}
	return layers
}

// decodeOnce undoes one layer of percent-encoding, JSON escapes and HTML character references.
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
		if char == '+' {
			char = ' '
		}
		decoded = append(decoded, glyph{char, span{glyphs[at].start, glyphs[at+length-1].end}})
		at += length
	}
	return decoded, changed
}

var namedReferences = map[string]byte{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// escaped reads one escape at the start of glyphs: the character it stands for and how many glyphs it takes, or 0.
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
		}
	case '&':
		const longest = len("&#x0000026;")
		name := make([]byte, 0, longest)
		for at := 1; at < min(len(glyphs), longest); at++ {
			if glyphs[at].char != ';' {
				name = append(name, glyphs[at].char)
				continue
			}
			return reference(string(name)), at + 1
		}
	}
	return 0, 0
}

// reference is the character that an HTML reference such as amp, #38 or #x26 stands for; an unknown one is dropped
// with a space, which no piece of a secret spans.
func reference(name string) byte {
	if char, known := namedReferences[name]; known {
		return char
	}
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		return ' '
	}
	base := 10
	if hex, isHex := strings.CutPrefix(strings.ToLower(digits), "x"); isHex {
		digits, base = hex, 16
	}
	value, err := strconv.ParseUint(digits, base, 8)
	if err != nil {
		return ' '
	}
	return byte(value)
}

// number reads a fixed count of digits as one byte.
func number(glyphs []glyph, from, digits, base int) (char byte, length int) {
	if len(glyphs) < from+digits {
		return 0, 0
	}
	written := make([]byte, 0, digits)
	for _, g := range glyphs[from : from+digits] {
		written = append(written, g.char)
	}
	value, err := strconv.ParseUint(string(written), base, 8)
	if err != nil {
		return 0, 0
	}
	return byte(value), from + digits
}
