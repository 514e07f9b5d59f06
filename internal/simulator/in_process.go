package simulator

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// InProcess answers requests by calling a handler, without a network, so that a test can have a clock of its own. A
// connection that the handler cuts is io.ErrUnexpectedEOF.
func InProcess(handler http.Handler) http.RoundTripper { return inProcess{handler} }

type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(request *http.Request) (response *http.Response, err error) {
	recorder := httptest.NewRecorder()
	defer func() {
		switch cause := recover(); {
		case request.Context().Err() != nil:
			response, err = nil, request.Context().Err()
		case cause == http.ErrAbortHandler: //nolint:errorlint // It is panicked with as it is.
			response, err = nil, io.ErrUnexpectedEOF
		case cause != nil:
			panic(cause)
		}
	}()
	p.handler.ServeHTTP(recorder, request)
	return recorder.Result(), nil
}
