package token

import (
	"regexp"
	"strings"
)

// longest is more than any access token, in characters: WeChat advises to reserve 512.
const longest = 4096

var (
	// allowed is what an access token is made of.
	allowed = regexp.MustCompile(`^[0-9A-Za-z_.~+/=-]+$`)
	// placeholders are what programs write where there is no token.
	placeholders = regexp.MustCompile(`(?i)^(?:null|nil|none|undefined|true|false)$`)
	// assignment is a line of a shell script or of an env file.
	assignment = regexp.MustCompile(`^(?:export )?[A-Z_][A-Z0-9_]*=`)
	// scheme is what stands before a token in an Authorization header.
	scheme = regexp.MustCompile(`(?i)^(?:authorization:|bearer\s|basic\s|token\s)`)
)

// Parse reads an access token that stands alone, in a file for instance. One pair of double quotes around it is
// removed, with which jq prints a text. The error is an [*InvalidError].
func Parse(text string) (string, error) {
	if quoted := strings.Trim(text, " \t\r\n"); len(quoted) > 1 && quoted[0] == '"' && quoted[len(quoted)-1] == '"' {
		text = quoted[1 : len(quoted)-1]
	}
	return parse(text)
}

// byteOrderMark is what programs of Windows begin a text with, in UTF-8.
const byteOrderMark = "\ufeff"

// parse is the one rule for what may be an access token, whatever its source. The line break that a file ends with is
// removed.
func parse(text string) (string, error) {
	value := strings.TrimRight(text, "\r\n")
	trimmed := strings.TrimSpace(value)
	starts := func(prefix string) bool { return strings.HasPrefix(value, prefix) }
	word := strings.ToLower(placeholders.FindString(trimmed))
	for _, rule := range []struct {
		reason   Reason
		isBroken bool
	}{
		{TokenEmpty, trimmed == ""},
		{TokenPlaceholder, word != ""},
		{TokenByteOrderMark, starts(byteOrderMark) || starts("\xff\xfe") || starts("\xfe\xff")},
		{TokenAssignment, assignment.MatchString(trimmed)},
		{TokenHeader, scheme.MatchString(trimmed)},
		{TokenPage, strings.HasPrefix(trimmed, "<")},
		{TokenJSON, strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")},
		{TokenLines, strings.ContainsAny(value, "\r\n")},
		{TokenPadded, trimmed != value},
		{TokenQuotes, strings.ContainsAny(value, `"'`)},
		{TokenSpaces, strings.ContainsAny(value, " \t")},
		{TokenCharacter, !allowed.MatchString(value)},
		{TokenTooLong, len(value) > longest},
	} {
		if rule.isBroken {
			return "", &InvalidError{rule.reason, word}
		}
	}
	return value, nil
}

// opaque is the length from which a word with a digit in it may be a token, or a piece of one.
const opaque = 20

// opaqueName is the same for the parts of a path, which has the names of temporary folders in it.
const opaqueName = 32

// opaquePlain is the same for a word without a digit.
const opaquePlain = 40

var (
	// numbered is how WeChat's access tokens begin.
	numbered = regexp.MustCompile(`(?:^|[\s"'=])[0-9]{1,4}_`)
	word     = regexp.MustCompile(`[0-9A-Za-z_~+=-]+`)
)

// CouldBe reports whether a setting's value could be a token that was pasted into the wrong place, so that no message
// may repeat it.
func CouldBe(text string) bool {
	least := opaque
	if strings.ContainsAny(text, `/\`) {
		least = opaqueName
	}
	for _, found := range word.FindAllString(text, -1) {
		if len(found) >= opaquePlain || len(found) >= least && strings.ContainsAny(found, "0123456789") {
			return true
		}
	}
	return numbered.MatchString(text)
}
