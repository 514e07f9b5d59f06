//go:build unix

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	openGet = "/cgi-bin/open/get"
	list    = "/cgi-bin/component/api_get_authorizer_list"
	info    = "/cgi-bin/component/api_get_authorizer_info"
)

// The accounts are made up, and each answer follows from the question. Tokens are as long as WeChat's. Fifteen accounts
// each share an open account, and each sixteenth has none.
func appid(number int) string   { return fmt.Sprintf("wx%016x", 0x4000+number) }
func token(appid string) string { return fmt.Sprintf("%0136s", appid) }

func openAppID(appid string) *string {
	if appid == "" || strings.HasSuffix(appid, "0") {
		return nil
	}
	bound := "wx2" + appid[3:len(appid)-1] + "f"
	return &bound
}

// askOpen and askInfo return where an account is asked about, and the body of the question.
func askOpen(appid string) (address, body string) {
	return openGet + "?access_token=" + token(appid), `{"appid":"` + appid + `"}`
}

func askInfo(appid string) (address, body string) {
	return info + "?access_token=component",
		`{"component_appid":"wx3000000000000001","authorizer_appid":"` + appid + `"}`
}

// page is a page of the list of authorizers.
func page(offset, count, total int) string {
	listed := make([]map[string]any, 0, count)
	for number := offset; number < min(offset+count, total); number++ {
		listed = append(listed, map[string]any{
			"authorizer_appid": appid(number), "refresh_token": "refreshtoken@@@none", "auth_time": 1700000000,
		})
	}
	return string(must(json.Marshal(map[string]any{"total_count": total, "list": listed})))
}

// details is all that the bench's accounts are told to be.
func details(appid string) string {
	return `{"authorizer_info":{"nick_name":"Shop ` + appid + `","service_type_info":{"id":2},` +
		`"verify_type_info":{"id":0},"user_name":"gh_` + appid[:12] + `","principal_name":"Owner ` + appid + `",` +
		`"account_status":1},"authorization_info":{"authorizer_appid":"` + appid + `",` +
		`"authorizer_refresh_token":"refreshtoken@@@none",` +
		`"func_info":[{"funcscope_category":{"id":1}},{"funcscope_category":{"id":24}}]}}`
}

// server is a WeChat a round trip away: a new connection costs one, a TLS handshake another, and each answer one more.
type server struct {
	*httptest.Server
	accounts           atomic.Int64 // in the list of authorizers
	calls, connections atomic.Int64 // calls are those that were answered as they should
}

// setUp is the key of what the first request on a connection waits for.
type setUp struct{}

// serve serves the tokens of all accounts, too, from a file.
func serve(roundTrip time.Duration, overTLS bool, tokens string) *server {
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Context().Value(setUp{}).(func())() //nolint:forcetypeassert // ConnContext put it there.
		if r.URL.Path == "/tokens" {
			time.Sleep(roundTrip)
			http.ServeFile(w, r, tokens)
			return
		}
		var asked struct {
			AppID         string
			Authorizer    string `json:"authorizer_appid"`
			Offset, Count int
		}
		_ = json.NewDecoder(r.Body).Decode(&asked)
		answer := `{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest"}`
		switch {
		case r.URL.Path == list:
			answer = page(asked.Offset, asked.Count, int(s.accounts.Load()))
		case r.URL.Path == info:
			s.calls.Add(1)
			answer = details(asked.Authorizer)
		case r.URL.Path == openGet && r.URL.Query().Get("access_token") == token(asked.AppID):
			s.calls.Add(1)
			answer = `{"errcode":89002,"errmsg":"open not exists"}`
			if bound := openAppID(asked.AppID); bound != nil {
				answer = `{"errcode":0,"errmsg":"ok","open_appid":"` + *bound + `"}`
			}
		}
		time.Sleep(roundTrip)
		w.Header().Set("Content-Type", "application/json; encoding=utf-8")
		_, _ = io.WriteString(w, answer)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that hang up
	late, start := roundTrip, s.Start
	if overTLS {
		late, start = 2*roundTrip, s.StartTLS
	}
	s.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		s.connections.Add(1)
		return context.WithValue(ctx, setUp{}, sync.OnceFunc(func() { time.Sleep(late) }))
	}
	start()
	return s
}

// client is the floor below every provider: it asks about accounts over kept connections and does nothing else.
func client(
	url, authority string, accounts, concurrent int, ask func(appid string) (address, body string),
) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(authority)))
	with := http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxConnsPerHost: concurrent, MaxIdleConnsPerHost: concurrent,
	}}
	var group errgroup.Group
	group.SetLimit(concurrent)
	for number := range accounts {
		group.Go(func() error {
			address, body := ask(appid(number))
			//nolint:noctx // The program ends with its questions.
			response, err := with.Post(url+address, "application/json", strings.NewReader(body))
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, response.Body)
			return errors.Join(err, response.Body.Close())
		})
	}
	return group.Wait()
}
