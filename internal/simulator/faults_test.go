package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

func listen(t *testing.T, s *simulator.Simulator, options ...simulator.ListenOption) *simulator.Server {
	t.Helper()
	server, err := simulator.Listen("127.0.0.1:0", s, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// ask sends open/get over the network. The error is that of the call or of reading its answer.
func ask(ctx context.Context, server *simulator.Server, token string) (status int, contentType, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL()+withToken(openGet, token), strings.NewReader("{}"))
	if err != nil {
		return 0, "", "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", "", err
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header.Get("Content-Type"), string(b), err
}

func TestFaults(t *testing.T) {
	const json, html = simulator.DefaultContentType, "text/html"
	for name, test := range map[string]struct {
		fault       simulator.Fault
		status      int
		contentType string
		body        string // contained
		cut         bool
	}{
		"system_busy":       {simulator.Fault{Kind: simulator.FaultSystemBusy}, 200, json, `{"errcode":-1,"errmsg":"system error rid: `, false},
		"quota_day":         {simulator.Fault{Kind: simulator.FaultDailyQuota}, 200, json, `{"errcode":45009,`, false},
		"quota_minute":      {simulator.Fault{Kind: simulator.FaultMinuteQuota}, 200, json, `{"errcode":45011,`, false},
		"caller_ip":         {simulator.Fault{Kind: simulator.FaultCallerIP}, 200, json, `requestIP: 127.0.0.1 rid: `, false},
		"errcode":           {simulator.Fault{Kind: simulator.FaultErrcode, Code: 50002}, 200, json, `{"errcode":50002,"errmsg":"user limited rid: `, false},
		"errcode, own text": {simulator.Fault{Kind: simulator.FaultErrcode, Code: 7, Message: "seven"}, 200, json, `{"errcode":7,"errmsg":"seven rid: `, false},
		"errcode, own rid":  {simulator.Fault{Kind: simulator.FaultErrcode, Code: 41001, Message: "access_token missing rid: "}, 200, json, `{"errcode":41001,"errmsg":"access_token missing rid: "}`, false},
		"html_502":          {simulator.Fault{Kind: simulator.FaultHTML502}, 502, html, `<title>502 Bad Gateway</title>`, false},
		"html_503":          {simulator.Fault{Kind: simulator.FaultHTML503}, 503, html, `<title>503 Service`, false},
		"html_200":          {simulator.Fault{Kind: simulator.FaultHTML200}, 200, html, `<title>Sign in`, false},
		"empty":             {simulator.Fault{Kind: simulator.FaultEmpty}, 200, "text/html; charset=gbk", ``, false},
		"slow":              {simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Millisecond}, 200, json, `"errmsg":"ok"}`, false},
		"truncated":         {simulator.Fault{Kind: simulator.FaultTruncated}, 200, json, `{"open_appid":"`, true},
		"cut":               {simulator.Fault{Kind: simulator.FaultCut}, 0, "", ``, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSimulator(t, simulator.Config{})
			server := listen(t, s)
			test.fault.Path, test.fault.Count = openGet, 1
			if err := s.Inject(test.fault); err != nil {
				t.Fatal(err)
			}
			status, contentType, body, err := ask(t.Context(), server, s.Token(bound))
			if status != test.status || contentType != test.contentType || !strings.Contains(body, test.body) || (err != nil) != test.cut {
				t.Errorf("status %d, %s, error %v: %q", status, contentType, err, body)
			}
			if got := s.Requests(); len(got) != 1 || got[0].Fault != test.fault.Kind || got[0].Status != test.status {
				t.Errorf("recorded: %+v", got)
			}
			if left := s.Faults(); len(left) != 0 {
				t.Errorf("still on: %v", left)
			}
		})
	}
}

func TestFaultsStrikeWhatTheyAreMeantFor(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	inject := func(f simulator.Fault) {
		t.Helper()
		if err := s.Inject(f); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(situation, appid string, want int) {
		t.Helper()
		if got := getOpen(t, s, s.Token(appid)); got != want {
			t.Errorf("%s: errcode %d, want %d", situation, got, want)
		}
	}
	inject(simulator.Fault{AppID: bound, Count: 2, Kind: simulator.FaultSystemBusy})
	inject(simulator.Fault{Path: openHave, Kind: simulator.FaultDailyQuota})
	expect("another account", boundMini, 0)
	expect("first of two", bound, -1)
	expect("second of two", bound, -1)
	expect("after two", bound, 0)
	if got := send(t, s, http.MethodGet, withToken(openHave, s.Token(bound)), "").errcode; got != 45009 {
		t.Errorf("the other path: errcode %d", got)
	}
	inject(simulator.Fault{AppID: bound, Kind: simulator.FaultMinuteQuota})
	for range 3 {
		expect("until cleared", bound, 45011)
	}
	infoOf := func(appid string) int {
		return send(t, s, http.MethodPost, withToken(authorizerInfo, s.Token(component)), object("component_appid", component, "authorizer_appid", appid)).errcode
	}
	if infoOf(bound) != 45011 || infoOf(boundMini) != 0 {
		t.Error("a component call that asks for the account")
	}
	s.ClearFaults()
	expect("cleared", bound, 0)
}

func TestSlowEndsWithTheRequest(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	server := listen(t, s)
	if err := s.Inject(simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour}); err != nil {
		t.Fatal(err)
	}
	arrive := func(number int) {
		for t.Context().Err() == nil && s.Count(openGet) < number {
			runtime.Gosched()
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		arrive(1)
		cancel()
	}()
	if _, _, _, err := ask(ctx, server, s.Token(bound)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	answered := make(chan error, 1)
	go func() {
		_, _, _, err := ask(t.Context(), server, s.Token(bound))
		answered <- err
	}()
	arrive(2)
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-answered; err == nil {
		t.Error("closing the server does not end a slow request")
	}
}

func TestFaultsInJSON(t *testing.T) {
	b, err := json.Marshal(simulator.Fault{Path: openGet, AppID: bound, Count: 1, Kind: simulator.FaultErrcode, Delay: time.Second, Code: 1, Message: "m"})
	if want := `{"path":"/cgi-bin/open/get","appid":"` + bound + `","count":1,"kind":"errcode","delay":"1s","errcode":1,"errmsg":"m"}`; err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
}

func TestInjectRefuses(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for name, fault := range map[string]simulator.Fault{
		"no kind":                  {},
		"unknown kind":             {Kind: "slowly"},
		"unknown path":             {Kind: simulator.FaultCut, Path: "/cgi-bin/nothing"},
		"unknown appid":            {Kind: simulator.FaultCut, AppID: "wx1"},
		"negative count":           {Kind: simulator.FaultCut, Count: -1},
		"negative delay":           {Kind: simulator.FaultCut, Delay: -1},
		"slow without delay":       {Kind: simulator.FaultSlow},
		"caller_ip with delay":     {Kind: simulator.FaultCallerIP, Delay: 1},
		"errcode without code":     {Kind: simulator.FaultErrcode},
		"code for another kind":    {Kind: simulator.FaultCut, Code: 1},
		"message for another kind": {Kind: simulator.FaultCut, Message: "x"},
	} {
		if s.Inject(fault) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
