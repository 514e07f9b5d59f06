package provider

import (
	"bytes"
	"context"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// pipes is a network in memory, for tests with a clock of their own: that stands still while a real connection is
// waited for, and goes on while one of these is.
type pipes struct {
	mutex     sync.Mutex
	listeners map[string]*pipeListener
	servers   []*http.Server
	served    sync.WaitGroup
	made, now atomic.Int64
}

func newPipes() *pipes { return &pipes{listeners: map[string]*pipeListener{}} }

// serve has a handler answer at an address.
func (p *pipes) serve(address string, handler http.Handler) {
	listener := &pipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{
		Handler: handler, ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				p.made.Add(1)
				p.now.Add(1)
			case http.StateClosed, http.StateHijacked:
				p.now.Add(-1)
			}
		},
	}
	p.mutex.Lock()
	p.listeners[address] = listener
	p.servers = append(p.servers, server)
	p.mutex.Unlock()
	p.served.Go(func() { _ = server.Serve(listener) })
}

// dial is a dialer's DialContext.
func (p *pipes) dial(ctx context.Context, network, address string) (net.Conn, error) {
	p.mutex.Lock()
	listener := p.listeners[address]
	p.mutex.Unlock()
	if listener == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	near, far := net.Pipe()
	client := &pipe{Conn: near}
	select {
	case listener.accepted <- &pipe{Conn: far, other: client}:
		return client, nil
	case <-listener.closed:
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) total() int { return int(p.made.Load()) }

func (p *pipes) open() int { return int(p.now.Load()) }

// close ends all servers and waits for them.
func (p *pipes) close() {
	for _, server := range p.servers {
		_ = server.Close()
	}
	p.served.Wait()
}

type pipeListener struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.accepted:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// pipe is one end of a connection that may be reset.
type pipe struct {
	net.Conn
	other   *pipe // of a server's end, the client's
	isReset atomic.Bool
}

func (p *pipe) Read(into []byte) (int, error) {
	count, err := p.Conn.Read(into)
	if err != nil && p.isReset.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return count, err
}

// reset ends a connection, from the server's end, the hard way.
func reset(server net.Conn) {
	if end, ok := server.(*pipe); ok {
		end.other.isReset.Store(true)
	}
	_ = server.Close()
}

// readCloser is a request's body.
type readCloser struct{ io.Reader }

func (readCloser) Close() error { return nil }

// lockedBuffer is a log.
type lockedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(written []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(written)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}

func numberOf(t *testing.T, value tftypes.Value) any {
	t.Helper()
	number := new(big.Float)
	if err := value.As(number); err != nil {
		t.Fatal(err)
	}
	whole, _ := number.Int64()
	return whole
}
