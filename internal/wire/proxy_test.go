package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// behindProxy is a server behind a proxy, and the configuration that trusts it.
func behindProxy(t *testing.T) (address string, config TransportConfig) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, wholeAnswer) }))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server.URL, TransportConfig{RootCAs: roots}
}

// listen serves each connection to this machine with one function.
func listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				serve(connection)
			}()
		}
	}()
	return listener.Addr().String()
}

// join carries bytes between a client and an address until either ends.
func join(t *testing.T, client net.Conn, address string) {
	behind, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(behind, client)
		_ = behind.Close()
	}()
	_, _ = io.Copy(client, behind)
}

// tunnel answers CONNECT as an HTTP proxy does that wants a password, or with the given status where that is not 0.
func tunnel(t *testing.T, status int, password string) func(net.Conn) {
	return func(client net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(client))
		if err != nil {
			return
		}
		user := &http.Request{Header: http.Header{"Authorization": request.Header["Proxy-Authorization"]}}
		if _, given, _ := user.BasicAuth(); status == 0 && given != password {
			status = http.StatusProxyAuthRequired
		}
		if status != 0 {
			_, _ = fmt.Fprintf(client, "HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n", status)
			return
		}
		_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		join(t, client, request.RequestURI)
	}
}

// socks answers as a SOCKS5 proxy does that wants a password, and that may refuse with a reply's code.
func socks(t *testing.T, reply byte, password string) func(net.Conn) {
	const version, byPassword, nothingAcceptable = 5, 2, 0xff
	return func(client net.Conn) {
		read := func(length int) []byte {
			bytes := make([]byte, length)
			_, _ = io.ReadFull(client, bytes)
			return bytes
		}
		methods := read(int(read(2)[1]))
		if !strings.Contains(string(methods), string([]byte{byPassword})) {
			_, _ = client.Write([]byte{version, nothingAcceptable})
			return
		}
		_, _ = client.Write([]byte{version, byPassword})
		read(int(read(2)[1])) // the user
		if given := string(read(int(read(1)[0]))); given != password {
			_, _ = client.Write([]byte{1, 1})
			return
		}
		_, _ = client.Write([]byte{1, 0})
		wanted := read(4)
		host := net.IP(read(4)).String() // wanted[3] is 1: an IPv4 address
		port := read(2)
		_, _ = client.Write([]byte{version, reply, 0, 1, 0, 0, 0, 0, 0, 0})
		if wanted[3] == 1 && reply == 0 {
			join(t, client, fmt.Sprintf("%s:%d", host, int(port[0])<<8|int(port[1])))
		}
	}
}

func TestExchangeGoesThroughProxies(t *testing.T) {
	t.Parallel()
	address, config := behindProxy(t)
	const password = "p@ss/w%rd: +#"
	for name, written := range map[string]string{
		"an HTTP proxy": "http://user:p%40ss%2Fw%25rd%3A%20+%23@" + listen(t, tunnel(t, 0, password)),
		"a SOCKS proxy": "socks5://user:p%40ss%2Fw%25rd%3A%20+%23@" + listen(t, socks(t, 0, password)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			through := config
			through.ProxyURL = proxyURL(t, written)
			if answer, failure := ask(t, through, address); failure != nil || string(answer.Body) != wholeAnswer {
				t.Errorf("got %+v, %v, want the answer through the proxy", answer, failure)
			}
		})
	}
}

func TestExchangeSaysWhatProxiesRefuse(t *testing.T) {
	t.Parallel()
	address, config := behindProxy(t)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	for name, test := range map[string]struct {
		scheme string
		proxy  func(net.Conn)
		at     string // where it listens, if not for proxy
		want   Failure
		again  bool
	}{
		"a wrong password":         {proxy: tunnel(t, 0, "another"), want: Failure{Reason: ProxyCredentials}},
		"a rule":                   {proxy: tunnel(t, 403, ""), want: Failure{Reason: ProxyForbids, Detail: "403"}},
		"a host out of reach":      {proxy: tunnel(t, 502, ""), want: Failure{Reason: ProxyConnectFailed, Detail: "502"}, again: true},
		"a host that is slow":      {proxy: tunnel(t, 504, ""), want: Failure{Reason: ProxyConnectFailed, Detail: "504"}, again: true},
		"a proxy without patience": {proxy: tunnel(t, 408, ""), want: Failure{Reason: ProxyConnectFailed, Detail: "408"}, again: true},
		"too many connections":     {proxy: tunnel(t, 429, ""), want: Failure{Reason: ProxyConnectFailed, Detail: "429"}, again: true},
		"a redirect":               {proxy: tunnel(t, 302, ""), want: Failure{Reason: ProxyForbids, Detail: "302"}},
		"closed at once":           {proxy: func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) }, want: Failure{Reason: ProxyClosed}, again: true},
		"another protocol": {proxy: func(c net.Conn) {
			_, _ = io.WriteString(c, "220 mail.example ESMTP\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}, want: Failure{Reason: NotAProxy}},
		"HTTP for SOCKS": {scheme: "socks5", proxy: func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4))
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}, want: Failure{Reason: ProxySOCKSFailed}},
		"SOCKS, a password":     {scheme: "socks5", proxy: socks(t, 0, "another"), want: Failure{Reason: ProxySOCKSFailed}},
		"SOCKS, a rule":         {scheme: "socks5", proxy: socks(t, 2, "hunter2"), want: Failure{Reason: ProxySOCKSFailed}},
		"SOCKS, out of reach":   {scheme: "socks5", proxy: socks(t, 4, "hunter2"), want: Failure{Reason: ProxySOCKSFailed}},
		"SOCKS, closed at once": {scheme: "socks5", proxy: func(c net.Conn) { _, _ = c.Read(make([]byte, 4)) }, want: Failure{Reason: ProxyClosed}, again: true},
		"SOCKS, nobody there":   {scheme: "socks5", at: "127.0.0.1:1", want: Failure{Reason: ConnectionRefused, AtProxy: true}, again: true},
		"TLS that is not spoken": {scheme: "https", proxy: func(c net.Conn) {
			_, _ = c.Read(make([]byte, 512))
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}, want: Failure{Reason: TLSPlainHTTP, AtProxy: true}},
		"TLS that is not trusted": {
			scheme: "https", at: untrusted.Listener.Addr().String(),
			want: Failure{Reason: CertificateUnknownAuthority, AtProxy: true, Detail: "Acme Co"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scheme, at, through := test.scheme, test.at, config
			if scheme == "" {
				scheme = "http"
			}
			if at == "" {
				at = listen(t, test.proxy)
			}
			if at == untrusted.Listener.Addr().String() {
				through.RootCAs = x509.NewCertPool()
			}
			through.ProxyURL = proxyURL(t, scheme+"://user:hunter2@"+at)
			_, failure := ask(t, through, address)
			if failure == nil || *failure != test.want || failure.Retryable() != test.again || !failure.Unreachable() {
				t.Fatalf("got %+v, want %+v, retryable %t", failure, test.want, test.again)
			}
			if strings.Contains(fmt.Sprintf("%+v", *failure), "hunter2") {
				t.Errorf("shows the password: %+v", *failure)
			}
		})
	}
}

