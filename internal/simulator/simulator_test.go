package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The accounts of the default world that the tests use.
const (
	component = "wx3000000000000001"
	bound     = "wx1000000000000001" // an official account
	boundMini = "wx1000000000000002"
	astray    = "wx1000000000000005"
	unbound   = "wx1000000000000006"
	noSet     = "wx1000000000000007"
)

// The endpoints.
const (
	openGet         = "/cgi-bin/open/get"
	openHave        = "/cgi-bin/open/have"
	openSameEntity  = "/cgi-bin/open/sameentity"
	componentToken  = "/cgi-bin/component/api_component_token"
	authorizerToken = "/cgi-bin/component/api_authorizer_token"
	authorizerInfo  = "/cgi-bin/component/api_get_authorizer_info"
	authorizerList  = "/cgi-bin/component/api_get_authorizer_list"
)

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(0x6aac0063, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newSimulator(t *testing.T, config simulator.Config) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answer is what came back, with the errcode of the body if it has one.
type answer struct {
	status  int
	header  http.Header
	body    string
	errcode int
}

// send makes one request without a network; path may have a query.
func send(t *testing.T, h http.Handler, method, path, body string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, reader)
	r.RemoteAddr = "203.0.113.9:5000"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	var told struct {
		Errcode int `json:"errcode"`
	}
	if json.Unmarshal(w.Body.Bytes(), &told) == nil {
		a.errcode = told.Errcode
	}
	return a
}

// withToken is a path with a token in its query.
func withToken(path, token string) string { return path + "?access_token=" + url.QueryEscape(token) }

// getOpen asks what the account of a token is bound to and returns the errcode.
func getOpen(t *testing.T, h http.Handler, token string) int {
	t.Helper()
	return send(t, h, http.MethodPost, withToken(openGet, token), "{}").errcode
}

// object is a JSON object of strings: name, value, name, value.
func object(members ...string) string {
	m := map[string]string{}
	for pair := range slices.Chunk(members, 2) {
		m[pair[0]] = pair[1]
	}
	b, _ := json.Marshal(m)
	return string(b)
}

func TestConcurrentUse(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	server := listen(t, s)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if _, _, _, err := ask(t.Context(), server, s.Token(bound)); err != nil {
					t.Error(err)
					return
				}
				_ = s.UpdateAccount(unbound, func(a *simulator.Account) { a.OpenAppID += "x" })
				_ = s.Inject(simulator.Fault{Path: openHave, Kind: simulator.FaultEmpty})
				s.IssueToken(bound)
				s.World()
				s.Requests()
				s.ClearFaults()
			}
		})
	}
	group.Wait()
	if got := s.Count(openGet); got != 160 {
		t.Errorf("%d calls counted, want 160", got)
	}
}
