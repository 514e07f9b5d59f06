package token

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// batches is a source that hands out one batch after the other, and the last one again and again; nil is a failure.
type batches struct {
	answers []map[string]json.RawMessage
	life    time.Duration
	asked   []bool // whether each question told of a rejection
	mutex   sync.Mutex
}

func (b *batches) Describe() Description {
	return Description{Setting: "test", PerAppID: true, Batch: true}
}

func (b *batches) Fetch(_ context.Context, request Request) (Token, error) {
	time.Sleep(time.Second)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if request.AppID != "" {
		return Token{}, errors.New("asked for an account")
	}
	answer := b.answers[min(len(b.asked), len(b.answers)-1)]
	b.asked = append(b.asked, request.Rejected)
	if answer == nil {
		return Token{}, &Error{Reason: NoBatch}
	}
	token := Token{Batch: answer}
	if b.life > 0 {
		token.Expires = time.Now().Add(b.life)
	}
	return token, nil
}

func batch(object string) map[string]json.RawMessage {
	read, _ := wire.JSONMembers([]byte(object))
	return read
}

// TestBatch_isAskedOnceForAllAndOnceMore has three hundred readers of three accounts, whose tokens are all rejected.
func TestBatch_isAskedOnceForAllAndOnceMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &batches{life: 2 * time.Hour, answers: []map[string]json.RawMessage{
			batch(`{"wx1":"a1","wx2":"b1","wx3":"c1"}`), batch(`{"wx1":"a2","wx2":"b2","wx3":"c1"}`),
		}}
		cache := NewCache(source)
		var group sync.WaitGroup
		for reader := range 300 {
			group.Go(func() {
				appid := []string{"wx1", "wx2", "wx3"}[reader%3]
				first, err := cache.Token(t.Context(), appid)
				if err != nil {
					t.Error(err)
					return
				}
				second, err := cache.Renew(t.Context(), appid, first)
				if err != nil || (appid == "wx3") != (second.Value == first.Value) {
					t.Errorf("%s: got %q after %q, %v", appid, second.Value, first.Value, err)
				}
				// A token of the second batch is its account's own failure.
				if third, err := cache.Renew(t.Context(), appid, second); err != nil || third.Value != second.Value {
					t.Errorf("%s: got %q after %q, %v, want the same", appid, third.Value, second.Value, err)
				}
			})
		}
		group.Wait()
		if len(source.asked) != 2 || source.asked[0] || !source.asked[1] {
			t.Errorf("asked %v, want once, and once more because of rejections", source.asked)
		}
		time.Sleep(2 * time.Hour)
		if _, err := cache.Token(t.Context(), "wx1"); err != nil || len(source.asked) != 3 || source.asked[2] {
			t.Errorf("asked %v, %v, want a third time because they expired", source.asked, err)
		}
	})
}

// TestBatch_failsForAllAndForGood has a source that fails at first and would not fail again.
func TestBatch_failsForAllAndForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &batches{answers: []map[string]json.RawMessage{nil, batch(`{"wx1":"a1"}`)}}
		cache := NewCache(source)
		for range 3 {
			_, err := cache.Token(t.Context(), "wx1")
			if failed, isError := errors.AsType[*Error](err); !isError || !failed.Shared || failed.Source.Setting != "test" {
				t.Errorf("got %v, want a failure that all accounts share", err)
			}
		}
		if len(source.asked) != 1 {
			t.Errorf("asked %d times, want once", len(source.asked))
		}
	})
}

// TestBatch_entriesAreTheAccounts has entries that are no tokens: none of them is a reason to ask again.
func TestBatch_entriesAreTheAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &batches{answers: []map[string]json.RawMessage{
			batch(`{"wx1":"a1","wx2":null,"wx3":7,"wx4":"Bearer x","wx5":""}`),
		}}
		cache := NewCache(source)
		for appid, want := range map[string]Reason{
			"wx2": NoEntry, "wx3": InvalidEntry, "wx4": InvalidEntry, "wx5": NoEntry, "wx6": NoEntry,
		} {
			_, err := cache.Token(t.Context(), appid)
			if failed, isError := errors.AsType[*Error](err); !isError || failed.Reason != want || failed.Shared {
				t.Errorf("%s: got %v, want %s, of this account alone", appid, err, want)
			}
		}
		if token, err := cache.Token(t.Context(), "wx1"); err != nil || token.Value != "a1" || len(source.asked) != 1 {
			t.Errorf("got %q, %v after %d questions", token.Value, err, len(source.asked))
		}
	})
}

