package simulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// FuzzServeHTTP asks anything of a simulator in which an input has switched a fault on, or has tried to. The words in
// capitals stand for what differs from one simulator to the next.
func FuzzServeHTTP(f *testing.F) {
	const credentials = `{"component_appid":"wx3000000000000001","component_appsecret":"SECRET","component_verify_ticket":"TICKET"}`
	const own, theirs = "component_access_token=PLATFORM", "access_token=TOKEN"
	f.Add("", "POST", openGet, theirs, `{"appid":"wx1000000000000001"}`)
	f.Add(`{"kind":"slow","delay":"20s"}`, "GET", openHave, theirs, "")
	f.Add(`{"kind":"truncated","count":1,"path":"/cgi-bin/open/sameentity","appid":"wx1000000000000001"}`, "GET", openSameEntity, theirs, "")
	f.Add(`{"kind":"errcode","errcode":48001,"errmsg":"no rid: 1"}`, "POST", componentToken, "", credentials)
	f.Add("", "POST", componentToken, "", credentials)
	f.Add("", "POST", authorizerToken, own, `{"component_appid":"wx3000000000000001","authorizer_appid":"wx1000000000000001","authorizer_refresh_token":"REFRESH"}`)
	f.Add("", "POST", authorizerToken, own, `{"component_appid":null,"authorizer_appid":[]}`)
	f.Add("", "POST", authorizerInfo, own, `{"component_appid":"wx3000000000000001","authorizer_appid":"wx1000000000000002"}`)
	f.Add("", "POST", authorizerList, own, `{"component_appid":"wx3000000000000001","offset":1,"count":2}`)
	f.Add("", "POST", authorizerList, "access_token=PLATFORM", `{"component_appid":"wx3000000000000001","offset":1e9,"count":-1}`)
	f.Add("", "GET", "//cgi-bin/../open/have", "%zz;;", "\x00")
	f.Add("", "GET", "/xSECRETx", "", `{"xSECRETx":1,"appid":"-SECRET"}`)
	f.Add("", "PATCH", "/_simulator/accounts/wx1000000000000001", "", `{"open_appid":{}}`)
	f.Add("", "PUT", "/_simulator/accounts/wx1000000000000001", "", `{"open_appid":null,"permission_sets":[24],"authorized":false,"account_status":14}`)
	f.Add(`{"kind":"empty","count":-1}`, "POST", "/_simulator/faults", "", `{"kind":"html_502","delay":"1ns"}`)
	f.Add("", "GET", "/_simulator/token", "appid=wx1000000000000001", "")
	f.Add("", "POST", "/_simulator/accounts/wx1000000000000001/token", "", "")
	f.Add("", "GET", "/_simulator/requests", "", "")
	f.Fuzz(func(t *testing.T, fault, method, path, query, body string) {
		s := newSimulator(t, simulator.Config{})
		token := s.IssueToken(bound)
		secrets := []string{token, s.IssueComponentToken(), s.ComponentSecret(), s.VerifyTicket(), s.RefreshToken(bound)}
		in := strings.NewReplacer("TOKEN", secrets[0], "PLATFORM", secrets[1], "SECRET", secrets[2], "TICKET", secrets[3], "REFRESH", secrets[4])

		send(t, s, http.MethodPost, admin+"faults", fault)
		delayed := false
		for _, injected := range s.Faults() {
			delayed = delayed || injected.Delay > 0
		}
		ctx, giveUp := context.WithCancel(t.Context())
		defer giveUp()
		if delayed {
			giveUp() // nobody waits for it
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", strings.NewReader(in.Replace(body)))
		r.Method, r.URL.Path, r.URL.RawQuery = method, in.Replace(path), in.Replace(query)
		w := httptest.NewRecorder()
		cut := serve(s, w, r)

		isAdmin := strings.HasPrefix(r.URL.Path, admin)
		if cut && (isAdmin || fault == "") {
			t.Error("the connection was cut, and no fault asked for it")
		}
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
		if answered := w.Body.Bytes(); !cut && w.Code == http.StatusOK && strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && !json.Valid(answered) {
			t.Errorf("no JSON: %s", answered)
		}
		if !isAdmin && s.Count("") != 1 {
			t.Errorf("%d requests counted", s.Count(""))
		}
		recorded := toJSON(t, s.Requests())
		for number, secret := range secrets {
			if strings.Contains(recorded, secret) {
				t.Errorf("secret %d is in the record: %s", number, recorded)
			}
		}
		if _, err := simulator.ReadWorld(strings.NewReader(toJSON(t, s.World()))); err != nil {
			t.Errorf("what is left is no world: %v", err)
		}
		// Whatever was asked, an account still has an answer.
		s.ClearFaults()
		if a := send(t, s, http.MethodPost, withToken(openGet, s.IssueToken(unbound)), "{}"); a.status != http.StatusOK || !regexp.MustCompile(`"errcode":\d+|"open_appid":"`).MatchString(a.body) {
			t.Errorf("afterwards: %d %s", a.status, a.body)
		}
	})
}

// serve reports whether the connection was cut.
func serve(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) (cut bool) {
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler { //nolint:errorlint // It is panicked with as it is.
			cut = true
		} else if cause != nil {
			panic(cause)
		}
	}()
	s.ServeHTTP(w, r)
	return false
}
