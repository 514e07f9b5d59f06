package wire

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestExchangeSpeaksHTTP1Alone has a server that would rather speak HTTP/2, and looks at what it is offered.
func TestExchangeSpeaksHTTP1Alone(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	looking := func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if !slices.Equal(hello.SupportedProtos, []string{"http/1.1"}) {
			t.Errorf("ALPN offers %q, want http/1.1 alone", hello.SupportedProtos)
		}
		return nil, nil
	}
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: looking}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	answer, failure := ask(t, TransportConfig{RootCAs: roots}, server.URL)
	if failure != nil || string(answer.Body) != "HTTP/1.1" {
		t.Errorf("got %+v, %v, want HTTP/1.1", answer, failure)
	}
}
