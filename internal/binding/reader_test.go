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

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

const appid = "wx1000000000000001"

// service is a token service and the WeChat that takes its tokens.
type service struct {
	noStatus
	tokens []string // handed out one after the other; the last again and again
	valid  string   // the one that WeChat takes
	broken bool     // the service fails from its second answer on

	fetched atomic.Int32
	mutex   sync.Mutex
	asked   []string
}

func (s *service) Describe() token.Description { return token.Description{Setting: "test"} }

func (s *service) Fetch(context.Context, token.Request) (token.Token, error) {
	number := int(s.fetched.Add(1))
	if s.broken && number > 1 {
		return token.Token{}, &token.Error{Source: s.Describe(), Reason: token.NoAnswer}
	}
	return token.Token{Value: s.tokens[min(number, len(s.tokens))-1]}, nil
}

func (s *service) OpenGet(_ context.Context, accessToken wechat.Token, appid string) (wechat.OpenAccount, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked = append(s.asked, accessToken.Value+" "+appid)
	if accessToken.Value != s.valid {
		return wechat.OpenAccount{}, &wechat.Error{Code: wechat.CodeInvalidToken}
	}
	return wechat.OpenAccount{AppID: "wx2000000000000001"}, nil
}

func TestRejectedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		service  *service
		asked    []string
		rejected *token.RejectedError
	}{
		"a good token":              {&service{tokens: []string{"new"}, valid: "new"}, []string{"new " + appid}, nil},
		"a stale one, then a good":  {&service{tokens: []string{"old", "new"}, valid: "new"}, []string{"old " + appid, "new " + appid}, nil},
		"the same one again":        {&service{tokens: []string{"old"}, valid: "new"}, []string{"old " + appid}, &token.RejectedError{}},
		"two that are both refused": {&service{tokens: []string{"old", "older"}, valid: "new"}, []string{"old " + appid, "older " + appid}, &token.RejectedError{Renewed: true}},
		"no other":                  {&service{tokens: []string{"old"}, valid: "new", broken: true}, []string{"old " + appid}, &token.RejectedError{RenewalError: errors.New("is down")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := NewReader(test.service, token.NewCache(test.service), 8, nil)
			account, err := reader.OpenAccount(t.Context(), appid)
			if fmt.Sprint(test.service.asked) != fmt.Sprint(test.asked) {
				t.Errorf("WeChat was asked with %q, want %q", test.service.asked, test.asked)
			}
			var rejected *token.RejectedError
			errors.As(err, &rejected)
			switch {
			case test.rejected == nil:
				if err != nil || account.AppID != "wx2000000000000001" {
					t.Errorf("got %+v, %v, want an answer", account, err)
				}
			case rejected == nil || rejected.Renewed != test.rejected.Renewed ||
				(rejected.RenewalError == nil) != (test.rejected.RenewalError == nil) || rejected.Refusal.Code != wechat.CodeInvalidToken:
				t.Errorf("got %v, want %+v", err, test.rejected)
			}
		})
	}
}

// TestOneRenewalForAHundredReaders is the rule under concurrency: whatever the order, one renewal and a hundred
// repeats.
func TestOneRenewalForAHundredReaders(t *testing.T) {
	t.Parallel()
	shared := &service{tokens: []string{"old", "new"}, valid: "new"}
	memory := token.NewCache(shared)
	if _, err := memory.Token(t.Context(), appid); err != nil {
		t.Fatal(err)
	}
	const readers = 100
	var ready, group sync.WaitGroup
	ready.Add(readers)
	reader := NewReader(&waiting{shared, &ready}, memory, 8, nil)
	for range readers {
		group.Go(func() {
			if _, err := reader.OpenAccount(t.Context(), appid); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := shared.fetched.Load(); got != 2 {
		t.Errorf("the source was asked %d times, want 2", got)
	}
	if got := len(shared.asked); got != 2*readers {
		t.Errorf("WeChat was asked %d times, want %d", got, 2*readers)
	}
}

// TestBothTokensShareTheRetries has WeChat busy before it refuses a token, and busy again with the next: however it
// goes, an account costs one request, max_retries repeats, and one more for the token that was renewed.
func TestBothTokensShareTheRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		made, _, appids := staged(t, 1, asItIs)
		base, _ := wechat.ParseBaseURL(wechat.DefaultBaseURL)
		const retries = 3
		client := wechat.NewClient(wechat.Config{
			BaseURL: base, ClientConfig: wire.ClientConfig{Transport: simulator.InProcess(made), Timeout: 10 * time.Second, MaxRetries: retries, MaxConcurrentRequests: 1},
		})
		for _, fault := range []simulator.Fault{
			{Kind: simulator.FaultSystemBusy, Count: 2},
			{Kind: simulator.FaultErrcode, Code: wechat.CodeInvalidToken, Count: 1},
			{Kind: simulator.FaultSystemBusy},
		} {
			if err := made.Inject(fault); err != nil {
				t.Fatal(err)
			}
		}
		_, err := NewReader(client, token.NewCache(&service{tokens: []string{"old", made.Token(appids[0])}}), 8, nil).OpenAccount(t.Context(), appids[0])
		var refused *wechat.Error
		if !errors.As(err, &refused) || refused.Code != wechat.CodeSystemBusy {
			t.Errorf("got %v, want WeChat's last word", err)
		}
		if got := made.Count(""); got != 1+retries+1 {
			t.Errorf("asked %d times, want %d", got, 1+retries+1)
		}
	})
}

// waiting holds every question with the old token until all readers have put theirs, so that all are rejected.
type waiting struct {
	*service
	ready *sync.WaitGroup
}

func (w *waiting) OpenGet(ctx context.Context, accessToken wechat.Token, appid string) (wechat.OpenAccount, error) {
	if accessToken.Value == "old" {
		w.ready.Done()
		w.ready.Wait()
	}
	return w.service.OpenGet(ctx, accessToken, appid)
}

func TestOtherErrorsAreNotAboutTheToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]error{
		"no permission": &wechat.Error{Code: wechat.CodeAPIUnauthorized},
		"interrupted":   context.Canceled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := &service{tokens: []string{"new"}}
			_, err := NewReader(failing{err: test}, token.NewCache(source), 8, nil).OpenAccount(t.Context(), appid)
			if !errors.Is(err, test) || source.fetched.Load() != 1 {
				t.Errorf("got %v after %d questions to the source, want %v after 1", err, source.fetched.Load(), test)
			}
		})
	}
}

type failing struct {
	noStatus
	err error
}

func (f failing) OpenGet(context.Context, wechat.Token, string) (wechat.OpenAccount, error) {
	return wechat.OpenAccount{}, f.err
}

// noStatus is the part of the API that these tests do not ask.
type noStatus struct{ API }
