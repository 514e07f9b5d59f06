package wire

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const wholeAnswer = `{"open_appid":"wx2000000000000001","errcode":0,"errmsg":"ok"}`

// packed is a text as gzip writes it.
func packed(t *testing.T, text string) []byte {
	t.Helper()
	var written bytes.Buffer
	writer := gzip.NewWriter(&written)
	if _, err := io.WriteString(writer, text); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return written.Bytes()
}

// encoded serves a body that is said to be encoded in some way.
func encoded(t *testing.T, encoding string, body []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestExchangeUnpacksWhatItAskedFor(t *testing.T) {
	t.Parallel()
	whole := packed(t, wholeAnswer)
	twice := append(packed(t, wholeAnswer[:20]), packed(t, wholeAnswer[20:])...)
	for name, address := range map[string]string{
		"gzip":            encoded(t, "gzip", whole),
		"GZIP":            encoded(t, "GZIP", whole),
		"in two pieces":   encoded(t, "gzip", twice),
		"with a mark":     encoded(t, "gzip", packed(t, "\ufeff"+wholeAnswer)),
		"a mark and bare": encoded(t, "identity", []byte("\ufeff"+wholeAnswer)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if answer, failure := ask(t, TransportConfig{}, address); failure != nil || string(answer.Body) != wholeAnswer {
				t.Errorf("got %+v, %v, want the answer as it was packed", answer, failure)
			}
		})
	}
}

func TestExchangeLeavesWhatItDidNotAskFor(t *testing.T) {
	t.Parallel()
	body := []byte{0x4b, 0x04, 0x00} // "a", as deflate writes it
	answer, failure := ask(t, TransportConfig{}, encoded(t, "deflate", body))
	if failure != nil || answer.Encoding != "deflate" || !bytes.Equal(answer.Body, body) {
		t.Errorf("got %+v, %v, want the body as it came, and how it is encoded", answer, failure)
	}
}

func TestExchangeTellsACutStreamFromACorruptOne(t *testing.T) {
	t.Parallel()
	whole := packed(t, wholeAnswer)
	t.Run("cut anywhere", func(t *testing.T) {
		t.Parallel()
		length := atomic.Int64{}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(whole[:length.Load()])
		}))
		t.Cleanup(server.Close)
		for length.Store(1); length.Load() < int64(len(whole)); length.Add(1) {
			if answer, failure := ask(t, TransportConfig{}, server.URL); failure == nil || *failure != (Failure{Reason: ResponseCutOff}) || !failure.Retryable() {
				t.Errorf("%d of %d bytes: got %+v, %v, want an answer that was cut off", length.Load(), len(whole), answer, failure)
			}
		}
	})
	changed := func(at int) []byte {
		copied := bytes.Clone(whole)
		copied[at] ^= 0xff
		return copied
	}
	for name, body := range map[string][]byte{
		"not packed at all":    []byte(wholeAnswer),
		"another checksum":     changed(len(whole) - 8),
		"another length":       changed(len(whole) - 4),
		"a wrong kind of data": append(bytes.Clone(whole[:10]), 0xff, 0xff, 0xff, 0xff),
		"something behind it":  append(bytes.Clone(whole), "and this is no gzip"...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if answer, failure := ask(t, TransportConfig{}, encoded(t, "gzip", body)); failure == nil || *failure != (Failure{Reason: Corrupt}) || failure.Retryable() {
				t.Errorf("got %+v, %v, want an answer that cannot be unpacked", answer, failure)
			}
		})
	}
}

// TestExchangeBoundsWhatItReads has answers of a gigabyte and more. It is not parallel: it counts what the process allocates.
func TestExchangeBoundsWhatItReads(t *testing.T) {
	// A flushed piece ends on a byte and refers to nothing before it, so it can be repeated.
	var piece bytes.Buffer
	writer, err := flate.NewWriter(&piece, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	gzipHeader := packed(t, "")[:10]

	const some = 256 << 10 // for what is read ahead, and for headers
	for name, test := range map[string]struct {
		encoding        string
		header, piece   []byte
		unpacked, wired int64 // the most that may be read off the connection
	}{
		"a gzip bomb":             {encoding: "gzip", header: gzipHeader, piece: piece.Bytes(), wired: some},
		"a deflate bomb, unasked": {encoding: "deflate", piece: piece.Bytes(), wired: ResponseLimit + some},
		"a page without end":      {piece: bytes.Repeat([]byte("<p>"), 1<<16), wired: ResponseLimit + some},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if test.encoding != "" {
					w.Header().Set("Content-Encoding", test.encoding)
				}
				_, _ = w.Write(test.header)
				for range 1 << 12 {
					if _, err := w.Write(test.piece); err != nil {
						return
					}
				}
			}))
			defer server.Close()
			transport := NewTransport(TransportConfig{MaxConnections: 1})
			defer transport.CloseIdleConnections()
			var read atomic.Int64
			dial := transport.DialContext
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				connection, err := dial(ctx, network, address)
				return &counted{connection, &read}, err
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			answer, err := Do(transport, request)
			runtime.ReadMemStats(&after)
			var failure *Failure
			if !errors.As(err, &failure) || *failure != (Failure{Reason: ResponseTooLarge}) || failure.Retryable() {
				t.Errorf("got %+v, %v, want that it is too large", answer, err)
			}
			if got := read.Load(); got > test.wired {
				t.Errorf("read %d bytes off the connection, want at most %d", got, test.wired)
			}
			// Reading a mebibyte into a growing buffer takes about five; a gibibyte would take a thousand.
			if got := after.TotalAlloc - before.TotalAlloc; got > 32*ResponseLimit {
				t.Errorf("allocated %d bytes", got)
			}
		})
	}
}

