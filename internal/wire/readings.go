package wire

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"math/bits"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// gramLength is how many letters and digits in a row give a secret away.
	gramLength = 8

	// readingsLimit bounds how many readings of a text are tried. An ordinary text has a few dozen.
	readingsLimit = 150
)

var (
	percentEscapes  = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	backslashEscape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{3}|.)`)
	// tag and dumpOffset, which may be a terminal's colour as well, stand between the pieces of a text.
	tag        = regexp.MustCompile(`<[^<>]*>`)
	dumpOffset = regexp.MustCompile(`\b0[0-9a-f]{5,7}\b|\[[0-9;]*m`)
	// legible is what a decoded text holds if it was meant to be decoded.
	legible = regexp.MustCompile(`[ -~]{8}`)

	notHex = regexp.MustCompile(`[^0-9A-Fa-f]+`)
	// notBase64 is what separates pieces of Base64; its characters beside letters and digits may do so as well.
	notBase64 = []*regexp.Regexp{regexp.MustCompile(`[^0-9A-Za-z+/]+`), regexp.MustCompile(`[^0-9A-Za-z]+`)}
	forURLs   = strings.NewReplacer("-", "+", "_", "/")
	// dumpField is one or two bytes in hexadecimal, or one in decimal.
	dumpField = regexp.MustCompile(`\b(?:0x|x|u)?((?:[0-9A-Fa-f]{2}){1,2}|[0-9]{3})\b`)
)

// canBeRead reports whether any of the secrets can be read in a text that holds none of them plainly: in pieces,
// encoded, or backwards.
func canBeRead(secrets []string, text string) bool {
	if len(secrets) == 0 {
		return false
	}
	texts := readings(text)
	known := map[uint64]bool{}
	for _, reading := range texts {
		for _, gram := range grams(reading) {
			known[gram] = true
		}
	}
	return slices.ContainsFunc(secrets, func(secret string) bool {
		forms := []string{secret}
		if strings.ContainsAny(secret, `%&\<`) { // is decoded together with the text around it
			forms = readings(secret)
		}
		for _, form := range forms {
			for _, gram := range grams(form) {
				if known[gram] || known[bits.ReverseBytes64(gram)] {
					return true
				}
			}
		}
		return len(grams(secret)) == 0 && slices.ContainsFunc(texts[1:], func(reading string) bool {
			return len(occurrences(reading, secret)) > 0
		})
	})
}

// grams returns each run of gramLength letters and digits in text as one number. Case and all other characters do not
// count.
func grams(text string) []uint64 {
	var found []uint64
	var gram uint64
	length := 0
	for at := range len(text) {
		if char := folded(text[at]); char != 0 {
			gram = gram<<8 | uint64(char)
			if length++; length >= gramLength {
				found = append(found, gram)
			}
		}
	}
	return found
}

// folded returns an ASCII letter in lower case or a digit as it is, and 0 for anything else.
func folded(char byte) byte {
	switch lower := char | 0x20; {
	case '0' <= char && char <= '9':
		return char
	case 'a' <= lower && lower <= 'z':
		return lower
	default:
		return 0
	}
}

// readings returns text and what it decodes to, through several layers. They serve to find secrets, never to be shown.
func readings(text string) []string {
	found := []string{text}
	seen := map[string]bool{text: true}
	for at := 0; at < len(found) && len(found) < readingsLimit; at++ {
		decoded := unescape(found[at])
		if at == 0 || legible.MatchString(found[at]) {
			decoded = append(decoded, decode(found[at])...)
		}
		for _, next := range decoded {
			if !seen[next] {
				seen[next] = true
				found = append(found, next)
			}
		}
	}
	return found
}

// unescape returns text with a layer of escapes undone, and without what may stand between its pieces. The order counts
// for an HTML reference whose semicolon is encoded.
func unescape(text string) []string {
	htmlFirst := unescapeBackslash(unescapePercent(html.UnescapeString(text)))
	htmlLast := html.UnescapeString(unescapePercent(unescapeBackslash(text)))
	return []string{htmlFirst, htmlLast, tag.ReplaceAllString(text, ""), dumpOffset.ReplaceAllString(text, "")}
}

func unescapePercent(text string) string {
	return percentEscapes.ReplaceAllStringFunc(text, func(escapes string) string {
		unescaped, _ := url.PathUnescape(escapes) // the pattern has valid ones only
		return unescaped
	})
}

func unescapeBackslash(text string) string {
	return backslashEscape.ReplaceAllStringFunc(text, func(escape string) string {
		if unquoted, err := strconv.Unquote(`"` + escape + `"`); err == nil {
			return unquoted
		}
		return escape[1:]
	})
}

// decode returns the bytes that text stands for in each of the usual codes. Most of the results mean nothing. Where the
// decoders meet an odd character at the end, they return what stands before it.
func decode(text string) []string {
	found := []string{strings.ReplaceAll(text, "+", " ")}
	digits := notHex.ReplaceAllString(text, "")
	for offset := range min(2, len(digits)) {
		decoded, _ := hex.DecodeString(digits[offset:])
		found = append(found, string(decoded))
	}
	for _, separators := range notBase64 {
		chars := separators.ReplaceAllString(forURLs.Replace(text), "")
		for offset := range min(4, len(chars)) {
			decoded, _ := base64.RawStdEncoding.DecodeString(chars[offset:])
			found = append(found, string(decoded))
		}
	}

	var straight, swapped, decimal []byte // swapped is how od prints words of two bytes
	for _, field := range dumpField.FindAllStringSubmatch(text, -1) {
		if value, err := strconv.ParseUint(field[1], 10, 7); err == nil {
			decimal = append(decimal, byte(value))
		}
		pair, _ := hex.DecodeString(field[1])
		straight = append(straight, pair...)
		slices.Reverse(pair)
		swapped = append(swapped, pair...)
	}
	return append(found, string(straight), string(swapped), string(decimal))
}
