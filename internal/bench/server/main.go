// Command server is a WeChat that answers open/get, a round trip away: a new connection costs one, a TLS handshake another,
// and each answer one more. It does as little as it can, so as not to take from those who are measured.
//
// It prints its URL. To each line on its standard input it answers with the calls and connections since the line before,
// and it ends with its input, or after an hour.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/bench/fleet"
)

const lifetime = time.Hour

type server struct {
	roundTrip          time.Duration
	tls                *tls.Config // nil: plain
	calls, connections atomic.Int64
}

func main() {
	roundTrip := flag.Duration("round-trip", 0, "how long a round trip takes")
	certificate := flag.String("certificate", "", "serve TLS, and write the certificate to this file")
	flag.Parse()
	if err := run(*roundTrip, *certificate); err != nil {
		log.Fatalln("bench server:", err)
	}
}

func run(roundTrip time.Duration, certificate string) error {
	s := &server{roundTrip: roundTrip}
	scheme := "http"
	if certificate != "" {
		scheme = "https"
		made, err := selfSigned(certificate)
		if err != nil {
			return err
		}
		s.tls = &tls.Config{Certificates: []tls.Certificate{made}, MinVersion: tls.VersionTLS12}
	}
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	time.AfterFunc(lifetime, func() { log.Fatalln("bench server: an hour is over") })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			go s.serve(connection)
		}
	}()
	fmt.Printf("%s://%s\n", scheme, listener.Addr())
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		fmt.Println(s.calls.Swap(0), s.connections.Swap(0))
	}
	return nil
}

// serve answers on one connection until the client ends it.
func (s *server) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	time.Sleep(s.roundTrip)
	if s.tls != nil {
		time.Sleep(s.roundTrip)
		connection = tls.Server(connection, s.tls)
	}
	reader := bufio.NewReader(connection)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body := answer(request)
		s.calls.Add(1)
		time.Sleep(s.roundTrip)
		if _, err := fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json; encoding=utf-8\r\nContent-Length: %d\r\n\r\n%s",
			len(body), body); err != nil || request.Close {
			return
		}
	}
}

// answer reads the whole request.
func answer(request *http.Request) string {
	var asked struct {
		AppID string `json:"appid"`
	}
	err := json.NewDecoder(request.Body).Decode(&asked)
	if closing := request.Body.Close(); err != nil || closing != nil || request.Method != http.MethodPost || request.URL.Path != fleet.Path {
		return `{"errcode":47001,"errmsg":"data format error"}`
	}
	if request.URL.Query().Get("access_token") != fleet.Token(asked.AppID) {
		return `{"errcode":40001,"errmsg":"invalid credential, access_token is invalid or not latest"}`
	}
	if bound := fleet.OpenAppID(asked.AppID); bound != "" {
		return `{"errcode":0,"errmsg":"ok","open_appid":"` + bound + `"}`
	}
	return `{"errcode":89002,"errmsg":"open not exists"}`
}

// selfSigned makes a certificate for this machine that is its own authority, and writes it to the file.
func selfSigned(file string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(2 * lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	written := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600)
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, errors.Join(err, written)
}
