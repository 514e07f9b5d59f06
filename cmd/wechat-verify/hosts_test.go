package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// TestRun_asksTheFiveHosts lets the command believe that it asks WeChat: a proxy leads all names to the simulator,
// which has their certificate from an authority of this test.
func TestRun_asksTheFiveHosts(t *testing.T) {
	t.Parallel()
	found, err := engine.Find(t.Context())
	if err != nil {
		t.Fatalf("this test needs a Terraform or OpenTofu: %v", err)
	}
	for name, test := range map[string]struct {
		deviant string // the host that answers otherwise
		code    int
		outcome facts.Outcome
	}{
		"alike":                   {"", 0, facts.Confirmed},
		"an extra host differs":   {"hk.api.weixin.qq.com", 2, facts.Differs},
		"a second, extra, differ": {"api2.weixin.qq.com", 2, facts.Differs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate, authority := certificateFor(t, "api.weixin.qq.com", "*.weixin.qq.com", "*.api.weixin.qq.com")
			hosts := map[string]int{}
			s, address := wechat(t, func(inner http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					hosts[r.Host]++ // the command asks one at a time, and then the provider does
					if r.Host == test.deviant {
						_, _ = io.WriteString(w, `{"errcode": 40001, "errmsg": "invalid credential"}`)
						return
					}
					inner.ServeHTTP(w, r)
				})
			}, simulator.WithTLS(&tls.Config{
				Certificates: []tls.Certificate{certificate},
				MinVersion:   tls.VersionTLS12,
			}))
			proxy := httptest.NewServer(connect(t, strings.TrimPrefix(address, "https://")))
			t.Cleanup(proxy.Close)

			path := filepath.Join(t.TempDir(), "record.json")
			env := append(holding(s, tea, unbound, platform), "HTTPS_PROXY="+proxy.URL, "ENGINE="+found.Path)
			got := verify(t, env, "", "-yes", "-json", "-ca-certificate-file", authority, "-record", path)
			facts := outcomes(t, got.stdout)
			if facts["hosts.alike"].Outcome != test.outcome || got.code != test.code {
				t.Errorf("exit code %d: %v: %s", got.code, facts["hosts.alike"], got.stderr)
			}
			for id, came := range map[string]string{
				"transport.http2": "http/1.1", "transport.tls": "TLS 1.2, TLS 1.3", "hosts.address": "4 of 4",
				"provider.same": "bound = true",
			} {
				if !strings.Contains(facts[id].Came, came) {
					t.Errorf("%s: %v", id, facts[id])
				}
			}
			if len(hosts) != 5 {
				t.Errorf("asked %v", hosts)
			}
			if record := readFile(t, path); !strings.Contains(record, `"host": "api.weixin.qq.com"`) {
				t.Error("the record does not say that WeChat was asked")
			}

			untrusting := verify(t, env, "", "-yes")
			if untrusting.code != 1 || !strings.Contains(untrusting.stderr,
				"the certificate is not trusted (-ca-certificate-file") {
				t.Errorf("without the authority: exit code %d: %s", untrusting.code, untrusting.stderr)
			}
		})
	}
}

// connect is a proxy that leads every CONNECT to one address.
func connect(t *testing.T, address string) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer server.Close()
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer client.Close()
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		done := make(chan struct{})
		go func() { _, _ = io.Copy(server, client); _ = server.Close(); close(done) }()
		_, _ = io.Copy(client, server)
		_ = client.Close()
		<-done
	})
}

// certificateFor makes a certificate for names, and a file with the authority behind it.
func certificateFor(t *testing.T, names ...string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: names, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour),
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, path
}
