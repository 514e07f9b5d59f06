package binding

import (
	"context"
	"errors"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// ComponentAPI are the calls about a component's authorizers; [*wechat.Client] has them.
type ComponentAPI interface {
	AuthorizerInfo(ctx context.Context, token wechat.Token, componentAppID, appid string) (wechat.Authorizer, error)
	AuthorizerList(
		ctx context.Context, token wechat.Token, componentAppID string,
	) (authorized map[string]time.Time, settled bool, err error)
}

// Component is a third-party platform that can be asked about its authorizers.
type Component struct {
	api    ComponentAPI
	appid  string
	tokens *token.Cache
	// breaker is of calls about one authorizer.
	breaker breaker
}

// NewComponent returns a component whose own access token is the one of tokens.
func NewComponent(api ComponentAPI, appid string, tokens *token.Cache) *Component {
	return &Component{api: api, appid: appid, tokens: tokens}
}

// ComponentError is a call that failed with the component's own access token: a [*wechat.Error], or a
// [*token.RejectedError] where WeChat rejected that token.
type ComponentError struct{ Err error }

// Error implements error.
func (e *ComponentError) Error() string { return e.Err.Error() }

// Unwrap returns the failure.
func (e *ComponentError) Unwrap() error { return e.Err }

// TokenRejected reports whether it was the component's token that WeChat refused.
func (e *ComponentError) TokenRejected() bool {
	_, rejected := errors.AsType[*token.RejectedError](e.Err)
	return rejected
}

// Authorizer reads what WeChat says of an authorizer. The error is a [*ComponentError], a [*SharedError], an error
// of the token source, or the context's.
func (c *Component) Authorizer(ctx context.Context, appid string) (wechat.Authorizer, error) {
	if shared := c.breaker.err(); shared != nil {
		return wechat.Authorizer{}, shared
	}
	info := func(ctx context.Context, token wechat.Token) (wechat.Authorizer, error) {
		return c.api.AuthorizerInfo(ctx, token, c.appid, appid)
	}
	authorizer, err := token.Use(ctx, c.tokens, "", info)
	err = componentError(err)
	c.breaker.record(appid, err)
	return authorizer, err
}

// Authorizers reads when each authorizer authorized the component, by appid; settled is false where the list changed
// each time it was read, so that one may be missing. Errors are those of Authorizer.
func (c *Component) Authorizers(ctx context.Context) (authorized map[string]time.Time, settled bool, err error) {
	list := func(ctx context.Context, token wechat.Token) (listed map[string]time.Time, err error) {
		listed, settled, err = c.api.AuthorizerList(ctx, token, c.appid)
		return listed, err
	}
	authorized, err = token.Use(ctx, c.tokens, "", list)
	return authorized, settled, componentError(err)
}

// componentError is the error of a call with the component's own access token.
func componentError(err error) error {
	if _, isRefusal := errors.AsType[*wechat.Error](err); isRefusal {
		return &ComponentError{err}
	}
	return err
}
