package provider

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// stamped is a request that a server has seen.
type stamped struct {
	about string // the appid, where it is told
	at    time.Time
}

// record takes down requests, and hands each to a function with its number among all.
func record(t *testing.T, answer func(number int, w http.ResponseWriter, r *http.Request)) (
	server *httptest.Server, seen func() []stamped,
) {
	t.Helper()
	var mutex sync.Mutex
	var all []stamped
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		all = append(all, stamped{r.URL.Path, time.Now()})
		number := len(all)
		mutex.Unlock()
		answer(number, w, r)
	}))
	t.Cleanup(server.Close)
	return server, func() []stamped {
		mutex.Lock()
		defer mutex.Unlock()
		return slices.Clone(all)
	}
}

// closing is a server that answers the first request of each connection and closes it in place of the next answer. It
// tells which requests it was sent.
func closing(t *testing.T, answer string) (address string, sent func() []string) {
	t.Helper()
	var mutex sync.Mutex
	var requests []string
	address = listenRaw(t, func(c net.Conn) {
		reader := bufio.NewReader(c)
		for number := 0; ; number++ {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			mutex.Lock()
			requests = append(requests, request.Method+" "+request.URL.Path)
			mutex.Unlock()
			if number > 0 || request.ContentLength < 0 || len(request.TransferEncoding) > 0 {
				return
			}
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
		}
	})
	return address, func() []string {
		mutex.Lock()
		defer mutex.Unlock()
		return slices.Clone(requests)
	}
}

// answersAll is a server that answers everything with one text.
func answersAll(t *testing.T, text string) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestAccWayThere_sentOnce has connections that are kept and then closed in place of an answer, and no retries: each
// question is sent once, whatever its method.
func TestAccWayThere_sentOnce(t *testing.T) {
	t.Parallel()
	const accounts = 12
	wechat := newLab(t, fleetWorld(accounts))
	every := fleet(accounts, "fail_on_error = false\n  timeouts = { read = \"1m\" }")
	t.Run("a token service", func(t *testing.T) {
		t.Parallel()
		service, sent := closing(t, `{"access_token":"61_x"}`)
		place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url                = %q
  max_retries             = 0
  max_concurrent_requests = 1
  token_endpoint          = { url = "http://%s/{appid}" }
}
`, answersAll(t, boundAnswer), service)+every)
		run(t, place, "plan", "-no-color")
		if got := len(sent()); got != accounts {
			t.Errorf("%d requests for %d questions", got, accounts)
		}
	})
	t.Run("WeChat", func(t *testing.T) {
		t.Parallel()
		server, sent := closing(t, boundAnswer)
		place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url                = "http://%s"
  max_retries             = 0
  max_concurrent_requests = 1
  access_token_file       = "%s/{appid}"
}
`, server, wechat.tokens)+every)
		run(t, place, "plan", "-no-color")
		if got := len(sent()); got != accounts {
			t.Errorf("%d requests for %d questions", got, accounts)
		}
	})
	t.Run("WeChat, with GET", func(t *testing.T) {
		t.Parallel()
		server, sent := closing(t, `{"errcode":0,"appid":"wx1000000000000004","have_open":true,"same_entity":true}`)
		place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url                = "http://%s"
  max_retries             = 0
  max_concurrent_requests = 1
}
data "wechat_open_account_status" "x" { appid = "wx1000000000000004" }
`, server), "WECHAT_ACCESS_TOKEN=61_x")
		run(t, place, "plan", "-no-color")
		got := sent()
		slices.Sort(got)
		if len(got) < 2 || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("got %q, want each question once", got)
		}
	})
}

// TestAccWayThere_requestTimeout has a gateway that sends 408 to a connection that is idle, and in place of answers, as
// one does at the very moment at which the next request goes out. All accounts are read.
func TestAccWayThere_requestTimeout(t *testing.T) {
	t.Parallel()
	const (
		accounts = 60
		tooLate  = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	)
	impatient := func(answer string) string {
		var connections atomic.Int32
		return listenRaw(t, func(c net.Conn) {
			whileIdle := connections.Add(1)%2 == 0
			reader := bufio.NewReader(c)
			for number := 0; ; number++ {
				request, err := http.ReadRequest(reader)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, request.Body)
				if number == 4 {
					_, _ = io.WriteString(c, tooLate)
					return
				}
				_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
				if number == 3 && whileIdle {
					_, _ = io.WriteString(c, tooLate)
					return
				}
			}
		})
	}
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url                = "http://%s"
  max_retries             = 10
  max_concurrent_requests = 4
  token_endpoint          = { url = "http://%s/{appid}" }
}
`, impatient(boundAnswer), impatient(`{"access_token":"61_x"}`))+fleet(accounts, ""))
	planned := expectExit(t, place, 0, "plan")
	expectWords(t, planned.Stdout, fmt.Sprintf("+ bound = %d", accounts), "+ failed = []")
}

