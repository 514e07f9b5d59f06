package wire

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// writings are the ways in which one character of a secret may stand in a text; each is a layer or two of encoding.
var writings = []func(char byte) string{
	func(char byte) string { return string(rune(char)) },
	func(char byte) string { return fmt.Sprintf("%%%02X", char) },
	func(char byte) string { return fmt.Sprintf("%%%02x", char) },
	func(char byte) string { return fmt.Sprintf("%%25%02x", char) },
	func(char byte) string { return fmt.Sprintf(`\u%04x`, char) },
	func(char byte) string { return fmt.Sprintf(`\\u%04X`, char) },
	func(char byte) string { return fmt.Sprintf(`\x%02x`, char) },
	func(char byte) string { return fmt.Sprintf("&#%d;", char) },
	func(char byte) string { return fmt.Sprintf("&#%05d;", char) },
	func(char byte) string { return fmt.Sprintf("&#X%x;", char) },
	func(char byte) string { return fmt.Sprintf("&amp;#%d;", char) },
	func(char byte) string { return html.EscapeString(string(rune(char))) },
	func(char byte) string { return url.QueryEscape(string(rune(char))) },
	func(char byte) string { return strings.Trim(strconv.Quote(string(rune(char))), `"`) },
}

// breaks are what may stand between two characters without a reader minding.
var breaks = []string{
	"", "", "", "\n    ", "\r\n", "\t", "\a", "\x00", "\x1b", "\xff", "\u00ad", "\u0085", "\u200b", "\u202e", "\ufeff",
	"%0A", "%0d%0a", "%FF", "%C2%AD", "%E2%80%8B", `\n`, `\r\n`, `\u200b`, `\u000a`, "&shy;", "&#8203;", "&#x200b;", "&#10;", "<wbr>", "<br/>", "</b>",
}

