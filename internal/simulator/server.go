package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server serves a Simulator on a port, over HTTP/1.1.
type Server struct {
	http     *http.Server
	listener net.Listener
	served   chan struct{} // closed when nothing is served any more

	mu                sync.Mutex
	connections       int
	underWay, atATime int // requests, the latter at most
}

// ListenOption alters Listen.
type ListenOption func(*listenOptions)

type listenOptions struct {
	anyAddress bool
	tls        *tls.Config
	wrap       func(http.Handler) http.Handler
}

// AnyAddress lets Listen take an address that other machines can reach.
func AnyAddress() ListenOption { return func(o *listenOptions) { o.anyAddress = true } }

// WithTLS serves HTTPS; the configuration holds the certificate.
func WithTLS(config *tls.Config) ListenOption { return func(o *listenOptions) { o.tls = config } }

// Wrapped puts a handler of the caller's around the Simulator, to delay or to watch what goes through.
func Wrapped(wrap func(http.Handler) http.Handler) ListenOption {
	return func(o *listenOptions) { o.wrap = wrap }
}

// ErrNotLoopback is what Listen returns for an address that other machines can reach.
var ErrNotLoopback = errors.New("not a loopback address")

// Listen serves a Simulator on an address; port 0 takes a free one. An address that is not a loopback address is
// ErrNotLoopback unless AnyAddress allows it. Close the Server when done.
func Listen(address string, s *Simulator, options ...ListenOption) (*Server, error) {
	o := listenOptions{wrap: func(handler http.Handler) http.Handler { return handler }}
	for _, option := range options {
		option(&o)
	}
	if !o.anyAddress && !isLoopback(address) {
		return nil, fmt.Errorf("%w: %s", ErrNotLoopback, address)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	server := &Server{listener: listener, served: make(chan struct{})}
	server.http = &http.Server{
		Handler:           server.counting(o.wrap(s)),
		TLSConfig:         o.tls,
		Protocols:         new(http.Protocols),
		ConnState:         server.count,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // of clients that hang up, which is what tests are about
	}
	server.http.Protocols.SetHTTP1(true)
	go func() {
		defer close(server.served)
		if o.tls != nil {
			_ = server.http.ServeTLS(listener, "", "") // it always ends in an error, that of Close
		} else {
			_ = server.http.Serve(listener)
		}
	}()
	return server, nil
}

// URL is where the server listens, without a slash at the end.
func (s *Server) URL() string {
	scheme := "http"
	if s.http.TLSConfig != nil {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Close ends all connections at once, and with them the requests on the way.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.served
	return err
}

// Shutdown lets the requests on the way end first, as long as the context allows.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	<-s.served
	return nil
}

func (s *Server) count(_ net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.connections++
	}
}

// counting counts the requests that a handler has under way. One is over before its client can have the end of its
// answer.
func (s *Server) counting(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.underWay++
		s.atATime = max(s.atATime, s.underWay)
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.underWay--
		}()
		handler.ServeHTTP(w, r)
	})
}

// Connections returns how many connections were accepted so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// MaxRequestsAtATime returns how many requests were under way at the same time, at most. (Connections cannot be counted
// like that: one that its client has closed, and replaced, is open here until this side notices.)
func (s *Server) MaxRequestsAtATime() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.atATime
}
