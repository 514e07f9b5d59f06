package wechat

import (
	"context"
	"sync"
	"time"
)

const (
	// minuteQuotaDelay is how long the quota of a minute needs to be there again.
	minuteQuotaDelay = time.Minute
	// pausingAppIDs is from how many accounts on a used-up minute counts as everybody's.
	pausingAppIDs = 5
)

// quotaPause holds all requests back for a minute once the quota of the minute was used up for several accounts: each of
// the others would only find out the same by spending a request.
type quotaPause struct {
	mutex   sync.Mutex
	refused map[string]bool
	until   time.Time
	last    *Error
}

// note takes notice of an error about an account.
func (q *quotaPause) note(appid string, failed *Error) {
	if failed.Code != CodeMinuteQuota {
		return
	}
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.refused == nil {
		q.refused = map[string]bool{}
	}
	q.refused[appid] = true
	if len(q.refused) >= pausingAppIDs {
		q.refused, q.until, q.last = nil, time.Now().Add(minuteQuotaDelay), failed
	}
}

// left is how long a pause still lasts.
func (q *quotaPause) left() time.Duration {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return time.Until(q.until)
}

// wait waits for the end of a pause. Where that does not fit the deadline, it returns at once what WeChat said last.
func (q *quotaPause) wait(ctx context.Context) error {
	for {
		q.mutex.Lock()
		pause, last := time.Until(q.until), q.last
		q.mutex.Unlock()
		if pause <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			refused := *last
			return &refused
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
