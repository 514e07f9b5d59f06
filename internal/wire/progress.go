package wire

import (
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// phase is how far an exchange has come.
type phase int

const (
	waiting     phase = iota // for a connection: a new one, or one that others use
	lookingUp                // the host's name
	connecting               // over TCP
	connected                // and what follows is a proxy's word, or TLS
	negotiating              // TLS
	asking                   // over the connection, and nothing has come back
	answering                // has begun
)

// progress notes how far an exchange has come. net/http may make a connection for it in the background while it uses another
// one that became free: what comes of the new one no longer matters then.
type progress struct {
	mutex sync.Mutex
	at    phase
}

func (p *progress) phase() phase {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.at
}

// begin notes that a connection is wanted.
func (p *progress) begin() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.at = waiting
}

// connect notes a step on the way to a connection.
func (p *progress) connect(at phase) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.at < asking {
		p.at = at
	}
}

// advance notes a step of the exchange itself.
func (p *progress) advance(at phase) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.at = max(p.at, at)
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { p.begin() },
		DNSStart:     func(httptrace.DNSStartInfo) { p.connect(lookingUp) },
		ConnectStart: func(string, string) { p.connect(connecting) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				p.connect(connected)
			}
		},
		TLSHandshakeStart: func() { p.connect(negotiating) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				p.connect(connected)
			}
		},
		GotConn: func(got httptrace.GotConnInfo) {
			// The bound on making it ends here; see [NewTransport].
			_ = got.Conn.SetDeadline(time.Time{})
			p.advance(asking)
		},
		GotFirstResponseByte: func() { p.advance(answering) },
	}
}

// isProxied reports whether a request goes through a proxy.
func isProxied(transport http.RoundTripper, request *http.Request) bool {
	known, ok := transport.(*http.Transport)
	if !ok || known.Proxy == nil {
		return false
	}
	proxy, err := known.Proxy(request)
	return proxy != nil && err == nil
}
