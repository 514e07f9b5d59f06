// Package binding answers what an account is bound to: it gets a token, asks WeChat, and renews a rejected token once.
package binding

import (
	"context"
	"fmt"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// API is the part of WeChat that is asked; [*wechat.Client] is it.
type API interface {
	OpenGet(ctx context.Context, accessToken, appid string) (wechat.OpenAccount, error)
	TokenOwner(ctx context.Context, accessToken string) (string, error)
	OpenHave(ctx context.Context, accessToken string) (bool, error)
	OpenSameEntity(ctx context.Context, accessToken string) (bool, error)
}

// Reader reads bindings. It is safe for concurrent use.
type Reader struct {
	api       API
	tokens    *token.Cache
	explainer explainer
	everybody everybody
}

// NewReader returns a reader that asks api with tokens of the memory. A component, where there is one, is asked why a
// permission was refused.
func NewReader(api API, tokens *token.Cache, component *Component) *Reader {
	return &Reader{api: api, tokens: tokens, explainer: explainer{component: component}}
}

// OpenAccount reads which open platform account an authorizer is bound to. An empty appid asks for the account whose token
// it is, where the source has only one. The error is a [*token.RejectedError], a [*PermissionError], an
// [*SharedError], a [*wechat.Error], an error of the token source, or the context's.
func (r *Reader) OpenAccount(ctx context.Context, appid string) (wechat.OpenAccount, error) {
	account, err := ask(ctx, r, appid, func(ctx context.Context, accessToken string) (wechat.OpenAccount, error) {
		return r.api.OpenGet(ctx, accessToken, appid)
	})
	return account, r.explainer.explain(ctx, appid, err)
}

// Status is whether an authorizer is bound to an open platform account, and, where it is, to one of the same legal entity.
type Status struct{ Bound, SameEntity bool }

// OtherAccountError is an access token that is another account's than the one that was asked about.
type OtherAccountError struct {
	// AppID is the account that was asked about, Owner the token's.
	AppID, Owner string
}

// Error implements error.
func (e *OtherAccountError) Error() string {
	return fmt.Sprintf("the access token for %s is that of %s", e.AppID, e.Owner)
}

// Status reads it. An account that is bound to none is not asked about further. The endpoints take no appid, so WeChat
// is asked first whose token it is, and the same token is used for all. The error is an [*OtherAccountError], or one of
// those of [Reader.OpenAccount]; a refused permission stays as it is.
func (r *Reader) Status(ctx context.Context, appid string) (Status, error) {
	return ask(ctx, r, appid, func(ctx context.Context, accessToken string) (Status, error) {
		owner, err := r.api.TokenOwner(ctx, accessToken)
		if err != nil {
			return Status{}, err
		}
		if appid != "" && owner != appid {
			return Status{}, &OtherAccountError{AppID: appid, Owner: owner}
		}
		bound, err := r.api.OpenHave(ctx, accessToken)
		if err != nil || !bound {
			return Status{}, err
		}
		same, err := r.api.OpenSameEntity(ctx, accessToken)
		return Status{bound, same}, err
	})
}

// ask asks about one account with its token, unless asking has come to an end for all.
func ask[T any](ctx context.Context, r *Reader, appid string, question func(ctx context.Context, accessToken string) (T, error)) (T, error) {
	if stopped := r.everybody.stopped(); stopped != nil {
		var none T
		return none, stopped
	}
	answer, err := token.Use(ctx, r.tokens, appid, question)
	r.everybody.note(appid, err)
	return answer, err
}
