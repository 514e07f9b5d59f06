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
	// generation counts how often the source was asked, so that of many readers whose token was rejected only the first
	// has it renewed.
	generation int
}

// entry is what is known of one account's token.
type entry struct {
	token      Token
	generation int
	flight     *flight
}

// flight is a question to the source that is under way.
type flight struct {
	done   chan struct{}
	cancel context.CancelFunc
	// waiting counts the readers who wait for it; the last to leave cancels it.
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
	return m.get(ctx, Request{AppID: appid}, func(known *entry) bool {
		return known.token.Expires.IsZero() || time.Until(known.token.Expires) > expiryMargin
	})
}

// Renew returns another token in place of one that WeChat rejected. Readers who come with the same rejected token share one
// question to the source, whatever it brought.
func (m *Memory) Renew(ctx context.Context, appid string, rejected Lease) (Lease, error) {
	return m.get(ctx, Request{AppID: appid, Rejected: true}, func(known *entry) bool {
		return known.generation > rejected.generation
	})
}

// get returns the remembered token where it is good enough, and else what the source says.
func (m *Memory) get(ctx context.Context, request Request, good func(*entry) bool) (Lease, error) {
	if m.about.PerAppID && request.AppID == "" {
		return Lease{}, ErrAppIDNeeded
	}
	key := ""
	if m.about.PerAppID {
		key = request.AppID
	}

	m.mutex.Lock()
	known := m.entries[key]
	if known == nil {
		known = &entry{}
		m.entries[key] = known
	}
	if known.generation > 0 && good(known) {
		lease := Lease{known.token.Value, known.generation}
		m.mutex.Unlock()
		return lease, nil
	}
	joined := known.flight
	if joined == nil {
		joined = m.launch(ctx, known, request)
	}
	joined.waiting++
	m.mutex.Unlock()

	select {
	case <-joined.done:
		return joined.lease, joined.err
	case <-ctx.Done():
		m.mutex.Lock()
		defer m.mutex.Unlock()
		if joined.waiting--; joined.waiting == 0 {
			joined.cancel()
			if known.flight == joined {
				known.flight = nil
			}
		}
		return Lease{}, ctx.Err()
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
		if err == nil && ctx.Err() == nil {
			known.generation++
			known.token = token
			launched.lease = Lease{token.Value, known.generation}
		}
		if launched.err = err; err == nil {
			launched.err = ctx.Err()
		}
		if known.flight == launched {
			known.flight = nil
		}
		close(launched.done)
	}()
	return launched
}
