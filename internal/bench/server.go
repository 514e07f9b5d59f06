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

const openGet = "/cgi-bin/open/get"

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

// server is a WeChat a round trip away: a new connection costs one, a TLS handshake another, and each answer one more.
type server struct {
	*httptest.Server
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
		var asked struct{ AppID string }
		_ = json.NewDecoder(r.Body).Decode(&asked)
		answer := `{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest"}`
		if r.URL.Path == openGet && r.URL.Query().Get("access_token") == token(asked.AppID) {
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
func client(url, authority string, accounts, concurrent int) error {
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
			address, body := url+openGet+"?access_token="+token(appid(number)), `{"appid":"`+appid(number)+`"}`
			//nolint:noctx // The program ends with its questions.
			response, err := with.Post(address, "application/json", strings.NewReader(body))
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, response.Body)
			return errors.Join(err, response.Body.Close())
		})
	}
	return group.Wait()
}
