package token

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

func TestEndpointTimeAndCancellation(t *testing.T) {
	t.Parallel()
	stalling := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	t.Run("an attempt is bounded", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			_, err := service(stalling, func(c *EndpointConfig) { c.MaxRetries = 0 }).Fetch(t.Context(), Request{AppID: appid})
			var failed *Error
			if !errors.As(err, &failed) || failed.Failure == nil || !failed.Failure.Timeout() || !failed.NoAnswer() || time.Since(begun) != 30*time.Second {
				t.Errorf("got %v after %s, want no answer after 30s", err, time.Since(begun))
			}
		})
	})
	t.Run("cancellation ends it at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			begun := time.Now()
			if _, err := service(stalling, nil).Fetch(ctx, Request{AppID: appid}); !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
				t.Errorf("got %v after %s, want cancellation after a second", err, time.Since(begun))
			}
		})
	})
}

// TestEndpointIsAskedAFewAtATime counts the questions under way.
func TestEndpointIsAskedAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var active, most atomic.Int32
		source := service(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			most.Store(max(most.Load(), active.Add(1)))
			defer active.Add(-1)
			time.Sleep(time.Second)
			_, _ = io.WriteString(w, `{"access_token":"61_one"}`)
		}), nil)
		var group sync.WaitGroup
		for number := range 40 {
			group.Go(func() {
				if _, err := source.Fetch(t.Context(), Request{AppID: "wx" + strconv.Itoa(number)}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if most.Load() != 4 {
			t.Errorf("%d questions were under way at once, want 4", most.Load())
		}
	})
}

// TestEndpointIsAskedAgainWhereNobodyAnswers has connections refused, which may be over a little later.
func TestEndpointIsAskedAgainWhereNobodyAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		source := service(nil, func(c *EndpointConfig) {
			c.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
				asked++
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			})
		})
		_, err := source.Fetch(t.Context(), Request{AppID: appid})
		var failed *Error
		if !errors.As(err, &failed) || !failed.Shared || failed.Failure == nil || failed.Failure.Reason != wire.ConnectionRefused || failed.Attempts != 3 || asked != 3 {
			t.Errorf("got %v after %d questions, want a refused connection after 3", err, asked)
		}
	})
}

// TestEndpointCarriesTheFailure has failures of the connection, of which some are worth another attempt.
func TestEndpointCarriesTheFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		want  wire.Reason
		asked int
	}{
		"an authority nobody knows": {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, wire.CertificateUnknownAuthority, 1},
		"a name for another host":   {&tls.CertificateVerificationError{Err: x509.HostnameError{}}, wire.CertificateOtherHost, 1},
		"no TLS":                    {tls.RecordHeaderError{}, wire.TLSNotSpoken, 1},
		"no proxy":                  {&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, wire.ConnectionRefused, 3},
		"no time":                   {context.DeadlineExceeded, wire.TimeoutConnect, 3},
		"no such host":              {&net.DNSError{IsNotFound: true}, wire.UnknownHost, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				source := service(nil, func(c *EndpointConfig) {
					c.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
						asked++
						return nil, test.err
					})
				})
				_, err := source.Fetch(t.Context(), Request{AppID: appid})
				var failed *Error
				if !errors.As(err, &failed) || failed.Failure == nil || failed.Failure.Reason != test.want || asked != test.asked {
					t.Errorf("got %v, %+v after %d questions, want %s after %d", err, failed, asked, test.want, test.asked)
				}
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func TestEndpointServesOneAccountOrMany(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*EndpointConfig)
		want   bool
	}{
		"the appid in the URL":    {func(*EndpointConfig) {}, true},
		"the appid in a header":   {func(c *EndpointConfig) { c.URL, c.Headers = "https://x", map[string]string{"X": "{appid}"} }, true},
		"the appid nowhere":       {func(c *EndpointConfig) { c.URL, c.Headers = "https://x", map[string]string{"X": "y"} }, false},
		"no headers and no appid": {func(c *EndpointConfig) { c.URL = "https://x" }, false},
	} {
		if got := service(nil, test.change).Describe(); got.PerAppID != test.want || got.Static {
			t.Errorf("%s: got %+v, want per appid %t", name, got, test.want)
		}
	}
}

// TestEndpointAsTencentServesIt asks the simulator's token service, which answers as Tencent's wxcomponent does.
func TestEndpointAsTencentServesIt(t *testing.T) {
	t.Parallel()
	world, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	source := service(world, func(c *EndpointConfig) {
		c.URL, c.TokenPath = "http://127.0.0.1/_simulator/token?appid={appid}", "data.token"
	})
	if got, err := source.Fetch(t.Context(), Request{AppID: appid}); err != nil || got.Value != world.Token(appid) {
		t.Errorf("got %+v, %v, want the simulator's token", got, err)
	}
	var failed *Error
	if _, err := source.Fetch(t.Context(), Request{AppID: "wx9"}); !errors.As(err, &failed) || !strings.Contains(failed.Quote, "code 1002") {
		t.Errorf("got %v, want the service's own failure", err)
	}
}

// TestCache_keepsRetryAfterForAll has a service that asks for an hour: no reader can wait for it, and one question says so.
func TestCache_keepsRetryAfterForAll(t *testing.T) {
	t.Parallel()
	asked := 0
	source := service(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}), func(c *EndpointConfig) { c.URL, c.MaxRetries = "http://127.0.0.1/", 3 })
	cache := NewCache(source)
	for range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, err := cache.Token(ctx, appid)
		cancel()
		if failed, isError := errors.AsType[*Error](err); !isError || failed.RetryAfter != time.Hour {
			t.Errorf("got %v, want the service's own wait", err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
}
