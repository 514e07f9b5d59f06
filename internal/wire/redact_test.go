package wire

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

const secret = "61_W3mEpU66027wgNZ+MhGHNQ/DHnFATkDa9=2llqr&MBjUwxR%SNPb#VsM"

func TestRedactKeepsWhatHelps(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"api unauthorized rid: 641ac152-54065ffe-054fcf92",
		"access clientip is not registered requestIP: 203.0.113.9",
		"invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, " +
			"more details at https://mmbizurl.cn/s/JtxxFh33r",
		"invalid appid wx1000000000000001",
		"<html><head><title>502 Bad Gateway</title></head> nginx/1.24.0 (Ubuntu)",
		"系统繁忙,请稍后再试",
		"cat: /etc/wechat/tokens/wx1000000000000006: No such file or directory",
		"key wechat:authorizer_access_token:wx1000000000000006 not found",
	} {
		if got := Redact(text, secret); got != text {
			t.Errorf("Redact(%q) = %q, want it unchanged", text, got)
		}
	}
}

func TestRedactRemovesSecretsHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	jsonText, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	each := func(format string) string {
		var written strings.Builder
		for _, char := range []byte(secret) {
			fmt.Fprintf(&written, format, char)
		}
		return written.String()
	}
	between := func(separator string) string {
		var written strings.Builder
		for at := 0; at < len(secret); at += 5 {
			written.WriteString(secret[at:min(at+5, len(secret))] + separator)
		}
		return written.String()
	}
	dump := func(offset, pair, end string) string {
		var written strings.Builder
		for at := 0; at+1 < len(secret); at += 2 {
			if at%16 == 0 {
				fmt.Fprintf(&written, offset, at)
			}
			fmt.Fprintf(&written, pair, secret[at], secret[at+1])
			if at%16 == 14 {
				written.WriteString(end)
			}
		}
		return written.String()
	}
	fiveTimes := secret
	for range 5 {
		fiveTimes = url.QueryEscape(fiveTimes)
	}
	writings := map[string]string{
		"as it is":                 secret,
		"in a query":               url.QueryEscape(secret),
		"in a query twice":         url.QueryEscape(url.QueryEscape(secret)),
		"in a query five times":    fiveTimes,
		"in a path":                url.PathEscape(secret),
		"in JSON":                  string(jsonText),
		"in JSON, all escaped":     each(`\u%04x`),
		"in JSON within JSON":      strings.ReplaceAll(each(`\u%04x`), `\`, `\\`),
		"in HTML":                  html.EscapeString(secret),
		"in HTML of a query":       html.EscapeString(url.QueryEscape(secret)),
		"in hexadecimal":           hex.EncodeToString([]byte(secret)),
		"in Base64":                base64Of(secret),
		"in Base64 for URLs":       base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"cut off in front":         secret[20:],
		"cut off behind":           secret[:20],
		"wrapped over two lines":   secret[:25] + "\r\n" + secret[25:],
		"with a bell in the midst": secret[:25] + "\a" + secret[25:],
		"in HTML by numbers":       each("&#%d;"),
		"in HTML, long numbers":    each("&#x%08x;"),
		"in HTML, open numbers":    strings.ReplaceAll(each("&#%d;"), ";", " "),
		"in HTML in a query":       each("&amp%%3B%%23X%x%%3B%%250d%%250a"),
		"broken invisibly":         between("\u200b"),
		"broken by soft hyphens":   between("\u00ad"),
		"broken by bad bytes":      between("\xff"),
		"broken by next lines":     between("\u0085"),
		"broken by indented lines": between("\n    "),
		"broken by tags":           between("<wbr>"),
		"broken by hyphens":        between("&shy;"),
		"broken under a query":     each("%%25%02x&shy;"),
		"broken by %0A":            between("%0A"),
		"broken by %FF":            between("%ff"),
		"broken by \\n":            between(`\n`),
		"broken by \\f":            between(`\f`),
		"broken by colours":        between("\x1b[0m\x1b[31m"),
		"between tags":             between(`</b><b class="x" id='y'>`),
		"with separators":          between(" - "),
		"a character a line":       strings.Join(strings.Split(secret, ""), "\n"),
		"backwards":                backwards(secret),
		"in capitals":              strings.ToUpper(secret),
		"in Base64, short lines":   broken(base64Of(secret), 10, "\n"),
		"in Base64 twice":          base64Of(base64Of(secret)),
		"by hexdump -C":            hex.Dump([]byte(secret)),
		"by xxd":                   dump("%08x:", " %02x%02x", "  ................\n"),
		"by od -c":                 dump("%07o", "   %c   %c", "\n"),
		"by od -x":                 dump("%07o", " %[2]x%[1]x", "\n"),
		"as bytes":                 fmt.Sprintf("%d", []byte(secret)),
		"as bytes of C":            broken(hex.EncodeToString([]byte(secret)), 2, ", 0x"),
		"in hexadecimal, wrapped":  broken(hex.EncodeToString([]byte(secret)), 7, "\n"),
	}
	for name, written := range writings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, frame := range []string{"%s", "cannot fetch %s now", `<a href="/login?next=%s">here</a>`, `{"x":"%s"}`, "é%sé"} {
				text := fmt.Sprintf(frame, written)
				got := Redact(text, secret)
				isPlain := strings.Contains(printable(text), secret)
				if isPlain && !strings.Contains(got, redacted) || !isPlain && got != withheld {
					t.Errorf("in %q: got %q", frame, got)
				}
				for at := 0; at+gramLength <= len(secret); at++ {
					if strings.Contains(got, secret[at:at+gramLength]) {
						t.Errorf("%q still holds %q", got, secret[at:at+gramLength])
					}
				}
			}
		})
	}
}

// TestRedactRemovesSecretsThatReadLikeEscapes has secrets that are decoded as well where the text around them is.
func TestRedactRemovesSecretsThatReadLikeEscapes(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"pass%41word%42pass", "pass&lt;word&gt;pass", `pass\u0041word\u0042`, "pass<b>word</b>pass"} {
		var written strings.Builder
		for at, char := range []byte(known) {
			if char == 'a' || char == 'o' {
				fmt.Fprintf(&written, "%%%02x", char)
			} else {
				written.WriteByte(known[at])
			}
		}
		if got := Redact("it was "+written.String()+" they said", known); strings.Contains(got, "w%6frd") {
			t.Errorf("%q in %q: got %q", known, written.String(), got)
		}
	}
}

// TestRedactShowsNoPartOfAWordThatItCutOff has a token, which nobody told it of, lie across the end of what is looked
// at.
func TestRedactShowsNoPartOfAWordThatItCutOff(t *testing.T) {
	t.Parallel()
	const token = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"
	spaces := strings.Repeat(" ", readLength)
	if got := Redact("early "+spaces[len("early ")+12:]+token, ""); got != "early …" {
		t.Errorf("got %q", got)
	}
	if got := RedactEnd(token+spaces[len(" late")+12:]+" late", ""); got != "… late" {
		t.Errorf("got %q", got)
	}
}

// TestRedactRemovesOrdinaryLookingSecrets has secrets that nothing but their being known tells from words.
func TestRedactRemovesOrdinaryLookingSecrets(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"correct horse battery", "correct+horse+battery", "passwort", "päßwörter", "密码在这里"} {
		for _, written := range []string{known, strings.ReplaceAll(known, " ", "+"), url.QueryEscape(known)} {
			if got := Redact("it was "+written+" they said", known); got != "it was [redacted] they said" && written == known {
				t.Errorf("%q in clear: %q", known, got)
			} else if got != withheld && !strings.Contains(got, redacted) && url.QueryEscape(known) != known {
				t.Errorf("%q as %q: %q", known, written, got)
			}
		}
	}
}

func TestRedactRemovesWhatLooksLikeASecret(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`access_token=short1&x=1`:                     `access_token=[redacted]&x=1`,
		`{"access_token":"short1","x":1}`:             `{"access_token":"[redacted]","x":1}`,
		`{\"authorizer_refresh_token\":\"short1\"}`:   `{\"authorizer_refresh_token\":\"[redacted]\"}`,
		`appsecret: hunter2`:                          `appsecret: [redacted]`,
		`Authorization: Bearer abcdefghij`:            `Authorization: Bearer [redacted]`,
		`http://user:pass@proxy.example:3128/`:        `http://[redacted]@proxy.example:3128/`,
		`refreshtoken@@@AbC is invalid`:               `refreshtoken@@@[redacted] is invalid`,
		`token 0123456789abcdef0123456789abcdef seen`: `token [redacted] seen`,
	} {
		if got := Redact(text); got != want {
			t.Errorf("Redact(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRedactBoundsAndCleans(t *testing.T) {
	t.Parallel()
	if got := Redact("a\x00b\x1b[31mc\u202ed\r\n\t e\xff"); got != "ab[31mcd e" {
		t.Errorf("control characters: got %q", got)
	}
	if got := []rune(Redact(strings.Repeat("ab ", 1000))); len(got) != shownLength || got[len(got)-1] != '…' {
		t.Errorf("a long text is %d characters and ends with %q", len(got), got[len(got)-1])
	}
	if got := Redact(""); got != "" {
		t.Errorf("nothing became %q", got)
	}
}

func TestRedactEndKeepsTheEnd(t *testing.T) {
	t.Parallel()
	got := RedactEnd(strings.Repeat("early ", 10000)+"late "+secret, secret)
	if runes := []rune(got); len(runes) != shownLength || runes[0] != '…' || !strings.HasSuffix(got, "late "+redacted) {
		t.Errorf("got %q", got)
	}
}
