// Package binding answers what an account is bound to: it gets a token, asks WeChat, and renews a rejected token once.
package binding

import (
	"context"
	"errors"
	"fmt"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// API is the part of WeChat that is asked; [*wechat.Client] is it.
type API interface {
	OpenGet(ctx context.Context, accessToken, appid string) (wechat.OpenAccount, error)
}

// Reader reads bindings. It is safe for concurrent use.
type Reader struct {
	api    API
	tokens *token.Memory
}

// NewReader returns a reader that asks api with tokens of the memory.
func NewReader(api API, tokens *token.Memory) *Reader {
	return &Reader{api: api, tokens: tokens}
}

// RejectedError is an access token that WeChat refused, and that the source did not replace by one that it takes: it had
// the same one again, another one that was refused too (Renewed), or none (RenewalError).
type RejectedError struct {
	Source       token.Description
	Renewed      bool
	RenewalError error
	// Refusal is WeChat's last.
	Refusal *wechat.Error
}

// Error implements error.
func (e *RejectedError) Error() string {
	switch {
	case e.Renewed:
		return fmt.Sprintf("%s: a second token was rejected too: %s", e.Source.Setting, e.Refusal)
	case e.RenewalError != nil:
		return fmt.Sprintf("%s: the token was rejected: %s; and there was no other: %s", e.Source.Setting, e.Refusal, e.RenewalError)
	default:
		return fmt.Sprintf("%s: the token was rejected: %s", e.Source.Setting, e.Refusal)
	}
}

// Unwrap gives WeChat's refusal.
func (e *RejectedError) Unwrap() error { return e.Refusal }

// OpenAccount reads which open platform account an authorizer is bound to. An empty appid asks for the account whose token
// it is, where the source has only one. The error is a [*RejectedError], a [*wechat.Error], a [*token.Error] or another
// error of the token source, or the context's.
func (r *Reader) OpenAccount(ctx context.Context, appid string) (wechat.OpenAccount, error) {
	return withToken(ctx, r.tokens, appid, func(accessToken string) (wechat.OpenAccount, error) {
		return r.api.OpenGet(ctx, accessToken, appid)
	})
}

// withToken asks with the account's token, and once more with another one where WeChat rejects it. This is the one place
// where that is decided.
func withToken[T any](ctx context.Context, tokens *token.Memory, appid string, ask func(accessToken string) (T, error)) (T, error) {
	var none T
	lease, err := tokens.Token(ctx, appid)
	if err != nil {
		return none, err
	}
	answer, err := ask(lease.Value)
	var refusal *wechat.Error
	if !errors.As(err, &refusal) || !refusal.TokenRejected() {
		return answer, err
	}
	renewed, err := tokens.Renew(ctx, appid, lease)
	switch {
	case err != nil && ctx.Err() != nil:
		return none, err
	case err != nil:
		return none, &RejectedError{Source: tokens.Describe(), RenewalError: err, Refusal: refusal}
	case renewed.Value == lease.Value:
		return none, &RejectedError{Source: tokens.Describe(), Refusal: refusal}
	}
	answer, err = ask(renewed.Value)
	if errors.As(err, &refusal) && refusal.TokenRejected() {
		return none, &RejectedError{Source: tokens.Describe(), Renewed: true, Refusal: refusal}
	}
	return answer, err
}
