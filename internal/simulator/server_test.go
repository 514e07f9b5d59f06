package simulator_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

func TestListenStaysOnLoopback(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "simulator.example:0"} {
		if _, err := simulator.Listen(address, s); !errors.Is(err, simulator.ErrNotLoopback) {
			t.Errorf("%s: error %v", address, err)
		}
	}
	server, err := simulator.Listen("0.0.0.0:0", s, simulator.AnyAddress())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	if !strings.HasPrefix(server.URL(), "http://127.0.0.1:") {
		t.Errorf("URL %s", server.URL())
	}
}

func TestServerCountsConnectionsAndRequests(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	server := listen(t, s)
	for range 3 { // one after the other, on one connection
		if _, _, _, err := ask(t.Context(), server, s.Token(bound)); err != nil {
			t.Fatal(err)
		}
	}
	if server.Connections() != 1 || server.MaxRequestsAtATime() != 1 {
		t.Errorf("%d connections, %d requests at a time", server.Connections(), server.MaxRequestsAtATime())
	}
	for range 2 {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestServerWithTLS(t *testing.T) {
	other := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate and the client that trusts it
	defer other.Close()
	server := listen(t, newSimulator(t, simulator.Config{}), simulator.WithTLS(&tls.Config{Certificates: other.TLS.Certificates, MinVersion: tls.VersionTLS12}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL()+openHave, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := other.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if !strings.HasPrefix(server.URL(), "https://") || response.Proto != "HTTP/1.1" || response.StatusCode != 200 {
		t.Errorf("%s: %s %s", server.URL(), response.Proto, response.Status)
	}
}
