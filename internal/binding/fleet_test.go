package binding

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// staged is a fleet of accounts in a simulated WeChat, with a reader of them. It must be used within one bubble.
func staged(t *testing.T, accounts int, around func(http.Handler) http.Handler) (*simulator.Simulator, *Reader, []string) {
	t.Helper()
	world := &simulator.World{Component: simulator.Component{AppID: "wx3000000000000001"}}
	tokens := map[string]string{}
	var appids []string
	for number := range accounts {
		appid := fmt.Sprintf("wx%016x", 0x4000+number)
		world.Accounts = append(world.Accounts, simulator.Account{
			AppID: appid, Kind: simulator.MiniProgram, PermissionSets: []int{25}, Authorized: true, OpenAppID: fmt.Sprintf("wx2%015d", number%7),
		})
		appids = append(appids, appid)
	}
	made, err := simulator.New(simulator.Config{World: world})
	if err != nil {
		t.Fatal(err)
	}
	for _, appid := range appids {
		tokens[appid] = made.Token(appid)
	}
	base, _ := wechat.ParseBaseURL(wechat.DefaultBaseURL)
	client := wechat.NewClient(wechat.Config{
		BaseURL: base, ClientConfig: wire.ClientConfig{Transport: simulator.InProcess(around(made)), Timeout: 10 * time.Second, MaxRetries: 3, MaxConcurrentRequests: 8},
	})
	return made, NewReader(client, token.NewCache(token.PerAppID("access_tokens", tokens)), 8, nil), appids
}

func asItIs(handler http.Handler) http.Handler { return handler }

func TestFleetGetsEveryTrueAnswerOnce(t *testing.T) {
	t.Parallel()
	made, reader, appids := staged(t, 1000, asItIs)
	told := 0
	results, err := reader.OpenAccounts(t.Context(), append(appids, appids[:100]...), func(done, of int) {
		if told++; done != told || of != 1000 {
			t.Errorf("told %d of %d, want %d of 1000", done, of, told)
		}
	})
	if err != nil || len(results) != 1000 || made.Count("") != 1000 {
		t.Fatalf("%d results, %d requests, %v", len(results), made.Count(""), err)
	}
	for number, result := range results {
		if want := fmt.Sprintf("wx2%015d", number%7); result.AppID != appids[number] || result.Err != nil || result.Value.AppID != want {
			t.Errorf("result %d is %+v, want %s", number, result, want)
		}
	}
}

// TestFleetWaitsOutAUsedUpMinute has the quota of the minute end in the middle of 500 accounts, for all and for a
// minute.
func TestFleetWaitsOutAUsedUpMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		var until atomic.Pointer[time.Time]
		_, reader, appids := staged(t, 500, func(handler http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(50 * time.Millisecond) // a round trip
				if requests.Add(1) == 250 {
					end := time.Now().Add(time.Minute)
					until.Store(&end)
				}
				if end := until.Load(); end != nil && time.Now().Before(*end) {
					_, _ = fmt.Fprint(w, `{"errcode":45011,"errmsg":"api minute-quota reach limit, must slower, retry next minute"}`)
					return
				}
				handler.ServeHTTP(w, r)
			})
		})
		begun := time.Now()
		results, err := reader.OpenAccounts(t.Context(), appids, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results {
			if result.Err != nil {
				t.Errorf("%s: %v", result.AppID, result.Err)
			}
		}
		if took := time.Since(begun); took < time.Minute || took > 75*time.Second {
			t.Errorf("took %s, want one minute of waiting", took)
		}
	})
}

// TestFleetIsNotHeldUpByAFew has five accounts whose quota of the minute is always used up: each of them waits for
// itself.
func TestFleetIsNotHeldUpByAFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		made, reader, appids := staged(t, 1000, func(handler http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(50 * time.Millisecond) // a round trip
				handler.ServeHTTP(w, r)
			})
		})
		for number := range 5 {
			if err := made.Inject(simulator.Fault{Kind: simulator.FaultMinuteQuota, AppID: appids[number]}); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		results, err := reader.OpenAccounts(t.Context(), appids, func(done, _ int) {
			if took := time.Since(begun); done == 990 && took > 30*time.Second {
				t.Errorf("990 accounts took %s, want no wait for the five", took)
			}
		})
		if err != nil || len(results) != 1000 || results[4].Err == nil || results[5].Err != nil {
			t.Errorf("%d results, %v", len(results), err)
		}
	})
}

