package binding

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// readersPerSlot is how many accounts are read at once for each request that may be under way: some wait for their
// token, or for another attempt, and a slot should not idle for them.
const readersPerSlot = 4

// Result is what came of one account.
type Result struct {
	AppID   string
	Account wechat.OpenAccount
	// Err is one of [Reader.OpenAccount], or ErrNotBegun.
	Err error
}

// ErrOneAccount is returned where several accounts are asked about and the token source has the token of one.
var ErrOneAccount = errors.New("the token source serves one account")

// ErrNotBegun is the failure of an account whose turn had not come at the deadline.
var ErrNotBegun = errors.New("the deadline came before its turn")

// OpenAccounts reads many accounts side by side, each once however often it is named. An account's own failure stands
// in its result, as does a deadline before its answer; results are sorted by appid. An error ends the whole read,
// without results: a [*SharedError], a [*token.UnavailableError], ErrOneAccount, or context.Canceled. concurrent is
// how many requests may be under way to WeChat; progress, where not nil, is called after each account and never twice
// at once.
func (r *Reader) OpenAccounts(
	ctx context.Context, appids []string, concurrent int, progress func(done, of int),
) ([]Result, error) {
	appids = slices.Compact(slices.Sorted(slices.Values(appids)))
	// A source without a name has no token at all, and says why itself.
	if source := r.tokens.Describe(); len(appids) > 1 && !source.PerAppID && source.Setting != "" {
		return nil, ErrOneAccount
	}
	results := make([]Result, len(appids))
	var mutex sync.Mutex
	done := 0
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(max(1, min(len(appids), concurrent)*readersPerSlot))
	for i, appid := range appids {
		results[i] = Result{AppID: appid, Err: ErrNotBegun}
		group.Go(func() error {
			if running.Err() != nil {
				return nil
			}
			account, err := r.OpenAccount(running, appid)
			if shared := r.breaker.err(); shared != nil {
				return shared
			}
			if _, unavailable := errors.AsType[*token.UnavailableError](err); unavailable || isCanceled(running) {
				return err // of no account's making
			}
			results[i] = Result{appid, account, err}
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
	case isCanceled(ctx):
		return nil, context.Canceled
	case err != nil:
		return nil, err
	case len(results) > 0 && !slices.ContainsFunc(results, func(result Result) bool { return !isShared(result.Err) }):
		return nil, &SharedError{results[0].Err, len(results)} // of fewer accounts than open the breaker
	}
	return results, nil
}

func isCanceled(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }
