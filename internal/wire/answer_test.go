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
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
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

// TestExchangeBoundsWhatItReads has answers of a gigabyte and more. It is not parallel: it counts what the process
// allocates.
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
			answer, err := exchange(transport, request, ResponseLimit)
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
		"a chunk without a size":       {sent: head + "Transfer-Encoding: chunked\r\n\r\nsize\r\n" + wholeAnswer, want: Failure{Reason: NotHTTP}},
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
