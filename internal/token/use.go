package token

import (
	"context"
	"errors"
	"fmt"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// RejectedError is an access token that WeChat refused, and that the source did not replace by one that it takes: it
// had the same one again, another one that was refused too (Renewed), or none (RenewalError).
type RejectedError struct {
	Source       Description
	Renewed      bool
	RenewalError error
	// Refusal is WeChat's last.
	Refusal *wechat.Error
}

// Error implements error.
func (e *RejectedError) Error() string {
	return fmt.Sprintf("%s: token rejected: %s", e.Source.Setting, e.Refusal)
}

// Unwrap returns WeChat's refusal.
func (e *RejectedError) Unwrap() error { return e.Refusal }

// Use asks with the account's token, and once more with another one where WeChat rejects it. This is the one place
// where that is decided. The retries that the first time used up, the second does not have.
func Use[T any](
	ctx context.Context, tokens *Cache, appid string, ask func(ctx context.Context, token wechat.Token) (T, error),
) (answer T, err error) {
	token, err := tokens.Token(ctx, appid)
	if err != nil {
		return answer, err
	}
	answer, err = ask(ctx, token)
	var refusal *wechat.Error
	if !errors.As(err, &refusal) || !refusal.TokenRejected() {
		return answer, err
	}
	renewed, err := tokens.Renew(ctx, appid, token)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return answer, context.Canceled
	case err != nil, renewed == token:
		return answer, &RejectedError{Source: tokens.Description, RenewalError: err, Refusal: refusal}
	}
	renewed.RetriesUsed = max(0, refusal.Attempts-1)
	answer, err = ask(ctx, renewed)
	if errors.As(err, &refusal) && refusal.TokenRejected() {
		err = &RejectedError{Source: tokens.Description, Renewed: true, Refusal: refusal}
	}
	return answer, err
}
