package binding

import (
	"context"
	"errors"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// ComponentAPI is the part of WeChat that tells of a component's authorizers; [*wechat.Client] is it.
type ComponentAPI interface {
	AuthorizerInfo(ctx context.Context, componentToken, componentAppID, appid string) (wechat.Authorizer, error)
	AuthorizerList(ctx context.Context, componentToken, componentAppID string) (authorized map[string]time.Time, settled bool, err error)
}

// Component is a third-party platform that can be asked about its authorizers.
type Component struct {
	api    ComponentAPI
	appid  string
	tokens *token.Cache
}

// NewComponent returns a component that asks api with its own access token, the one of tokens.
func NewComponent(api ComponentAPI, appid string, tokens *token.Cache) *Component {
	return &Component{api, appid, tokens}
}

// ComponentError is WeChat's refusal of a question that was asked with the component's own access token.
type ComponentError struct {
	Refusal *wechat.Error
	// Rejected is set where it was that token that WeChat refused.
	Rejected *token.RejectedError
}

// Error implements error.
func (e *ComponentError) Error() string { return e.Refusal.Error() }

// Unwrap gives WeChat's refusal.
func (e *ComponentError) Unwrap() error { return e.Refusal }

// Authorizer reads what WeChat tells of an authorizer. The error is a [*ComponentError], an error of the token source,
// or the context's.
func (c *Component) Authorizer(ctx context.Context, appid string) (wechat.Authorizer, error) {
	return askAsComponent(ctx, c, func(ctx context.Context, accessToken string) (wechat.Authorizer, error) {
		return c.api.AuthorizerInfo(ctx, accessToken, c.appid, appid)
	})
}

// Authorizers reads when each authorizer authorized the component, by appid; settled is false where the list changed each
// time it was read, so that one may be missing. Errors are those of Authorizer.
func (c *Component) Authorizers(ctx context.Context) (authorized map[string]time.Time, settled bool, err error) {
	list := func(ctx context.Context, accessToken string) (listed map[string]time.Time, err error) {
		listed, settled, err = c.api.AuthorizerList(ctx, accessToken, c.appid)
		return listed, err
	}
	authorized, err = askAsComponent(ctx, c, list)
	return authorized, settled, err
}

// askAsComponent asks with the component's own access token.
func askAsComponent[T any](
	ctx context.Context, c *Component, question func(ctx context.Context, accessToken string) (T, error),
) (T, error) {
	answer, err := token.Use(ctx, c.tokens, "", question)
	var failed ComponentError
	if !errors.As(err, &failed.Refusal) {
		return answer, err
	}
	errors.As(err, &failed.Rejected)
	return answer, &failed
}
