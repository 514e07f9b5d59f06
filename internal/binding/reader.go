// Package binding answers what an account is bound to: it gets a token, asks WeChat, and renews a rejected token once.
package binding

import (
	"context"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// API is the part of WeChat that is asked; [*wechat.Client] is it.
type API interface {
	OpenGet(ctx context.Context, accessToken, appid string) (wechat.OpenAccount, error)
}

// Reader reads bindings. It is safe for concurrent use.
type Reader struct {
	api       API
	tokens    *token.Memory
	explainer explainer
}

// NewReader returns a reader that asks api with tokens of the memory. A component, where there is one, is asked why a
// permission was refused.
func NewReader(api API, tokens *token.Memory, component *Component) *Reader {
	return &Reader{api: api, tokens: tokens, explainer: explainer{component: component}}
}

// OpenAccount reads which open platform account an authorizer is bound to. An empty appid asks for the account whose token
// it is, where the source has only one. The error is a [*token.RejectedError], a [*PermissionError], a [*wechat.Error], an
// error of the token source, or the context's.
func (r *Reader) OpenAccount(ctx context.Context, appid string) (wechat.OpenAccount, error) {
	account, err := token.Use(ctx, r.tokens, appid, func(accessToken string) (wechat.OpenAccount, error) {
		return r.api.OpenGet(ctx, accessToken, appid)
	})
	return account, r.explainer.explain(ctx, appid, err)
}
