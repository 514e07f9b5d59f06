package token

import "context"

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
