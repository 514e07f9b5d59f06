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
	"net/http"
	"net/url"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// Defaults of the [wire.ClientConfig] in [Config].
const (
	DefaultRequestTimeout        = 10 * time.Second
	DefaultMaxRetries            = 3
	DefaultMaxConcurrentRequests = 32
)

// Config is what a [Client] needs to know. Every field must be set, but for Observe.
type Config struct {
	// BaseURL is scheme, host and, where a gateway stands before WeChat, a path prefix.
	BaseURL *url.URL
	wire.ClientConfig
	// Observe, where set, is called after every attempt that was sent.
	Observe func(context.Context, Attempt)
}

// Attempt is one HTTP request, described by what may be shown.
type Attempt struct {
	Endpoint string
	Duration time.Duration // with the wait for a slot
	Status   int           // HTTP status; 0 where no answer came
	Err      error
}

// Client asks WeChat. It is safe for concurrent use; its methods share connections and slots.
type Client struct {
	config Config
	http   *wire.Client
}

// NewClient returns a client.
func NewClient(config Config) *Client { return &Client{config, wire.NewClient(config.ClientConfig)} }

// Token is the access token of a call.
type Token struct {
	Value string
	// RetriesUsed is how many retries the call with the token before this one used up: both keep to one MaxRetries.
	RetriesUsed int
}

// request is what a [Client.call] sends, and how it reads the response.
type request struct {
	endpoint string
	token    Token
	body     map[string]any       // sent as JSON with POST; nil makes it a GET
	read     func(object) Problem // takes the result from a response whose errcode says success
}

// isOfComponent reports whether an endpoint is one of the component's. They take the component's own token, in a
// parameter of their own, and their responses hold refresh tokens, so that no part of a body may be shown.
func isOfComponent(endpoint string) bool { return strings.HasPrefix(endpoint, "cgi-bin/component/") }

// call asks an endpoint, and asks it again where that may help. The error is a [*Error], or context.Canceled.
func (c *Client) call(ctx context.Context, r request) error {
	retries := max(0, c.config.MaxRetries-r.token.RetriesUsed)
	outcome, err := wire.Retry(ctx, retries, retryDelay, func(ctx context.Context) error { return c.attempt(ctx, r) })
	if failed, isError := errors.AsType[*Error](err); isError {
		failed.Endpoint, failed.Host, failed.Outcome = r.endpoint, c.config.BaseURL.Host, outcome
	}
	return err
}

// attempt sends a request once, and reads the response.
func (c *Client) attempt(ctx context.Context, r request) error {
	started, status := time.Now(), 0
	response, err := c.http.Do(c.httpRequest(ctx, r), wire.ResponseLimit)
	failure, isFailure := errors.AsType[*wire.Failure](err)
	switch {
	case isFailure:
		err = &Error{Failure: failure, RetryAfter: failure.RetryAfter}
	case err == nil:
		status = response.Status
		err = r.decode(response)
	}
	if c.config.Observe != nil && (!isFailure || failure.Reason != wire.TimeoutSlot) { // else nothing was sent
		c.config.Observe(ctx, Attempt{r.endpoint, time.Since(started), status, err})
	}
	return err
}

func (c *Client) httpRequest(ctx context.Context, r request) *http.Request {
	method, payload := http.MethodGet, []byte(nil)
	if r.body != nil {
		method = http.MethodPost
		payload, _ = json.Marshal(r.body) // texts and numbers, which can always be encoded
	}
	parameter := "access_token"
	if isOfComponent(r.endpoint) {
		parameter = "component_access_token" // newer pages of WeChat's say access_token, all software in the field this
	}
	address := c.config.BaseURL.JoinPath(r.endpoint).String() // which can be parsed again, so that there is no error
	// A bytes.Reader gives the request its Content-Length: WeChat answers a chunked one with 412 and an empty body.
	sent, _ := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(payload))
	sent.URL.RawQuery = url.Values{parameter: {r.token.Value}}.Encode()
	if r.body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}
	sent.Header.Set("Accept", "application/json")
	return sent
}

// retryDelay says which errors are worth another attempt.
func retryDelay(err error) (atLeast time.Duration, again bool) {
	failed, isError := errors.AsType[*Error](err)
	switch {
	case !isError:
		return 0, false
	case failed.Code == CodeMinuteQuota:
		return time.Minute, true // when the quota of a minute is there again
	default:
		return failed.RetryAfter, failed.Retryable()
	}
}
