package binding

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// explainedAppIDs is for how many accounts, at most, a refused permission is looked into: enough to see the pattern, and
// no burden on the platform's quota where thousands are refused.
const explainedAppIDs = 5

// factsLimit bounds looking into a refused permission.
const factsLimit = 10 * time.Second

// PermissionError is 48001 with what could be found out about it.
type PermissionError struct {
	Refusal *wechat.Error
	// Facts are what WeChat tells of the account, or nil.
	Authorizer *wechat.Authorizer
	// AuthorizerErr says why there are none, where it was asked.
	AuthorizerErr error
}

// Error implements error.
func (e *PermissionError) Error() string {
	if e.AuthorizerErr != nil {
		return fmt.Sprintf("%s; and what the account has granted could not be read: %s", e.Refusal, e.AuthorizerErr)
	}
	return e.Refusal.Error()
}

// Unwrap gives WeChat's refusal.
func (e *PermissionError) Unwrap() error { return e.Refusal }

// explainer looks into refused permissions. Its zero value can ask nobody.
type explainer struct {
	component *Component

	mutex sync.Mutex
	asked map[string]*facts
}

// facts are the answer about one account, once done is closed.
type facts struct {
	done       chan struct{}
	authorizer wechat.Authorizer
	err        error
}

// explain adds to a refused permission what the account has granted, where that can be asked. Other errors stay as they are.
func (e *explainer) explain(ctx context.Context, appid string, err error) error {
	var refusal *wechat.Error
	if e.component == nil || appid == "" || !errors.As(err, &refusal) || refusal.Code != wechat.CodeUnauthorized {
		return err
	}
	known := e.ask(ctx, appid)
	if known == nil {
		return err
	}
	if known.err != nil {
		return &PermissionError{Refusal: refusal, AuthorizerErr: known.err}
	}
	return &PermissionError{Refusal: refusal, Authorizer: &known.authorizer}
}

// ask asks about an account once, however many readers want to know, and about no more than a few; nil is not asked.
func (e *explainer) ask(ctx context.Context, appid string) *facts {
	e.mutex.Lock()
	known := e.asked[appid]
	if known == nil {
		if len(e.asked) == explainedAppIDs {
			e.mutex.Unlock()
			return nil
		}
		known = &facts{done: make(chan struct{})}
		if e.asked == nil {
			e.asked = map[string]*facts{}
		}
		e.asked[appid] = known
		// Not under the context of the reader who came first, and briefly: the refusal itself is known already.
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), factsLimit)
		go func() {
			defer cancel()
			known.authorizer, known.err = e.component.Authorizer(asking, appid)
			close(known.done)
		}()
	}
	e.mutex.Unlock()
	select {
	case <-known.done:
		return known
	case <-ctx.Done():
		return nil
	}
}
