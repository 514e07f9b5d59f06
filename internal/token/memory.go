package token

import (
	"context"
	"errors"
	"sync"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

const (
	// expiryMargin is how long before its end a token is given up, so that it does not end on the way.
	expiryMargin = 60 * time.Second

	// renewalRest is how long a failed renewal stands for all readers before the source is asked again.
	renewalRest = 10 * time.Second

	// lastWord is how long before a reader's deadline a question to the source is ended, so that what the source said last
	// still reaches the reader.
	lastWord = 500 * time.Millisecond
)

// Memory remembers what a source handed out and asks it at most once at a time for each account. It is safe for concurrent
// use.
type Memory struct {
	source  Source
	about   Description
	observe Observer

	mutex   sync.Mutex
	entries map[string]*entry
}

// Observer is told of every question to a source after it ended.
type Observer func(ctx context.Context, asked Request, err error)

// Lease is a token as it was handed to one reader.
type Lease struct {
	Value string
	// generation counts the tokens that the source has handed out for the account, so that of many readers whose token was
	// rejected only the first has it renewed.
	generation int
}

// entry is what is known of one account's token.
type entry struct {
	token      Token
	generation int // 0: there is none yet
	flight     *flight
	// stale is set once the source was asked for another token in this one's place and had the same again: that is final.
	// A newer token makes an entry anew.
	stale bool
	// renewalErr is how asking for another token failed, at renewalFailed.
	renewalErr    error
	renewalFailed time.Time
}

func (e *entry) lease() Lease { return Lease{e.token.Value, e.generation} }

// flight is a question to the source that is under way.
type flight struct {
	done   chan struct{}
	cancel context.CancelFunc
	// waiting counts the readers who wait for it; the last to leave cancels it, and nobody joins it then.
	waiting int
	lease   Lease
	err     error
	// rejected is set where the source was told that the token before was refused.
	rejected bool
	// outOfTime is set where it ended with the time of the reader who began it.
	outOfTime bool
}

// NewMemory returns a memory of a source. A nil observer is told nothing.
func NewMemory(source Source, observe Observer) *Memory {
	if observe == nil {
		observe = func(context.Context, Request, error) {}
	}
	return &Memory{source: source, about: source.Describe(), observe: observe, entries: map[string]*entry{}}
}

// Describe says what the source is.
func (m *Memory) Describe() Description { return m.about }

// Token returns the account's token: the remembered one, or the source's where there is none or it is about to end.
func (m *Memory) Token(ctx context.Context, appid string) (Lease, error) {
	return m.get(ctx, Request{AppID: appid}, func(known *entry) (Lease, error, bool) {
		return known.lease(), nil, known.generation > 0 && known.token.lives()
	})
}

// Renew returns another token in place of one that WeChat rejected, or the same where the source has no other. All readers
// share what came of it: for good where the source had the same token again, and for a while where it failed.
func (m *Memory) Renew(ctx context.Context, appid string, rejected Lease) (Lease, error) {
	return m.get(ctx, Request{AppID: appid, Rejected: true}, func(known *entry) (Lease, error, bool) {
		switch {
		case known.generation > rejected.generation || known.stale:
			return known.lease(), nil, true
		default:
			return Lease{}, known.renewalErr, known.renewalErr != nil && time.Since(known.renewalFailed) < renewalRest
		}
	})
}

// lives reports whether a token can still be used.
func (t Token) lives() bool { return t.Expires.IsZero() || time.Until(t.Expires) > expiryMargin }

// key is what an account's token is remembered by: all accounts share the one token of a source that has only one.
func (m *Memory) key(appid string) string {
	if m.about.PerAppID {
		return appid
	}
	return ""
}

// get returns what is known where that settles it, and else what the source says.
func (m *Memory) get(ctx context.Context, request Request, settled func(*entry) (Lease, error, bool)) (Lease, error) {
	if m.about.PerAppID && request.AppID == "" {
		return Lease{}, ErrAppIDNeeded
	}
	for over := false; ; over = lately(ctx) {
		m.mutex.Lock()
		known := m.entry(request.AppID)
		if lease, err, ok := settled(known); ok {
			m.mutex.Unlock()
			return lease, err
		}
		if over || ctx.Err() != nil {
			m.mutex.Unlock()
			return Lease{}, m.tooLate(ctx, request)
		}
		joined := known.flight
		own := joined == nil
		if own {
			joined = m.launch(ctx, known, request)
		}
		abandoned := joined.waiting < 0
		if !abandoned {
			joined.waiting++
		}
		m.mutex.Unlock()

		select {
		case <-joined.done:
			// What was meant for another reader's question, or ended with another reader's time, may not be the answer here.
			mine := !abandoned && (joined.rejected || !request.Rejected)
			ended := !joined.outOfTime || (own || lately(ctx)) && !errors.Is(joined.err, context.DeadlineExceeded)
			if mine && ended {
				return joined.lease, joined.err
			}
		case <-ctx.Done():
			if !abandoned {
				m.leave(joined)
			}
		}
	}
}

// lately reports whether a reader's time is all but over.
func lately(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return bounded && time.Until(deadline) <= lastWord
}

// tooLate is the error of a reader who waited in vain: its owner's cancellation, or a source that did not answer in time.
func (m *Memory) tooLate(ctx context.Context, request Request) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &Error{
		Source: m.about, AppID: request.AppID,
		Problem:  "it did not answer in time",
		Advice:   "See what holds the token source up, or give the data source more time in timeouts.read.",
		NoAnswer: true,
	}
}