// layers are encodings of a whole text.
var layers = []func(text string) string{
	func(text string) string { return text },
	url.QueryEscape,
	url.PathEscape,
	html.EscapeString,
	func(text string) string { quoted := strconv.QuoteToASCII(text); return quoted[1 : len(quoted)-1] },
	base64Of,
	func(text string) string { return broken(base64Of(text), 12, "\n") },
	func(text string) string {
		return broken(base64.RawURLEncoding.EncodeToString([]byte(text)), 19, "\r\n  ")
	},
	func(text string) string { return hex.EncodeToString([]byte(text)) },
	func(text string) string { return broken(hex.EncodeToString([]byte(text)), 2, " ") },
	func(text string) string { return broken(hex.EncodeToString([]byte(text)), 2, ":") },
	func(text string) string { return hex.Dump([]byte(text)) },
	func(text string) string { return strings.Trim(fmt.Sprintf("%d", []byte(text)), "[]") },
	func(text string) string { return broken(text, 5, "-") },
	func(text string) string { return broken(text, 3, `</b><b class="x" id='y7'>`) },
	func(text string) string { return broken(text, 7, ", ") },
	backwards,
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func backwards(text string) string {
	chars := []byte(text)
	slices.Reverse(chars)
	return string(chars)
}

// broken is a text with a separator after each so many bytes.
func broken(text string, length int, separator string) string {
	var written strings.Builder
	for piece := range slices.Chunk([]byte(text), length) {
		written.Write(piece)
		written.WriteString(separator)
	}
	return written.String()
}

// plant writes a secret as a program says: a byte for each layer around it, then two for each character, used again and
// again.
func plant(secret string, program []byte) string {
	if len(program) < 4 {
		return secret
	}
	around, each := program[:2], program[2:]
	var written strings.Builder
	for number, char := range []byte(secret) {
		written.WriteString(writings[int(each[2*number%len(each)])%len(writings)](char))
		written.WriteString(breaks[int(each[(2*number+1)%len(each)])%len(breaks)])
	}
	text := written.String()
	for _, layer := range around {
		text = layers[int(layer)%len(layers)](text)
	}
	return text
}

// printableASCII makes any text one that a token could be.
func printableASCII(text string) string {
	chars := []byte(text)
	for at, char := range chars {
		chars[at] = '!' + char%('~'-'!'+1)
	}
	return string(chars)
}

var (
	percentEscape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	textEscape    = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[nrt"'/\\]`)
	anyTag        = regexp.MustCompile(`<[^<>]*>`)
	base64Run     = regexp.MustCompile(`(?:[A-Za-z0-9+/_-]\s*){11,}`)
	hexRun        = regexp.MustCompile(`(?:[0-9A-Fa-f]{2}[ :]*){8,}`)
	dumpLine      = regexp.MustCompile(`[0-9a-f]{8} ((?:[0-9a-f]{2} )+)\|`)
	decimalRun    = regexp.MustCompile(`(?:[0-9]{2,3} ?){8,}`)
)

// unpacked are what the runs of Base64, of hexadecimal and decimal bytes in a text stand for.
func unpacked(text string) []string {
	var all []string
	for _, run := range base64Run.FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(strings.Join(strings.Fields(run), ""))
		for offset := range 4 {
			whole := run[offset:]
			decoded, err := base64.StdEncoding.DecodeString(whole[:len(whole)/4*4])
			if err != nil {
				panic(err) // the pattern has nothing else
			}
			all = append(all, string(decoded))
		}
	}
	var dumped strings.Builder
	for _, line := range dumpLine.FindAllStringSubmatch(text, -1) {
		dumped.WriteString(line[1])
	}
	for _, run := range append(hexRun.FindAllString(text, -1), dumped.String()) {
		run = strings.NewReplacer(" ", "", ":", "").Replace(run)
		var chars []byte
		for at := 0; at+2 <= len(run); at += 2 {
			value, _ := strconv.ParseUint(run[at:at+2], 16, 8)
			chars = append(chars, byte(value))
		}
		all = append(all, string(chars))
	}
	for _, run := range decimalRun.FindAllString(text, -1) {
		var chars []byte
		for _, field := range strings.Fields(run) {
			value, _ := strconv.Atoi(field)
			chars = append(chars, byte(value))
		}
		all = append(all, string(chars))
	}
	return all
}

// secondReadings are what somebody may make of a text by undoing up to four layers of encoding, in any order.
func secondReadings(text string) []string {
	known := map[string]bool{text: true}
	all := []string{text}
	from := 0
	for range 4 {
		for _, text := range all[from:] {
			from++
			for _, next := range []string{
				percentEscape.ReplaceAllStringFunc(text, func(escape string) string {
					value, _ := strconv.ParseUint(escape[1:], 16, 8)
					return string([]byte{byte(value)})
				}),
				textEscape.ReplaceAllStringFunc(text, func(escape string) string {
					switch char := escape[1]; char {
					case 'u', 'x':
						value, _ := strconv.ParseUint(escape[2:], 16, 32)
						return string(rune(value))
					case 'n', 'r', 't':
						return " "
					default:
						return string(rune(char))
					}
				}),
				anyTag.ReplaceAllString(html.UnescapeString(text), ""),
			} {
				if !known[next] {
					known[next] = true
					all = append(all, next)
				}
			}
		}
	}
	for _, text := range all {
		all = append(all, unpacked(text)...)
	}
	for _, text := range all {
		all = append(all, backwards(text))
	}
	return all
}

// gap stands for a placeholder: what is on both sides of one is not in a row.
const gap = '\x01'

// visible is a text's letters and digits, without what may separate them.
func visible(text string) string {
	return strings.Map(func(char rune) rune {
		if char == gap || char <= '~' && (unicode.IsLetter(char) || unicode.IsDigit(char)) {
			return char
		}
		return -1
	}, text)
}

// FuzzRedact plants a secret in a text, in whatever way the input says, and wants nothing of it back.
func FuzzRedact(f *testing.F) {
	f.Add(secret, "https://api.weixin.qq.com/cgi-bin/open/get?access_token=", " failed", []byte{0, 0, 0, 0})
	f.Add(secret, `{"errmsg":"`, `"}`, []byte{4, 1, 1, 0, 4, 0, 7, 0})
	f.Add("correct+horse battery", "<a href='", "'>", []byte{3, 3, 0, 12, 0, 0, 6, 28})
	f.Add("ab%41cd&lt;ef\\u0041gh", "", "", []byte{0, 2, 0, 0, 1, 0, 0, 0, 7, 20})
	for layer := range layers {
		f.Add(secret, "printed ", " here", []byte{byte(layer), 0, 0, 0})
		f.Add(secret, "printed ", " here", []byte{1, byte(layer), 0, 0})
	}
	// Every way to write a character, and every break.
	f.Add(secret, "%", "4", []byte{0, 0, 0, 3, 1, 4, 2, 5, 3, 6, 4, 7, 5, 8, 6, 9, 7, 10, 8, 11, 9, 12, 10, 13, 11, 14, 12, 15, 13, 16})
	f.Add(secret, "&#", `\`, []byte{2, 3, 13, 17, 12, 18, 11, 19, 10, 20, 9, 21, 8, 22, 7, 23, 6, 24, 5, 25, 4, 26, 3, 27, 2, 28, 1, 29, 0, 30})
	f.Fuzz(func(t *testing.T, secret, before, after string, program []byte) {
		secret = printableASCII(secret[:min(len(secret), 200)])
		wanted := visible(secret)
		if len(wanted) < gramLength {
			t.Skip("too short to have pieces")
		}
		for _, placeholder := range []string{visible(redacted), visible(withheld)} {
			for at := 0; at+gramLength <= len(placeholder); at++ {
				if strings.Contains(wanted, placeholder[at:at+gramLength]) {
					t.Skip("the placeholder looks like it")
				}
			}
		}
		text := before + plant(secret, program) + after
		for name, redact := range map[string]func(string, ...string) string{"Redact": Redact, "RedactEnd": RedactEnd} {
			once := redact(text, secret)
			for pass, got := range []string{once, redact(once, secret)} {
				if length := utf8.RuneCountInString(got); !utf8.ValidString(got) || length > shownLength {
					t.Errorf("%s, pass %d: %d characters, %q", name, pass, length, got)
				}
				if at := strings.IndexFunc(got, func(r rune) bool {
					return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co) || unicode.IsSpace(r) && r != ' '
				}); at >= 0 {
					t.Errorf("%s, pass %d: something is left at %d that does not print: %q", name, pass, at, got)
				}
				shown := strings.ReplaceAll(got, redacted, string(gap))
				read := []string{shown}
				if len(wanted) >= 2*gramLength { // of a shorter one, too little is left where the text around it takes characters into its escapes
					read = secondReadings(shown)
				}
				for _, reading := range read {
					reading = visible(reading)
					for at := 0; at+gramLength <= len(wanted); at++ {
						if strings.Contains(reading, wanted[at:at+gramLength]) {
							t.Fatalf("%s, pass %d: of %q in %q, %q is left in %q, read as %q", name, pass, secret, text, wanted[at:at+gramLength], got, reading)
						}
					}
				}
			}
		}
	})
}
