// Package wechat speaks WeChat's API: one method per endpoint, with the access token as an argument. It knows WeChat's
// error codes, when to ask again and how many requests may be under way, and nothing of where tokens come from.
//
// An access token travels in the URL's query, the only place WeChat accepts it in. No error, observation or text that
// leaves this package holds a URL.
package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// Defaults of [Config].
const (
	DefaultRequestTimeout        = 10 * time.Second
	DefaultMaxRetries            = 3
	DefaultMaxConcurrentRequests = 32
)

// Config is what a [Client] needs to know. Every field must be set, but for Observe.
type Config struct {
	// BaseURL is scheme, host and, where a gateway stands before WeChat, a path prefix.
	BaseURL *url.URL
	// Transport sends the requests; see [wire.NewTransport].
	Transport http.RoundTripper
	// RequestTimeout bounds one attempt, counted from when it has its slot.
	RequestTimeout time.Duration
	// MaxRetries is how often a request is repeated after its first attempt.
	MaxRetries int
	// MaxConcurrentRequests is how many requests may be under way at once.
	MaxConcurrentRequests int
	// UserAgent names this program to WeChat.
	UserAgent string
	// Observe, where set, is told of every attempt after it ended.
	Observe func(context.Context, Attempt)
}

// Attempt is one HTTP request, described by what may be shown.
type Attempt struct {
	Endpoint string
	Duration time.Duration
	Status   int // HTTP status; 0 where no answer came
	Code     int // WeChat's errcode; 0 also where none came
	Err      error
}

// Client asks WeChat. It is safe for concurrent use; its methods share connections and slots.
type Client struct {
	config Config
	slots  chan struct{}
}

// NewClient returns a client.
func NewClient(config Config) *Client {
	return &Client{
		config: config,
		slots:  make(chan struct{}, config.MaxConcurrentRequests),
	}
}

// call is one question to WeChat.
type call struct {
	method   string // "" is POST
	endpoint string
	// parameter names the query parameter that carries accessToken; "" means that the endpoint takes none.
	parameter   string
	accessToken string
	body        any // sent as JSON with POST
	// confidential is set where an answer may hold credentials that nobody here knows yet, so that none of it may be shown.
	confidential bool
	// contradiction, where set, says what is wrong with an answer that says two things which cannot both be so. It sees
	// every errcode.
	contradiction func(code int, members answer) (problem string)
	// read takes what it needs from an answer whose errcode says success, and reports whether it was there.
	read func(answer) bool
}

// ask asks, and asks again where that may help. The error is a [*Error], or context.Canceled.
func (c *Client) ask(ctx context.Context, question call) error {
	var payload []byte
	if question.method == "" {
		var err error
		if payload, err = json.Marshal(question.body); err != nil {
			return fmt.Errorf("encoding the request for %s: %w", question.endpoint, err)
		}
		question.method = http.MethodPost
	}
	retries := max(0, c.config.MaxRetries-spentRetries(ctx))
	outcome, err := wire.Retry(ctx, retries, retryDelay, func(ctx context.Context) error {
		return c.attempt(ctx, question, payload)
	})
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var failed *Error
	if !errors.As(err, &failed) {
		failed = &Error{Endpoint: question.endpoint, Class: ClassConnection, Failure: &wire.Failure{Reason: wire.TimeoutQueued}}
	}
	failed.Host = c.config.BaseURL.Host
	failed.Attempts, failed.OutOfTime = outcome.Attempts, outcome.OutOfTime
	return failed
}

type spentRetriesKey struct{}

// WithSpentRetries returns a context whose questions are repeated so many times less often than MaxRetries. It is for a
// question that is put again with another access token: both times together keep to one MaxRetries.
func WithSpentRetries(ctx context.Context, spent int) context.Context {
	return context.WithValue(ctx, spentRetriesKey{}, spentRetries(ctx)+spent)
}

func spentRetries(ctx context.Context) int {
	spent, _ := ctx.Value(spentRetriesKey{}).(int)
	return spent
}

// slot waits for the place of one request. It must be given back.
func (c *Client) slot(ctx context.Context, endpoint string) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return connectionError(endpoint, &wire.Failure{Reason: wire.TimeoutSlot})
	}
}

// attempt asks once. It holds a slot from before the connection until the answer was read, and no longer.
func (c *Client) attempt(ctx context.Context, question call, payload []byte) (err error) {
	if err := c.slot(ctx, question.endpoint); err != nil {
		return err
	}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(ctx, c.config.RequestTimeout)
	defer cancel()

	begun := time.Now()
	observed := Attempt{Endpoint: question.endpoint}
	defer func() {
		if c.config.Observe != nil {
			observed.Duration, observed.Err = time.Since(begun), err
			c.config.Observe(ctx, observed)
		}
	}()

	target := c.config.BaseURL.JoinPath(question.endpoint)
	if question.parameter != "" {
		target.RawQuery = url.Values{question.parameter: {question.accessToken}}.Encode()
	}
	// A bytes.Reader gives the request its Content-Length: WeChat answers a chunked one with 412 and an empty body.
	request, err := http.NewRequestWithContext(ctx, question.method, target.String(), bytes.NewReader(payload))
	if err != nil {
		// The error would show the URL.
		return connectionError(question.endpoint, &wire.Failure{Reason: wire.ConnectionFailed, Detail: "the URL is not valid"})
	}
	if len(payload) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.config.UserAgent)

	received, err := wire.Do(c.config.Transport, request)
	if err != nil {
		return connectionError(question.endpoint, err)
	}
	observed.Status = received.Status
	err = decode(question, received)
	var failed *Error
	if errors.As(err, &failed) {
		observed.Code, failed.RetryAfter = failed.Code, received.RetryAfter
	}
	return err
}

// connectionError makes an error of what wire says; that its owner cancelled the question stays as it is.
func connectionError(endpoint string, err error) error {
	var failure *wire.Failure
	if !errors.As(err, &failure) {
		return err
	}
	class := ClassConnection
	if failure.Answered() {
		class = ClassProtocol
	}
	return &Error{Endpoint: endpoint, Class: class, Failure: failure, RetryAfter: failure.RetryAfter}
}

// minuteQuotaDelay is how long the quota of a minute needs to be there again.
const minuteQuotaDelay = time.Minute

// retryDelay says which errors are worth another attempt.
func retryDelay(err error) (atLeast time.Duration, again bool) {
	var failed *Error
	switch {
	case !errors.As(err, &failed):
		return 0, false
	case failed.Code == CodeMinuteQuota:
		return minuteQuotaDelay, true
	default:
		return failed.RetryAfter, failed.Class == ClassTransient || failed.Failure != nil && failed.Failure.Retryable()
	}
}