// counted counts what is read off a connection.
type counted struct {
	net.Conn
	read *atomic.Int64
}

func (c *counted) Read(into []byte) (int, error) {
	length, err := c.Conn.Read(into)
	c.read.Add(int64(length))
	return length, err
}

func TestExchangeReadsOddAnswers(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\n"
	sized := "Content-Length: " + strconv.Itoa(len(wholeAnswer)) + "\r\n\r\n" + wholeAnswer
	chunks := fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n", head, 10, wholeAnswer[:10], len(wholeAnswer)-10, wholeAnswer[10:])
	for name, test := range map[string]struct {
		sent   string
		body   string
		status int
		want   Failure
	}{
		"in chunks":                    {sent: chunks + "0\r\n\r\n", body: wholeAnswer, status: 200},
		"in chunks, with a trailer":    {sent: chunks + "0\r\nX-Sum: 1\r\n\r\n", body: wholeAnswer, status: 200},
		"after other words":            {sent: "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + head + sized, body: wholeAnswer, status: 200},
		"in HTTP/1.0, until the end":   {sent: "HTTP/1.0 200 OK\r\n\r\n" + wholeAnswer, body: wholeAnswer, status: 200},
		"longer than it says":          {sent: head + "Content-Length: 20\r\n\r\n" + wholeAnswer, body: wholeAnswer[:20], status: 200},
		"a redirect to nowhere":        {sent: "HTTP/1.1 302 Found\r\nLocation: http://%zz\r\nContent-Length: 0\r\n\r\n", status: 302},
		"a change of protocol":         {sent: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + wholeAnswer, status: 101},
		"shorter than it says":         {sent: head + "Content-Length: 200\r\n\r\n" + wholeAnswer, want: Failure{Reason: ResponseCutOff}},
		"cut in a chunk":               {sent: chunks[:len(chunks)-10], want: Failure{Reason: ResponseCutOff}},
		"cut before the last chunk":    {sent: chunks, want: Failure{Reason: ResponseCutOff}},
		"cut in the last chunk":        {sent: chunks + "0\r\n", want: Failure{Reason: ResponseCutOff}},
		"cut in the header":            {sent: head + "Content-Length: 9\r\n", want: Failure{Reason: ResponseCutOff}},
		"a chunk without a size":       {sent: head + "Transfer-Encoding: chunked\r\n\r\nsize\r\n" + wholeAnswer, want: Failure{Reason: MalformedChunks}},
		"two lengths":                  {sent: head + "Content-Length: 3\r\n" + sized, want: Failure{Reason: NotHTTP}},
		"a negative length":            {sent: head + "Content-Length: -3\r\n\r\n", want: Failure{Reason: NotHTTP}},
		"a transfer that nobody knows": {sent: head + "Transfer-Encoding: secret\r\n\r\n", want: Failure{Reason: NotHTTP}},
		"a header that is none":        {sent: head + "no colon " + queryToken + "\r\n\r\n", want: Failure{Reason: NotHTTP}},
		"a status in words":            {sent: "HTTP/1.1 fine OK\r\n\r\n", want: Failure{Reason: NotHTTP}},
		"a version that nobody has":    {sent: "HTTP/9.x 200 OK\r\n\r\n", want: Failure{Reason: NotHTTP}},
		"a long header":                {sent: head + "X: " + strings.Repeat("x", headerLimit+1) + "\r\n" + sized, want: Failure{Reason: HeaderTooLarge, Detail: "65536"}},
		"many headers":                 {sent: head + strings.Repeat("X: y\r\n", headerLimit/6+1) + sized, want: Failure{Reason: HeaderTooLarge, Detail: "65536"}},
		"other words without end":      {sent: strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", headerLimit/28+1) + head + sized, want: Failure{Reason: HeaderTooLarge, Detail: "65536"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, failure := ask(t, TransportConfig{}, raw(t, func(c net.Conn) {
				_, _ = io.WriteString(c, test.sent)
				if test.status == http.StatusSwitchingProtocols {
					_, _ = io.Copy(io.Discard, c) // and holds the connection open
				}
			}))
			if test.status != 0 && (failure != nil || answer.Status != test.status || string(answer.Body) != test.body) {
				t.Errorf("got %+v, %v, want status %d and %q", answer, failure, test.status, test.body)
			}
			if test.status == 0 && (failure == nil || *failure != test.want) {
				t.Errorf("got %+v, %+v, want %+v", answer, failure, test.want)
			}
		})
	}
}

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
			_, err := Do(transport, post(t, t.Context(), "http://wechat.example"))
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
		answer, err := Do(transport, post(t, t.Context(), "http://wechat.example"))
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

// piped returns a transport whose connections lead to a function, without a network, so that a test can have a clock of its
// own.
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

// unresolving makes no connection because its name server is silent. (Package net's own resolver keeps what no clock of a
// test's own reaches.)
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
		"no connection to a proxy":        {address: "https://wechat.example", config: TransportConfig{ProxyURL: proxyURL(t, "http://proxy.example")}, dial: stalling, want: Failure{Reason: TimeoutProxyConnect}},
		"a name server that is silent":    {dial: unresolving, want: Failure{Reason: TimeoutLookup}},
		"and the name is that of a proxy": {address: "https://wechat.example", config: TransportConfig{ProxyURL: proxyURL(t, "http://proxy.example")}, dial: unresolving, want: Failure{Reason: TimeoutProxyLookup}},
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
				answer, err := Do(transport, post(t, ctx, test.address))
				var failure *Failure
				if !errors.As(err, &failure) || *failure != test.want || !failure.Retryable() || time.Since(begun) != 10*time.Second {
					t.Errorf("got %+v, %v after %s, want %s after 10s", answer, err, time.Since(begun), &test.want)
				}
			})
		})
	}
}
