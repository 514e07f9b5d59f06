package wire

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

const queryToken = "61_SecretInTheQuery"

// ask sends a request whose query holds a token, and checks that no error shows it.
func ask(t *testing.T, config TransportConfig, address string) (*Response, *Failure) {
	t.Helper()
	config.MaxConnections = 1
	transport := NewTransport(config)
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/path?access_token="+queryToken, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := exchange(transport, request, ResponseLimit)
	if err == nil {
		return answer, nil
	}
	for _, form := range []string{"%s", "%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(form, err); strings.Contains(text, queryToken) || strings.Contains(text, "access_token") {
			t.Errorf("the error shows the query: %s", text)
		}
	}
	var failure *Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %T, want *Failure", err)
	}
	return nil, failure
}

// raw serves each request with one function, for answers that no well-behaved server gives.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	return "http://" + listen(t, func(connection net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(connection))
		serve(connection)
	})
}

func TestExchangeTellsFailuresApart(t *testing.T) {
	t.Parallel()
	trusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(trusted.Close)
	roots := x509.NewCertPool()
	roots.AddCert(trusted.Certificate())

	dated := func(from, to time.Time) *httptest.Server {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		certificate := selfSigned(t, from, to)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		server.StartTLS()
		t.Cleanup(server.Close)
		roots.AddCert(certificate.Leaf)
		return server
	}
	expired := dated(time.Date(2001, 2, 2, 0, 0, 0, 0, time.UTC), time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC))
	early := dated(time.Date(2101, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(2101, 2, 4, 0, 0, 0, 0, time.UTC))

	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	t.Cleanup(old.Close)

	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)

	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(refusing.Close)
	withPassword, err := url.Parse(strings.Replace(refusing.URL, "http://", "http://user:hunter2@", 1))
	if err != nil {
		t.Fatal(err)
	}

	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(busy.Close)
	overloaded, err := url.Parse(busy.URL)
	if err != nil {
		t.Fatal(err)
	}

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	gone, err := url.Parse(closed.URL)
	if err != nil {
		t.Fatal(err)
	}

	for name, test := range map[string]struct {
		config    TransportConfig
		address   string
		want      Failure
		retryable bool
	}{
		"nobody listens":              {address: closed.URL, want: Failure{Reason: ConnectionRefused}, retryable: true},
		"an authority nobody knows":   {address: trusted.URL, want: Failure{Reason: CertificateUnknownAuthority, Detail: "Acme Co"}},
		"a certificate for another":   {config: TransportConfig{RootCAs: roots}, address: strings.Replace(trusted.URL, "127.0.0.1", "localhost", 1), want: Failure{Reason: CertificateOtherHost, Detail: "example.com, *.example.com, 127.0.0.1 and 1 more"}},
		"a certificate that expired":  {config: TransportConfig{RootCAs: roots}, address: expired.URL, want: Failure{Reason: CertificateExpired, Detail: "2001-02-03"}},
		"a certificate of the future": {config: TransportConfig{RootCAs: roots}, address: early.URL, want: Failure{Reason: CertificateNotYetValid, Detail: "2101-02-03"}},
		"HTTP where HTTPS was asked":  {address: strings.Replace(plain.URL, "http:", "https:", 1), want: Failure{Reason: TLSPlainHTTP}},
		"a proxy that wants a password": {
			config: TransportConfig{ProxyURL: withPassword}, address: trusted.URL,
			want: Failure{Reason: ProxyCredentials},
		},
		"a proxy that is overloaded": {
			config: TransportConfig{ProxyURL: overloaded}, address: trusted.URL,
			want: Failure{Reason: ProxyConnectFailed, Detail: "503"}, retryable: true,
		},
		"a proxy that is not there": {
			config: TransportConfig{ProxyURL: gone}, address: trusted.URL,
			want: Failure{Reason: ConnectionRefused, AtProxy: true}, retryable: true,
		},
		"closed without an answer": {address: raw(t, func(net.Conn) {}), want: Failure{Reason: ConnectionReset}, retryable: true},
		"reset without an answer": {
			address: raw(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }), //nolint:forcetypeassert // It is one.
			want:    Failure{Reason: ConnectionReset}, retryable: true,
		},
		"cut off in the body": {
			address: raw(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"errcode\"")
			}),
			want: Failure{Reason: ResponseCutOff}, retryable: true,
		},
		"not HTTP": {
			address: raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example ESMTP\r\n") }),
			want:    Failure{Reason: NotHTTP},
		},
		"larger than the bound": {
			address: raw(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+strings.Repeat("x", ResponseLimit+1))
			}),
			want: Failure{Reason: ResponseTooLarge},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure := ask(t, test.config, test.address)
			if failure == nil || *failure != test.want || failure.Retryable() != test.retryable {
				t.Errorf("got %+v, want %+v, retryable %t", failure, test.want, test.retryable)
			}
		})
	}
	t.Run("TLS older than 1.2", func(t *testing.T) {
		t.Parallel()
		if _, failure := ask(t, TransportConfig{}, old.URL); failure == nil || failure.Reason != TLSRefused || failure.Retryable() {
			t.Errorf("got %+v, want a failed handshake", failure)
		}
	})
}

// selfSigned makes a certificate for 127.0.0.1.
func selfSigned(t *testing.T, from, to time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key, Leaf: leaf}
}

func TestFailureOfWhatCannotBeStagedHere(t *testing.T) {
	t.Parallel()
	wrap := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://host/?access_token=" + queryToken, Err: err}
	}
	for name, test := range map[string]struct {
		err  error
		want Failure
	}{
		"a host that does not exist":   {&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, Failure{Reason: UnknownHost}},
		"a name server that is silent": {&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, Failure{Reason: LookupFailed}},
		"a proxy that does not exist": {
			&net.OpError{Op: "proxyconnect", Err: &net.DNSError{Err: "no such host", IsNotFound: true}},
			Failure{Reason: UnknownHost, AtProxy: true},
		},
		"no route":              {&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, Failure{Reason: NoRoute}},
		"refused, on Windows":   {&net.OpError{Op: "dial", Err: windowsConnectionRefused}, Failure{Reason: ConnectionRefused}},
		"the attempt's timeout": {context.DeadlineExceeded, Failure{Reason: TimeoutConnect}},
		"an error without type": {errors.New("something with " + queryToken), Failure{Reason: ConnectionFailed}},
	} {
		if got := failureOf(wrap(test.err), connectStart, false); *got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, *got, test.want)
		}
	}
}

func TestExchangeFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed to %s", r.URL.Path)
	}))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/login", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	if answer, failure := ask(t, TransportConfig{}, server.URL); failure != nil || answer.Status != http.StatusTemporaryRedirect {
		t.Errorf("got %+v, %v, want status 307", answer, failure)
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	proxy := proxyURL(t, "http://proxy.example:3128")
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.weixin.qq.com", nil)
	for _, named := range []*url.URL{nil, proxy} {
		if chosen, err := NewTransport(TransportConfig{ProxyURL: named}).Proxy(request); err != nil || chosen != named {
			t.Errorf("got %v, %v, want the proxy that was named, %v", chosen, err, named)
		}
	}
	for written, want := range map[string]error{
		"": ErrProxyEmpty, "proxy.example:3128": ErrProxyScheme, "ftp://proxy.example": ErrProxyScheme,
		"http://": ErrProxyHost, "http://proxy.example:99999": ErrProxyHost, "http://user:hunter2@[": ErrProxyUser,
	} {
		if _, err := ParseProxyURL(written); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", written, err, want)
		}
	}
}
