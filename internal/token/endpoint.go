package token

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// EndpointConfig says how a token service is asked.
type EndpointConfig struct {
	// URL is where; {appid} in it is replaced.
	URL string
	// Headers are sent along; {appid} in their values is replaced.
	Headers map[string]string
	// TokenPath is the dotted path of the token in the JSON answer, ExpiresInPath that of its lifetime in seconds, or
	// "", ExpiresAtPath that of the time when it expires, or "". [IsPath] says what they may be.
	TokenPath, ExpiresInPath, ExpiresAtPath string
	// ClientConfig says how it is asked.
	wire.ClientConfig
}

// endpoint is a token that a service answers with.
type endpoint struct {
	Description
	config EndpointConfig
	http   *wire.Client
}

// Endpoint returns the source that asks a token service over HTTP. Where it hands out a batch, there is an object from
// appid to token at TokenPath; otherwise it has a token for each account if the appid has a place in what is sent.
func Endpoint(description Description, config EndpointConfig) Source {
	description.PerAppID = description.Batch || HasPlaceholder(fmt.Sprint(config.URL, config.Headers))
	return &endpoint{description, config, wire.NewClient(config.ClientConfig)}
}

// Fetch implements [Source].
func (e *endpoint) Fetch(ctx context.Context, request Request) (Token, error) {
	var token Token
	outcome, err := wire.Retry(ctx, e.config.MaxRetries, endpointDelay, func(ctx context.Context) (err error) {
		token, err = e.attempt(ctx, request)
		return err
	})
	if failed, isError := errors.AsType[*Error](err); isError {
		failed.Outcome = outcome
	}
	return token, err
}

func endpointDelay(err error) (atLeast time.Duration, again bool) {
	failed, isError := errors.AsType[*Error](err)
	if !isError {
		return 0, false
	}
	isLost := failed.Failure != nil && failed.Failure.Retryable()
	return failed.RetryAfter, wire.IsTransientStatus(failed.Status) || isLost
}

func (e *endpoint) attempt(ctx context.Context, request Request) (Token, error) {
	sent, err := e.httpRequest(ctx, request)
	if err != nil {
		return Token{}, err
	}
	begun := time.Now()
	answer, err := e.http.Do(sent, outputLimit(e.Batch))
	if failure, isFailure := errors.AsType[*wire.Failure](err); isFailure {
		return Token{}, &Error{
			Reason: RequestFailed, Host: sent.URL.Host, Failure: failure, RetryAfter: failure.RetryAfter,
			Shared: failure.Unreachable(),
		}
	}
	if err != nil {
		return Token{}, err
	}
	return e.read(sent.URL, answer, begun)
}

// unencoded is a character that must be encoded in a query, or one that is already.
var unencoded = regexp.MustCompile(`%[0-9A-Fa-f]{2}|[^0-9A-Za-z._~!$&'()*+,;=:@/?-]`)

// httpRequest makes the request. Its error shows neither the URL nor a header.
func (e *endpoint) httpRequest(ctx context.Context, request Request) (*http.Request, error) {
	address, err := expand(e.config.URL, request.AppID)
	if err != nil {
		return nil, err
	}
	sent, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &Error{Reason: InvalidAppID, Detail: "it makes no URL"} // whose error would show it
	}
	sent.URL.RawQuery = unencoded.ReplaceAllStringFunc(sent.URL.RawQuery, func(part string) string {
		if len(part) == 3 && part[0] == '%' {
			return part
		}
		return url.PathEscape(part)
	})
	sent.Header.Set("Accept", "application/json")
	for name, template := range e.config.Headers {
		value, err := expand(template, request.AppID)
		if err != nil {
			return nil, err
		}
		sent.Header.Set(name, value)
	}
	sent.Host = cmp.Or(sent.Header.Get("Host"), sent.Host) // where net/http takes that header from
	if request.Rejected {
		sent.Header.Set("X-WeChat-Token-Rejected", "true")
	}
	return sent, nil
}

// read finds the token in an answer. Failure is that there is none: services like Tencent's wxcomponent report theirs
// with status 200.
func (e *endpoint) read(address *url.URL, answer *wire.Response, begun time.Time) (Token, error) {
	fields := layout{e.config.TokenPath, e.config.ExpiresInPath, e.config.ExpiresAtPath, false, e.Batch}
	token, err := fields.read(answer.Body, begun)
	bare, notBare := Parse(string(answer.Body))
	var failed *Error
	isJSON := !errors.As(err, &failed) || failed.Reason != NotJSON
	switch {
	case wire.IsTransientStatus(answer.Status) && isJSON:
		failed = &Error{Reason: AnswerUnavailable}
	case err == nil:
		return token, nil
	case answer.Status < http.StatusMultipleChoices && notBare == nil && CouldBe(bare):
		failed = &Error{Reason: BareToken}
	}
	failed.Host, failed.Status, failed.Encoding = address.Host, answer.Status, wire.Redact(answer.Encoding)
	failed.Quote, failed.Names = quote(answer.Body, e.secrets(address))
	failed.RetryAfter, failed.Shared = answer.RetryAfter, answer.Status == http.StatusUnauthorized
	return Token{}, failed
}

// secrets are what a message may not show of the request, which a service may repeat.
func (e *endpoint) secrets(address *url.URL) []string {
	secrets := wire.Secrets("", address.String())
	for name, value := range e.config.Headers {
		secrets = append(secrets, wire.Secrets(name, value)...)
	}
	for name, values := range address.Query() {
		for _, value := range values {
			secrets = append(secrets, wire.Secrets(name, value)...)
		}
	}
	for part := range strings.SplitSeq(address.Path, "/") {
		secrets = append(secrets, wire.Secrets("", part)...)
	}
	return secrets
}

// quote returns what a service says of its failure, and the names in its answer.
func quote(body []byte, secrets []string) (text, names string) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var members map[string]any
	if decoder.Decode(&members) != nil {
		return "", ""
	}
	var quoted []string
	add := func(name string, value any) {
		switch value.(type) {
		case string, bool, json.Number:
			if text := fmt.Sprint(value); text != "" && value != json.Number("0") {
				quoted = append(quoted, name+" "+wire.Redact(text, secrets...))
			}
		}
	}
	for _, name := range []string{"code", "errcode", "errorMsg", "errmsg", "message", "error"} {
		add(name, members[name])
	}
	nested, _ := members["error"].(map[string]any)
	add("error.code", nested["code"])
	add("error.message", nested["message"])
	data, _ := members["data"].(string)
	if _, err := Parse(data); err != nil || len(data) < opaque { // else it may be a token
		add("data", data)
	}
	return strings.Join(quoted, ", "), wire.Redact(strings.Join(slices.Sorted(maps.Keys(members)), ", "), secrets...)
}