// overTLS is a server and the authorities that trust it: it speaks TLS, and answers the first request after a while.
func overTLS(t *testing.T, while time.Duration) (serve func(net.Conn), roots *x509.CertPool) {
	t.Helper()
	certificate := selfSigned(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	roots = x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	return func(plain net.Conn) {
		c := tls.Server(plain, config)
		defer func() { _ = c.Close() }()
		skipRequest(c)
		time.Sleep(while)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(wholeAnswer), wholeAnswer)
		_, _ = io.Copy(io.Discard, c)
	}, roots
}

// TestStalledConnectionGivesItsPlaceUp has a way there whose first connection never gets anywhere, room for one alone,
// and a clock of its own.
func TestStalledConnectionGivesItsPlaceUp(t *testing.T) {
	t.Parallel()
	server, roots := overTLS(t, 0)
	for name, test := range map[string]struct {
		proxy string
		serve func(net.Conn)
	}{
		"in the TLS handshake": {serve: server},
		"before a proxy's word": {proxy: "http://proxy.example", serve: func(c net.Conn) {
			one := make([]byte, 1)
			for seen := ""; !strings.HasSuffix(seen, "\r\n\r\n"); seen += string(one) {
				_, _ = c.Read(one)
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			server(c)
		}},
		"in a SOCKS greeting": {proxy: "socks5://proxy.example", serve: func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 3))
			_, _ = c.Write([]byte{5, 0})
			_, _ = io.ReadFull(c, make([]byte, 10)) // to an IPv4 address
			_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
			server(c)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var accepted atomic.Int32
				config := TransportConfig{RootCAs: roots, MaxConnections: 1, ConnectTimeout: 10 * time.Second}
				if test.proxy != "" {
					config.ProxyURL = proxyURL(t, test.proxy)
				}
				transport := piped(config, func(c net.Conn) {
					if accepted.Add(1) == 1 {
						_, _ = io.Copy(io.Discard, c) // and never a byte
						return
					}
					test.serve(c)
				})
				defer time.Sleep(time.Hour) // on the test's clock: all servers notice that they were left
				defer transport.CloseIdleConnections()
				outcome, err := Retry(t.Context(), 3, func(err error) (time.Duration, bool) {
					var failure *Failure
					return 0, errors.As(err, &failure) && failure.Retryable()
				}, func(ctx context.Context) error {
					ctx, cancel := context.WithTimeout(ctx, config.ConnectTimeout)
					defer cancel()
					_, err := exchange(transport, post(t, ctx, "https://127.0.0.1"), ResponseLimit)
					return err
				})
				if err != nil || accepted.Load() != 2 || outcome.Attempts != 2 {
					t.Errorf("got %v after %d attempts and %d connections, want an answer through the second", err, outcome.Attempts, accepted.Load())
				}
			})
		})
	}
}

// TestConnectionOutlivesTheTimeToMakeIt has an answer that comes when the time to make a connection is long over.
func TestConnectionOutlivesTheTimeToMakeIt(t *testing.T) {
	t.Parallel()
	server, roots := overTLS(t, time.Hour)
	synctest.Test(t, func(t *testing.T) {
		transport := piped(TransportConfig{RootCAs: roots, MaxConnections: 1, ConnectTimeout: 10 * time.Second}, server)
		defer time.Sleep(time.Hour) // on the test's clock: the server notices that it was left
		defer transport.CloseIdleConnections()
		answer, err := exchange(transport, post(t, t.Context(), "https://127.0.0.1"), ResponseLimit)
		if err != nil || string(answer.Body) != wholeAnswer {
			t.Errorf("got %+v, %v, want the answer", answer, err)
		}
	})
}