func TestFleetEndsAtOnce(t *testing.T) {
	t.Parallel()
	stalling := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	}
	t.Run("when it is cancelled", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) { // which also fails where a goroutine is left
			_, reader, appids := staged(t, 500, stalling)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			begun := time.Now()
			if _, err := reader.OpenAccounts(ctx, appids, nil); !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
				t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
			}
		})
	})
	t.Run("when its time is over", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, reader, appids := staged(t, 500, stalling)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			begun := time.Now()
			results, err := reader.OpenAccounts(ctx, appids, nil)
			if err != nil || len(results) != 500 || results[0].Err == nil || time.Since(begun) != time.Second {
				t.Errorf("got %d results, %v after %s, want none read after a second", len(results), err, time.Since(begun))
			}
		})
	})
}

func TestFleetStopsAtEverybodysFailure(t *testing.T) {
	t.Parallel()
	made, reader, appids := staged(t, 500, asItIs)
	if err := made.Inject(simulator.Fault{Kind: simulator.FaultCallerIP}); err != nil {
		t.Fatal(err)
	}
	reader.concurrent = 1
	_, err := reader.OpenAccounts(t.Context(), appids, nil)
	var everybody *SharedError
	if !errors.As(err, &everybody) {
		t.Fatalf("got %v, want everybody's failure", err)
	}
	if got := made.Count(""); got < failureThreshold || got > failureThreshold+readersPerSlot {
		t.Errorf("asked %d times, want the first %d and those under way", got, failureThreshold)
	}
	made.ClearFaults()
	made.ResetRecord()
	if _, err := reader.OpenAccount(t.Context(), appids[400]); !errors.As(err, &everybody) || made.Count("") != 0 {
		t.Errorf("a single read got %v after %d requests, want that it stopped too", err, made.Count(""))
	}
}

func TestEverybodysFailureOfAFew(t *testing.T) {
	t.Parallel()
	made, reader, appids := staged(t, 2, asItIs)
	if err := made.Inject(simulator.Fault{Kind: simulator.FaultCallerIP, AppID: appids[0]}); err != nil {
		t.Fatal(err)
	}
	if results, err := reader.OpenAccounts(t.Context(), appids, nil); err != nil || results[0].Err == nil || results[1].Err != nil {
		t.Errorf("one of two: %v, %v", results, err)
	}
	if err := made.Inject(simulator.Fault{Kind: simulator.FaultCallerIP}); err != nil {
		t.Fatal(err)
	}
	var everybody *SharedError
	if _, err := reader.OpenAccounts(t.Context(), appids, nil); !errors.As(err, &everybody) || everybody.Accounts != 2 {
		t.Errorf("both of two: %v", err)
	}
}

