package token

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// EndpointConfig says how a token service is asked.
type EndpointConfig struct {
	// URL is where; {appid} in it is replaced.
	URL string
	// Headers are sent along; {appid} in their values is replaced.
	Headers map[string]string
	// TokenPath is the dotted path of the token in the JSON answer, ExpiresInPath that of its life in seconds, or "". What
	// they may be is told by [CheckPath].
	TokenPath, ExpiresInPath string
	// Timeout bounds one attempt.
	Timeout time.Duration
	// MaxRetries is how often the question is repeated after its first attempt.
	MaxRetries int
	// MaxConcurrentRequests is how many questions may be under way at once.
	MaxConcurrentRequests int
	// Transport sends them.
	Transport http.RoundTripper
	UserAgent string
}

// tokenAnswerLimit bounds a token service's answer, in bytes.
const tokenAnswerLimit = 64 << 10

// endpoint is a token that a service answers with.
type endpoint struct {
	description Description
	config      EndpointConfig
	slots       chan struct{}
}

// Endpoint returns the source that asks a token service over HTTP.
func Endpoint(setting string, config EndpointConfig) Source {
	perAppID := HasPlaceholder(config.URL) || slices.ContainsFunc(values(config.Headers), HasPlaceholder)
	return &endpoint{
		Description{Setting: setting, PerAppID: perAppID},
		config, make(chan struct{}, config.MaxConcurrentRequests),
	}
}

func (e *endpoint) Describe() Description { return e.description }

func (e *endpoint) Fetch(ctx context.Context, request Request) (Token, error) {
	var token Token
	outcome, err := wire.Retry(ctx, e.config.MaxRetries, endpointDelay, func(ctx context.Context) error {
		var err error
		token, err = e.attempt(ctx, request)
		return err
	})
	var problem *endpointProblem
	switch {
	case err == nil:
		return token, nil
	case !errors.As(err, &problem):
		return Token{}, err
	}
	text := problem.text
	if outcome.Attempts > 1 {
		text += fmt.Sprintf(", after %d attempts", outcome.Attempts)
	}
	if outcome.OutOfTime && problem.retryAfter > 0 {
		text += ", and asks for a longer wait (Retry-After) than timeouts.read leaves"
	}
	return Token{}, &Error{
		Source: e.description, AppID: request.AppID, Problem: text, Advice: problem.advice,
		Shared: problem.closed, OutOfTime: outcome.OutOfTime, NoAnswer: problem.silent, Failure: problem.failure,
	}
}

// endpointProblem is a failed question in words that may be shown.
type endpointProblem struct {
	text, advice string
	failure      *wire.Failure // set where nothing that could be read was answered
	passing      bool
	retryAfter   time.Duration // how long the service asks to be left alone, where passing is set
	closed       bool          // nothing gets through to the service, or it answers none
	silent       bool          // it said nothing in time
}

func (e *endpointProblem) Error() string { return e.text }

func endpointDelay(err error) (atLeast time.Duration, again bool) {
	var problem *endpointProblem
	if !errors.As(err, &problem) {
		return 0, false
	}
	return problem.retryAfter, problem.passing
}

func (e *endpoint) attempt(ctx context.Context, request Request) (Token, error) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return Token{}, ctx.Err()
		}
		return Token{}, &endpointProblem{
			text:   "it was not asked in time; every slot for a request to it was taken",
			advice: "Give the data source more time in timeouts.read, or see what makes the service slow.",
			silent: true,
		}
	}
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	question, err := e.question(ctx, request)
	if err != nil {
		return Token{}, err
	}
	begun := time.Now()
	answer, err := wire.Do(e.config.Transport, question)
	var failure *wire.Failure
	switch {
	case errors.As(err, &failure):
		return Token{}, &endpointProblem{
			text:       fmt.Sprintf("asking %s brought no answer", question.URL.Host),
			advice:     adviceAfter(failure),
			passing:    failure.Retryable(),
			retryAfter: failure.RetryAfter,
			closed:     failure.Unreachable(),
			silent:     failure.Timeout(),
			failure:    failure,
		}
	case err != nil:
		return Token{}, err
	}
	token, err := e.read(question.URL, answer, begun)
	var problem *endpointProblem
	if answer.Status == http.StatusUnauthorized && errors.As(err, &problem) {
		problem.closed = true
		problem.advice = "Check token_endpoint.headers: the service wants credentials, or others than those."
	}
	return token, err
}

