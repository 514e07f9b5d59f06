package binding

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// caller makes calls with tokens of a source, until it meets a shared failure.
type caller struct {
	tokens     *token.Cache
	concurrent int // how many requests may be under way to WeChat
	breaker    breaker
}

// use makes a call about appid with tokenOf's token ("" for a component's own), unless the breaker is open, and records
// how it ended.
func use[T any](ctx context.Context, c *caller, tokenOf, appid string, call token.Call[T]) (result T, err error) {
	if err := c.breaker.err(); err != nil {
		return result, err
	}
	result, err = token.Use(ctx, c.tokens, tokenOf, call)
	c.breaker.record(appid, err)
	return result, err
}

// readersPerSlot is how many accounts are read at once for each request that may be under way: some wait for their
// token, or for another attempt, and a slot should not idle for them.
const readersPerSlot = 4

// Result is what came of one account.
type Result[T any] struct {
	AppID string
	Value T
	// Err is one of the read's own, or ErrNotBegun.
	Err error
}

// ErrNotBegun is the failure of an account whose turn had not come at the deadline.
var ErrNotBegun = errors.New("the deadline came before its turn")

// readAll reads many accounts side by side. appids are sorted, without repeats; results are in their order. An
// account's own failure stands in its result, as does a deadline before its answer. An error ends the whole read,
// without results: a [*SharedError] or context.Canceled. progress, where not nil, is called after each account and
// never twice at once.
func readAll[T any](
	ctx context.Context, c *caller, appids []string, progress func(done, of int),
	read func(ctx context.Context, appid string) (T, error),
) ([]Result[T], error) {
	results := make([]Result[T], len(appids))
	var mutex sync.Mutex
	done := 0
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(max(1, min(len(appids), c.concurrent)*readersPerSlot))
	for i, appid := range appids {
		results[i] = Result[T]{AppID: appid, Err: ErrNotBegun}
		group.Go(func() error {
			if running.Err() != nil {
				return nil
			}
			value, err := read(running, appid)
			if shared := c.breaker.err(); shared != nil {
				return shared
			}
			results[i] = Result[T]{appid, value, err}
			mutex.Lock()
			defer mutex.Unlock()
			if done++; progress != nil {
				progress(done, len(appids))
			}
			return nil
		})
	}
	err := group.Wait()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, context.Canceled
	case err != nil:
		return nil, err
	case len(results) > 0 && !slices.ContainsFunc(results, func(r Result[T]) bool { return !isShared(r.Err) }):
		return nil, &SharedError{results[0].Err, len(results)} // of fewer accounts than open the breaker
	}
	return results, nil
}

// failureThreshold is how many accounts in a row, with no success in between, must meet a failure that any account
// would.
const failureThreshold = 5

// sharedCodes are those by which WeChat refuses this caller or this component, and so most likely for every account.
var sharedCodes = []int{
	wechat.CodeIPNotAllowedByPlatform, wechat.CodeIPNotAllowedByAccount, wechat.CodeInvalidComponent,
}

// SharedError is a failure that every account would meet: to ask for the others would only take time and quota.
type SharedError struct {
	Err      error // as it was met last
	Accounts int   // that met it
}

// Error implements error.
func (e *SharedError) Error() string {
	return fmt.Sprintf("%d accounts in a row failed: %s", e.Accounts, e.Err)
}

// Unwrap returns the failure.
func (e *SharedError) Unwrap() error { return e.Err }

// breaker is a circuit breaker that opens at a shared failure and stays open. Its zero value is closed.
type breaker struct {
	mutex  sync.Mutex
	failed []string // the appids of shared failures since the last success
	open   error
}

// err is the shared failure, or nil while the breaker is closed.
func (b *breaker) err() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.open
}

// record takes note of how a read of an account ended.
func (b *breaker) record(appid string, err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	switch {
	case b.open != nil:
	case isShared(err):
		if !slices.Contains(b.failed, appid) {
			b.failed = append(b.failed, appid)
		}
		if len(b.failed) == failureThreshold {
			b.open = &SharedError{err, failureThreshold}
		}
	case err == nil, isRefusal && refused.Code != 0: // WeChat answers, if not as wished
		b.failed = nil
	}
}

// isShared reports whether a failure says nothing about the account: neither WeChat nor the token service can be
// reached, the program cannot be run, the caller's address is on no allow-list, or the component itself is refused.
func isShared(err error) bool {
	source, isSource := errors.AsType[*token.Error](err)
	rejected, isRejected := errors.AsType[*token.RejectedError](err)
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	switch {
	case isSource && source.Shared, isRejected && isShared(rejected.RenewalError): // no account gets another token
		return true
	case !isRefusal:
		return false
	case refused.OfComponent() && (isRejected || refused.Code == wechat.CodeDailyQuota): // which is the platform's
		return true
	case refused.Failure != nil:
		return refused.Failure.Unreachable()
	default:
		return slices.Contains(sharedCodes, refused.Code)
	}
}
