package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// maxBody bounds a request body, in bytes.
const maxBody = 64 << 10

// readBody reads a request body. A status other than 0 is the answer to a body that never gets as far as the API.
func readBody(w http.ResponseWriter, r *http.Request) (raw []byte, status int) {
	if r.ContentLength < 0 { // chunked: https://github.com/spring-projects/spring-framework/issues/31797
		return nil, http.StatusPreconditionFailed
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	tooLarge := new(http.MaxBytesError)
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	return raw, 0
}

// fields are the members of a JSON body; unlike Go's decoder, WeChat tells their names apart by case.
type fields map[string]json.RawMessage

func parseFields(raw []byte) (fields, *refusal) {
	var f fields
	switch err := json.Unmarshal(raw, &f); {
	case len(raw) == 0:
		return nil, refuse(codeEmptyBody)
	case err != nil || f == nil:
		return nil, refuse(codeDataFormat)
	}
	return f, nil
}

// text is a string member; "" if it is left out or null.
func (f fields) text(name string) (string, *refusal) {
	return member[string](f, name)
}

// number is an integer member; 0 if it is left out or null.
func (f fields) number(name string) (int, *refusal) {
	return member[int](f, name)
}

func member[T any](f fields, name string) (value T, refused *refusal) {
	if raw, found := f[name]; found && json.Unmarshal(raw, &value) != nil {
		return value, refuse(codeDataFormat)
	}
	return value, nil
}
