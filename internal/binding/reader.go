// Package binding answers what an account is bound to: it gets a token, asks WeChat, and renews a rejected token once.
package binding

import (
	"context"
	"errors"
	"slices"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// API are the calls about bindings; [*wechat.Client] has them.
type API interface {
	OpenGet(ctx context.Context, token wechat.Token, appid string) (wechat.OpenAccount, error)
	TokenOwner(ctx context.Context, token wechat.Token) (string, error)
	OpenHave(ctx context.Context, token wechat.Token) (bool, error)
	OpenSameEntity(ctx context.Context, token wechat.Token) (bool, error)
}

// Reader reads bindings. It is safe for concurrent use.
type Reader struct {
	caller
	api       API
	component *Component // nil where there is none
}

// NewReader returns a reader that may have concurrent requests under way at once. A component, where not nil, is asked
// why a permission was refused.
func NewReader(api API, tokens *token.Cache, concurrent int, component *Component) *Reader {
	return &Reader{caller: caller{tokens: tokens, concurrent: concurrent}, api: api, component: component}
}

// OpenAccount reads which open platform account an authorizer is bound to. An empty appid asks for the account whose
// token it is, where the source has only one. The error is a [*token.RejectedError], a [*PermissionError], an
// [*SharedError], a [*wechat.Error], an error of the token source, or the context's.
func (r *Reader) OpenAccount(ctx context.Context, appid string) (wechat.OpenAccount, error) {
	openGet := func(ctx context.Context, token wechat.Token) (wechat.OpenAccount, error) {
		return r.api.OpenGet(ctx, token, appid)
	}
	account, err := use(ctx, &r.caller, appid, appid, openGet)
	refused, isRefusal := errors.AsType[*wechat.Error](err)
	source := r.tokens.Description
	if isRefusal && refused.Code == wechat.CodeInvalidAppID && !source.PerAppID && appid != "" {
		return account, &OneTokenError{refused, source}
	}
	return account, r.component.explain(ctx, appid, err)
}

// OneTokenError is an appid that WeChat refused (40013) for a token that the source hands out whatever the appid.
type OneTokenError struct {
	Err    *wechat.Error
	Source token.Description
}

// Error implements error.
func (e *OneTokenError) Error() string { return e.Err.Error() }

// Unwrap returns WeChat's refusal.
func (e *OneTokenError) Unwrap() error { return e.Err }

// ErrOneAccount is returned where several accounts are asked about and the token source has the token of one.
var ErrOneAccount = errors.New("the token source serves one account")

// OpenAccounts reads which open platform account each of many accounts is bound to. Results and errors are those of
// readAll and [Reader.OpenAccount], ErrOneAccount, and the one of [token.Unavailable].
func (r *Reader) OpenAccounts(
	ctx context.Context, appids []string, progress func(done, of int),
) ([]Result[wechat.OpenAccount], error) {
	appids = slices.Compact(slices.Sorted(slices.Values(appids)))
	switch source := r.tokens.Description; {
	case len(appids) > 0 && source.Setting == "": // it has no token at all, and says why itself
		_, err := r.OpenAccount(ctx, appids[0])
		return nil, err
	case len(appids) > 1 && !source.PerAppID:
		return nil, ErrOneAccount
	}
	return readAll(ctx, &r.caller, appids, progress, r.OpenAccount)
}

// Status is whether an authorizer is bound to an open platform account, and, where it is, to one of the same legal
// entity.
type Status struct{ Bound, SameEntity bool }

// OtherAccountError is an access token that is another account's than the one that was asked about.
type OtherAccountError struct {
	// AppID is the account that was asked about, Owner the token's.
	AppID, Owner string
}

// Error implements error.
func (e *OtherAccountError) Error() string {
	return "the access token for " + e.AppID + " is that of " + e.Owner
}

// Status reads it. An account that is bound to none is not asked about further. The endpoints take no appid, so WeChat
// is asked first whose token it is, and the same token is used for all. The error is an [*OtherAccountError], or one of
// those of [Reader.OpenAccount]; a refused permission stays as it is.
func (r *Reader) Status(ctx context.Context, appid string) (Status, error) {
	return use(ctx, &r.caller, appid, appid, func(ctx context.Context, token wechat.Token) (Status, error) {
		owner, err := r.api.TokenOwner(ctx, token)
		if err != nil {
			return Status{}, err
		}
		if appid != "" && owner != appid {
			return Status{}, &OtherAccountError{AppID: appid, Owner: owner}
		}
		bound, err := r.api.OpenHave(ctx, token)
		if err != nil || !bound {
			return Status{}, err
		}
		same, err := r.api.OpenSameEntity(ctx, token)
		return Status{bound, same}, err
	})
}
