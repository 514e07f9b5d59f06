package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Kind says why an exchange brought no usable answer.
type Kind int

// The kinds of failure. Which of them are worth another attempt is told by [Failure.Retryable].
const (
	// Broken is a connection that failed in a way that has no kind of its own.
	Broken Kind = iota
	// UnknownHost is a host name that does not exist.
	UnknownHost
	// Unresolved is a name server that did not answer.
	Unresolved
	// Unreachable is a refused connection, or a network or host without a route.
	Unreachable
	// Reset is a connection that the other side closed before it had answered.
	Reset
	// Timeout is an attempt that took longer than it may.
	Timeout
	// Certificate is a TLS certificate that is not trusted.
	Certificate
	// Handshake is a TLS negotiation that failed for another reason than the certificate.
	Handshake
	// Proxy is a proxy that refused to connect or asked for credentials.
	Proxy
	// CutOff is an answer that ended before it was complete.
	CutOff
	// TooLarge is an answer beyond the bound.
	TooLarge
	// NotHTTP is an answer that is not HTTP.
	NotHTTP
)

// Failure is an exchange without a usable answer. It is built from parts alone: the errors of net/http print the URL, and
// with it the access token.
type Failure struct {
	Kind Kind

	// Detail adds a fixed phrase to the kind, such as why a certificate is not trusted. It never holds anything from
	// the request.
	Detail string

	// passing is set for a proxy's refusal that may be gone a little later.
	passing bool
}

// Error implements error.
func (f *Failure) Error() string {
	text := kindTexts[f.Kind]
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	return text
}

var kindTexts = map[Kind]string{
	Broken:      "the connection failed",
	UnknownHost: "the host name does not exist",
	Unresolved:  "the host name could not be looked up",
	Unreachable: "the connection was refused",
	Reset:       "the connection was closed before an answer came",
	Timeout:     "no answer came in time",
	Certificate: "the TLS certificate is not trusted",
	Handshake:   "no TLS connection could be made",
	Proxy:       "the proxy refused the connection",
	CutOff:      "the answer was cut off",
	TooLarge:    "the answer is too large",
	NotHTTP:     "the answer is not HTTP",
}

// Retryable reports whether the same request may succeed a little later without anybody doing anything.
func (f *Failure) Retryable() bool {
	switch f.Kind {
	case Broken, Unresolved, Unreachable, Reset, Timeout, CutOff:
		return true
	default:
		return f.passing
	}
}

// Closed reports whether nothing gets through to the server, whatever the request is about.
func (f *Failure) Closed() bool {
	switch f.Kind {
	case UnknownHost, Unresolved, Unreachable, Certificate, Handshake, Proxy:
		return true
	default:
		return false
	}
}

// BeforeConnection reports whether the request certainly never reached the server, so that repeating it cannot do twice
// what it does.
func (f *Failure) BeforeConnection() bool {
	switch f.Kind {
	case UnknownHost, Unresolved, Unreachable, Certificate, Handshake, Proxy:
		return true
	default:
		return false
	}
}

// proxyRefusal is how a proxy's answer to CONNECT comes back from the transport.
type proxyRefusal struct{ status int }

func (p *proxyRefusal) Error() string {
	if p.status == http.StatusProxyAuthRequired {
		return "it asks for credentials (status 407)"
	}
	return fmt.Sprintf("it answered CONNECT with status %d", p.status)
}

// windowsConnectionRefused and windowsConnectionReset are the numbers Windows sockets give; package syscall names them on
// Windows alone.
const (
	windowsConnectionRefused = syscall.Errno(10061)
	windowsConnectionReset   = syscall.Errno(10054)
)

// failureOf says which kind of failure an error of net/http is, by type and never by text, and keeps none of its text.
func failureOf(err error) *Failure {
	var (
		refusal     *proxyRefusal
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
		operation   *net.OpError
		errno       syscall.Errno
	)
	isSystem := errors.As(err, &errno)
	isOperation := errors.As(err, &operation)
	switch {
	case errors.As(err, &refusal):
		passing := refusal.status >= http.StatusInternalServerError || refusal.status == http.StatusTooManyRequests
		return &Failure{Kind: Proxy, Detail: refusal.Error(), passing: passing}
	case errors.As(err, &certificate):
		return &Failure{Kind: Certificate, Detail: certificateDetail(certificate.Err)}
	case errors.As(err, &record):
		return &Failure{Kind: Handshake, Detail: "the other side does not speak TLS"}
	case errors.As(err, &alert):
		return &Failure{Kind: Handshake, Detail: alert.Error()}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &Failure{Kind: Handshake, Detail: "the other side speaks HTTP where HTTPS was asked for"}
	case isOperation && operation.Op == "remote error":
		return &Failure{Kind: Handshake, Detail: "the other side ended it"}
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err) && !errors.As(err, &dns):
		return &Failure{Kind: Timeout}
	case isOperation && operation.Op == "proxyconnect" && !errors.As(err, &dns):
		return &Failure{Kind: Proxy, Detail: "no connection to the proxy could be made", passing: true}
	case errors.As(err, &dns) && isOperation && operation.Op == "proxyconnect":
		return &Failure{Kind: Proxy, Detail: "its host name could not be looked up"}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &Failure{Kind: UnknownHost}
	case errors.As(err, &dns):
		return &Failure{Kind: Unresolved}
	case isSystem && (errno == syscall.ECONNREFUSED || errno == windowsConnectionRefused):
		return &Failure{Kind: Unreachable}
	case isSystem && isOperation && operation.Op == "dial" && (errno == syscall.ENETUNREACH || errno == syscall.EHOSTUNREACH):
		return &Failure{Kind: Unreachable, Detail: "there is no route to the host"}
	case isSystem && (errno == syscall.ECONNRESET || errno == syscall.EPIPE || errno == windowsConnectionReset):
		return &Failure{Kind: Reset}
	case isSystem:
		return &Failure{Kind: Broken, Detail: errno.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return &Failure{Kind: Reset}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Failure{Kind: CutOff}
	case isMalformed(err):
		return &Failure{Kind: NotHTTP}
	default:
		return &Failure{Kind: Broken}
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// isMalformed recognises an answer that is not HTTP. net/http has no type for it: this is the one place that has to look
// at a text, and nothing of the text is kept.
func isMalformed(err error) bool {
	return strings.Contains(err.Error(), "malformed HTTP")
}

// certificateDetail says why a certificate is not trusted.
func certificateDetail(err error) string {
	var (
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &hostname):
		return "it is for another host"
	case errors.As(err, &authority):
		return "it is signed by an authority that this machine does not know"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired or is not yet valid"
	default:
		return ""
	}
}
