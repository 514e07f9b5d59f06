package wire

import (
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// stage is how far an exchange has come, by the hooks of [httptrace.ClientTrace].
type stage int

const (
	connectStart stage = iota // or the wait for a connection
	dnsStart                  // a connection's, before its connectStart
	connectDone               // without an error, or a TLS handshake with the proxy done
	tlsHandshakeStart
	gotConn
	gotFirstResponseByte
)

// progress holds the stage of an exchange. net/http may make a connection for it in the background while it uses
// another one that became free: the stages of the new one no longer matter then.
type progress struct {
	mutex   sync.Mutex
	reached stage
}

func (p *progress) stage() stage {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.reached
}

func (p *progress) reach(at stage) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.reached < gotConn || at > p.reached {
		p.reached = at
	}
}

func (p *progress) trace() *httptrace.ClientTrace {
	connected := func(err error) {
		if err == nil {
			p.reach(connectDone)
		}
	}
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { p.reach(dnsStart) },
		ConnectStart:      func(string, string) { p.reach(connectStart) },
		ConnectDone:       func(_, _ string, err error) { connected(err) },
		TLSHandshakeStart: func() { p.reach(tlsHandshakeStart) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { connected(err) },
		GotConn: func(got httptrace.GotConnInfo) {
			_ = got.Conn.SetDeadline(time.Time{}) // which [bounded] set
			p.reach(gotConn)
		},
		GotFirstResponseByte: func() { p.reach(gotFirstResponseByte) },
	}
}

// isProxied reports whether a request goes through a proxy.
func isProxied(transport http.RoundTripper, request *http.Request) bool {
	known, ok := transport.(*http.Transport)
	if !ok {
		return false
	}
	proxy, _ := known.Proxy(request) // as [NewTransport] made it, which never fails
	return proxy != nil
}
