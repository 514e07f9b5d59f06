package wire

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var errBusy = errors.New("busy")

func always(error) (time.Duration, bool) { return 0, true }

func TestRetryWaitsLongerEachTimeAndGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		begun := time.Now()
		outcome, err := Retry(t.Context(), 6, always, func(context.Context) error {
			at = append(at, time.Since(begun))
			return errBusy
		})
		if !errors.Is(err, errBusy) || outcome != (Outcome{Attempts: 7}) {
			t.Fatalf("got %v after %+v, want the last error after 7 attempts", err, outcome)
		}
		expected := firstDelay
		waits := map[time.Duration]bool{}
		for attempt := 1; attempt < len(at); attempt++ {
			wait := at[attempt] - at[attempt-1]
			if least, most := expected*3/4, expected*5/4; wait < least || wait > most {
				t.Errorf("wait %d was %s, want between %s and %s", attempt, wait, least, most)
			}
			waits[wait*firstDelay/expected] = true
			expected = min(2*expected, longestDelay)
		}
		if len(waits) < 3 {
			t.Errorf("the waits have no jitter: %v", at)
		}
	})
}

func TestRetryRespectsTheDeadline(t *testing.T) {
	t.Parallel()
	t.Run("a wait that does not fit is not begun", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			begun := time.Now()
			aMinute := func(error) (time.Duration, bool) { return time.Minute, true }
			outcome, err := Retry(ctx, 3, aMinute, func(context.Context) error { return errBusy })
			if !errors.Is(err, errBusy) || outcome != (Outcome{Attempts: 1, OutOfTime: true}) || time.Since(begun) != 0 {
				t.Errorf("got %v after %+v and %s, want the answer at once", err, outcome, time.Since(begun))
			}
		})
	})
	t.Run("an attempt that the deadline ends leaves the last answer", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			attempts := 0
			outcome, err := Retry(ctx, 3, always, func(ctx context.Context) error {
				if attempts++; attempts == 1 {
					return errBusy
				}
				<-ctx.Done()
				return ctx.Err()
			})
			if !errors.Is(err, errBusy) || outcome != (Outcome{Attempts: 2, OutOfTime: true}) {
				t.Errorf("got %v after %+v, want the first attempt's answer", err, outcome)
			}
		})
	})
	t.Run("a deadline that ends a wait leaves the last answer", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			aMinute := func(error) (time.Duration, bool) { return time.Minute, true }
			outcome, err := Retry(unannounced{ctx}, 3, aMinute, func(context.Context) error { return errBusy })
			if !errors.Is(err, errBusy) || outcome != (Outcome{Attempts: 1, OutOfTime: true}) {
				t.Errorf("got %v after %+v, want the answer", err, outcome)
			}
		})
	})
	t.Run("cancellation ends a wait at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			begun := time.Now()
			aMinute := func(error) (time.Duration, bool) { return time.Minute, true }
			_, err := Retry(ctx, 3, aMinute, func(context.Context) error { return errBusy })
			if !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
				t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
			}
		})
	})
}

// unannounced is a context whose deadline comes by surprise, as one does that comes together with the end of a wait.
type unannounced struct{ context.Context }

func (unannounced) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

func TestRetryStopsAtWhatIsFinal(t *testing.T) {
	t.Parallel()
	outcome, err := Retry(t.Context(), 3, func(error) (time.Duration, bool) { return 0, false }, func(context.Context) error { return errBusy })
	if !errors.Is(err, errBusy) || outcome != (Outcome{Attempts: 1}) {
		t.Errorf("got %v after %+v, want one attempt", err, outcome)
	}
}
