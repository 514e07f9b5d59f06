package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

func TestRecord(t *testing.T) {
	c := newClock()
	s := newSimulator(t, simulator.Config{Now: c.Now})
	s.IssueToken(bound)
	second, platform := s.IssueToken(bound), s.IssueComponentToken()
	send(t, s, http.MethodPost, withToken(openGet, second), object("appid", unbound, "note", "x"))
	send(t, s, http.MethodPost, withToken(openGet, "stale"), object("appid", bound))
	send(t, s, http.MethodGet, openHave, "")
	send(t, s, http.MethodPost, authorizerList+"?component_access_token="+platform, `{"component_appid":"`+component+`","count":10}`)

	want := []simulator.Request{
		{Method: "POST", Path: openGet, Parameter: "access_token", Token: bound + "#2", AppID: unbound, Body: map[string]any{"appid": unbound, "note": "***"}, Status: 200, Errcode: 40013},
		{Method: "POST", Path: openGet, Parameter: "access_token", Token: "unknown", AppID: bound, Body: map[string]any{"appid": bound}, Status: 200, Errcode: 40001},
		{Method: "GET", Path: openHave, Status: 200, Errcode: 41001},
		{Method: "POST", Path: authorizerList, Parameter: "component_access_token", Token: "component#1", Body: map[string]any{"component_appid": component, "count": 10}, Status: 200},
	}
	for i := range want {
		want[i].Time = c.Now()
	}
	if got, want := toJSON(t, s.Requests()), toJSON(t, want); got != want {
		t.Errorf("recorded:\n%s\nwant:\n%s", got, want)
	}
	for _, count := range []struct {
		got, want int
		what      string
	}{
		{s.Count(""), 4, "all"},
		{s.Count(openGet), 2, "open/get"},
		{s.Count(openSameEntity), 0, "open/sameentity"},
		{s.CountFor(openGet, bound), 2, "by token and by body"},
		{s.CountFor(openGet, unbound), 1, "by body"},
		{s.CountFor(openHave, bound), 0, "no token, no body"},
	} {
		if count.got != count.want {
			t.Errorf("%s: %d calls counted, want %d", count.what, count.got, count.want)
		}
	}
	s.ResetRecord()
	if len(s.Requests()) != 0 || s.Count("") != 0 || s.CountFor(openGet, bound) != 0 {
		t.Error("something is left after a reset")
	}
}

func TestRecordIsBounded(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for range 10_001 {
		send(t, s, http.MethodGet, openGet, "")
	}
	if kept, counted := len(s.Requests()), s.Count(openGet); kept != 10_000 || counted != 10_001 {
		t.Errorf("%d kept, %d counted", kept, counted)
	}
}

// Callers make mistakes; wherever they put a credential, the record does not repeat it.
func TestRecordHoldsNoCredential(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	const short = "short"
	if err := s.SetToken(unbound, short); err != nil {
		t.Fatal(err)
	}
	secrets := []string{s.Token(bound), s.Token(component), s.RefreshToken(bound), s.VerifyTicket(), s.ComponentSecret(), short}
	for _, secret := range secrets {
		send(t, s, http.MethodPost, withToken(openGet, secret), object("appid", secret, secret, secret, "access_token", secret))
		send(t, s, http.MethodPost, withToken(openGet, secret), secret)
		if secret != short {
			send(t, s, http.MethodPost, "/"+secret+".json", object("appid", "="+secret, secret+"=", ""))
		}
		send(t, s, http.MethodPost, "/cgi-bin/open/"+secret+"/get?component_access_token="+secret, `{"count":{"`+secret+`":["`+secret+`"]}}`)
		send(t, s, http.MethodPost, withToken(authorizerToken, s.Token(component)), object("component_appid", component, "authorizer_appid", bound, "authorizer_refresh_token", secret))
		send(t, s, http.MethodPost, componentToken, object("component_appid", component, "component_appsecret", secret, "component_verify_ticket", secret))
	}
	told := toJSON(t, s.Requests())
	for i, secret := range secrets {
		if strings.Contains(told, secret) {
			t.Errorf("secret %d is in the record", i)
		}
	}
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	b, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
