package token

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// expiryMargin is how long before its expiry a token is given up, so that it does not expire on the way.
	expiryMargin = 60 * time.Second

	// renewalRest is how long a failed renewal stands for all readers before the source is asked again.
	renewalRest = 10 * time.Second

	// minimumUse is how long a token is used at least, whatever its expiry: one read lives on one answer.
	minimumUse = 30 * time.Second
)

// Cache remembers what a source handed out and asks it at most once at a time for each account. It is safe for
// concurrent use.
type Cache struct {
	source      Source
	description Description
	observe     Observer

	mutex   sync.Mutex
	entries map[string]*entry
}

// Observer is called after every question to a source.
type Observer func(ctx context.Context, request Request, err error)

// CachedToken is a token as it was handed to one reader.
type CachedToken struct {
	Value string
	// generation counts the tokens that the source has handed out for the account, from 1. Of many readers whose token
	// was rejected only the first has it renewed.
	generation int
}

// entry is the state of one account's token. Its lock is held while the source is asked.
type entry struct {
	lock       chan struct{} // a mutex that a context can stop waiting for
	token      Token
	generation int
	fetched    time.Time
	// final is set once the source was asked because this generation was rejected, and had the same token again.
	final bool
	// err is how the last question failed; renewalFailed is when the last one because of a rejection did.
	err           error
	renewalFailed time.Time
	// busy is how a question failed to which the source said to be left alone until notBefore (Retry-After), which was
	// longer than its reader had.
	busy      error
	notBefore time.Time
	// questions counts those that ended with an answer of the source, not with the reader's context.
	questions atomic.Int64
}

// NewCache returns a cache of a source. observe may be nil.
func NewCache(source Source, observe Observer) *Cache {
	if observe == nil {
		observe = func(context.Context, Request, error) {}
	}
	return &Cache{source: source, description: source.Describe(), observe: observe, entries: map[string]*entry{}}
}

// Describe returns the source's description.
func (c *Cache) Describe() Description { return c.description }

// Token returns the account's token: the cached one, or the source's where there is none or it is about to expire.
func (c *Cache) Token(ctx context.Context, appid string) (CachedToken, error) {
	return c.get(ctx, Request{AppID: appid}, CachedToken{})
}

// Renew returns another token in place of one that WeChat rejected, or the same where the source has no other. It asks
// the source for that once per token; all readers share the outcome.
func (c *Cache) Renew(ctx context.Context, appid string, rejected CachedToken) (CachedToken, error) {
	return c.get(ctx, Request{AppID: appid, Rejected: true}, rejected)
}

// get returns a token of a later generation than rejected.
func (c *Cache) get(ctx context.Context, request Request, refused CachedToken) (CachedToken, error) {
	rejected := refused.generation
	if c.description.PerAppID && request.AppID == "" {
		return CachedToken{}, ErrAppIDNeeded
	}
	appid := request.AppID
	e := c.entry(appid)
	if c.description.Batch {
		request.AppID = ""
	}
	questions := e.questions.Load()
	select {
	case e.lock <- struct{}{}:
		defer func() { <-e.lock }()
	case <-ctx.Done():
		return CachedToken{}, c.interrupted(ctx)
	}
	if request.Rejected && c.description.Batch && !e.final && e.generation > rejected {
		// The batch was fetched again because it expired, which does not tell its source of a rejection.
		if same, err := c.cached(e, appid); err == nil && same.Value == refused.Value {
			rejected = e.generation
		}
	}
	switch {
	case ctx.Err() != nil:
		return CachedToken{}, c.interrupted(ctx)
	case e.generation > rejected && e.usable():
		return c.cached(e, appid)
	case endsBefore(ctx, e.notBefore):
		return CachedToken{}, e.busy
	case e.err != nil && c.description.Batch && (e.generation == 0 || request.Rejected):
		return CachedToken{}, e.err // for good
	case e.err != nil && e.questions.Load() > questions:
		return CachedToken{}, e.err // the question that this reader waited for was asked for all
	case e.err != nil && request.Rejected && time.Since(e.renewalFailed) < renewalRest:
		return CachedToken{}, e.err
	case request.Rejected && e.final && e.generation == rejected:
		return c.cached(e, appid)
	}
	request.Rejected = request.Rejected && e.generation == rejected
	begun := time.Now()
	token, err := c.source.Fetch(ctx, request)
	c.observe(ctx, request, err)
	var failed *Error
	if errors.As(err, &failed) {
		failed.Source = c.description
		failed.Shared = failed.Shared || c.description.Batch
	}
	if failed != nil && ctx.Err() == nil && failed.OutOfTime && failed.RetryAfter > 0 {
		e.busy, e.notBefore = err, time.Now().Add(failed.RetryAfter)
	}
	if err != nil && (ctx.Err() != nil || failed != nil && failed.OutOfTime) {
		// This reader's time was over, which says nothing to the others.
		if failed == nil || errors.Is(ctx.Err(), context.Canceled) {
			err = c.interrupted(ctx)
		}
		return CachedToken{}, err
	}
	e.questions.Add(1)
	if err != nil && e.generation > rejected && time.Now().Before(e.token.Expires) {
		// It was about to expire, and has not yet: all readers go on with it for a while.
		e.err, e.fetched = nil, begun
		return c.cached(e, appid)
	}
	if e.err = err; err != nil {
		if request.Rejected {
			e.renewalFailed = time.Now()
		}
		return CachedToken{}, err
	}
	switch {
	case c.description.Batch: // of a second batch, a token that is rejected is its account's failure
		e.generation, e.final = e.generation+1, request.Rejected
	case token.Value != e.token.Value:
		e.generation, e.final = e.generation+1, false
	default:
		e.final = e.final || request.Rejected
	}
	e.token, e.fetched = token, begun
	return c.cached(e, appid)
}

// entry returns an account's entry. All accounts share that of a source that has one token, or hands them out together.
func (c *Cache) entry(appid string) *entry {
	if !c.description.PerAppID || c.description.Batch {
		appid = ""
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	e := c.entries[appid]
	if e == nil {
		e = &entry{lock: make(chan struct{}, 1)}
		c.entries[appid] = e
	}
	return e
}

// cached returns the account's token of an entry.
func (c *Cache) cached(e *entry, appid string) (CachedToken, error) {
	if !c.description.Batch {
		return CachedToken{e.token.Value, e.generation}, nil
	}
	token, err := inBatch(e.token.Batch, appid)
	if err != nil {
		err.Source = c.description
		return CachedToken{}, err
	}
	return CachedToken{token, e.generation}, nil
}

// usable reports whether the token can still be handed out.
func (e *entry) usable() bool {
	return e.token.Expires.IsZero() || time.Until(e.token.Expires) > expiryMargin || time.Since(e.fetched) < minimumUse
}

// interrupted is the error of a reader whose context ended: its cancellation, or a source that did not answer in time.
func (c *Cache) interrupted(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &Error{Source: c.description, Reason: NoAnswer, OutOfTime: true, NoAnswer: true}
}

// endsBefore reports whether a context's deadline is before a time.
func endsBefore(ctx context.Context, at time.Time) bool {
	deadline, hasDeadline := ctx.Deadline()
	return hasDeadline && deadline.Before(at)
}
