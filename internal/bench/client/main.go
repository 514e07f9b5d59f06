// Command client is the floor below every provider: it asks about accounts with kept connections and does nothing else.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"terraform.local/wechat/terraform-provider-wechat/internal/bench/fleet"
)

func main() {
	base := flag.String("url", "", "the server")
	certificate := flag.String("certificate", "", "the authority to trust")
	accounts := flag.Int("accounts", 1, "how many to ask about")
	concurrent := flag.Int("concurrent", 1, "how many at once")
	flag.Parse()
	if err := run(*base, *certificate, *accounts, *concurrent); err != nil {
		log.Fatalln("bench client:", err)
	}
}

func run(base, certificate string, accounts, concurrent int) error {
	roots := x509.NewCertPool()
	if certificate != "" {
		written, err := os.ReadFile(certificate)
		if err != nil {
			return err
		}
		roots.AppendCertsFromPEM(written)
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxConnsPerHost:     concurrent,
		MaxIdleConnsPerHost: concurrent,
	}}
	var (
		group sync.WaitGroup
		next  atomic.Int64
		errs  = make([]error, concurrent)
	)
	for worker := range concurrent {
		group.Go(func() {
			for errs[worker] == nil {
				number := int(next.Add(1)) - 1
				if number >= accounts {
					return
				}
				errs[worker] = ask(client, base, fleet.AppID(number))
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func ask(client *http.Client, base, appid string) error {
	//nolint:noctx // The program ends with its questions.
	response, err := client.Post(base+fleet.Path+"?access_token="+fleet.Token(appid), "application/json", strings.NewReader(`{"appid":"`+appid+`"}`))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var answered struct {
		OpenAppID string `json:"open_appid"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answered); err != nil {
		return err
	}
	if answered.OpenAppID != fleet.OpenAppID(appid) {
		return fmt.Errorf("%s is bound to %q, not to %q", appid, fleet.OpenAppID(appid), answered.OpenAppID)
	}
	return nil
}
