package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
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

// The frames of HTTP/2 that the tests write by hand: a server of net/http gives no such answers.
const (
	frameData      = 0x0
	frameHeaders   = 0x1
	frameReset     = 0x3
	frameSettings  = 0x4
	framePing      = 0x6
	frameGoAway    = 0x7
	flagEnd        = 0x1 // of a stream; of SETTINGS and PING, that it is an acknowledgement
	flagEndHeaders = 0x4

	codeNone     = 0x0
	codeInternal = 0x2
	codeRefused  = 0x7
	codeCalm     = 0xb
)

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	written := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	written = append(written, flags)
	written = binary.BigEndian.AppendUint32(written, stream)
	return append(written, payload...)
}

// status200 is a header of ":status: 200", an entry of HPACK's own table.
func status200(stream uint32) []byte {
	return frame(frameHeaders, flagEndHeaders, stream, []byte{0x88})
}

func http2Answer(stream uint32) []byte {
	return append(status200(stream), frame(frameData, flagEnd, stream, []byte(wholeAnswer))...)
}

func resetStream(stream, code uint32) []byte {
	return frame(frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, code))
}

func goAway(last, code uint32) []byte {
	payload := binary.BigEndian.AppendUint32(nil, last)
	payload = binary.BigEndian.AppendUint32(payload, code)
	return frame(frameGoAway, 0, 0, append(payload, "you asked for /path?access_token="+queryToken...))
}