// adviceAfter says what to do where no answer came.
func adviceAfter(failure *wire.Failure) string {
	switch reason := failure.Reason; {
	case reason == wire.CertificateExpired, reason == wire.CertificateNotYetValid:
		return "Have the service's certificate renewed, or set this machine's clock."
	case reason == wire.CertificateOtherHost:
		return "Write the host into token_endpoint.url as the certificate names it."
	case reason == wire.CertificateUnknownAuthority, reason == wire.CertificateInvalid:
		return "Name the certificate of the authority that signed it in ca_certificate_file, if the service is meant to have it; else find out who answers."
	case reason == wire.TLSPlainHTTP, reason == wire.TLSNotSpoken, reason == wire.TLSRefused:
		return "Check the scheme and the port of token_endpoint.url."
	case strings.Contains(string(reason), "proxy"), strings.Contains(string(reason), "PROXY"):
		return "Check token_endpoint.proxy_url: its host and port, the user name and password in it, and whether the proxy leads to the service."
	case failure.Timeout():
		return "See what holds the service up, check the way to it, or allow more in token_endpoint.timeout; a proxy is used only where token_endpoint.proxy_url names one."
	case failure.Answered():
		return "Check token_endpoint.url: it may be another service."
	default:
		return "Check token_endpoint.url, and that the service can be reached from here; a proxy is used only where token_endpoint.proxy_url names one."
	}
}

// question makes the request. Its error shows neither the URL nor a header.
func (e *endpoint) question(ctx context.Context, request Request) (*http.Request, error) {
	address, err := expand(e.config.URL, request.AppID)
	if err != nil {
		return nil, &endpointProblem{text: err.Error(), advice: "Correct the appid."}
	}
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &endpointProblem{text: "its URL is not valid", advice: "Correct token_endpoint.url."}
	}
	question.Header.Set("User-Agent", e.config.UserAgent)
	question.Header.Set("Accept", "application/json")
	for name, template := range e.config.Headers {
		value, err := expand(template, request.AppID)
		if err != nil {
			return nil, &endpointProblem{text: err.Error(), advice: "Correct the appid."}
		}
		question.Header.Set(name, value)
	}
	// net/http takes the Host header from elsewhere.
	if host := question.Header.Get("Host"); host != "" {
		question.Host = host
	}
	if request.Rejected {
		question.Header.Set("X-WeChat-Token-Rejected", "true")
	}
	return question, nil
}