// TestAccWayThere_retryAfter has WeChat's gateway, or a token service, ask for a wait: it is kept to where the time
// allows, others are asked meanwhile, and where it does not fit, no second attempt is made.
func TestAccWayThere_retryAfter(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	soon := func() string { return time.Now().Add(5 * time.Second).UTC().Format(http.TimeFormat) }
	for _, status := range []int{http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for name, test := range map[string]struct {
			written  func() string
			requests int
			least    time.Duration
		}{
			"seconds":             {func() string { return "3" }, 2, 3 * time.Second},
			"a date":              {soon, 2, 4 * time.Second},
			"more than there is":  {func() string { return "3600" }, 1, 0},
			"nothing to be heard": {func() string { return "soon" }, 2, 0},
		} {
			if status != http.StatusServiceUnavailable && name != "seconds" {
				continue
			}
			for _, ofService := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d, %s, token service %t", status, name, ofService), func(t *testing.T) {
					t.Parallel()
					server, seen := record(t, func(number int, w http.ResponseWriter, _ *http.Request) {
						switch {
						case number == 1:
							w.Header().Set("Retry-After", test.written())
							w.WriteHeader(status)
						case ofService:
							_, _ = io.WriteString(w, `{"access_token":"`+wechat.Token(books)+`"}`)
						default:
							_, _ = io.WriteString(w, boundAnswer)
						}
					})
					settings := fmt.Sprintf("base_url = %q\n  access_token = \"61_x\"", server.URL)
					if ofService {
						const form = "base_url = %q\n  token_endpoint = { url = \"%s/{appid}\" }"
						settings = fmt.Sprintf(form, wechat.server.URL(), server.URL)
					}
					place := workspace(t, required+alias(0, settings, books, "2m"))
					result := run(t, place, "plan", "-no-color")
					got := seen()
					if len(got) != test.requests || (result.ExitCode == 0) != (test.requests == 2) {
						t.Fatalf("%d requests, want %d: %s", len(got), test.requests, result.Stderr)
					}
					if test.requests == 1 {
						expectWords(t, result.Stderr, "Retry-After", "timeouts.read")
						return
					}
					if waited := got[1].at.Sub(got[0].at); waited < test.least {
						t.Errorf("asked again after %s, want at least %s", waited, test.least)
					}
				})
			}
		}
	}
	t.Run("others meanwhile", func(t *testing.T) {
		t.Parallel()
		service, seen := record(t, func(number int, w http.ResponseWriter, r *http.Request) {
			if number == 1 {
				w.Header().Set("Retry-After", "5")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			_, _ = io.WriteString(w, `{"access_token":"`+wechat.Token(strings.TrimPrefix(r.URL.Path, "/"))+`"}`)
		})
		address, err := url.Parse(service.URL)
		if err != nil {
			t.Fatal(err)
		}
		place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url                = %q
  max_concurrent_requests = 1
  token_endpoint          = { url = "http://%s/{appid}" }
}
data "wechat_open_accounts" "x" { appids = [%q, %q] }
`, wechat.server.URL(), address.Host, tea, books))
		expectExit(t, place, 0, "plan")
		if got := seen(); len(got) != 3 || got[1].about == got[0].about || got[2].about != got[0].about {
			t.Errorf("asked %v, want the other one in between", got)
		}
	})
}
