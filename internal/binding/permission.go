package binding

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// permissionLookups is for how many accounts, at most, a refused permission is looked into: enough to see the pattern,
// and no burden on the platform's quota where thousands are refused.
const permissionLookups = 5

// permissionTimeout bounds one look: the refusal itself is known already.
const permissionTimeout = 10 * time.Second

// PermissionError is 48001 with what could be found out about it.
type PermissionError struct {
	Err *wechat.Error
	// Authorizer is what WeChat says of the account, or nil where AuthorizerErr says why that is not known.
	Authorizer    *wechat.Authorizer
	AuthorizerErr error
}

// Error implements error.
func (e *PermissionError) Error() string { return e.Err.Error() }

// Unwrap returns WeChat's refusal.
func (e *PermissionError) Unwrap() error { return e.Err }

// permissions looks into refused permissions. Without a component it looks into none.
type permissions struct {
	component *Component

	mutex   sync.Mutex
	lookups map[string]*lookup // by appid
}

func newPermissions(component *Component) *permissions {
	return &permissions{component: component, lookups: map[string]*lookup{}}
}

// lookup is what is known about one account.
type lookup struct {
	slot   *semaphore.Weighted // held while WeChat is asked
	result *PermissionError    // without Err; nil until WeChat was asked
}

// explain adds to a refused permission what the account has granted, where that can be read before ctx ends. Other
// errors stay as they are. WeChat is asked once about an account, however many readers want to know; where the ctx of
// the one who asks ends first, the next one asks.
func (p *permissions) explain(ctx context.Context, appid string, err error) error {
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	if p.component == nil || appid == "" || !isRefusal || refused.Code != wechat.CodeUnauthorized {
		return err
	}
	known := p.lookup(appid)
	if known == nil {
		return err
	}
	if known.slot.Acquire(ctx, 1) != nil {
		return err
	}
	defer known.slot.Release(1)
	if known.result == nil {
		limited, cancel := context.WithTimeout(ctx, permissionTimeout)
		defer cancel()
		authorizer, authorizerErr := p.component.Authorizer(limited, appid)
		if ctx.Err() != nil {
			return err
		}
		known.result = &PermissionError{Authorizer: &authorizer}
		if authorizerErr != nil {
			known.result = &PermissionError{AuthorizerErr: authorizerErr}
		}
	}
	return &PermissionError{refused, known.result.Authorizer, known.result.AuthorizerErr}
}

// lookup is the account's, or nil where enough others were looked into.
func (p *permissions) lookup(appid string) *lookup {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.lookups[appid] == nil && len(p.lookups) < permissionLookups {
		p.lookups[appid] = &lookup{slot: semaphore.NewWeighted(1)}
	}
	return p.lookups[appid]
}