// entry finds or makes what is known of an account. The caller holds the mutex.
func (m *Memory) entry(appid string) *entry {
	key := m.key(appid)
	known := m.entries[key]
	if known == nil {
		known = &entry{}
		m.entries[key] = known
	}
	return known
}

// leave stops waiting for a flight.
func (m *Memory) leave(joined *flight) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if joined.waiting--; joined.waiting == 0 {
		joined.waiting = -1
		joined.cancel()
	}
}

// launch asks the source on behalf of all who wait: not under the context of the one who came first, whose cancellation is
// not theirs, but within that one's time. The caller holds the mutex.
func (m *Memory) launch(ctx context.Context, known *entry, request Request) *flight {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if deadline, bounded := ctx.Deadline(); bounded {
		cancel()
		detached, cancel = context.WithDeadline(context.WithoutCancel(ctx), deadline.Add(-min(lastWord, time.Until(deadline)/4)))
	}
	launched := &flight{done: make(chan struct{}), cancel: cancel, rejected: request.Rejected}
	known.flight = launched
	go func() {
		defer cancel()
		token, err := m.source.Fetch(detached, request)
		m.observe(detached, request, err)

		m.mutex.Lock()
		defer m.mutex.Unlock()
		known.flight = nil
		switch {
		case err == nil && request.Rejected && token.Value == known.token.Value:
			known.stale = true
			launched.lease = known.lease()
		case err == nil && token.Value == known.token.Value:
			known.token = token // it lives on
			launched.lease = known.lease()
		case err == nil:
			// Also where nobody waits any more: it may have cost another its token.
			*known = entry{token: token, generation: known.generation + 1}
			launched.lease = known.lease()
		case request.Rejected && !outOfTime(detached, err) && detached.Err() == nil:
			known.renewalErr, known.renewalFailed = err, time.Now()
		}
		launched.err = err
		launched.outOfTime = outOfTime(detached, err)
		close(launched.done)
	}()
	return launched
}

// outOfTime reports whether a question failed because its reader's time was over, or left no room for another attempt.
func outOfTime(ctx context.Context, err error) bool {
	var source *Error
	var refused *wechat.Error
	gaveUp := errors.As(err, &source) && source.OutOfTime || errors.As(err, &refused) && refused.OutOfTime
	return err != nil && (gaveUp || errors.Is(ctx.Err(), context.DeadlineExceeded))
}
