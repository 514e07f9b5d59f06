package binding

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// clerk answers what accounts have granted.
type clerk struct {
	asked atomic.Int32
	err   error
}

func (c *clerk) AuthorizerInfo(_ context.Context, own, platform, _ string) (wechat.Authorizer, error) {
	c.asked.Add(1)
	if own != "component token" || platform != "wx3" {
		return wechat.Authorizer{}, errors.New("asked with something else")
	}
	return wechat.Authorizer{MiniProgram: true, PermissionSets: []int{17, 30}}, c.err
}

func (c *clerk) AuthorizerList(context.Context, string, string) (map[string]time.Time, error) {
	return nil, errors.New("nobody asked for the list")
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
	if !errors.As(err, &explained) || explained.Facts == nil || !explained.Facts.MiniProgram || explained.Facts.GrantsOpen() {
		t.Errorf("got %+v, want what the account has granted", err)
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
