package binding

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// failureThreshold is how many accounts in a row, with no success in between, must meet a failure that any account
// would.
const failureThreshold = 5

// sharedCodes are those by which WeChat refuses this caller or this component, and so most likely for every account.
var sharedCodes = []int{
	wechat.CodeIPNotAllowedByPlatform, wechat.CodeIPNotAllowedByAccount, wechat.CodeInvalidComponent,
}

// SharedError is a failure that every account would meet: to ask for the others would only take time and quota.
type SharedError struct {
	Err      error // as it was met last
	Accounts int   // that met it
}

// Error implements error.
func (e *SharedError) Error() string {
	return fmt.Sprintf("%d accounts in a row failed: %s", e.Accounts, e.Err)
}

// Unwrap returns the failure.
func (e *SharedError) Unwrap() error { return e.Err }

// breaker is a circuit breaker that opens at a shared failure and stays open. Its zero value is closed.
type breaker struct {
	mutex  sync.Mutex
	failed []string // the appids of shared failures since the last success
	open   error
}

// err is the shared failure, or nil while the breaker is closed.
func (b *breaker) err() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.open
}

// record takes note of how a read of an account ended.
func (b *breaker) record(appid string, err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	switch {
	case b.open != nil:
	case isShared(err):
		if !slices.Contains(b.failed, appid) {
			b.failed = append(b.failed, appid)
		}
		if len(b.failed) == failureThreshold {
			b.open = &SharedError{err, failureThreshold}
		}
	case err == nil, isRefusal && refused.Code != 0: // WeChat answers, if not as wished
		b.failed = nil
	}
}

// isShared reports whether a failure says nothing about the account: neither WeChat nor the token service can be
// reached, the program cannot be run, the caller's address is on no allow-list, or the component itself is refused.
func isShared(err error) bool {
	source, isSource := errors.AsType[*token.Error](err)
	rejected, isRejected := errors.AsType[*token.RejectedError](err)
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	switch {
	case isSource && source.Shared:
		return true
	case isRejected && rejected.RenewalError != nil && isShared(rejected.RenewalError): // no account gets another token
		return true
	case !isRefusal:
		return false
	case refused.OfComponent() && (isRejected || refused.Code == wechat.CodeDailyQuota): // which is the platform's
		return true
	case refused.Failure != nil:
		return refused.Failure.Unreachable()
	default:
		return slices.Contains(sharedCodes, refused.Code)
	}
}
