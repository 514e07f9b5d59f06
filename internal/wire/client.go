// Package wire sends one HTTP request and brings back an answer or a reason: bounded in time and size, told apart by
// kind, and free of anything that could hold a URL. An access token travels in a URL's query, so whatever net/http
// says about a request stays in this package.
package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// ClientConfig is what a [Client] needs to know.
type ClientConfig struct {
	// Transport sends the requests; see [NewTransport].
	Transport http.RoundTripper
	// Timeout bounds one attempt, counted from when it has its slot.
	Timeout time.Duration
	// MaxRetries is how often a request is repeated after its first attempt.
	MaxRetries int
	// MaxConcurrentRequests is how many requests may be under way at once.
	MaxConcurrentRequests int
	// UserAgent names this program to the server.
	UserAgent string
}

// Client sends requests, a bounded number of them at a time. It is safe for concurrent use.
type Client struct {
	ClientConfig
	slots *semaphore.Weighted
}

// NewClient returns a client.
func NewClient(config ClientConfig) *Client {
	return &Client{config, semaphore.NewWeighted(int64(config.MaxConcurrentRequests))}
}

// Do sends a request as soon as there is a slot for it, and reads the whole answer, whose body has at most limit bytes
// after decompression. It follows no redirect: what redirects a request that carries a credential would be handed the
// credential. The error is the context's, where its owner cancelled the exchange, or a [*Failure], also where it was
// cancelled while it waited for a slot.
func (c *Client) Do(request *http.Request, limit int64) (*Response, error) {
	if c.slots.Acquire(request.Context(), 1) != nil {
		return nil, &Failure{Reason: TimeoutSlot}
	}
	defer c.slots.Release(1)
	limited, cancel := context.WithTimeout(request.Context(), c.Timeout)
	defer cancel()
	if _, isSet := request.Header["User-Agent"]; !isSet {
		request.Header.Set("User-Agent", c.UserAgent)
	}
	return exchange(c.Transport, request.WithContext(limited), limit)
}

// ResponseLimit is what an answer's body is usually bounded by, in bytes after decompression.
const ResponseLimit = 1 << 20

// Response is what came back, whatever it says.
type Response struct {
	Status      int
	ContentType string
	// Encoding is how the body is still encoded. It is "" for what this package decodes, which is all that it asks for.
	Encoding string
	// Body is without the byte order mark that some software puts before JSON.
	Body []byte
	// RetryAfter is how long the other side asks to be left alone; 0 where it does not.
	RetryAfter time.Duration
}

// exchange sends a request and reads the answer. Errors are those of [Client.Do].
func exchange(transport http.RoundTripper, request *http.Request, limit int64) (*Response, error) {
	var reached progress
	traced := once(request.WithContext(httptrace.WithClientTrace(request.Context(), reached.trace())))
	answer, err := do(transport, traced, limit)
	failure, isFailure := errors.AsType[*Failure](err)
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(request.Context().Err(), context.Canceled):
		return nil, context.Canceled
	case isFailure:
		return nil, failure
	default:
		return nil, failureOf(err, reached.Load(), isProxied(transport, request))
	}
}

// once makes net/http send a request one time at the most. It repeats one by itself where a kept connection turns out
// to be closed, and does not count how often, if it can have the body again or there is none.
func once(request *http.Request) *http.Request {
	request.GetBody = nil
	if request.Body == nil || request.Body == http.NoBody {
		request.Body = io.NopCloser(strings.NewReader(""))
		// Otherwise net/http would look into the body to see whether to send it in chunks.
		request.TransferEncoding = []string{"identity"}
	}
	return request
}

// retryAfter reads Retry-After, a number of seconds or a date, where the status gives it a meaning.
func retryAfter(response *http.Response) time.Duration {
	switch response.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
	default:
		return 0
	}
	value := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, _ := http.ParseTime(value) // the zero time, which is long past, where it is no date
	return max(0, time.Until(at))
}