// TestBatchFile reads what a program keeps in a file.
func TestBatchFile(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]Reason{
		`{"wx1":"a1"}` + "\n":                  "",
		`{}`:                                   "",
		`[]`:                                   FileNoBatch,
		`61_token`:                             FileNoBatch,
		``:                                     FileNoBatch,
		`{"wx1":"a1"`:                          FileNoBatch,
		`{"wx1":"a1"} {}`:                      FileNoBatch,
		`{"wx1":"a1","wx1":"a2"}`:              FileRepeatedAppID,
		`{"wx1":"a1","wx1":"a1"}`:              "",
		strings.Repeat(" ", 1<<20) + `{"a":1}`: "",
	} {
		_, err := BatchFile("access_tokens_file", write(t, "tokens.json", content)).Fetch(t.Context(), Request{})
		var got Reason
		if failed, isError := errors.AsType[*Error](err); isError {
			got = failed.Reason
		}
		if got != want {
			t.Errorf("%.30q: got %v, want %q", content, err, want)
		}
	}
}

// TestBatch_outlivesAFailureBeforeItExpires has a batch that is fetched again a minute before its end: what it holds counts
// until then, whatever its source says.
func TestBatch_outlivesAFailureBeforeItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := batch(`{"wx1":"a1"}`)
		source := &batches{answers: []map[string]json.RawMessage{first, nil}, life: 70 * time.Second}
		cache := NewCache(source)
		for range 2 {
			var readers sync.WaitGroup
			for range 10 {
				readers.Go(func() {
					if got, err := cache.Token(t.Context(), "wx1"); err != nil || got.Value != "a1" {
						t.Errorf("got %q, %v, want what has not expired", got.Value, err)
					}
				})
			}
			readers.Wait()
			time.Sleep(65 * time.Second)
		}
		if len(source.asked) != 2 {
			t.Errorf("asked %d times, want twice", len(source.asked))
		}
	})
}

// TestBatch_tellsOfARejectionAfterItExpired has the same token again in a batch that was fetched because it expired: the
// source has yet to hear that WeChat rejects it.
func TestBatch_tellsOfARejectionAfterItExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old := batch(`{"wx1":"a1","wx2":"b1"}`)
		source := &batches{answers: []map[string]json.RawMessage{old, old, batch(`{"wx1":"a2","wx2":"b1"}`)}, life: 70 * time.Second}
		cache := NewCache(source)
		rejected, _ := cache.Token(t.Context(), "wx1")
		time.Sleep(65 * time.Second)
		_, _ = cache.Token(t.Context(), "wx2")
		if got, err := cache.Renew(t.Context(), "wx1", rejected); err != nil || got.Value != "a2" || !source.asked[2] {
			t.Errorf("got %q, %v, asked %v, want what comes of a rejection", got.Value, err, source.asked)
		}
	})
}

// TestBatchFile_isWhatItSaysItIs has files of Windows, and those in the form that a program prints.
func TestBatchFile_isWhatItSaysItIs(t *testing.T) {
	t.Parallel()
	read := func(content string) (Token, error) {
		return BatchFile("access_tokens_file", write(t, "tokens.json", content)).Fetch(t.Context(), Request{})
	}
	if got, err := read("\ufeff" + `{"wx1":"a1"}`); err != nil || len(got.Batch) != 1 {
		t.Errorf("a byte order mark: got %v, %v", got.Batch, err)
	}
	_, err := read(`{"access_tokens":{"wx1":"a1"},"expires_in":3000}`)
	if failed, isError := errors.AsType[*Error](err); !isError || failed.Reason != FileNoBatch {
		t.Errorf("a wrapper: got %v, want %q", err, FileNoBatch)
	}
}

// TestExec_findsABatchThatItWasNotToldOf prints the tokens of all accounts where one is wanted.
func TestExec_findsABatchThatItWasNotToldOf(t *testing.T) {
	t.Parallel()
	_, err := readOutput([]byte(`{"access_tokens":{"wx1":"a1"}}`), false, time.Now())
	if failed, isError := errors.AsType[*Error](err); !isError || failed.Reason != NotBatch {
		t.Errorf("got %v, want %q", err, NotBatch)
	}
}

// TestBatch_letsReadersGo has readers whose time is over while another one has the batch renewed, for the race detector.
func TestBatch_letsReadersGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &batches{answers: []map[string]json.RawMessage{batch(`{"wx1":"a1"}`), batch(`{"wx1":"a2"}`)}}
		cache := NewCache(source)
		rejected, _ := cache.Token(t.Context(), "wx1")
		var readers sync.WaitGroup
		readers.Go(func() { _, _ = cache.Renew(t.Context(), "wx1", rejected) })
		for range 10 {
			readers.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if got, err := cache.Renew(ctx, "wx1", wechat.Token{Value: rejected.Value}); err == nil && got.Value != "a2" {
					t.Errorf("got %q, want the new one or none", got.Value)
				}
			})
		}
		readers.Wait()
	})
}