// read finds the token in an answer. What tells failure is that there is none: services like Tencent's wxcomponent report
// theirs with status 200.
func (e *endpoint) read(address *url.URL, answer *wire.Response, begun time.Time) (Token, error) {
	host := address.Host
	passing := wire.IsPassingStatus(answer.Status)
	if len(answer.Body) > tokenAnswerLimit {
		return Token{}, &endpointProblem{
			text:   fmt.Sprintf("%s answered with %d bytes, more than a token has", host, len(answer.Body)),
			advice: "Check token_endpoint.url: it may be another service.",
		}
	}
	if !gjson.ValidBytes(answer.Body) {
		return Token{}, &endpointProblem{
			text:    fmt.Sprintf("%s answered with status %d and something that is no JSON%s%s", host, answer.Status, encoded(answer), redirected(answer)),
			advice:  "Check token_endpoint.url and the headers: it may be a login page or another service.",
			passing: passing, retryAfter: answer.RetryAfter,
		}
	}
	document := gjson.ParseBytes(answer.Body)
	path, problem := parsePath(e.config.TokenPath)
	found := path.find(document)
	value, unusable := clean(found.String())
	switch {
	case problem != "":
		return Token{}, &endpointProblem{text: "its token_path " + problem, advice: "Correct token_endpoint.token_path."}
	case passing:
		return Token{}, &endpointProblem{
			text:    fmt.Sprintf("%s answered with status %d%s", host, answer.Status, e.complaint(address, answer.Body)),
			advice:  "Run it again a little later; if it stays so, see what is wrong with the service.",
			passing: true, retryAfter: answer.RetryAfter,
		}
	case found.Type != gjson.String, strings.TrimSpace(found.String()) == "":
		return Token{}, &endpointProblem{
			text: fmt.Sprintf("%s answered with status %d and no token at %s%s%s", host, answer.Status,
				shownPath(e.config.TokenPath), redirected(answer), e.complaint(address, answer.Body)),
			advice: "Check token_endpoint.token_path against what the service answers, and whether it knows this appid.",
		}
	case unusable != nil:
		return Token{}, &endpointProblem{
			text:   fmt.Sprintf("what %s has at %s %s", host, shownPath(e.config.TokenPath), unusable),
			advice: "Check token_endpoint.token_path against what the service answers.",
		}
	}
	token := Token{Value: value}
	if e.config.ExpiresInPath != "" {
		path, problem := parsePath(e.config.ExpiresInPath)
		life, ok := lifetime(path.find(document).String())
		if !ok || problem != "" {
			return Token{}, &endpointProblem{
				text:   fmt.Sprintf("%s has no number of seconds at %s", host, shownPath(e.config.ExpiresInPath)),
				advice: "Check token_endpoint.expires_in_path against what the service answers, or leave it out.",
			}
		}
		token.Expires = begun.Add(life)
	}
	return token, nil
}

// shownPath is a path in a message.
func shownPath(path string) string {
	if CouldBe(path) {
		return "that path"
	}
	return strconv.Quote(path)
}

// encoded explains an answer that came in a form nobody asked for.
func encoded(answer *wire.Response) string {
	if answer.Encoding != "" {
		return fmt.Sprintf(" (it is encoded in a way that was not asked for, %q)", wire.Redact(answer.Encoding))
	}
	return ""
}

// redirected explains an answer that leads elsewhere.
func redirected(answer *wire.Response) string {
	if answer.Status >= http.StatusMultipleChoices && answer.Status < http.StatusBadRequest {
		return " (it redirects to another address, and redirects are not followed)"
	}
	return ""
}

// complaint is what the service itself says of its failure, or else what it has instead of a token.
func (e *endpoint) complaint(address *url.URL, body []byte) string {
	// A service may repeat what it was asked.
	secrets := wire.Secrets("", address.String())
	for name, value := range e.config.Headers {
		secrets = append(secrets, wire.Secrets(name, value)...)
	}
	for name, values := range address.Query() {
		for _, value := range values {
			secrets = append(secrets, wire.Secrets(name, value)...)
		}
	}
	for word := range strings.SplitSeq(address.Path, "/") {
		secrets = append(secrets, wire.Secrets("", word)...)
	}
	var said []string
	for _, name := range []string{"code", "errcode", "errorMsg", "errmsg", "message"} {
		if found := gjson.GetBytes(body, name); found.Exists() && !found.IsObject() && !found.IsArray() && found.String() != "" && found.Raw != "0" {
			said = append(said, name+" "+wire.Redact(found.String(), secrets...))
		}
	}
	if len(said) > 0 {
		return "; it says: " + strings.Join(said, ", ")
	}
	var names []string
	if answered := gjson.ParseBytes(body); answered.IsObject() {
		names = slices.Sorted(maps.Keys(answered.Map()))
	}
	if len(names) == 0 {
		return ""
	}
	return "; the names in its answer are: " + wire.Redact(strings.Join(names, ", "), secrets...)
}