func do(transport http.RoundTripper, request *http.Request, limit int64) (*Response, error) {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer := &Response{
		Status:      response.StatusCode,
		ContentType: response.Header.Get("Content-Type"),
		Encoding:    response.Header.Get("Content-Encoding"),
		RetryAfter:  retryAfter(response),
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		// What follows belongs to a protocol that nobody asked for, and has no end: the request's deadline does not
		// bound it.
		return answer, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, bodyFailure(err)
	case int64(len(body)) > limit && answer.Status < http.StatusMultipleChoices: // of others the status says enough
		return nil, &Failure{Reason: ResponseTooLarge}
	}
	answer.Body = bytes.TrimPrefix(body, []byte("\ufeff")) // RFC 8259 lets who reads JSON ignore it
	return answer, nil
}

// stage is how far an exchange has come, by the hooks of [httptrace.ClientTrace].
type stage = int32

const (
	connectStart stage = iota // or the wait for a connection
	dnsStart                  // a connection's, before its connectStart
	connectDone               // without an error, or a TLS handshake with the proxy done
	tlsHandshakeStart
	gotConn
	gotFirstResponseByte
)

// progress holds the stage of an exchange. net/http may make a connection for it in the background while it uses
// another one that became free: the stages of the new one no longer matter then.
type progress struct{ atomic.Int32 }

func (p *progress) reach(at stage) {
	for reached := p.Load(); reached < gotConn || at > reached; reached = p.Load() {
		if p.CompareAndSwap(reached, at) {
			return
		}
	}
}

func (p *progress) trace() *httptrace.ClientTrace {
	connected := func(err error) {
		if err == nil {
			p.reach(connectDone)
		}
	}
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { p.reach(dnsStart) },
		ConnectStart:      func(string, string) { p.reach(connectStart) },
		ConnectDone:       func(_, _ string, err error) { connected(err) },
		TLSHandshakeStart: func() { p.reach(tlsHandshakeStart) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { connected(err) },
		GotConn: func(got httptrace.GotConnInfo) {
			_ = got.Conn.SetDeadline(time.Time{}) // which [bounded] set
			p.reach(gotConn)
		},
		GotFirstResponseByte: func() { p.reach(gotFirstResponseByte) },
	}
}

// isProxied reports whether a request goes through a proxy.
func isProxied(transport http.RoundTripper, request *http.Request) bool {
	known, ok := transport.(*http.Transport)
	if !ok {
		return false
	}
	proxy, _ := known.Proxy(request) // as [NewTransport] made it, which never fails
	return proxy != nil
}

const firstDelay, longestDelay = 400 * time.Millisecond, 10 * time.Second

// Delay says whether an error is worth another attempt, and how long to wait at the least before it.
type Delay func(err error) (atLeast time.Duration, again bool)

// Outcome tells how a retried operation ended. Errors embed it.
type Outcome struct {
	// Attempts is how many were made.
	Attempts int
	// OutOfTime is set where the deadline ended the operation before the retries did.
	OutOfTime bool
}

// Retry calls attempt until it succeeds or fails for good, at least once and at most 1+maxRetries times, with
// exponentially growing and jittered waits between. A wait that does not fit the context's deadline is not begun: the
// last error is returned at once. The error is always the last one that says something about the other side, or
// context.Canceled.
func Retry(
	ctx context.Context, maxRetries int, delay Delay, attempt func(context.Context) error,
) (outcome Outcome, err error) {
	for backoff := firstDelay; ; backoff = min(2*backoff, longestDelay) {
		outcome.Attempts++
		failed := attempt(ctx)
		if failed == nil {
			return outcome, nil
		}
		if err == nil || ctx.Err() == nil {
			err = failed // else time ended in the middle of this attempt: the error of the one before it is worth more
		}
		atLeast, again := delay(failed)
		jittered := backoff*3/4 + rand.N(backoff/2) //nolint:gosec // A quarter either way is no secret.
		wait := max(atLeast, jittered)
		deadline, hasDeadline := ctx.Deadline()
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return outcome, context.Canceled
		case ctx.Err() == nil && (!again || outcome.Attempts > maxRetries):
			return outcome, err
		case hasDeadline && time.Until(deadline) <= wait:
			outcome.OutOfTime = true
			return outcome, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		switch ended := ctx.Err(); {
		case errors.Is(ended, context.Canceled):
			return outcome, context.Canceled
		case ended != nil: // with the end of the wait
			outcome.OutOfTime = true
			return outcome, err
		}
	}
}
