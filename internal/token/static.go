package token

import "context"

// static is one token that somebody already holds.
type static struct {
	description Description
	value       string
}

// Static returns the source of one token that was given as it is.
func Static(setting, value string) Source {
	return &static{Description{Setting: setting, Static: true}, value}
}

func (s *static) Describe() Description { return s.description }

func (s *static) Fetch(_ context.Context, request Request) (Token, error) {
	value, err := Clean(s.value)
	if err != nil {
		return Token{}, &Error{
			Source: s.description, AppID: request.AppID,
			Problem: "the token given there " + err.Error(),
			Advice:  "Give the whole access token and nothing else.",
		}
	}
	return Token{Value: value}, nil
}

// perAppID is a token for each of several accounts.
type perAppID struct {
	description Description
	values      map[string]string
}

// PerAppID returns the source of tokens that were given as a map from appid to token.
func PerAppID(setting string, values map[string]string) Source {
	return &perAppID{Description{Setting: setting, PerAppID: true, Static: true}, values}
}

func (p *perAppID) Describe() Description { return p.description }

func (p *perAppID) Fetch(_ context.Context, request Request) (Token, error) {
	written, given := p.values[request.AppID]
	if !given {
		return Token{}, &Error{
			Source: p.description, AppID: request.AppID,
			Problem: "the map has no entry for this appid",
			Advice:  "Add the appid with its access token to the map, or correct the appid.",
		}
	}
	value, err := Clean(written)
	if err != nil {
		return Token{}, &Error{
			Source: p.description, AppID: request.AppID,
			Problem: "the token given there for this appid " + err.Error(),
			Advice:  "Give the whole access token and nothing else.",
		}
	}
	return Token{Value: value}, nil
}

// UnavailableError is a source that nothing can be had from, for a reason that lies in the settings.
type UnavailableError struct{ Err error }

// Error implements error.
func (e *UnavailableError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *UnavailableError) Unwrap() error { return e.Err }

// unavailable is such a source.
type unavailable struct{ err error }

// Unavailable returns a source that fails with err, for settings that are not there or not known yet: that is no error
// until something is read.
func Unavailable(err error) Source { return &unavailable{err} }

func (u *unavailable) Describe() Description { return Description{} }

func (u *unavailable) Fetch(context.Context, Request) (Token, error) {
	return Token{}, &UnavailableError{u.err}
}
