package token

import "context"

// static is one token that somebody already holds.
type static struct {
	Description
	value string
}

// Static returns the source of one token that was given as it is.
func Static(setting, value string) Source {
	return &static{Description{Setting: setting, Static: true}, value}
}

// Fetch implements [Source].
func (s *static) Fetch(context.Context, Request) (Token, error) {
	return alone(s.value, &Error{Reason: InvalidGiven})
}

// alone reads a token that stands alone. invalid is the error where it is none.
func alone(text string, invalid *Error) (Token, error) {
	value, err := Clean(text)
	if err != nil {
		invalid.Invalid = err
		return Token{}, invalid
	}
	return Token{Value: value}, nil
}

// perAppID is a token for each of several accounts.
type perAppID struct {
	Description
	values map[string]string
}

// PerAppID returns the source of tokens that were given as a map from appid to token.
func PerAppID(setting string, values map[string]string) Source {
	return &perAppID{Description{Setting: setting, PerAppID: true, Static: true}, values}
}

// Fetch implements [Source].
func (p *perAppID) Fetch(_ context.Context, request Request) (Token, error) {
	value, isGiven := p.values[request.AppID]
	if !isGiven {
		return Token{}, &Error{Reason: NoEntry}
	}
	return alone(value, &Error{Reason: InvalidEntry})
}

// UnavailableError is a source that nothing can be had from, for a reason that lies in the configuration.
type UnavailableError struct{ Err error }

// Error implements error.
func (e *UnavailableError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *UnavailableError) Unwrap() error { return e.Err }

// unavailable is such a source. It has no name.
type unavailable struct {
	Description
	err error
}

// Unavailable returns a source that fails with err, for settings that are not there or not known yet: that is no error
// until something is read.
func Unavailable(err error) Source { return &unavailable{err: err} }

// Fetch implements [Source].
func (u *unavailable) Fetch(context.Context, Request) (Token, error) {
	return Token{}, &UnavailableError{u.err}
}
