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

// readersPerSlot is how many accounts are under way for each request that may be: some wait for their token, or for
// another attempt, and a slot should not idle for them.
const readersPerSlot = 4

// manySlots is from how many slots on more readers make no difference.
const manySlots = 10_000

// Result is what came of one account.
type Result struct {
	AppID   string
	Account wechat.OpenAccount
	// Err is as of [Reader.OpenAccount]; nil where there is an answer.
	Err error
}

// ErrOneAccount is returned where several accounts are asked about and the token source has the token of one.
var ErrOneAccount = errors.New("the token source serves one account")

// ErrNotBegun is the failure of an account whose turn had not come when the deadline struck.
var ErrNotBegun = errors.New("time was over before its turn came")

// OpenAccounts reads many accounts side by side, each once however often it is named. An account's own failure stands
// in its result, and so does a deadline that struck before there was an answer; results come in the order of their
// appids. The error ends the whole read, and there are no results then: it is an [*SharedError], ErrOneAccount, or
// context.Canceled. concurrent is how many requests may be under way to WeChat; progress, where it is not nil, is told
// after each account how many are done of how many, never twice at once.
func (r *Reader) OpenAccounts(ctx context.Context, appids []string, concurrent int, progress func(done, of int)) ([]Result, error) {
	appids = slices.Compact(slices.Sorted(slices.Values(appids)))
	// A source without a name is one that nothing can be had from, and says why itself.
	if source := r.tokens.Describe(); len(appids) > 1 && !source.PerAppID && source.Setting != "" {
		return nil, ErrOneAccount
	}
	results := make([]Result, len(appids))
	for number, appid := range appids {
		results[number] = Result{AppID: appid, Err: ErrNotBegun}
	}
	var mutex sync.Mutex
	done := 0
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(max(1, min(len(appids), min(concurrent, manySlots)*readersPerSlot)))
	for number, appid := range appids {
		if running.Err() != nil {
			break
		}
		group.Go(func() error {
			if running.Err() != nil {
				return nil
			}
			account, err := r.OpenAccount(running, appid)
			var unavailable *token.UnavailableError
			if stopped := r.everybody.stopped(); stopped != nil {
				return stopped
			}
			if errors.Is(running.Err(), context.Canceled) || errors.As(err, &unavailable) {
				return err // of no account's making, and nothing to keep in state
			}
			results[number] = Result{appid, account, err}
			mutex.Lock()
			defer mutex.Unlock()
			done++
			if progress != nil {
				progress(done, len(appids))
			}
			return nil
		})
	}
	err := group.Wait()
	stopped := r.everybody.stopped()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, context.Canceled
	case stopped != nil:
		return nil, stopped
	case err != nil:
		return nil, err
	}
	if err := allAlike(results); err != nil {
		return nil, err
	}
	return results, nil
}

// allAlike is everybody's failure where there are too few accounts for it to show while they are read: all of them met it.
func allAlike(results []Result) error {
	for _, result := range results {
		if !mayBeShared(result.Err) {
			return nil
		}
	}
	if len(results) == 0 {
		return nil
	}
	return &SharedError{results[0].Err, len(results)}
}
