package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestExchangeWithConnectionsThatEndEarly(t *testing.T) {
	t.Parallel()
	t.Run("half closed instead of an answer", func(t *testing.T) {
		t.Parallel()
		answer, failure := ask(t, TransportConfig{}, raw(t, func(c net.Conn) {
			_ = c.(*net.TCPConn).CloseWrite() //nolint:forcetypeassert // It is one.
			_, _ = io.Copy(io.Discard, c)
		}))
		if failure == nil || *failure != (Failure{Reason: ConnectionReset}) || !failure.Retryable() {
			t.Errorf("got %+v, %+v, want that it was closed before an answer came", answer, failure)
		}
	})
	t.Run("half closed behind the answer", func(t *testing.T) {
		t.Parallel()
		answer, failure := ask(t, TransportConfig{}, raw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"+wholeAnswer)
			_ = c.(*net.TCPConn).CloseWrite() //nolint:forcetypeassert // It is one.
			_, _ = io.Copy(io.Discard, c)
		}))
		if failure != nil || string(answer.Body) != wholeAnswer {
			t.Errorf("got %+v, %v, want the answer", answer, failure)
		}
	})
	t.Run("reset within the answer", func(t *testing.T) {
		t.Parallel()
		for name, sent := range map[string]string{
			"the header": "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n",
			"the body":   "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"errcode\"",
		} {
			transport := piped(TransportConfig{}, func(c net.Conn) {
				skipRequest(c)
				_, _ = io.WriteString(c, sent)
			})
			dial := transport.DialContext
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				connection, err := dial(ctx, network, address)
				return resetting{connection}, err
			}
			_, err := exchange(transport, post(t, t.Context(), "http://wechat.example"), ResponseLimit)
			var failure *Failure
			if !errors.As(err, &failure) || *failure != (Failure{Reason: ResponseCutOff}) || !failure.Retryable() {
				t.Errorf("%s: got %v, want an answer that was cut off", name, err)
			}
			transport.CloseIdleConnections()
		}
	})
	t.Run("an answer before the question", func(t *testing.T) {
		t.Parallel()
		// Whether net/http still takes it for the answer depends on who is first.
		transport := NewTransport(TransportConfig{MaxConnections: 1})
		defer transport.CloseIdleConnections()
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				_, _ = io.WriteString(there, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
				_, _ = io.Copy(io.Discard, there)
			}()
			return here, nil
		}
		answer, err := exchange(transport, post(t, t.Context(), "http://wechat.example"), ResponseLimit)
		var failure *Failure
		switch {
		case err == nil && answer.Status == http.StatusRequestTimeout:
		case errors.As(err, &failure) && *failure == (Failure{Reason: ConnectionReset}) && failure.Retryable():
		default:
			t.Errorf("got %+v, %v, want status 408, or that it was closed before an answer came", answer, err)
		}
	})
}

// resetting is a connection that ends with a reset.
type resetting struct{ net.Conn }

func (r resetting) Read(into []byte) (int, error) {
	length, err := r.Conn.Read(into)
	if errors.Is(err, io.EOF) {
		err = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	}
	return length, err
}

// post is a request whose query holds a token.
func post(t *testing.T, ctx context.Context, address string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/path?access_token="+queryToken, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// piped returns a transport whose connections lead to a function, without a network, so that a test can have a clock of
// its own.
func piped(config TransportConfig, serve func(net.Conn)) *http.Transport {
	transport := NewTransport(config)
	transport.DialContext = bounded(config.ConnectTimeout, func(ctx context.Context, network, address string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			serve(there)
		}()
		httptrace.ContextClientTrace(ctx).ConnectDone(network, address, nil) // as package net does
		return here, nil
	})
	return transport
}

