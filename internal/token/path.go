package token

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"
)

// jsonPath leads to a place in a JSON document: names of members, and numbers of elements counted from 0, from the outside
// in.
type jsonPath []string

// CheckPath says why a text is no path in a JSON document, or "".
func CheckPath(written string) (problem string) {
	_, problem = parsePath(written)
	return problem
}

// parsePath reads names joined by dots. A character that has a meaning in one of the many languages for paths stands in a name
// only behind a backslash: "$.token", "data[0]" and "*" would be searched for as names, and a reader of the configuration
// would wonder which language it is.
func parsePath(written string) (path jsonPath, problem string) {
	var name strings.Builder
	escaped := false
	for _, char := range written + "." {
		switch {
		case escaped:
			name.WriteRune(char)
			escaped = false
		case char == '\\':
			escaped = true
		case char == '.' && name.Len() == 0:
			return nil, "has an empty name: it must be names joined by dots, such as data.token"
		case char == '.':
			path = append(path, name.String())
			name.Reset()
		case char == '_', char == '-', unicode.IsLetter(char), unicode.IsDigit(char):
			name.WriteRune(char)
		default:
			return nil, `must be names joined by dots, such as data.token; in a name, a backslash stands before each character other than letters, digits, "_" and "-"`
		}
	}
	if name.Len() > 0 { // the backslash has taken the last dot
		return nil, "ends with a backslash"
	}
	return path, ""
}

// find goes the path through a valid document. Nothing found is a result that does not exist. One name at a time is asked
// of gjson, escaped: its own paths can do much more, such as making up a value that is nowhere in the document.
func (p jsonPath) find(document gjson.Result) gjson.Result {
	for _, name := range p {
		_, notNumber := strconv.ParseUint(name, 10, 16)
		if !document.IsObject() && (!document.IsArray() || notNumber != nil) {
			return gjson.Result{}
		}
		document = document.Get(gjson.Escape(name))
	}
	return document
}
