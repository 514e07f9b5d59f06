package token

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestTurnThatDoesNotComeInTime has a reader's time end before the source has said anything of the account: the error
// tells a source that is silent from one that was not asked yet, because others were before.
func TestTurnThatDoesNotComeInTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source func() Source // made within the bubble, with no slot that is ever free
		want   Reason
	}{
		"a program's": {func() Source {
			return &program{Description{Setting: "exec", PerAppID: true}, ExecConfig{Command: "true"}, semaphore.NewWeighted(0)}
		}, CommandQueued},
		"a service's": {func() Source {
			return &endpoint{Description{Setting: "token_endpoint", PerAppID: true}, EndpointConfig{}, wire.NewClient(wire.ClientConfig{})}
		}, RequestFailed},
		"of the silent": {func() Source { return silentSource{} }, NoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := NewCache(test.source()).Token(ctx, "wx1000000000000001")
				var failed *Error
				if !errors.As(err, &failed) || !failed.NoAnswer() || failed.Shared || failed.Reason != test.want || failed.Source.Setting == "" {
					t.Errorf("got %+v, want %q", err, test.want)
				}
			})
		})
	}
}

// silentSource answers nothing.
type silentSource struct{}

func (silentSource) Describe() Description { return Description{Setting: "silent", PerAppID: true} }

func (silentSource) Fetch(ctx context.Context, _ Request) (Token, error) {
	<-ctx.Done()
	return Token{}, ctx.Err()
}