// stalling makes no connection.
func stalling(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// unresolving makes no connection because its name server is silent. (Package net's own resolver keeps what no clock of
// a test's own reaches.)
func unresolving(ctx context.Context, network, address string) (net.Conn, error) {
	httptrace.ContextClientTrace(ctx).DNSStart(httptrace.DNSStartInfo{Host: address}) // as package net does
	return stalling(ctx, network, address)
}

func proxyURL(t *testing.T, written string) *url.URL {
	t.Helper()
	address, err := ParseProxyURL(written)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// skipRequest reads a request's header and its body of two bytes.
func skipRequest(c net.Conn) {
	one := make([]byte, 1)
	for seen := ""; !strings.HasSuffix(seen, "\r\n\r\n{}"); seen += string(one) {
		if _, err := c.Read(one); err != nil {
			return
		}
	}
}

// drip writes a text, and then a piece of it each second until the connection ends.
func drip(c net.Conn, first, piece string) {
	for _, err := io.WriteString(c, first); err == nil; _, err = io.WriteString(c, piece) {
		time.Sleep(time.Second)
	}
}

// TestExchangeEndsInTime has servers that make progress and never come to an end, on a clock of its own.
func TestExchangeEndsInTime(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\n"
	emptyPiece := string(packed(t, ""))
	reading := Failure{Reason: TimeoutBody}
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	asked := func(then func(net.Conn)) func(net.Conn) {
		return func(c net.Conn) {
			skipRequest(c)
			then(c)
		}
	}
	for name, test := range map[string]struct {
		address string
		config  TransportConfig
		serve   func(net.Conn)
		dial    func(context.Context, string, string) (net.Conn, error)
		want    Failure
	}{
		"silence":                         {serve: silent, want: Failure{Reason: TimeoutResponse}},
		"a status a byte a second":        {serve: asked(func(c net.Conn) { drip(c, "H", "T") }), want: reading},
		"a header without end":            {serve: asked(func(c net.Conn) { drip(c, head, "X: y\r\n") }), want: reading},
		"other words without end":         {serve: asked(func(c net.Conn) { drip(c, "", "HTTP/1.1 102 Processing\r\n\r\n") }), want: reading},
		"a body a byte a second":          {serve: asked(func(c net.Conn) { drip(c, head+"Content-Length: 1000\r\n\r\n{", " ") }), want: reading},
		"chunks without end":              {serve: asked(func(c net.Conn) { drip(c, head+"Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n") }), want: reading},
		"packed pieces of nothing":        {serve: asked(func(c net.Conn) { drip(c, head+"Content-Encoding: gzip\r\n\r\n", emptyPiece) }), want: reading},
		"a body that stalls":              {serve: asked(func(c net.Conn) { _, _ = io.WriteString(c, head+"Content-Length: 9\r\n\r\n{"); silent(c) }), want: reading},
		"nobody takes the request":        {serve: func(net.Conn) { time.Sleep(time.Minute) }, want: Failure{Reason: TimeoutResponse}},
		"nobody speaks TLS":               {address: "https://wechat.example", serve: silent, want: Failure{Reason: TimeoutHandshake}},
		"a proxy that is silent":          {address: "https://wechat.example", config: TransportConfig{ProxyURL: proxyURL(t, "http://proxy.example")}, serve: silent, want: Failure{Reason: TimeoutProxy}},
		"a SOCKS proxy that is silent":    {address: "https://wechat.example", config: TransportConfig{ProxyURL: proxyURL(t, "socks5://proxy.example")}, serve: silent, want: Failure{Reason: TimeoutProxy}},
		"no connection":                   {dial: stalling, want: Failure{Reason: TimeoutConnect}},
		"no connection to a proxy":        {address: "https://wechat.example", config: TransportConfig{ProxyURL: proxyURL(t, "http://proxy.example")}, dial: stalling, want: Failure{Reason: TimeoutConnect, AtProxy: true}},
		"a name server that is silent":    {dial: unresolving, want: Failure{Reason: TimeoutLookup}},
		"and the name is that of a proxy": {address: "https://wechat.example", config: TransportConfig{ProxyURL: proxyURL(t, "http://proxy.example")}, dial: unresolving, want: Failure{Reason: TimeoutLookup, AtProxy: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := piped(test.config, test.serve)
				defer time.Sleep(time.Hour) // on the test's clock: all servers notice that they were left
				defer transport.CloseIdleConnections()
				if test.dial != nil {
					transport.DialContext = test.dial
				}
				if test.address == "" {
					test.address = "http://wechat.example"
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				begun := time.Now()
				answer, err := exchange(transport, post(t, ctx, test.address), ResponseLimit)
				var failure *Failure
				if !errors.As(err, &failure) || *failure != test.want || !failure.Retryable() || time.Since(begun) != 10*time.Second {
					t.Errorf("got %+v, %v after %s, want %s after 10s", answer, err, time.Since(begun), &test.want)
				}
			})
		})
	}
}
