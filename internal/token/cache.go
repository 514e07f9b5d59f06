package token

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// expiryMargin is how long before its expiry a token is given up, so that it does not expire on the way.
const expiryMargin = 60 * time.Second

// renewalCooldown is how long a failed renewal stands for all readers before the source is asked again.
const renewalCooldown = 10 * time.Second

// minimumUse is how long a token is used at least, so that one that is about to expire when it is fetched is not
// fetched anew for each request.
const minimumUse = 30 * time.Second

// Cache remembers what a source handed out and asks it at most once at a time for each account. It is safe for
// concurrent use.
type Cache struct {
	Description // of the source
	source      Source

	entries sync.Map // by appid, each an *entry
}

// entry is the state of one account's token.
type entry struct {
	lock  *semaphore.Weighted // a mutex that a context can stop waiting for; it is held while the source is asked
	token Token
	// fetched is when the source was asked for the token, or for a later one that it did not have; zero where there is
	// none yet.
	fetched time.Time
	// renewed are the tokens in whose place another was asked for, because WeChat rejected them.
	renewed []string
	// exhausted is set once a batch was renewed.
	exhausted bool
	// err is how the last question ended, and ended when; wasRenewal is set where a rejected token was its reason.
	err        error
	ended      time.Time
	wasRenewal bool
	// backoffErr is returned until backoffUntil: the source asked for a wait (Retry-After) longer than its reader's
	// deadline.
	backoffErr   error
	backoffUntil time.Time
}

// NewCache returns a cache of a source.
func NewCache(source Source) *Cache { return &Cache{Description: source.Describe(), source: source} }

// Token returns the account's token: the cached one, or the source's where there is none or it is about to expire.
func (c *Cache) Token(ctx context.Context, appid string) (wechat.Token, error) {
	return c.get(ctx, Request{AppID: appid}, "")
}

// Renew returns another token in place of one that WeChat rejected, or the same where the source has no other. It asks
// the source for that once per token; all readers share the outcome.
func (c *Cache) Renew(ctx context.Context, appid string, rejected wechat.Token) (wechat.Token, error) {
	return c.get(ctx, Request{AppID: appid, Rejected: true}, rejected.Value)
}

// get returns the account's token, and another one than rejected if it can.
func (c *Cache) get(ctx context.Context, request Request, rejected string) (wechat.Token, error) {
	if c.PerAppID && request.AppID == "" {
		return wechat.Token{}, ErrAppIDNeeded
	}
	appid, arrived := request.AppID, time.Now()
	e := c.entry(appid)
	if e.lock.Acquire(ctx, 1) != nil {
		return wechat.Token{}, c.interrupted(ctx)
	}
	defer e.lock.Release(1)
	cached, cachedErr := c.cached(e, appid)
	request.Rejected = request.Rejected && cached.Value == rejected // or it was renewed already
	deadline, hasDeadline := ctx.Deadline()
	switch {
	case e.usable() && (!request.Rejected || e.exhausted || slices.Contains(e.renewed, rejected)):
		return cached, cachedErr
	case hasDeadline && deadline.Before(e.backoffUntil):
		if !request.Rejected && e.valid() {
			return cached, cachedErr
		}
		return wechat.Token{}, e.backoffErr
	case e.err == nil:
	case c.Batch && (e.fetched.IsZero() || request.Rejected), // a batch that failed is not asked for again
		e.ended.After(arrived), // the question that this reader waited for counts for all
		request.Rejected && e.wasRenewal && time.Since(e.ended) < renewalCooldown:
		return wechat.Token{}, e.err
	}
	if c.Batch {
		request.AppID = ""
	}
	begun := time.Now()
	token, err := c.source.Fetch(ctx, request)
	failed, isError := errors.AsType[*Error](err)
	if isError {
		failed.Source = c.Description
		failed.Shared = failed.Shared || c.Batch
	}
	isOutOfTime := isError && failed.OutOfTime
	if isOutOfTime && failed.RetryAfter > 0 && ctx.Err() == nil { // which this reader did not wait for
		e.backoffErr, e.backoffUntil = err, time.Now().Add(failed.RetryAfter)
	}
	if err != nil && ctx.Err() == nil && !request.Rejected && e.valid() {
		// It was about to expire, and has not yet: all readers go on with it for a while.
		e.err, e.fetched = nil, begun
		return cached, cachedErr
	}
	if err != nil && (isOutOfTime || ctx.Err() != nil) {
		// This reader's time was over, which says nothing to the others.
		if !isError || errors.Is(ctx.Err(), context.Canceled) {
			err = c.interrupted(ctx)
		}
		return wechat.Token{}, err
	}
	e.err, e.ended, e.wasRenewal = err, time.Now(), request.Rejected
	switch {
	case err != nil:
		return wechat.Token{}, err
	case c.Batch: // it is renewed once; a token that is rejected after that is its account's failure
		e.exhausted = request.Rejected
	case request.Rejected:
		e.renewed = append(e.renewed, rejected)
	}
	e.token, e.fetched = token, begun
	return c.cached(e, appid)
}

