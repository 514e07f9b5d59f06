package token

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

func TestCacheAndCancellation(t *testing.T) {
	t.Parallel()
	t.Run("who leaves takes nobody along", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			cache := NewCache(&counting{takes: time.Minute})
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() {
				_, err := cache.Token(ctx, appid)
				left <- err
			}()
			synctest.Wait() // the one who leaves is the one who began
			time.AfterFunc(time.Second, cancel)
			expect(t, cache, appid, appid+"#2")
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want cancellation", err)
			}
		})
	})
	t.Run("the last to leave ends the question", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			source := &counting{takes: time.Hour}
			cache := NewCache(source)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			begun := time.Now()
			if _, err := cache.Token(ctx, appid); !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
				t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
			}
			synctest.Wait()
			if source.active.Load() != 0 {
				t.Error("the source is still being asked")
			}
			source.takes = 0
			expect(t, cache, appid, appid+"#2")
		})
	})
}

// TestCacheAsksAgainForARejection has a reader whose token was rejected come while the source is asked for another
// reason, and has the same token once more.
func TestCacheAsksAgainForARejection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{life: time.Hour, takes: time.Minute, same: true}
		cache := NewCache(source)
		old := expect(t, cache, appid, appid+"#1")
		time.Sleep(time.Hour)
		go func() { _, _ = cache.Token(t.Context(), appid) }()
		synctest.Wait()
		if _, err := cache.Renew(t.Context(), appid, old); err != nil {
			t.Error(err)
		}
		if asked, renewed := source.asked.Load(), source.renewed.Load(); asked != 3 || renewed != 1 {
			t.Errorf("asked %d times, %d of them with word of the rejection, want 3 and 1", asked, renewed)
		}
	})
}

// TestCacheRenewsEachTokenOnce has a source that hands out two tokens by turns, both of which WeChat rejects, and many
// readers.
func TestCacheRenewsEachTokenOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		cache := NewCache(source{Description{Setting: "test"}, func(context.Context, Request) (Token, error) {
			asked++
			return Token{Value: []string{"one", "the other"}[asked%2]}, nil
		}})
		for range 50 {
			rejected := &wechat.Error{Code: wechat.CodeInvalidToken}
			refuse := func(context.Context, wechat.Token) (int, error) { return 0, rejected }
			if _, err := Use(t.Context(), cache, "", refuse); !errors.Is(err, rejected) {
				t.Errorf("got %v", err)
			}
		}
		if asked != 3 {
			t.Errorf("the source was asked %d times, want 3: for one, and once in place of each", asked)
		}
	})
}

// TestCacheAsksForARejectionAfterAFailure has a source fail for a reader, and another reader's token rejected soon
// after.
func TestCacheAsksForARejectionAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{life: 5 * time.Second}
		cache := NewCache(source)
		old := expect(t, cache, appid, appid+"#1")
		time.Sleep(minimumUse)
		source.err = errors.New("passing")
		if _, err := cache.Token(t.Context(), appid); !errors.Is(err, source.err) {
			t.Errorf("got %v", err)
		}
		source.err = nil
		time.Sleep(time.Second)
		if renewed, err := cache.Renew(t.Context(), appid, old); err != nil || renewed.Value != appid+"#3" {
			t.Errorf("got %q, %v", renewed.Value, err)
		}
	})
}

// TestCacheForgetsAWaitThatWasKept has a source ask for a minute's wait, which a reader keeps, and whose time ends in
// the next attempt; another reader has less than that minute.
func TestCacheForgetsAWaitThatWasKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		cache := NewCache(source{Description{Setting: "test"}, func(ctx context.Context, _ Request) (Token, error) {
			if asked++; asked > 1 {
				return Token{Value: "a token"}, nil
			}
			<-ctx.Done()
			return Token{}, &Error{Reason: AnswerUnavailable, RetryAfter: time.Minute, Outcome: outOfTime}
		}})
		for _, limit := range []time.Duration{2 * time.Minute, 30 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			token, err := cache.Token(ctx, "")
			cancel()
			if got := token.Value == "a token"; got != (asked == 2) {
				t.Errorf("question %d: got %q, %v", asked, token.Value, err)
			}
		}
		if asked != 2 {
			t.Errorf("asked %d times, want 2", asked)
		}
	})
}

// TestCacheKeepsThatThereIsNoOther has a source that has no other token than the one that was rejected, neither then
// nor when that expires.
func TestCacheKeepsThatThereIsNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{life: time.Hour, same: true}
		cache := NewCache(source)
		for range 3 {
			if _, err := cache.Renew(t.Context(), appid, expect(t, cache, appid, appid+"#1")); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Hour)
		}
		if asked, renewed := source.asked.Load(), source.renewed.Load(); asked != 4 || renewed != 1 {
			t.Errorf("asked %d times, %d of them with word of the rejection, want 4 and 1", asked, renewed)
		}
	})
}

// TestCacheAndDeadlines has a source that outlasts one reader's time, and another reader with more of it.
func TestCacheAndDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &counting{takes: 20 * time.Second}
		cache := NewCache(source)
		hasty, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		patient, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		go func() {
			var failed *Error
			if _, err := cache.Token(hasty, appid); !errors.As(err, &failed) || failed.Source.Setting != "test" {
				t.Errorf("the hasty reader got %v", err)
			}
		}()
		synctest.Wait()
		if cached, err := cache.Token(patient, appid); err != nil || cached.Value != appid+"#2" {
			t.Errorf("the patient reader got %q, %v", cached.Value, err)
		}
	})
}

func TestCacheBeginsNothingForWhoIsGone(t *testing.T) {
	t.Parallel()
	source := &counting{}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewCache(source).Token(gone, appid); !errors.Is(err, context.Canceled) || source.asked.Load() != 0 {
		t.Errorf("got %v after %d questions, want cancellation", err, source.asked.Load())
	}
}

func BenchmarkRememberedToken(b *testing.B) {
	cache := NewCache(&counting{life: 2 * time.Hour})
	for b.Loop() {
		if _, err := cache.Token(b.Context(), appid); err != nil {
			b.Fatal(err)
		}
	}
}
