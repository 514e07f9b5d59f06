package binding

import (
	"context"
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
	tokens *token.Component
}

// NewComponent returns a component that asks api with the access token of tokens.
func NewComponent(api ComponentAPI, tokens *token.Component) *Component {
	return &Component{api, tokens}
}

// Authorizer reads what WeChat tells of an authorizer. The error is a [*token.ComponentError], a [*token.Error], or the
// context's.
func (c *Component) Authorizer(ctx context.Context, appid string) (wechat.Authorizer, error) {
	return token.UseOwn(ctx, c.tokens, token.StepAuthorizer, func(ctx context.Context, own string) (wechat.Authorizer, error) {
		return c.api.AuthorizerInfo(ctx, own, c.tokens.AppID(), appid)
	})
}

// Authorizers reads when each authorizer authorized the component, by appid; settled is false where the list changed each
// time it was read, so that one may be missing. The error is as of Authorizer.
func (c *Component) Authorizers(ctx context.Context) (authorized map[string]time.Time, settled bool, err error) {
	authorized, err = token.UseOwn(ctx, c.tokens, token.StepAuthorizers, func(ctx context.Context, own string) (map[string]time.Time, error) {
		var listed map[string]time.Time
		var err error
		listed, settled, err = c.api.AuthorizerList(ctx, own, c.tokens.AppID())
		return listed, err
	})
	return authorized, settled, err
}

// granted reads what an account has granted, with the access token that is there. It makes none: a refused permission is no
// reason to end the token that production is using.
func (c *Component) granted(ctx context.Context, appid string) (authorizer wechat.Authorizer, asked bool, err error) {
	own, available := c.tokens.AccessToken()
	if !available {
		return wechat.Authorizer{}, false, nil
	}
	authorizer, err = c.api.AuthorizerInfo(ctx, own, c.tokens.AppID(), appid)
	return authorizer, true, c.tokens.Refused(token.StepAuthorizer, err)
}
