package token

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// jsonName is a name in a path in a JSON document. A character that has a meaning in one of the many languages for
// paths stands in it only behind a backslash: "$.token", "data[0]" and "*" would be searched for as names, and a reader
// of the configuration would wonder which language it is.
const jsonName = `(?s:\\.|[\pL\p{Nd}_-])+`

var (
	pathName   = regexp.MustCompile(jsonName)
	pathEscape = regexp.MustCompile(`(?s)\\(.)`)
	jsonPath   = regexp.MustCompile(`^` + jsonName + `(?:\.` + jsonName + `)*$`)
)

// IsPath reports whether a text is a path in a JSON document: names joined by dots.
func IsPath(text string) bool { return jsonPath.MatchString(text) }

// find walks a path through JSON; nil is where it leads nowhere. An element of an array is named by its number. A name
// of the path that an object has twice with different values is an error.
func find(document json.RawMessage, path string) (json.RawMessage, error) {
	if !IsPath(path) {
		return nil, nil
	}
	for _, name := range pathName.FindAllString(path, -1) {
		name = pathEscape.ReplaceAllString(name, "$1")
		members, repeated := wire.JSONMembers(document)
		if slices.Contains(repeated, name) {
			return nil, &Error{Reason: RepeatedName, Name: path}
		}
		var elements []json.RawMessage
		_ = json.Unmarshal(document, &elements) // none where it is no array
		document = members[name]
		for number, element := range elements {
			if strconv.Itoa(number) == name {
				document = element
			}
		}
	}
	return document, nil
}

// tokenLimit bounds an output or an answer that holds a token, and batchLimit one or a file that holds a batch, in
// bytes.
const tokenLimit, batchLimit = 64 << 10, 64 << 20

func outputLimit(isBatch bool) int64 {
	if isBatch {
		return batchLimit
	}
	return tokenLimit
}

// inBatch returns an account's token.
func inBatch(batch map[string]json.RawMessage, appid string) (string, *Error) {
	raw, isThere := batch[appid]
	var text string
	notText := json.Unmarshal(raw, &text)
	value, invalid := parse(text)
	switch {
	case isThere && notText != nil:
		return "", &Error{Reason: InvalidEntry, Invalid: &InvalidError{Reason: TokenNoText}}
	case strings.TrimSpace(text) == "": // null too: whoever makes the batch has no token for the account now
		return "", &Error{Reason: NoEntry}
	case invalid != nil:
		return "", &Error{Reason: InvalidEntry, Invalid: invalid}
	}
	return value, nil
}

// layout says where a token and its lifetime are in JSON.
type layout struct {
	token, lifetime, expiry string // paths; lifetime and expiry may be ""
	isExpiryOptional        bool
	isBatch                 bool // there is an object from appid to token in the token's place
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
	found, err := l.tokenIn(raw)
	if err != nil {
		return Token{}, err
	}
	for _, each := range []struct {
		path    string
		since   time.Time
		problem Reason
	}{{l.lifetime, begun, NoLifetime}, {l.expiry, time.Unix(0, 0), NoExpiry}} {
		if raw, err = find(document, each.path); err != nil {
			return Token{}, err
		}
		if raw == nil && (each.path == "" || l.isExpiryOptional) {
			continue
		}
		expires, err := expiry(raw, each.since, each.problem == NoExpiry)
		if err != nil {
			return Token{}, &Error{Reason: each.problem, Name: each.path}
		}
		if found.Expires.IsZero() || !expires.IsZero() && expires.Before(found.Expires) {
			found.Expires = expires
		}
	}
	return found, nil
}

// tokenIn reads what stands in the token's place.
func (l layout) tokenIn(raw json.RawMessage) (Token, error) {
	if l.isBatch {
		batch, repeated := wire.JSONMembers(raw)
		switch {
		case batch == nil:
			return Token{}, &Error{Reason: NoBatch, Name: l.token}
		case repeated != nil:
			return Token{}, &Error{Reason: RepeatedName, Name: repeated[0]}
		}
		return Token{Batch: batch}, nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil || strings.TrimSpace(text) == "" {
		return Token{}, &Error{Reason: NoToken, Name: l.token}
	}
	value, err := parse(text)
	if err != nil {
		return Token{}, &Error{Reason: InvalidToken, Name: l.token, Invalid: err}
	}
	return Token{Value: value}, nil
}

// expiry reads a number of seconds since a time, also one that is written as a string, or, where it may be one, a point
// in time in RFC 3339. Null and a negative number mean not known.
func expiry(raw json.RawMessage, since time.Time, mayBeTime bool) (time.Time, error) {
	var at time.Time
	if mayBeTime && json.Unmarshal(raw, &at) == nil {
		return at, nil
	}
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil || number == "" {
		return time.Time{}, err
	}
	seconds, err := number.Float64()
	switch {
	case err != nil:
		return time.Time{}, err
	case seconds > math.MaxUint32:
		return time.Time{}, strconv.ErrRange
	case seconds < 0:
		return time.Time{}, nil
	}
	return since.Add(time.Duration(seconds * float64(time.Second))), nil
}