func TestEverybodysFailureTakesFiveInARow(t *testing.T) {
	t.Parallel()
	address := &wechat.Error{Code: wechat.CodeIPNotAllowedByPlatform}
	own := &wechat.Error{Code: wechat.CodeDailyQuota}
	component := func(code int) *wechat.Error { return &wechat.Error{Code: code, Endpoint: wechat.PathAuthorizerList} }
	cutHandshake := &wire.Failure{Reason: wire.HandshakeCut}
	for name, test := range map[string]struct {
		events []error
		same   bool // all of one account
		want   bool
	}{
		"five":                          {events: []error{address, address, address, address, address}, want: true},
		"four":                          {events: []error{address, address, address, address}},
		"five of one account":           {events: []error{address, address, address, address, address}, same: true},
		"five with a success":           {events: []error{address, address, address, nil, address, address}},
		"five with an account's own":    {events: []error{address, address, own, address, address, address}},
		"a way that is closed":          {events: five(&wechat.Error{Failure: &wire.Failure{Reason: wire.LookupFailed}}), want: true},
		"many of the account's own":     {events: []error{own, own, own, own, own, own, own}},
		"a component's own token":       {events: five(&token.RejectedError{Refusal: component(wechat.CodeTokenExpired)}), want: true},
		"a service that renews none":    {events: five(&token.RejectedError{RenewalError: &token.Error{Shared: true}, Refusal: own}), want: true},
		"a TLS handshake that is cut":   {events: five(&wechat.Error{Failure: cutHandshake}), want: true},
		"connections that are cut":      {events: five(&wechat.Error{Failure: &wire.Failure{Reason: wire.ConnectionReset}})},
		"a caller of no allow-list":     {events: five(&wechat.Error{Code: wechat.CodeIPNotAllowedByAccount}), want: true},
		"permissions that are missing":  {events: five(&PermissionError{Err: &wechat.Error{Code: 48001}})},
		"programs that cannot be run":   {events: five(&token.Error{Shared: true}), want: true},
		"files that are not there":      {events: five(&token.Error{})},
		"a component that is none":      {events: five(component(61011)), want: true},
		"a platform's quota used up":    {events: five(component(wechat.CodeDailyQuota)), want: true},
		"a component's account's own":   {events: five(component(wechat.CodeComponentNotAuthorized))},
		"accounts that left":            {events: five(&wechat.Error{Code: wechat.CodeComponentNotAuthorized})},
		"a WeChat that is busy":         {events: five(&wechat.Error{Code: wechat.CodeSystemBusy})},
		"a quota of the minute used up": {events: five(&wechat.Error{Code: wechat.CodeMinuteQuota})},
	} {
		var watch breaker
		for number, event := range test.events {
			account := fmt.Sprint(number)
			if test.same {
				account = appid
			}
			watch.record(account, event)
		}
		if got := watch.err() != nil; got != test.want {
			t.Errorf("%s: stopped %t, want %t", name, got, test.want)
		}
	}
}

func five(err error) []error { return []error{err, err, err, err, err} }

// TestFleetThroughARealServer reads through a real server, for the race detector and the connections.
func TestFleetThroughARealServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"open_appid":"wx2","errcode":0,"errmsg":"ok"}`)
	}))
	defer server.Close()
	base, _ := wechat.ParseBaseURL(server.URL)
	client := wechat.NewClient(wechat.Config{
		BaseURL: base, ClientConfig: wire.ClientConfig{Transport: http.DefaultTransport, Timeout: time.Minute, MaxRetries: 3, MaxConcurrentRequests: 16},
	})
	var appids []string
	tokens := map[string]string{}
	for number := range 300 {
		appids = append(appids, fmt.Sprint("wx", number))
		tokens[appids[number]] = "61_x"
	}
	reader := NewReader(client, token.NewCache(token.PerAppID("access_tokens", tokens)), 16, nil)
	if results, err := reader.OpenAccounts(t.Context(), appids, nil); err != nil || len(results) != 300 {
		t.Errorf("%d results, %v", len(results), err)
	}
}

func TestFleetNeedsATokenForEachAccount(t *testing.T) {
	t.Parallel()
	reader := NewReader(failing{err: errors.New("asked")}, token.NewCache(token.Static("access_token", "61_x")), 8, nil)
	if _, err := reader.OpenAccounts(t.Context(), []string{"wx1", "wx2"}, nil); !errors.Is(err, ErrOneAccount) {
		t.Errorf("two accounts: got %v", err)
	}
	if results, err := reader.OpenAccounts(t.Context(), []string{"wx1", "wx1"}, nil); err != nil || len(results) != 1 {
		t.Errorf("one account: got %v, %v", results, err)
	}
}

func TestFleetKeepsNothingOfASourceThatIsNotThere(t *testing.T) {
	t.Parallel()
	reason := errors.New("not known yet")
	reader := NewReader(failing{err: errors.New("asked")}, token.NewCache(token.Unavailable(reason)), 8, nil)
	if results, err := reader.OpenAccounts(t.Context(), []string{"wx1", "wx2"}, nil); !errors.Is(err, reason) || results != nil {
		t.Errorf("got %v, %v, want the reason and nothing else", results, err)
	}
}
