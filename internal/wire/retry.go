package wire

import (
	"context"
	"errors"
	"time"

	"github.com/sethvargo/go-retry"
)

const (
	firstDelay   = 400 * time.Millisecond
	longestDelay = 10 * time.Second
	jitter       = 25 // percent, either way
)

// Delay says whether an error is worth another attempt, and how long to wait at the least before it.
type Delay func(err error) (atLeast time.Duration, again bool)

// Outcome tells how a retried operation ended.
type Outcome struct {
	// Attempts is how many were made.
	Attempts int
	// OutOfTime is set where the deadline ended the operation before the retries did.
	OutOfTime bool
}

// Retry calls attempt until it succeeds or fails for good, at most 1+maxRetries times, with exponentially growing and
// jittered waits between. A wait that does not fit the context's deadline is not begun: the last error is returned at
// once. The error is always the last one that says something about the other side, and the context's only where its
// owner cancelled it.
func Retry(ctx context.Context, maxRetries int, delay Delay, attempt func(context.Context) error) (Outcome, error) {
	var (
		outcome Outcome
		last    error
		atLeast time.Duration
	)
	backoff := retry.WithMaxRetries(uint64(max(maxRetries, 0)),
		retry.WithJitterPercent(jitter,
			retry.WithCappedDuration(longestDelay,
				retry.NewExponential(firstDelay))))
	bounded := retry.BackoffFunc(func() (time.Duration, bool) {
		wait, stop := backoff.Next()
		wait = max(wait, atLeast)
		if deadline, ok := ctx.Deadline(); ok && !stop && time.Until(deadline) <= wait {
			outcome.OutOfTime = true
			return 0, true
		}
		return wait, stop
	})
	err := retry.Do(ctx, bounded, func(ctx context.Context) error {
		outcome.Attempts++
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			// The deadline struck in the middle of this attempt: what the one before it said is worth more.
			outcome.OutOfTime = errors.Is(ctx.Err(), context.DeadlineExceeded)
			if last == nil {
				last = err
			}
			return last
		}
		last = err
		var again bool
		if atLeast, again = delay(err); again {
			return retry.RetryableError(err)
		}
		return err
	})
	switch {
	case err == nil:
		return outcome, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return outcome, context.Canceled
	case last != nil:
		return outcome, last
	default:
		return outcome, err
	}
}
