package wechat

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestRetries counts requests and time on a clock of its own: which answers are asked for again, and how long it waits.
func TestRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    simulator.Fault
		retries  int
		requests int
		least    time.Duration
		code     int
		ok       bool
	}{
		"busy twice, then an answer":   {fault: simulator.Fault{Kind: simulator.FaultSystemBusy, Count: 2}, retries: 3, requests: 3, least: 800 * time.Millisecond, ok: true},
		"busy for good":                {fault: simulator.Fault{Kind: simulator.FaultSystemBusy}, retries: 2, requests: 3, code: -1},
		"busy, and no retries":         {fault: simulator.Fault{Kind: simulator.FaultSystemBusy}, requests: 1, code: -1},
		"a gateway's page":             {fault: simulator.Fault{Kind: simulator.FaultHTML502, Count: 1}, retries: 1, requests: 2, ok: true},
		"an empty answer":              {fault: simulator.Fault{Kind: simulator.FaultEmpty, Count: 1}, retries: 1, requests: 2, ok: true},
		"a cut connection":             {fault: simulator.Fault{Kind: simulator.FaultCut, Count: 1}, retries: 1, requests: 2, ok: true},
		"a cut answer":                 {fault: simulator.Fault{Kind: simulator.FaultTruncated, Count: 1}, retries: 1, requests: 2, ok: true},
		"no answer in time":            {fault: simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour, Count: 1}, retries: 1, requests: 2, least: DefaultRequestTimeout, ok: true},
		"the quota of the minute":      {fault: simulator.Fault{Kind: simulator.FaultMinuteQuota, Count: 2}, retries: 3, requests: 3, least: 2 * time.Minute, ok: true},
		"the quota of the day":         {fault: simulator.Fault{Kind: simulator.FaultDailyQuota}, retries: 3, requests: 1, code: 45009},
		"an address on no allow-list":  {fault: simulator.Fault{Kind: simulator.FaultCallerIP}, retries: 3, requests: 1, code: 61004},
		"a login page instead of JSON": {fault: simulator.Fault{Kind: simulator.FaultHTML200}, retries: 3, requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				world := newSimulator(t)
				if err := world.Inject(test.fault); err != nil {
					t.Fatal(err)
				}
				client := newClient(t, world, func(config *Config) { config.MaxRetries = test.retries })
				begun := time.Now()
				account, err := client.OpenGet(t.Context(), Token{Value: world.IssueToken(someAppID)}, someAppID)
				var failed *Error
				errors.As(err, &failed)
				if (err == nil) != test.ok || account.Bound() != test.ok {
					t.Fatalf("got %+v, %v", account, err)
				}
				if failed != nil && (failed.Code != test.code || failed.Attempts != test.requests || failed.OutOfTime) {
					t.Errorf("got %+v, want code %d after %d attempts", failed, test.code, test.requests)
				}
				if got := world.Count("/cgi-bin/open/get"); got != test.requests {
					t.Errorf("asked %d times, want %d", got, test.requests)
				}
				if took := time.Since(begun) * 4 / 3; took < test.least { // jitter takes up to a quarter
					t.Errorf("took %s, want at least %s", took, test.least)
				}
			})
		})
	}
}

func TestDeadlineKeepsTheLastAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultMinuteQuota}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := newClient(t, world, nil).OpenGet(ctx, Token{Value: world.IssueToken(someAppID)}, someAppID)
		var failed *Error
		if !errors.As(err, &failed) || failed.Code != CodeMinuteQuota || !failed.OutOfTime || time.Since(begun) != 0 {
			t.Errorf("got %v after %s, want 45011 at once", err, time.Since(begun))
		}
	})
}

func TestCancellationEndsARequestAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begun := time.Now()
		_, err := newClient(t, world, nil).OpenGet(ctx, Token{Value: world.IssueToken(someAppID)}, someAppID)
		if !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
			t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
		}
	})
}

func TestSlotIsNotHeldAcrossBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultMinuteQuota, AppID: someAppID}); err != nil {
			t.Fatal(err)
		}
		client := newClient(t, world, func(config *Config) { config.MaxConcurrentRequests = 1 })
		go func() { _, _ = client.OpenGet(t.Context(), Token{Value: world.IssueToken(someAppID)}, someAppID) }()
		synctest.Wait()
		begun := time.Now()
		if _, err := client.OpenGet(t.Context(), Token{Value: world.IssueToken("wx1000000000000002")}, ""); err != nil || time.Since(begun) != 0 {
			t.Errorf("got %v after %s, want an answer while the other waits", err, time.Since(begun))
		}
	})
}

func TestWaitingForASlotEndsWithTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := newSimulator(t)
		if err := world.Inject(simulator.Fault{Kind: simulator.FaultSlow, Delay: 9 * time.Second}); err != nil {
			t.Fatal(err)
		}
		client := newClient(t, world, func(config *Config) { config.MaxConcurrentRequests = 1 })
		go func() { _, _ = client.OpenGet(t.Context(), Token{Value: world.IssueToken(someAppID)}, someAppID) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.OpenGet(ctx, Token{Value: someToken}, someAppID)
		var failed *Error
		if !errors.As(err, &failed) || failed.Failure == nil || failed.Failure.Reason != wire.TimeoutSlot || !failed.OutOfTime {
			t.Errorf("got %v, want that every slot was taken", err)
		}
		if got := world.Count(""); got != 1 {
			t.Errorf("asked %d times, want 1", got)
		}
	})
}

func TestConnectionsAreKeptAndBounded(t *testing.T) {
	t.Parallel()
	const reads, concurrent = 200, 8
	world := newSimulator(t)
	server, err := simulator.Listen("127.0.0.1:0", world)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	client := newClient(t, nil, func(config *Config) {
		config.Transport = wire.NewTransport(wire.TransportConfig{MaxConnections: concurrent})
		config.BaseURL, _ = ParseBaseURL(server.URL())
		config.MaxConcurrentRequests = concurrent
	})
	token := world.IssueToken(someAppID)
	var group sync.WaitGroup
	for range reads {
		group.Go(func() {
			if _, err := client.OpenGet(t.Context(), Token{Value: token}, someAppID); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := world.Count("/cgi-bin/open/get"); got != reads {
		t.Errorf("asked %d times, want %d", got, reads)
	}
	if got := server.MaxRequestsAtATime(); got > concurrent {
		t.Errorf("%d requests were under way at once, want at most %d", got, concurrent)
	}
	// On a busy machine net/http at times gives a connection up that was about to be kept.
	if got := server.Connections(); got > reads/4 {
		t.Errorf("opened %d connections for %d reads: they are not kept", got, reads)
	}
}