// entry returns an account's entry. All accounts share that of a source that has one token, or hands them out together.
func (c *Cache) entry(appid string) *entry {
	if !c.PerAppID || c.Batch {
		appid = ""
	}
	known, _ := c.entries.LoadOrStore(appid, &entry{lock: semaphore.NewWeighted(1)})
	e, _ := known.(*entry)
	return e
}

// cached returns the account's token of an entry.
func (c *Cache) cached(e *entry, appid string) (wechat.Token, error) {
	if !c.Batch {
		return wechat.Token{Value: e.token.Value}, nil
	}
	value, err := inBatch(e.token.Batch, appid)
	if err != nil {
		err.Source = c.Description
		return wechat.Token{}, err
	}
	return wechat.Token{Value: value}, nil
}

// valid reports whether there is a token that has not expired yet.
func (e *entry) valid() bool { return time.Now().Before(e.token.Expires) }

// usable reports whether there is a token that can still be handed out.
func (e *entry) usable() bool {
	return !e.fetched.IsZero() && (e.token.Expires.IsZero() || time.Until(e.token.Expires) > expiryMargin ||
		time.Since(e.fetched) < minimumUse)
}

// interrupted is the error of a reader whose context ended: its cancellation, or a source that did not answer in time.
func (c *Cache) interrupted(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &Error{Source: c.Description, Reason: NoAnswer, Outcome: outOfTime}
}

// RejectedError is an access token that WeChat refused, and that the source did not replace by one that it takes: it
// had the same one again, another one that was refused too (Renewed), or none (RenewalError).
type RejectedError struct {
	Source       Description
	Renewed      bool
	RenewalError error
	// Refusal is WeChat's last.
	Refusal *wechat.Error
}

// Error implements error.
func (e *RejectedError) Error() string {
	return e.Source.Setting + ": token rejected: " + e.Refusal.Error()
}

// Unwrap returns WeChat's refusal.
func (e *RejectedError) Unwrap() error { return e.Refusal }

// Call asks WeChat something with a token.
type Call[T any] func(ctx context.Context, token wechat.Token) (T, error)

// Use asks with the account's token, and once more with another one where WeChat rejects it. This is the one place
// where that is decided. The retries that the first time used up, the second does not have.
func Use[T any](ctx context.Context, tokens *Cache, appid string, ask Call[T]) (answer T, err error) {
	token, err := tokens.Token(ctx, appid)
	if err != nil {
		return answer, err
	}
	answer, err = ask(ctx, token)
	var refusal *wechat.Error
	if !errors.As(err, &refusal) || !refusal.TokenRejected() {
		return answer, err
	}
	renewed, err := tokens.Renew(ctx, appid, token)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return answer, context.Canceled
	case err != nil, renewed == token:
		return answer, &RejectedError{Source: tokens.Description, RenewalError: err, Refusal: refusal}
	}
	renewed.RetriesUsed = max(0, refusal.Attempts-1)
	answer, err = ask(ctx, renewed)
	if errors.As(err, &refusal) && refusal.TokenRejected() {
		err = &RejectedError{Source: tokens.Description, Renewed: true, Refusal: refusal}
	}
	return answer, err
}