// serveStreams speaks HTTP/2 as far as it must: it writes what answer gives for each request of the connection, by its number
// and its stream, and ends the connection where that is nothing.
func serveStreams(c net.Conn, answer func(number int, stream uint32) [][]byte) {
	if _, err := io.ReadFull(c, make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	_, _ = c.Write(frame(frameSettings, 0, 0, nil))
	header := make([]byte, 9)
	for number := 1; ; {
		if _, err := io.ReadFull(c, header); err != nil {
			return
		}
		payload := make([]byte, binary.BigEndian.Uint32(header)>>8)
		if _, err := io.ReadFull(c, payload); err != nil {
			return
		}
		switch kind, stream := header[3], binary.BigEndian.Uint32(header[5:]); {
		case kind == frameSettings && header[4] == 0:
			_, _ = c.Write(frame(frameSettings, flagEnd, 0, nil))
		case kind == framePing && header[4] == 0:
			_, _ = c.Write(frame(framePing, flagEnd, 0, payload))
		case kind == frameData && header[4]&flagEnd != 0: // the request is whole
			for _, written := range answer(number, stream) {
				if written == nil {
					return
				}
				_, _ = c.Write(written)
			}
			number++
		}
	}
}

// unblocked is a connection on which nobody has to wait for a reader: over HTTP/2 both sides write when they like.
type unblocked struct {
	net.Conn
	written chan []byte
}

func newUnblocked(plain net.Conn) *unblocked {
	u := &unblocked{plain, make(chan []byte, 1000)}
	go func() {
		for piece := range u.written {
			_, _ = plain.Write(piece)
		}
		_ = plain.Close()
	}()
	return u
}

func (u *unblocked) Write(piece []byte) (int, error) {
	u.written <- bytes.Clone(piece)
	return len(piece), nil
}

// Close closes the connection behind all that was written. It must be called once.
func (u *unblocked) Close() error {
	close(u.written)
	return nil
}

// http2Server answers requests over HTTP/2, on one connection or several, by their number among all.
func http2Server(t *testing.T, answer func(number int, stream uint32) [][]byte) (address string, config TransportConfig, asked *atomic.Int32) {
	t.Helper()
	certificate := selfSigned(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	asked = &atomic.Int32{}
	at := listen(t, func(plain net.Conn) {
		c := tls.Server(plain, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
		serveStreams(c, func(_ int, stream uint32) [][]byte { return answer(int(asked.Add(1)), stream) })
		_ = c.Close()
	})
	return "https://" + at, TransportConfig{RootCAs: roots}, asked
}

// TestExchangeOverHTTP2 has servers that end streams and connections. Where HTTP/2 says that a request was not processed,
// net/http itself repeats it.
func TestExchangeOverHTTP2(t *testing.T) {
	t.Parallel()
	firstThen := func(first func(stream uint32) [][]byte) func(int, uint32) [][]byte {
		return func(number int, stream uint32) [][]byte {
			if number == 1 {
				return first(stream)
			}
			return [][]byte{http2Answer(stream)}
		}
	}
	for name, test := range map[string]struct {
		answer func(number int, stream uint32) [][]byte
		asked  int32
		want   *Failure
	}{
		"an answer": {answer: firstThen(func(stream uint32) [][]byte { return [][]byte{http2Answer(stream)} }), asked: 1},
		"a stream that was refused": {
			answer: firstThen(func(stream uint32) [][]byte { return [][]byte{resetStream(stream, codeRefused)} }), asked: 2,
		},
		"a farewell before the request": {
			answer: firstThen(func(uint32) [][]byte { return [][]byte{goAway(0, codeNone), nil} }), asked: 2,
		},
		"a farewell behind the answer": {
			answer: firstThen(func(stream uint32) [][]byte { return [][]byte{goAway(stream, codeNone), http2Answer(stream)} }), asked: 1,
		},
		"a farewell in place of the answer": {
			answer: firstThen(func(stream uint32) [][]byte { return [][]byte{goAway(stream, codeCalm), nil} }), asked: 1,
			want: &Failure{Kind: Reset, Detail: "the other side is closing its HTTP/2 connections (GOAWAY)"},
		},
		"a stream that failed": {
			answer: firstThen(func(stream uint32) [][]byte { return [][]byte{resetStream(stream, codeInternal)} }), asked: 1,
			want: &Failure{Kind: Reset, Detail: "the other side ended the HTTP/2 stream (INTERNAL_ERROR)"},
		},
		"a stream that failed within the answer": {
			answer: firstThen(func(stream uint32) [][]byte {
				return [][]byte{status200(stream), frame(frameData, 0, stream, []byte(`{"errcode"`)), resetStream(stream, codeInternal)}
			}), asked: 1,
			want: &Failure{Kind: CutOff},
		},
		"closed in place of the answer": {
			answer: firstThen(func(uint32) [][]byte { return [][]byte{nil} }), asked: 1, want: &Failure{Kind: Reset},
		},
		"closed within the answer": {
			answer: firstThen(func(stream uint32) [][]byte { return [][]byte{status200(stream), nil} }), asked: 1, want: &Failure{Kind: CutOff},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, config, asked := http2Server(t, test.answer)
			answer, failure := ask(t, config, address)
			switch {
			case test.want == nil && (failure != nil || string(answer.Body) != wholeAnswer):
				t.Errorf("got %+v, %+v, want the answer", answer, failure)
			case test.want != nil && (failure == nil || *failure != *test.want || !failure.Retryable()):
				t.Errorf("got %+v, %+v, want %+v", answer, failure, test.want)
			}
			if got := asked.Load(); got != test.asked {
				t.Errorf("asked %d times, want %d", got, test.asked)
			}
		})
	}
}

func TestExchangeBoundsAnHTTP2Header(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 3*headerLimit))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	want := Failure{Kind: NotHTTP, Detail: "it breaks the rules of HTTP/2, or its header is too long"}
	if answer, failure := ask(t, TransportConfig{RootCAs: roots}, server.URL); failure == nil || *failure != want || failure.Retryable() {
		t.Errorf("got %+v, %+v, want %+v", answer, failure, want)
	}
}

// TestRefusedStreamsEndInTime has a server that refuses every stream, on a clock of its own: net/http repeats the request on
// and on, and the attempt's time ends it.
func TestRefusedStreamsEndInTime(t *testing.T) {
	t.Parallel()
	certificate := selfSigned(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	synctest.Test(t, func(t *testing.T) {
		transport := piped(TransportConfig{RootCAs: roots, MaxConnections: 1}, func(plain net.Conn) {
			c := tls.Server(newUnblocked(plain), &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
			defer func() { _ = c.Close() }()
			serveStreams(c, func(_ int, stream uint32) [][]byte { return [][]byte{resetStream(stream, codeRefused)} })
		})
		defer time.Sleep(time.Hour) // on the test's clock: the server notices that it was left
		defer transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		answer, err := Exchange(transport, post(t, ctx, "https://127.0.0.1"))
		var failure *Failure
		if !errors.As(err, &failure) || failure.Kind != Timeout || !failure.Retryable() || time.Since(begun) != 10*time.Second {
			t.Errorf("got %+v, %v after %s, want no answer in 10s", answer, err, time.Since(begun))
		}
	})
}
