package wechat

import (
	"context"
	"sync"
	"time"
)

const (
	// minuteQuotaDelay is how long the quota of a minute needs to be there again.
	minuteQuotaDelay = time.Minute
	// pausingAppIDs is from how many accounts within a minute on a used-up quota counts as everybody's.
	pausingAppIDs = 5
)

// quotaPause holds all requests back for a minute once the quota of the minute was used up for several accounts: each of
// the others would only find out the same by spending a request.
type quotaPause struct {
	mutex sync.Mutex
	// refused is when each account was refused last; counted are those that have caused a pause already and have had no
	// answer since, and do not cause another.
	refused map[string]time.Time
	counted map[string]bool
	until   time.Time
	last    *Error
}

// note takes notice of how a request about an account ended.
func (q *quotaPause) note(appid string, failed *Error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if failed == nil || failed.Code != CodeMinuteQuota {
		if failed == nil {
			delete(q.refused, appid)
			delete(q.counted, appid)
		}
		return
	}
	if q.counted[appid] {
		return
	}
	if q.refused == nil {
		q.refused, q.counted = map[string]time.Time{}, map[string]bool{}
	}
	now := time.Now()
	q.refused[appid] = now
	for other, at := range q.refused {
		if now.Sub(at) > minuteQuotaDelay {
			delete(q.refused, other)
		}
	}
	if len(q.refused) < pausingAppIDs {
		return
	}
	for other := range q.refused {
		q.counted[other] = true
	}
	clear(q.refused)
	q.until, q.last = now.Add(minuteQuotaDelay), failed
}

// left is how long a pause still lasts.
func (q *quotaPause) left() time.Duration {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return time.Until(q.until)
}

// wait waits for the end of a pause. Where that does not fit the deadline, it returns at once what WeChat said last.
func (q *quotaPause) wait(ctx context.Context, endpoint string) error {
	for {
		q.mutex.Lock()
		pause, last := time.Until(q.until), q.last
		q.mutex.Unlock()
		if pause <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			refused := *last
			refused.Endpoint, refused.RID = endpoint, ""
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
