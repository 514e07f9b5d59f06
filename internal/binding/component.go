package binding

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// ComponentAPI are the calls about a component's authorizers; [*wechat.Client] has them.
type ComponentAPI interface {
	AuthorizerInfo(ctx context.Context, token wechat.Token, componentAppID, appid string) (wechat.Authorizer, error)
	AuthorizerList(ctx context.Context, token wechat.Token, componentAppID string) (map[string]time.Time, bool, error)
}

// Component is a third-party platform that can be asked about its authorizers.
type Component struct {
	caller // whose breaker is of calls about one authorizer
	api    ComponentAPI
	appid  string

	mutex   sync.Mutex
	lookups map[string]*lookup // of refused permissions, by appid
}

// NewComponent returns a component whose own access token is the one of tokens, and that may have concurrent requests
// under way at once.
func NewComponent(api ComponentAPI, appid string, tokens *token.Cache, concurrent int) *Component {
	return &Component{
		caller: caller{tokens: tokens, concurrent: concurrent}, api: api, appid: appid, lookups: map[string]*lookup{},
	}
}

// Authorizer reads what WeChat says of an authorizer. The error is a [*token.RejectedError], a [*SharedError], a
// [*wechat.Error], an error of the token source, or the context's.
func (c *Component) Authorizer(ctx context.Context, appid string) (wechat.Authorizer, error) {
	return use(ctx, &c.caller, "", appid, func(ctx context.Context, token wechat.Token) (wechat.Authorizer, error) {
		return c.api.AuthorizerInfo(ctx, token, c.appid, appid)
	})
}

// Authorizers reads when each authorizer authorized the component, by appid; complete is false where the list changed
// each time it was read, so that one may be missing. Errors are those of Authorizer.
func (c *Component) Authorizers(ctx context.Context) (authorized map[string]time.Time, complete bool, err error) {
	list := func(ctx context.Context, token wechat.Token) (listed map[string]time.Time, err error) {
		listed, complete, err = c.api.AuthorizerList(ctx, token, c.appid)
		return listed, err
	}
	authorized, err = token.Use(ctx, c.tokens, "", list)
	return authorized, complete, err
}

// AuthorizersInfo reads what WeChat says of each of many authorizers. Results and errors are those of readAll and
// [Component.Authorizer].
func (c *Component) AuthorizersInfo(
	ctx context.Context, appids []string, progress func(done, of int),
) ([]Result[wechat.Authorizer], error) {
	return readAll(ctx, &c.caller, appids, progress, c.Authorizer)
}

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

// lookup is what is known about one account.
type lookup struct {
	slot   *semaphore.Weighted // held while WeChat is asked
	result *PermissionError    // without Err; nil until WeChat was asked
}

// explain adds to a refused permission what the account has granted, where that can be read before ctx ends. Other
// errors stay as they are, and so do all where there is no component. WeChat is asked once about an account, however
// many readers want to know; where the ctx of the one who asks ends first, the next one asks.
func (c *Component) explain(ctx context.Context, appid string, err error) error {
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	if c == nil || appid == "" || !isRefusal || refused.Code != wechat.CodeAPIUnauthorized {
		return err
	}
	known := c.lookup(appid)
	if known == nil || known.slot.Acquire(ctx, 1) != nil {
		return err
	}
	defer known.slot.Release(1)
	if known.result == nil {
		limited, cancel := context.WithTimeout(ctx, permissionTimeout)
		defer cancel()
		authorizer, authorizerErr := c.Authorizer(limited, appid)
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
func (c *Component) lookup(appid string) *lookup {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.lookups[appid] == nil && len(c.lookups) < permissionLookups {
		c.lookups[appid] = &lookup{slot: semaphore.NewWeighted(1)}
	}
	return c.lookups[appid]
}
