// Package token knows where access tokens come from: one small file per source behind one interface, and a cache that
// asks a source as seldom as it can.
package token

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// Source hands out access tokens, an authorizer's or a component's. A source is asked for one account at most once at a
// time, and remembers nothing itself: [Cache] does.
type Source interface {
	// Describe says what the source is, without asking it.
	Describe() Description
	// Fetch gets the token. The error is an [*Error], the one of [Unavailable], or the context's.
	Fetch(ctx context.Context, request Request) (Token, error)
}

// Description is what a reader of a message needs to find the source.
type Description struct {
	// Setting is the attribute, or the environment variable, that configures the source.
	Setting string
	// PerAppID is set where the source has a token for each account, and not where one token serves one account.
	PerAppID bool
	// Static is set where asking again brings the same token.
	Static bool
	// Batch is set where one question brings the tokens of all accounts.
	Batch bool
	// Given lists the names that are set in it, where it is an object: the engine drops those that it does not know.
	Given string
}

// Describe implements [Source] for the types that embed a description.
func (d Description) Describe() Description { return d }

// source is a [Source] that needs no more than a function.
type source struct {
	Description
	fetch func(ctx context.Context, request Request) (Token, error)
}

// Fetch implements [Source].
func (s source) Fetch(ctx context.Context, request Request) (Token, error) {
	return s.fetch(ctx, request)
}

// Request says which token is wanted.
type Request struct {
	// AppID is the authorizer; it may be "" where the source is not per appid, and is where it hands out a batch.
	AppID string
	// Rejected is set where WeChat has refused the token that the source handed out last.
	Rejected bool
}

// Token is an access token, or a batch of them.
type Token struct {
	Value string
	// Batch holds, by appid, what should be a text with that account's token.
	Batch map[string]json.RawMessage
	// Expires is when it expires; the zero time means not known.
	Expires time.Time
}

// ErrAppIDNeeded is returned where a source with a token for each account is asked without saying for which.
var ErrAppIDNeeded = errors.New("the token source needs to know the appid")

// placeholder stands for the appid in paths, arguments and URLs.
const placeholder = "{appid}"

// HasPlaceholder reports whether a setting is written for many accounts.
func HasPlaceholder(template string) bool { return strings.Contains(template, placeholder) }

// expand puts the appid in place. It is checked here once more, so that whatever came before, no appid can lead out of
// a folder or into another address: what passes is letters and digits, which need no escaping anywhere.
func expand(template, appid string) (string, error) {
	if !HasPlaceholder(template) {
		return template, nil
	}
	if err := wechat.CheckAppID(appid); err != nil {
		return "", &Error{Reason: InvalidAppID, Detail: err.Error()}
	}
	return strings.ReplaceAll(template, placeholder, appid), nil
}

// Static returns the source of one token that was given as it is.
func Static(setting, value string) Source {
	return source{Description{Setting: setting, Static: true}, func(context.Context, Request) (Token, error) {
		return parseAlone(value, &Error{Reason: InvalidGiven})
	}}
}

// PerAppID returns the source of tokens that were given as a map from appid to token.
func PerAppID(setting string, values map[string]string) Source {
	description := Description{Setting: setting, PerAppID: true, Static: true}
	return source{description, func(_ context.Context, request Request) (Token, error) {
		value, isGiven := values[request.AppID]
		if !isGiven {
			return Token{}, &Error{Reason: NoEntry}
		}
		return parseAlone(value, &Error{Reason: InvalidEntry})
	}}
}

// Unavailable returns a source that fails with err, for settings that are not there or not known yet: that is no error
// until something is read. Its empty Setting marks it.
func Unavailable(err error) Source {
	return source{fetch: func(context.Context, Request) (Token, error) { return Token{}, err }}
}

// parseAlone reads a token that stands alone. invalid is the error where it is none.
func parseAlone(text string, invalid *Error) (Token, error) {
	value, err := Parse(text)
	if err != nil {
		invalid.Invalid = err
		return Token{}, invalid
	}
	return Token{Value: value}, nil
}
