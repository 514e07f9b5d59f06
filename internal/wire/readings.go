package wire

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// gramLength is how many letters and digits in a row give a secret away.
const gramLength = 8

// readingsLimit bounds how many readings of a text are tried. An ordinary text has a few dozen.
const readingsLimit = 150

var (
	// otherChars are neither ASCII letters nor digits.
	otherChars = regexp.MustCompile(`[^0-9A-Za-z]+`)

	percentEscapes  = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	backslashEscape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{3}|.)`)
	// separators may stand between the pieces of a text: tags, and the offsets in a dump or a terminal's colours.
	separators = []*regexp.Regexp{
		regexp.MustCompile(`<[^<>]*>`), regexp.MustCompile(`\b0[0-9a-f]{5,7}\b|\[[0-9;]*m`),
	}
	// legible is what a decoded text holds if it was meant to be decoded.
	legible = regexp.MustCompile(`[ -~]{8}`)

	// codes are hexadecimal and Base64, where the characters beside letters and digits may be separators as well.
	codes = []struct {
		separators *regexp.Regexp
		size       int // characters in a group
		decode     func(string) ([]byte, error)
	}{
		{regexp.MustCompile(`[^0-9A-Fa-f]+`), 2, hex.DecodeString},
		{regexp.MustCompile(`[^0-9A-Za-z+/]+`), 4, base64.RawStdEncoding.DecodeString},
		{otherChars, 4, base64.RawStdEncoding.DecodeString},
	}
	forURLs = strings.NewReplacer("-", "+", "_", "/")
	// dumpField is one or two bytes in hexadecimal, or one in decimal.
	dumpField = regexp.MustCompile(`\b(?:0x|x|u)?((?:[0-9A-Fa-f]{2}){1,2}|[0-9]{3})\b`)
)

// canBeRead reports whether any of the secrets can be read in a text that holds none of them plainly: in pieces,
// encoded, or backwards.
func canBeRead(secrets []string, text string) bool {
	wanted := map[string]bool{}
	for _, secret := range secrets {
		for _, reading := range readings(secret) { // a secret may be decoded together with the text around it
			backwards := []byte(reading)
			slices.Reverse(backwards)
			for _, gram := range slices.Concat(grams(reading), grams(string(backwards))) {
				wanted[gram] = true
			}
		}
	}
	texts := readings(text)
	return slices.ContainsFunc(texts, func(reading string) bool {
		return slices.ContainsFunc(grams(reading), func(gram string) bool { return wanted[gram] })
	}) || slices.ContainsFunc(secrets, func(secret string) bool {
		isShort := len(secret) >= shortestSecret && len(grams(secret)) == 0
		return isShort && slices.ContainsFunc(texts[1:], func(reading string) bool {
			return len(occurrences(reading, secret)) > 0
		})
	})
}

// grams returns each run of gramLength letters and digits in text. Case and all other characters do not count.
func grams(text string) (found []string) {
	plain := strings.ToLower(otherChars.ReplaceAllString(text, ""))
	for at := 0; at+gramLength <= len(plain); at++ {
		found = append(found, plain[at:at+gramLength])
	}
	return found
}

// readings returns text and what it decodes to, through several layers. They serve to find secrets, never to be shown.
func readings(text string) []string {
	found := []string{text}
	for at := 0; at < len(found) && len(found) < readingsLimit; at++ {
		decoded := unescape(found[at])
		if at == 0 || legible.MatchString(found[at]) {
			decoded = append(decoded, decode(found[at])...)
		}
		for _, next := range decoded {
			if !slices.Contains(found, next) {
				found = append(found, next)
			}
		}
	}
	return found
}

// unescape returns text with a layer of escapes undone, and without what may stand between its pieces. The order counts
// for an HTML reference whose semicolon is encoded.
func unescape(text string) []string {
	percent := func(text string) string { return percentEscapes.ReplaceAllStringFunc(text, unescaped) }
	backslash := func(text string) string { return backslashEscape.ReplaceAllStringFunc(text, unescaped) }
	found := []string{backslash(percent(html.UnescapeString(text))), html.UnescapeString(percent(backslash(text)))}
	for _, separator := range separators {
		found = append(found, separator.ReplaceAllString(text, ""))
	}
	return found
}

// unescaped is what an escape, or several with a percent sign, stands for.
func unescaped(escape string) string {
	if text, err := url.PathUnescape(escape); err == nil && escape[0] == '%' {
		return text
	}
	if text, err := strconv.Unquote(`"` + escape + `"`); err == nil {
		return text
	}
	return escape[1:]
}

// decode returns the bytes that text stands for in each of the usual codes. Most of the results mean nothing. Where the
// decoders meet an odd character at the end, they return what stands before it.
func decode(text string) []string {
	found := []string{strings.ReplaceAll(text, "+", " ")}
	for _, code := range codes {
		chars := code.separators.ReplaceAllString(forURLs.Replace(text), "")
		for offset := range min(code.size, len(chars)) {
			decoded, _ := code.decode(chars[offset:])
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
