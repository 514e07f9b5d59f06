package wire

import (
	"bytes"
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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authorityFor makes a certificate that its own key signs, with a common name alone.
func authorityFor(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotAfter: time.Now().Add(time.Hour),
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key}
}

// withNegativeSerial turns the serial number 1 of a certificate into -1.
func withNegativeSerial(encoded []byte) []byte {
	return bytes.Replace(encoded, []byte{2, 1, 2, 2, 1, 1}, []byte{2, 1, 2, 2, 1, 0xff}, 1)
}

// TestTLSSaysWhy has servers whose TLS connection cannot be made for a reason that Go knows, and that no repetition
// mends.
func TestTLSSaysWhy(t *testing.T) {
	t.Parallel()
	commonName := authorityFor(t, "wechat.example")
	leaf, err := x509.ParseCertificate(commonName.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	negative := commonName
	negative.Certificate = [][]byte{withNegativeSerial(commonName.Certificate[0])}
	addressed := selfSigned(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	roots.AddCert(addressed.Leaf)

	for name, test := range map[string]struct {
		server *tls.Config
		want   Failure
	}{
		"a common name alone": {
			&tls.Config{Certificates: []tls.Certificate{commonName}},
			Failure{Reason: CertificateCommonName, Detail: "wechat.example"},
		},
		"a negative serial number": {
			&tls.Config{Certificates: []tls.Certificate{negative}},
			Failure{Reason: CertificateUnreadable, Detail: "negative serial number"},
		},
		"an older version": {
			&tls.Config{Certificates: []tls.Certificate{addressed}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			Failure{Reason: TLSRefused, Detail: "protocol version not supported"},
		},
		"a client's certificate, of TLS 1.3": {
			&tls.Config{Certificates: []tls.Certificate{addressed}, ClientAuth: tls.RequireAnyClientCert},
			Failure{Reason: TLSClientCertificate},
		},
		"a client's certificate, of TLS 1.2": {
			&tls.Config{
				Certificates: []tls.Certificate{addressed}, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12,
			},
			Failure{Reason: TLSRefused, Detail: "handshake failure"}, // which may mean anything
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := listen(t, func(plain net.Conn) {
				_ = tls.Server(plain, test.server).HandshakeContext(t.Context())
				_, _ = io.Copy(io.Discard, plain) // or the request would meet a closed connection before the alert is read
			})
			_, failure := ask(t, TransportConfig{RootCAs: roots}, "https://"+address)
			if failure == nil || *failure != test.want || failure.Retryable() || !failure.Unreachable() {
				t.Errorf("got %+v, want %+v", failure, test.want)
			}
		})
	}
}

// TestReadCertificates_skipsNone has files with one certificate that is fine and one block that is not.
func TestReadCertificates_skipsNone(t *testing.T) {
	t.Parallel()
	block := func(kind string, content []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
	}
	encoded := authorityFor(t, "ca.example").Certificate[0]
	fine := block("CERTIFICATE", encoded)
	for name, test := range map[string]struct{ content, want string }{
		"a byte order mark":        {"\ufeff" + fine, ""},
		"a comment and a key":      {"# mine\n" + fine + block("PRIVATE KEY", []byte("key")), ""},
		"a negative serial number": {fine + block("CERTIFICATE", withNegativeSerial(encoded)), "number 2 is a certificate that cannot be read (negative serial number)"},
		"a trusted certificate":    {fine + block("TRUSTED CERTIFICATE", encoded), "number 2 is a TRUSTED CERTIFICATE and no CERTIFICATE"},
		"a line that is missing":   {fine + strings.Replace(fine, "-----END", "", 1), "number 2 is damaged"},
		"nothing":                  {"", "holds no PEM certificate"},
	} {
		file := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		roots, err := ReadCertificates(file)
		if test.want == "" && (err != nil || roots == nil) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// TestParseProxyURL_password has passwords with characters of a meaning in URLs: none is taken for another address.
func TestParseProxyURL_password(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"pa#ss", "1#3", "pa%ss", "pa?ss", "1?3", "1/3", "pa/ss"} {
		if got, err := ParseProxyURL("http://user:" + password + "@proxy.example:3128"); err != ErrProxyUser { //nolint:errorlint // It is as it is.
			t.Errorf("%s: %v, %v, want %v", password, got, err, ErrProxyUser)
		}
	}
	if got, err := ParseProxyURL("http://user:p%23a@proxy.example:3128"); err != nil || got.Host != "proxy.example:3128" {
		t.Errorf("got %v, %v", got, err)
	}
}
