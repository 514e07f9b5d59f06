package binding

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// clerk answers what accounts have granted.
type clerk struct {
	asked atomic.Int32
	err   error
	slow  bool
}

func (c *clerk) AuthorizerInfo(ctx context.Context, own wechat.Token, platform, _ string) (wechat.Authorizer, error) {
	c.asked.Add(1)
	if c.slow {
		<-ctx.Done()
		return wechat.Authorizer{}, ctx.Err()
	}
	if own.Value != "61_component" || platform != "wx3" {
		return wechat.Authorizer{}, errors.New("asked with something else")
	}
	return wechat.Authorizer{Kind: wechat.KindMiniProgram, PermissionSets: []int{17, 30}}, c.err
}

func (c *clerk) AuthorizerList(context.Context, wechat.Token, string) (map[string]time.Time, bool, error) {
	return nil, false, errors.New("nobody asked for the list")
}

// refusedReader is a reader whose accounts are all refused with 48001, beside a component that can be asked why.
func refusedReader(desk *clerk) *Reader {
	refusal := &wechat.Error{Code: wechat.CodeAPIUnauthorized}
	component := NewComponent(desk, "wx3", token.NewCache(token.Static("component.access_token", "61_component")), 8)
	return NewReader(failing{err: refusal}, token.NewCache(token.Static("access_token", "61_x")), 8, component)
}

func TestRefusedPermissionIsExplained(t *testing.T) {
	t.Parallel()
	desk := &clerk{}
	_, err := refusedReader(desk).OpenAccount(t.Context(), appid)
	var explained *PermissionError
	if !errors.As(err, &explained) || explained.Authorizer == nil || explained.Authorizer.Kind != wechat.KindMiniProgram {
		t.Fatalf("got %+v, want what the account has granted", err)
	}
	if granted, known := explained.Authorizer.GrantsOpen(); granted || !known {
		t.Errorf("granted is %t, known %t", granted, known)
	}
}

func TestRefusedPermissionStandsWhereNothingCanBeFoundOut(t *testing.T) {
	t.Parallel()
	reason := errors.New("not now")
	_, err := refusedReader(&clerk{err: reason}).OpenAccount(t.Context(), appid)
	var explained *PermissionError
	if !errors.As(err, &explained) || explained.Authorizer != nil || !errors.Is(explained.AuthorizerErr, reason) || explained.Err.Code != wechat.CodeAPIUnauthorized {
		t.Errorf("got %+v, want both failures", err)
	}
}

func TestFewAccountsAreAskedAboutAndEachOnce(t *testing.T) {
	t.Parallel()
	desk := &clerk{}
	reader := refusedReader(desk)
	var explained atomic.Int32
	var group sync.WaitGroup
	for number := range 100 {
		group.Go(func() {
			_, err := reader.OpenAccount(t.Context(), fmt.Sprintf("wx%d", number%20))
			var permission *PermissionError
			if errors.As(err, &permission) {
				explained.Add(1)
			}
		})
	}
	group.Wait()
	if desk.asked.Load() != permissionLookups || explained.Load() != 5*permissionLookups {
		t.Errorf("asked about %d accounts and explained %d refusals, want %d and %d", desk.asked.Load(), explained.Load(), permissionLookups, 5*permissionLookups)
	}
}

// TestRefusedComponentIsToldFromARefusedAccount has WeChat refuse the component's own access token, or only the
// question.
func TestRefusedComponentIsToldFromARefusedAccount(t *testing.T) {
	t.Parallel()
	for refusal, rejected := range map[*wechat.Error]bool{
		{Code: wechat.CodeTokenExpired, Endpoint: wechat.PathAuthorizerList}:           true,
		{Code: wechat.CodeComponentNotAuthorized, Endpoint: wechat.PathAuthorizerList}: false,
	} {
		component := NewComponent(&clerk{err: refusal}, "wx3", token.NewCache(token.Static("component.access_token", "61_component")), 8)
		_, err := component.Authorizer(t.Context(), appid)
		if _, isRejected := errors.AsType[*token.RejectedError](err); !errors.Is(err, refusal) || isRejected != rejected || isShared(err) != rejected {
			t.Errorf("%v: got %+v, want the component's refusal, rejected %t", refusal, err, rejected)
		}
	}
}

// TestExplainingDoesNotOutliveItsReader has a clerk who does not answer.
func TestExplainingDoesNotOutliveItsReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader := refusedReader(&clerk{slow: true})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begun := time.Now()
		var explained *PermissionError
		if _, err := reader.OpenAccount(ctx, appid); errors.As(err, &explained) || time.Since(begun) != time.Second {
			t.Errorf("the first reader got %v after %s", err, time.Since(begun))
		}
		begun = time.Now()
		if _, err := reader.OpenAccount(t.Context(), appid); !errors.As(err, &explained) || explained.AuthorizerErr == nil || time.Since(begun) != permissionTimeout {
			t.Errorf("the second reader got %v after %s, want the limit of %s", err, time.Since(begun), permissionTimeout)
		}
	})
}
