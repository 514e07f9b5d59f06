package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	pathName      = regexp.MustCompile(`(?s:\\.|[^.\\])+`)
	pathEscape    = regexp.MustCompile(`(?s)\\(.)`)
	pathForbidden = regexp.MustCompile(`[^\pL\p{Nd}_.-]`)
)

// CheckPath checks a path in a JSON document: names joined by dots. A character that has a meaning in one of the many
// languages for paths stands in a name only behind a backslash: "$.token", "data[0]" and "*" would be searched for as
// names, and a reader of the configuration would wonder which language it is. The error is an [*InvalidError].
func CheckPath(path string) error {
	plain := pathEscape.ReplaceAllString(path, "x")
	switch {
	case strings.Contains("."+plain+".", ".."):
		return &InvalidError{Reason: PathEmptyName}
	case strings.HasSuffix(plain, `\`):
		return &InvalidError{Reason: PathBackslash}
	case pathForbidden.MatchString(plain):
		return &InvalidError{Reason: PathCharacter}
	}
	return nil
}

// find walks a path through valid JSON; nil is where it leads nowhere. An element of an array is named by its number.
// A name of the path that an object has twice with different values is an error: JSON does not say which counts.
func find(document json.RawMessage, path string) (found json.RawMessage, err error) {
	var names []string
	if CheckPath(path) == nil {
		names = pathName.FindAllString(path, -1)
	}
	for _, name := range names {
		name = pathEscape.ReplaceAllString(name, "$1")
		found = nil
		decoder := json.NewDecoder(bytes.NewReader(document))
		opening, _ := decoder.Token()
		for number := 0; err == nil && decoder.More(); number++ {
			var key any = strconv.Itoa(number)
			if opening == json.Delim('{') {
				key, _ = decoder.Token()
			}
			var value json.RawMessage
			err = decoder.Decode(&value)
			switch {
			case key != name:
			case found != nil && !bytes.Equal(found, value):
				return nil, &Error{Reason: RepeatedName, Name: path}
			default:
				found = value
			}
		}
		document = found
	}
	return found, nil
}

// batchLimit bounds a file, an output or an answer that holds a batch, in bytes.
const batchLimit = 64 << 20

// readBatch reads an object from appid to token. An appid that it has twice, with different values, is an error.
func readBatch(object json.RawMessage) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	opening, _ := decoder.Token()
	if opening != json.Delim('{') || !json.Valid(object) {
		return nil, &Error{Reason: NoBatch}
	}
	batch := map[string]json.RawMessage{}
	for decoder.More() {
		key, _ := decoder.Token()
		appid, _ := key.(string)
		var value json.RawMessage
		_ = decoder.Decode(&value) // valid, as a whole
		if known, isKnown := batch[appid]; isKnown && !bytes.Equal(known, value) {
			return nil, &Error{Reason: RepeatedName, Name: appid}
		}
		batch[appid] = value
	}
	return batch, nil
}

// inBatch returns an account's token.
func inBatch(batch map[string]json.RawMessage, appid string) (string, *Error) {
	raw, isThere := batch[appid]
	var text string
	if !isThere {
		return "", &Error{Reason: NoEntry}
	}
	if json.Unmarshal(raw, &text) != nil {
		return "", &Error{Reason: InvalidEntry, Invalid: &InvalidError{Reason: TokenNoText}}
	}
	value, err := clean(text)
	if err != nil {
		return "", &Error{Reason: InvalidEntry, Invalid: err}
	}
	return value, nil
}

// layout says where a token and its lifetime are in JSON.
type layout struct {
	token, lifetime    string // paths; lifetime may be ""
	isLifetimeOptional bool
	isBatch            bool // there is an object from appid to token in the token's place
}

// read reads a token that was asked for at begun. The error is an [*Error].
func (l layout) read(document []byte, begun time.Time) (Token, error) {
	if !json.Valid(document) {
		return Token{}, &Error{Reason: NotJSON}
	}
	raw, err := find(document, l.token)
	if err != nil {
		return Token{}, err
	}
	token, err := l.tokenIn(raw)
	if err != nil || l.lifetime == "" {
		return token, err
	}
	if raw, err = find(document, l.lifetime); err != nil || raw == nil && l.isLifetimeOptional {
		return token, err
	}
	if token.Expires, err = expiry(raw, begun); err != nil {
		return Token{}, &Error{Reason: NoLifetime, Name: l.lifetime}
	}
	return token, nil
}

// tokenIn reads what stands in the token's place.
func (l layout) tokenIn(raw json.RawMessage) (Token, error) {
	if l.isBatch {
		batch, err := readBatch(raw)
		if failed, isError := errors.AsType[*Error](err); isError && failed.Reason == NoBatch {
			failed.Name = l.token
		}
		return Token{Batch: batch}, err
	}
	var text string
	if json.Unmarshal(raw, &text) != nil || strings.TrimSpace(text) == "" {
		return Token{}, &Error{Reason: NoToken, Name: l.token}
	}
	value, err := clean(text)
	if err != nil {
		return Token{}, &Error{Reason: InvalidToken, Name: l.token, Invalid: err}
	}
	return Token{Value: value}, nil
}

// expiry reads a number of seconds, also one that is written as a string. Null and a negative number mean not known.
func expiry(raw json.RawMessage, begun time.Time) (time.Time, error) {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil || number == "" {
		return time.Time{}, err
	}
	seconds, err := number.Float64()
	switch {
	case err != nil:
		return time.Time{}, err
	case seconds > math.MaxInt32:
		return time.Time{}, strconv.ErrRange
	case seconds < 0:
		return time.Time{}, nil
	}
	return begun.Add(time.Duration(seconds * float64(time.Second))), nil
}
