package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// authority signs certificates that only those trust who were given its own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key}
	a.certificate = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Example Test Authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: day(2001), NotAfter: day(2101),
	}, key)
	return a
}

// sign signs a certificate, an authority's own where there is none yet.
func (a *authority) sign(t *testing.T, template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	parent := a.certificate
	if parent == nil {
		parent = template
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	encoded, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// server is the TLS configuration of a server with a certificate for some hosts.
func (a *authority) server(t *testing.T, from, to time.Time, hosts ...string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{NotBefore: from, NotAfter: to}
	for _, host := range hosts {
		if address := net.ParseIP(host); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	certificate := tls.Certificate{Certificate: [][]byte{a.sign(t, template, key).Raw}, PrivateKey: key}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
}

// file is what a user names in ca_certificate_file.
func (a *authority) file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "authority.pem")
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})))
	return filepath.ToSlash(path)
}

func day(year int) time.Time { return time.Date(year, time.February, 3, 0, 0, 0, 0, time.UTC) }

// connectProxy is an HTTP proxy on this machine that leads every CONNECT to one address, whatever host it asks for.
type connectProxy struct {
	address string
	mutex   sync.Mutex
	hosts   []string
}

// asked are the hosts that it was to connect to.
func (p *connectProxy) asked() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.Clone(p.hosts)
}

// newConnectProxy starts a proxy that wants a password, or that refuses with a status where that is not 0.
func newConnectProxy(t *testing.T, leadsTo, password string, status int) *connectProxy {
	t.Helper()
	proxy := &connectProxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy.mutex.Lock()
		proxy.hosts = append(proxy.hosts, r.Host)
		proxy.mutex.Unlock()
		user := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
		_, given, _ := user.BasicAuth()
		switch {
		case status != 0:
			w.WriteHeader(status)
			return
		case r.Method != http.MethodConnect || given != password:
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		behind, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", leadsTo)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = behind.Close() }()
		client, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = client.Close() }()
		_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(behind, buffered)
			_ = behind.Close()
		}()
		_, _ = io.Copy(client, behind)
	}))
	t.Cleanup(server.Close)
	proxy.address = server.Listener.Addr().String()
	return proxy
}
