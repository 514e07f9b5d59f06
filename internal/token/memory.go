package token

import (
	"context"
	"sync"
	"time"
)

const (
	// expiryMargin is how long before its end a token is given up, so that it does not end on the way.
	expiryMargin = 60 * time.Second

	// fetchLimit bounds one question to a source, beyond whatever limit the source has of its own.
	fetchLimit = 5 * time.Minute
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
	// renewed is set once the source was asked in place of this token. What came of it is final: the token again, or
	// renewalErr. A newer token makes an entry anew.
	renewed    bool
	renewalErr error
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

// Renew returns another token in place of one that WeChat rejected, or the same where the source has no other. For each
// token the source is asked once, and all readers share what came of it.
func (m *Memory) Renew(ctx context.Context, appid string, rejected Lease) (Lease, error) {
	return m.get(ctx, Request{AppID: appid, Rejected: true}, func(known *entry) (Lease, error, bool) {
		return known.lease(), known.renewalErr, known.generation > rejected.generation || known.renewed
	})
}

// Remembered returns the account's token where it is remembered and lives on, and never asks the source.
func (m *Memory) Remembered(appid string) (Lease, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	known := m.entries[m.key(appid)]
	if known == nil || known.generation == 0 || !known.token.lives() {
		return Lease{}, false
	}
	return known.lease(), true
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
	for {
		m.mutex.Lock()
		known := m.entry(request.AppID)
		if lease, err, ok := settled(known); ok {
			m.mutex.Unlock()
			return lease, err
		}
		joined := known.flight
		if joined == nil {
			joined = m.launch(ctx, known, request)
		}
		abandoned := joined.waiting < 0
		if !abandoned {
			joined.waiting++
		}
		m.mutex.Unlock()

		select {
		case <-joined.done:
			if !abandoned {
				return joined.lease, joined.err
			}
		case <-ctx.Done():
			if !abandoned {
				m.leave(joined)
			}
			return Lease{}, ctx.Err()
		}
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
// not theirs. The caller holds the mutex.
func (m *Memory) launch(ctx context.Context, known *entry, request Request) *flight {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLimit)
	launched := &flight{done: make(chan struct{}), cancel: cancel}
	known.flight = launched
	go func() {
		defer cancel()
		token, err := m.source.Fetch(ctx, request)
		m.observe(ctx, request, err)

		m.mutex.Lock()
		defer m.mutex.Unlock()
		known.flight = nil
		switch {
		case err == nil && request.Rejected && token.Value == known.token.Value:
			known.renewed = true
			launched.lease = known.lease()
		case err == nil:
			// Also where nobody waits any more: it may have cost another its token.
			*known = entry{token: token, generation: known.generation + 1}
			launched.lease = known.lease()
		case request.Rejected && ctx.Err() == nil:
			known.renewed, known.renewalErr = true, err
		}
		launched.err = err
		close(launched.done)
	}()
	return launched
}
