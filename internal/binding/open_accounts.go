package binding

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

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

// ErrOneAccount is returned where several accounts are asked about and the token source has the token of one.
var ErrOneAccount = errors.New("the token source serves one account")

// ErrNotBegun is the failure of an account whose turn had not come at the deadline.
var ErrNotBegun = errors.New("the deadline came before its turn")

// OpenAccounts reads which open platform account each of many accounts is bound to. Results and errors are those of
// readAll and [Reader.OpenAccount], ErrOneAccount, and the one of [token.Unavailable].
func (r *Reader) OpenAccounts(
	ctx context.Context, appids []string, concurrent int, progress func(done, of int),
) ([]Result[wechat.OpenAccount], error) {
	appids = slices.Compact(slices.Sorted(slices.Values(appids)))
	switch source := r.tokens.Describe(); {
	case len(appids) > 0 && source.Setting == "": // it has no token at all, and says why itself
		_, err := r.OpenAccount(ctx, appids[0])
		return nil, err
	case len(appids) > 1 && !source.PerAppID:
		return nil, ErrOneAccount
	}
	return readAll(ctx, &r.breaker, appids, concurrent, progress, r.OpenAccount)
}

// AuthorizersInfo reads what WeChat says of each of many authorizers. Results and errors are those of readAll and
// [Component.Authorizer].
func (c *Component) AuthorizersInfo(
	ctx context.Context, appids []string, concurrent int, progress func(done, of int),
) ([]Result[wechat.Authorizer], error) {
	return readAll(ctx, &c.breaker, appids, concurrent, progress, c.Authorizer)
}

// readAll reads many accounts side by side. appids are sorted, without repeats; results are in their order. An
// account's own failure stands in its result, as does a deadline before its answer. An error ends the whole read,
// without results: a [*SharedError] or context.Canceled. concurrent is how many requests
// may be under way to WeChat; progress, where not nil, is called after each account and never twice at once.
func readAll[T any](
	ctx context.Context, breaker *breaker, appids []string, concurrent int, progress func(done, of int),
	read func(ctx context.Context, appid string) (T, error),
) ([]Result[T], error) {
	results := make([]Result[T], len(appids))
	var mutex sync.Mutex
	done := 0
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(max(1, min(len(appids), concurrent)*readersPerSlot))
	for i, appid := range appids {
		results[i] = Result[T]{AppID: appid, Err: ErrNotBegun}
		group.Go(func() error {
			if running.Err() != nil {
				return nil
			}
			value, err := read(running, appid)
			if shared := breaker.err(); shared != nil {
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
	case len(results) > 0 &&
		!slices.ContainsFunc(results, func(result Result[T]) bool { return !isShared(result.Err) }):
		return nil, &SharedError{results[0].Err, len(results)} // of fewer accounts than open the breaker
	}
	return results, nil
}
