// Package wire sends one HTTP request and brings back an answer or a reason: bounded in time and size, told apart by kind,
// and free of anything that could hold a URL. An access token travels in a URL's query, so whatever net/http says about a
// request stays in this package.
package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// AnswerLimit bounds an answer's body, in bytes after decompression.
const AnswerLimit = 1 << 20

// Answer is what came back, whatever it says.
type Answer struct {
	Status      int
	ContentType string
	Body        []byte
}

// NewClient returns a client that follows no redirect: what redirects a request that carries a credential would be handed
// the credential.
func NewClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Exchange sends the request and reads the whole answer. The error is the context's, where its owner cancelled it, or a
// [*Failure].
func Exchange(client *http.Client, request *http.Request) (*Answer, error) {
	answer, err := exchange(client, request)
	var failure *Failure
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(request.Context().Err(), context.Canceled):
		return nil, context.Canceled
	case errors.As(err, &failure):
		return nil, failure
	default:
		return nil, failureOf(err)
	}
}

func exchange(client *http.Client, request *http.Request) (*Answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, AnswerLimit+1))
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &Failure{Kind: CutOff}
	case err != nil:
		return nil, err
	case len(body) > AnswerLimit:
		return nil, &Failure{Kind: TooLarge}
	}
	return &Answer{
		Status:      response.StatusCode,
		ContentType: response.Header.Get("Content-Type"),
		Body:        body,
	}, nil
}
