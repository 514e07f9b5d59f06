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

func (c *clerk) AuthorizerInfo(ctx context.Context, own, platform, _ string) (wechat.Authorizer, error) {
	c.asked.Add(1)
	if c.slow {
		<-ctx.Done()
		return wechat.Authorizer{}, ctx.Err()
	}
	if own != "component token" || platform != "wx3" {
		return wechat.Authorizer{}, errors.New("asked with something else")
	}
	return wechat.Authorizer{Kind: wechat.KindMiniProgram, PermissionSets: []int{17, 30}}, c.err
}

func (c *clerk) AuthorizerList(context.Context, string, string) (map[string]time.Time, bool, error) {
	return nil, false, errors.New("nobody asked for the list")
}

const (
	given   = "component token"
	missing = ""
)

// refusedReader is a reader whose accounts are all refused with 48001, beside a component with an access token or without.
func refusedReader(desk *clerk, own string) *Reader {
	refusal := &wechat.Error{Class: wechat.ClassPermission, Code: wechat.CodeUnauthorized}
	component := NewComponent(desk, token.NewComponent("component", token.ComponentConfig{AppID: "wx3", AccessToken: own, Mint: true}, nil))
	return NewReader(failing{err: refusal}, token.NewMemory(token.Static("access_token", "61_x"), nil), component)
}

func TestRefusedPermissionIsExplained(t *testing.T) {
	t.Parallel()
	desk := &clerk{}
	_, err := refusedReader(desk, given).OpenAccount(t.Context(), appid)
	var explained *PermissionError
	if !errors.As(err, &explained) || explained.Facts == nil || explained.Facts.Kind != wechat.KindMiniProgram {
		t.Fatalf("got %+v, want what the account has granted", err)
	}
	if granted, known := explained.Facts.GrantsOpen(); granted || !known {
		t.Errorf("granted is %t, known %t", granted, known)
	}
}

func TestRefusedPermissionStandsWhereNothingCanBeFoundOut(t *testing.T) {
	t.Parallel()
	reason := errors.New("not now")
	_, err := refusedReader(&clerk{err: reason}, given).OpenAccount(t.Context(), appid)
	var explained *PermissionError
	if !errors.As(err, &explained) || explained.Facts != nil || !errors.Is(explained.FactsError, reason) || explained.Refusal.Code != wechat.CodeUnauthorized {
		t.Errorf("got %+v, want both failures", err)
	}

	desk := &clerk{}
	_, err = refusedReader(desk, missing).OpenAccount(t.Context(), appid)
	var refusal *wechat.Error
	if errors.As(err, &explained) && explained.Facts != nil || !errors.As(err, &refusal) || desk.asked.Load() != 0 {
		t.Errorf("got %v after %d questions, want WeChat's refusal and no question", err, desk.asked.Load())
	}
}

func TestFewAccountsAreAskedAboutAndEachOnce(t *testing.T) {
	t.Parallel()
	desk := &clerk{}
	reader := refusedReader(desk, given)
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
	if desk.asked.Load() != explainedAppIDs || explained.Load() != 5*explainedAppIDs {
		t.Errorf("asked about %d accounts and explained %d refusals, want %d and %d", desk.asked.Load(), explained.Load(), explainedAppIDs, 5*explainedAppIDs)
	}
}

func TestRefusalOfMintingIsNotExplainedAsOpenGets(t *testing.T) {
	t.Parallel()
	desk := &clerk{}
	refused := &token.ComponentError{Step: token.StepComponentToken, Refusal: &wechat.Error{Code: wechat.CodeUnauthorized}}
	component := NewComponent(desk, token.NewComponent("component", token.ComponentConfig{AppID: "wx3", AccessToken: given}, nil))
	reader := NewReader(failing{err: errors.New("not asked for")}, token.NewMemory(token.Unavailable(refused), nil), component)
	_, err := reader.OpenAccount(t.Context(), appid)
	var explained *PermissionError
	if !errors.Is(err, refused) || errors.As(err, &explained) || desk.asked.Load() != 0 {
		t.Errorf("got %v after %d questions, want the refusal as it is", err, desk.asked.Load())
	}
}

// TestExplainingDoesNotOutliveItsReader has a clerk who does not answer.
func TestExplainingDoesNotOutliveItsReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader := refusedReader(&clerk{slow: true}, given)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begun := time.Now()
		var explained *PermissionError
		if _, err := reader.OpenAccount(ctx, appid); errors.As(err, &explained) || time.Since(begun) != time.Second {
			t.Errorf("the first reader got %v after %s", err, time.Since(begun))
		}
		if _, err := reader.OpenAccount(t.Context(), appid); !errors.As(err, &explained) || explained.FactsError == nil || time.Since(begun) != factsLimit {
			t.Errorf("the second reader got %v after %s, want the limit of %s", err, time.Since(begun), factsLimit)
		}
	})
}
