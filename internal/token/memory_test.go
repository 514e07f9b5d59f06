package token

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counting is a source that hands out numbered tokens and counts how often it is asked.
type counting struct {
	shared bool
	life   time.Duration
	takes  time.Duration
	err    error
	same   bool // the first token again and again
	// failsFrom is the first question that fails; 0 for none.
	failsFrom int32
	// deaf makes it go on when it is cancelled.
	deaf bool

	asked   atomic.Int32
	renewed atomic.Int32
	active  atomic.Int32
	most    atomic.Int32
}

func (c *counting) Describe() Description {
	return Description{Setting: "test", PerAppID: !c.shared}
}

func (c *counting) Fetch(ctx context.Context, request Request) (Token, error) {
	number := c.asked.Add(1)
	if request.Rejected {
		c.renewed.Add(1)
	}
	c.most.Store(max(c.most.Load(), c.active.Add(1)))
	defer c.active.Add(-1)
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		if !c.deaf {
			return Token{}, ctx.Err()
		}
		time.Sleep(c.takes)
	}
	switch {
	case c.err != nil:
		return Token{}, c.err
	case c.failsFrom > 0 && number >= c.failsFrom:
		return Token{}, errors.New("no other")
	case c.same:
		number = 1
	}
	token := Token{Value: fmt.Sprintf("%s#%d", request.AppID, number)}
	if c.life > 0 {
		token.Expires = time.Now().Add(c.life)
	}
	return token, nil
}

// expect asks and compares.
func expect(t *testing.T, memory *Memory, appid, want string) Lease {
	t.Helper()
	lease, err := memory.Token(t.Context(), appid)
	if err != nil || lease.Value != want {
		t.Errorf("got %q, %v, want %q", lease.Value, err, want)
	}
	return lease
}

func TestMemoryAsksOncePerAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		shared bool
		want   int32
	}{
		"a token for each account": {want: 3},
		"one token for all":        {shared: true, want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &counting{shared: test.shared, takes: time.Second}
				memory := NewMemory(source, nil)
				var group sync.WaitGroup
				for reader := range 300 {
					group.Go(func() {
						if _, err := memory.Token(t.Context(), fmt.Sprintf("wx%d", reader%3)); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				if got := source.asked.Load(); got != test.want {
					t.Errorf("the source was asked %d times, want %d", got, test.want)
				}
			})
		})
	}
}

func TestMemoryGivesATokenUpBeforeItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := NewMemory(&counting{life: 2 * time.Hour}, nil)
		expect(t, memory, appid, appid+"#1")
		time.Sleep(2*time.Hour - expiryMargin - time.Nanosecond)
		expect(t, memory, appid, appid+"#1")
		time.Sleep(time.Nanosecond)
		expect(t, memory, appid, appid+"#2")
	})
}

func TestMemoryRenewsOnceForAllReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{takes: time.Second}
		memory := NewMemory(source, nil)
		old := expect(t, memory, appid, appid+"#1")
		var group sync.WaitGroup
		for reader := range 100 {
			group.Go(func() {
				// Some come while the renewal is under way, and some when it is long over.
				time.Sleep(time.Duration(reader) * 50 * time.Millisecond)
				lease, err := memory.Renew(t.Context(), appid, old)
				if err != nil || lease.Value != appid+"#2" {
					t.Errorf("got %q, %v, want the second token", lease.Value, err)
				}
			})
		}
		group.Wait()
		if asked, renewed := source.asked.Load(), source.renewed.Load(); asked != 2 || renewed != 1 {
			t.Errorf("asked %d times, %d of them with word of the rejection, want 2 and 1", asked, renewed)
		}
		if most := source.most.Load(); most != 1 {
			t.Errorf("asked %d times at once, want 1", most)
		}
	})
}

// TestMemoryAsksOncePerToken has readers come one after the other with a token that cannot be replaced.
func TestMemoryAsksOncePerToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source *counting
		err    bool
	}{
		"the same token again": {source: &counting{same: true}},
		"no other":             {source: &counting{failsFrom: 2}, err: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := NewMemory(test.source, nil)
			for range 10 {
				lease, err := memory.Token(t.Context(), appid)
				if err != nil {
					t.Fatal(err)
				}
				again, err := memory.Renew(t.Context(), appid, lease)
				if (err != nil) != test.err || err == nil && again.Value != lease.Value {
					t.Errorf("got %q, %v", again.Value, err)
				}
			}
			if got := test.source.asked.Load(); got != 2 {
				t.Errorf("the source was asked %d times, want 2", got)
			}
		})
	}
}

