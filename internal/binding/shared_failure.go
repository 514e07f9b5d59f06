package binding

import (
	"errors"
	"fmt"
	"sync"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// sharedAppIDs is for how many accounts, with no success in between, a failure that may be everybody's must come to
// count as that.
const sharedAppIDs = 5

// SharedError is a failure that every account would meet: asking on for the others would only take time and quota.
type SharedError struct {
	// Err is the failure as it was met last, Accounts for how many accounts.
	Err      error
	Accounts int
}

// Error implements error.
func (e *SharedError) Error() string {
	return fmt.Sprintf("%d accounts in a row failed so: %s", e.Accounts, e.Err)
}

// Unwrap gives the failure.
func (e *SharedError) Unwrap() error { return e.Err }

// everybody watches for it. Its zero value has seen nothing.
type everybody struct {
	mutex  sync.Mutex
	failed map[string]bool
	stop   error
}

// stopped is the failure that ended all reading, or nil.
func (e *everybody) stopped() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.stop
}

// note takes notice of how reading an account ended.
func (e *everybody) note(appid string, err error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	switch {
	case e.stop != nil:
	case err == nil:
		e.failed = nil
	case mayBeShared(err):
		if e.failed == nil {
			e.failed = map[string]bool{}
		}
		if e.failed[appid] = true; len(e.failed) >= sharedAppIDs {
			e.stop = &SharedError{err, len(e.failed)}
		}
	case isAnswer(err):
		e.failed = nil // WeChat answers, if not as wished
	}
}

// isAnswer reports whether an error is an answer of WeChat's.
func isAnswer(err error) bool {
	var refusal *wechat.Error
	return errors.As(err, &refusal) && refusal.Code != 0
}

// mayBeShared reports whether a failure says nothing about the account it was met with: the way to WeChat or to the
// token service is closed, the program cannot be run, the caller's address is on no list, or the component itself is
// refused.
func mayBeShared(err error) bool {
	var (
		refusal   *wechat.Error
		component *ComponentError
		source    *token.Error
	)
	switch {
	case errors.As(err, &source) && source.Shared:
		return true
	case errors.As(err, &component) && component.Rejected != nil:
		return true
	case errors.As(err, &refusal) && refusal.Failure != nil:
		return refusal.Failure.Unreachable()
	case errors.As(err, &refusal):
		switch refusal.Code {
		case wechat.CodeCallerIP, wechat.CodeCallerIPSecret, 61011:
			return true
		}
	}
	return false
}
