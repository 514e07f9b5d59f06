package wire

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
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

const (
	firstDelay   = 400 * time.Millisecond
	longestDelay = 10 * time.Second
)

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
