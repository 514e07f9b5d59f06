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

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
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
		return Token{}, ctx.Err()
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
func expect(t *testing.T, cache *Cache, appid, want string) wechat.Token {
	t.Helper()
	cached, err := cache.Token(t.Context(), appid)
	if err != nil || cached.Value != want {
		t.Errorf("got %q, %v, want %q", cached.Value, err, want)
	}
	return cached
}

func TestCacheAsksOncePerAccount(t *testing.T) {
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
				cache := NewCache(source)
				var group sync.WaitGroup
				for reader := range 300 {
					group.Go(func() {
						if _, err := cache.Token(t.Context(), fmt.Sprintf("wx%d", reader%3)); err != nil {
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

func TestCacheGivesATokenUpBeforeItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cache := NewCache(&counting{life: 2 * time.Hour})
		expect(t, cache, appid, appid+"#1")
		time.Sleep(2*time.Hour - expiryMargin - time.Nanosecond)
		expect(t, cache, appid, appid+"#1")
		time.Sleep(time.Nanosecond)
		expect(t, cache, appid, appid+"#2")
	})
}

// TestCacheUsesAShortLivedTokenForAWhile has a source whose tokens are all but over when they come.
func TestCacheUsesAShortLivedTokenForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cache := NewCache(&counting{life: 5 * time.Second})
		expect(t, cache, appid, appid+"#1")
		time.Sleep(minimumUse - time.Nanosecond)
		expect(t, cache, appid, appid+"#1")
		time.Sleep(time.Nanosecond)
		expect(t, cache, appid, appid+"#2")
	})
}

// TestCacheKeepsATokenThatHasNotExpired has a source ask to be left alone for longer than its readers have, a while
// before the end of the token that it handed out.
func TestCacheKeepsATokenThatHasNotExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy := &Error{Reason: AnswerUnavailable, RetryAfter: 10 * time.Minute, Outcome: outOfTime}
		source := &counting{life: time.Hour}
		cache := NewCache(source)
		read := func() (string, error) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			token, err := cache.Token(ctx, appid)
			return token.Value, err
		}
		expect(t, cache, appid, appid+"#1")
		source.err = busy
		time.Sleep(time.Hour - 50*time.Second)
		for range 5 { // until ten seconds before its end
			if got, err := read(); got != appid+"#1" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			time.Sleep(8 * time.Second)
		}
		time.Sleep(10 * time.Second)
		if got, err := read(); !errors.Is(err, busy) {
			t.Errorf("got %q, %v after its end", got, err)
		}
		if got := source.asked.Load(); got != 2 {
			t.Errorf("the source was asked %d times, want 2", got)
		}
	})
}

// TestCacheSharesAFailure has a source fail while many wait for it, and one ask later.
func TestCacheSharesAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{takes: time.Second, err: errors.New("not now")}
		cache := NewCache(source)
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := cache.Token(t.Context(), appid); !errors.Is(err, source.err) {
					t.Errorf("got %v, want the source's error", err)
				}
			})
		}
		group.Wait()
		if asked := source.asked.Load(); asked != 1 {
			t.Errorf("the source was asked %d times, want once for all who waited", asked)
		}
		source.err = nil
		expect(t, cache, appid, appid+"#2")
	})
}

func TestCacheRenewsOnceForAllReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{takes: time.Second}
		cache := NewCache(source)
		old := expect(t, cache, appid, appid+"#1")
		var group sync.WaitGroup
		for reader := range 100 {
			group.Go(func() {
				// Some come while the renewal is under way, and some when it is long over.
				time.Sleep(time.Duration(reader) * 50 * time.Millisecond)
				cached, err := cache.Renew(t.Context(), appid, old)
				if err != nil || cached.Value != appid+"#2" {
					t.Errorf("got %q, %v, want the second token", cached.Value, err)
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

// TestCacheAsksOncePerToken has readers come one after the other with a token that cannot be replaced.
func TestCacheAsksOncePerToken(t *testing.T) {
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
			cache := NewCache(test.source)
			for range 10 {
				cached, err := cache.Token(t.Context(), appid)
				if err != nil {
					t.Fatal(err)
				}
				again, err := cache.Renew(t.Context(), appid, cached)
				if (err != nil) != test.err || err == nil && again.Value != cached.Value {
					t.Errorf("got %q, %v", again.Value, err)
				}
			}
			if got := test.source.asked.Load(); got != 2 {
				t.Errorf("the source was asked %d times, want 2", got)
			}
		})
	}
}

func TestCacheRemembersNoFailure(t *testing.T) {
	t.Parallel()
	source := &counting{err: errors.New("not now")}
	cache := NewCache(source)
	if _, err := cache.Token(t.Context(), appid); !errors.Is(err, source.err) {
		t.Errorf("got %v, want the source's error", err)
	}
	source.err = nil
	expect(t, cache, appid, appid+"#2")
}

func TestCacheNeedsAnAppIDForManyAccounts(t *testing.T) {
	t.Parallel()
	if _, err := NewCache(&counting{}).Token(t.Context(), ""); !errors.Is(err, ErrAppIDNeeded) {
		t.Errorf("got %v, want that an appid is needed", err)
	}
	expect(t, NewCache(&counting{shared: true}), "", "#1")
}