func TestMemoryRemembersNoFailure(t *testing.T) {
	t.Parallel()
	source := &counting{err: errors.New("not now")}
	memory := NewMemory(source, nil)
	if _, err := memory.Token(t.Context(), appid); !errors.Is(err, source.err) {
		t.Errorf("got %v, want the source's error", err)
	}
	source.err = nil
	expect(t, memory, appid, appid+"#2")
}

func TestMemoryNeedsAnAppIDForManyAccounts(t *testing.T) {
	t.Parallel()
	if _, err := NewMemory(&counting{}, nil).Token(t.Context(), ""); !errors.Is(err, ErrAppIDNeeded) {
		t.Errorf("got %v, want that an appid is needed", err)
	}
	expect(t, NewMemory(&counting{shared: true}, nil), "", "#1")
}

func TestMemoryAndCancellation(t *testing.T) {
	t.Parallel()
	t.Run("who leaves takes nobody along", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			memory := NewMemory(&counting{takes: time.Minute}, nil)
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() {
				_, err := memory.Token(ctx, appid)
				left <- err
			}()
			synctest.Wait() // the one who leaves is the one who began
			time.AfterFunc(time.Second, cancel)
			expect(t, memory, appid, appid+"#1")
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want cancellation", err)
			}
		})
	})
	t.Run("the last to leave ends the question", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			source := &counting{takes: time.Hour}
			memory := NewMemory(source, nil)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			begun := time.Now()
			if _, err := memory.Token(ctx, appid); !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
				t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
			}
			synctest.Wait()
			if source.active.Load() != 0 {
				t.Error("the source is still being asked")
			}
			source.takes = 0
			expect(t, memory, appid, appid+"#2")
		})
	})
}

// TestMemoryWaitsForAnAbandonedQuestion has a source that does not notice that nobody waits any more, and a newcomer.
func TestMemoryWaitsForAnAbandonedQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{takes: time.Minute, deaf: true}
		memory := NewMemory(source, nil)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := memory.Token(ctx, appid); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want cancellation", err)
		}
		expect(t, memory, appid, appid+"#1")
		if asked, most := source.asked.Load(), source.most.Load(); asked != 1 || most != 1 {
			t.Errorf("asked %d times, %d at once, want the token that came all the same", asked, most)
		}
	})
}

// TestMemoryAsksAgainForARejection has a reader whose token was rejected come while the source is asked for another reason,
// and has the same token once more.
func TestMemoryAsksAgainForARejection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{life: time.Hour, takes: time.Minute, same: true}
		memory := NewMemory(source, nil)
		old := expect(t, memory, appid, appid+"#1")
		time.Sleep(time.Hour)
		go func() { _, _ = memory.Token(t.Context(), appid) }()
		synctest.Wait()
		if _, err := memory.Renew(t.Context(), appid, old); err != nil {
			t.Error(err)
		}
		if asked, renewed := source.asked.Load(), source.renewed.Load(); asked != 3 || renewed != 1 {
			t.Errorf("asked %d times, %d of them with word of the rejection, want 3 and 1", asked, renewed)
		}
	})
}

// TestMemoryAndDeadlines has a source that outlasts one reader's time, and another reader with more of it.
func TestMemoryAndDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{takes: 20 * time.Second}
		memory := NewMemory(source, nil)
		hasty, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		patient, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		go func() {
			var failed *Error
			if _, err := memory.Token(hasty, appid); !errors.As(err, &failed) || failed.Source.Setting != "test" {
				t.Errorf("the hasty reader got %v", err)
			}
		}()
		synctest.Wait()
		if lease, err := memory.Token(patient, appid); err != nil || lease.Value != appid+"#2" {
			t.Errorf("the patient reader got %q, %v", lease.Value, err)
		}
	})
}

func TestMemoryBeginsNothingForWhoIsGone(t *testing.T) {
	t.Parallel()
	source := &counting{}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewMemory(source, nil).Token(gone, appid); !errors.Is(err, context.Canceled) || source.asked.Load() != 0 {
		t.Errorf("got %v after %d questions, want cancellation", err, source.asked.Load())
	}
}

func BenchmarkRememberedToken(b *testing.B) {
	memory := NewMemory(&counting{life: 2 * time.Hour}, nil)
	for b.Loop() {
		if _, err := memory.Token(b.Context(), appid); err != nil {
			b.Fatal(err)
		}
	}
}
