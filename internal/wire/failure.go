package wire

import (
	"compress/flate"
	"compress/gzip"
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
	"time"
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
	// Corrupt is a compressed answer that cannot be unpacked.
	Corrupt
	// NotLoopback is a host name that leads to another machine where only this one may be asked.
	NotLoopback
)

// Cause says more than the kind, where the remedy depends on it.
type Cause int

// The causes, each of one kind alone.
const (
	// Unspecified is a failure whose kind says all.
	Unspecified Cause = iota

	// Expired is a certificate whose time is over.
	Expired
	// NotYetValid is a certificate whose time has not come.
	NotYetValid
	// OtherHost is a certificate for another host.
	OtherHost
	// UnknownAuthority is a certificate of an authority that this machine does not know.
	UnknownAuthority

	// NoWayToProxy is a proxy that itself cannot be reached.
	NoWayToProxy
	// UnknownProxy is a proxy whose host name does not lead anywhere.
	UnknownProxy
	// UntrustedProxy is a proxy, reached through TLS, whose own TLS is at fault.
	UntrustedProxy
	// WantsCredentials is a proxy that asks for a user name and a password.
	WantsCredentials
	// Forbids is a proxy that does not lead to this host.
	Forbids
	// NoWayBeyondProxy is a proxy that cannot reach the host itself.
	NoWayBeyondProxy
	// NoProxy is something at the proxy's address that is no proxy of the kind that was named.
	NoProxy

	// LookingUp to ReadingAnswer are what an attempt was at when its time was over; Negotiating may be a Reset's too.
	LookingUp
	// AwaitingConnection is a connection that nobody accepted, or that had to wait for others.
	AwaitingConnection
	// AwaitingProxy is a proxy that was reached and did not make the connection.
	AwaitingProxy
	// Negotiating is a TLS handshake.
	Negotiating
	// AwaitingAnswer is a server that was reached and said nothing.
	AwaitingAnswer
	// ReadingAnswer is an answer that had begun.
	ReadingAnswer
)

// Failure is an exchange without a usable answer. It is built from parts alone: the errors of net/http print the URL, and
// with it the access token.
type Failure struct {
	Kind  Kind
	Cause Cause

	// Detail adds a phrase to the kind, such as why a certificate is not trusted. It never holds anything from the request.
	Detail string

	// RetryAfter is how long a proxy that made no connection asks to be left alone; 0 where it does not.
	RetryAfter time.Duration

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
	Corrupt:     "the answer is compressed and cannot be unpacked",
	NotLoopback: "the host name leads to another machine",
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
	case UnknownHost, Unresolved, Unreachable, Certificate, Handshake, Proxy, NotLoopback:
		return true
	default:
		return f.Kind == Reset && f.Cause == Negotiating
	}
}

// Answered reports whether something answered that does not speak as WeChat does.
func (f *Failure) Answered() bool {
	switch f.Kind {
	case TooLarge, NotHTTP, Corrupt:
		return true
	default:
		return false
	}
}

// proxyRefusal is how a proxy's answer to CONNECT comes back from the transport.
type proxyRefusal struct {
	status     int
	retryAfter time.Duration
}

func (p *proxyRefusal) Error() string { return fmt.Sprintf("status %d", p.status) }

func (p *proxyRefusal) failure() *Failure {
	switch {
	case p.status == http.StatusProxyAuthRequired:
		return &Failure{Kind: Proxy, Cause: WantsCredentials, Detail: "it asks for credentials (status 407)"}
	case IsPassingStatus(p.status):
		return &Failure{
			Kind: Proxy, Cause: NoWayBeyondProxy, Detail: fmt.Sprintf("it answered CONNECT with status %d", p.status),
			RetryAfter: p.retryAfter, passing: true,
		}
	default:
		return &Failure{Kind: Proxy, Cause: Forbids, Detail: fmt.Sprintf("it answered CONNECT with status %d", p.status)}
	}
}

// IsPassingStatus reports whether an HTTP status says that the same request may succeed a little later.
func IsPassingStatus(status int) bool {
	return status >= http.StatusInternalServerError ||
		status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// windowsConnectionRefused and windowsConnectionReset are the numbers Windows sockets give; package syscall names them on
// Windows alone.
const (
	windowsConnectionRefused = syscall.Errno(10061)
	windowsConnectionReset   = syscall.Errno(10054)
)

// What net calls the making of a connection to a proxy, and through a SOCKS proxy.
const (
	operationProxy = "proxyconnect"
	operationSOCKS = "socks connect"
)

// failureOf says which kind of failure an error of net/http is, by type and by how far the exchange had come, and keeps none
// of its text. proxied is set where the way leads through a proxy.
func failureOf(err error, at phase, proxied bool) *Failure {
	var (
		refusal   *proxyRefusal
		operation *net.OpError
	)
	isOperation := errors.As(err, &operation)
	switch {
	case errors.As(err, &refusal):
		return refusal.failure()
	case errors.Is(err, context.DeadlineExceeded):
		return timeout(at, proxied)
	case isOperation && operation.Op == operationSOCKS:
		return tunnelFailure(err, at, Forbids, "it did not make the connection")
	case isOperation && operation.Op == operationProxy:
		return proxyFailure(err, at)
	case at == connected && proxied:
		return tunnelFailure(err, at, NoProxy, "what answers there is no HTTP proxy")
	}
	failure := plainFailure(err, at)
	if at == answering && (failure.Kind == Reset || failure.Kind == Broken) {
		return &Failure{Kind: CutOff, Detail: failure.Detail}
	}
	return failure
}

// plainFailure is failureOf where no proxy is at fault.
func plainFailure(err error, at phase) *Failure {
	var (
		dns       *net.DNSError
		operation *net.OpError
		errno     syscall.Errno
	)
	isSystem := errors.As(err, &errno)
	isOperation := errors.As(err, &operation)
	if failure := tlsFailure(err); failure != nil {
		return failure
	}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return &Failure{Kind: UnknownHost}
	case errors.As(err, &dns):
		return &Failure{Kind: Unresolved}
	case errors.Is(err, errNotLoopback):
		return &Failure{Kind: NotLoopback}
	case isTimeout(err):
		return timeout(at, false)
	case isSystem && (errno == syscall.ECONNREFUSED || errno == windowsConnectionRefused):
		return &Failure{Kind: Unreachable}
	case isSystem && isOperation && operation.Op == "dial" && (errno == syscall.ENETUNREACH || errno == syscall.EHOSTUNREACH):
		return &Failure{Kind: Unreachable, Detail: "there is no route to the host"}
	case isClosed(err) && at == negotiating:
		return &Failure{Kind: Reset, Cause: Negotiating, Detail: "it ended in the middle of the TLS handshake"}
	case isClosed(err):
		return &Failure{Kind: Reset}
	case isSystem:
		return &Failure{Kind: Broken, Detail: errno.Error()}
	case errors.Is(err, io.ErrUnexpectedEOF) && at == asking:
		return &Failure{Kind: Reset}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Failure{Kind: CutOff}
	default:
		return untypedFailure(err, at)
	}
}

// untypedFailure is about the errors that net/http has no types for. How far the exchange had come tells most of them apart.
func untypedFailure(err error, at phase) *Failure {
	// These texts are looked at because there is nothing else, and nothing of them is kept.
	said := err.Error()
	switch {
	case strings.Contains(said, "response headers exceeded"):
		return &Failure{Kind: TooLarge, Detail: fmt.Sprintf("its header has more than %d bytes", headerLimit)}
	case at == answering:
		return &Failure{Kind: NotHTTP}
	case at == asking:
		return &Failure{Kind: Reset}
	default:
		return &Failure{Kind: Broken}
	}
}

// bodyFailure is failureOf for an answer whose header was read.
func bodyFailure(err error) *Failure {
	var (
		corrupt   flate.CorruptInputError
		operation *net.OpError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return timeout(answering, false)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return &Failure{Kind: Corrupt}
	case isClosed(err), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &operation),
		strings.Contains(err.Error(), "unexpected EOF"): // which has no type within a trailer
		return &Failure{Kind: CutOff}
	default:
		return &Failure{Kind: NotHTTP, Detail: "its chunks are malformed"}
	}
}

// timeout says what was still to come when the time was over.
func timeout(at phase, proxied bool) *Failure {
	whose := map[bool]string{true: "the proxy's", false: "the"}[proxied]
	switch at {
	case lookingUp:
		return &Failure{Kind: Timeout, Cause: LookingUp, Detail: whose + " host name was still being looked up"}
	case connected:
		if proxied {
			return &Failure{Kind: Timeout, Cause: AwaitingProxy, Detail: "the proxy was reached and did not make the connection"}
		}
		return &Failure{Kind: Timeout, Cause: AwaitingConnection, Detail: "no connection was made"}
	case waiting, connecting:
		if proxied {
			return &Failure{Kind: Timeout, Cause: AwaitingProxy, Detail: "no connection to the proxy was made"}
		}
		return &Failure{Kind: Timeout, Cause: AwaitingConnection, Detail: "no connection was made"}
	case negotiating:
		return &Failure{Kind: Timeout, Cause: Negotiating, Detail: "the TLS handshake was not finished"}
	case asking:
		return &Failure{Kind: Timeout, Cause: AwaitingAnswer, Detail: "the server was reached and said nothing"}
	default:
		return &Failure{Kind: Timeout, Cause: ReadingAnswer, Detail: "the answer began and did not end"}
	}
}

// proxyFailure is about a connection to a proxy that was not made.
func proxyFailure(err error, at phase) *Failure {
	var dns *net.DNSError
	fault := tlsFailure(err)
	switch {
	case errors.As(err, &dns):
		return &Failure{Kind: Proxy, Cause: UnknownProxy, Detail: "its host name could not be looked up", passing: !dns.IsNotFound}
	case fault != nil:
		return &Failure{Kind: Proxy, Cause: UntrustedProxy, Detail: "on the way to it, " + fault.Error()}
	case isTimeout(err):
		return timeout(at, true)
	default:
		return &Failure{Kind: Proxy, Cause: NoWayToProxy, Detail: "no connection to the proxy could be made", passing: true}
	}
}

// tunnelFailure is about a proxy that was reached and made no connection: otherwise and refusal say why where it did not
// just close its own.
func tunnelFailure(err error, at phase, otherwise Cause, refusal string) *Failure {
	switch {
	case isTimeout(err):
		return timeout(at, true)
	case isClosed(err), errors.Is(err, io.ErrUnexpectedEOF):
		return &Failure{Kind: Proxy, Cause: NoWayBeyondProxy, Detail: "it closed the connection without an answer", passing: true}
	default:
		return &Failure{Kind: Proxy, Cause: otherwise, Detail: refusal}
	}
}

// tlsFailure is what TLS says is wrong, or nil.
func tlsFailure(err error) *Failure {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
		operation   *net.OpError
	)
	switch {
	case errors.As(err, &certificate):
		cause, detail := certificateProblem(certificate.Err)
		return &Failure{Kind: Certificate, Cause: cause, Detail: detail}
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return &Failure{Kind: Handshake, Detail: "the other side speaks HTTP where HTTPS was asked for"}
	case errors.As(err, &record):
		return &Failure{Kind: Handshake, Detail: "the other side does not speak TLS"}
	case errors.As(err, &alert):
		return &Failure{Kind: Handshake, Detail: alert.Error()}
	}
	for inner := err; errors.As(inner, &operation); inner = operation.Err {
		if operation.Op == "remote error" {
			return &Failure{Kind: Handshake, Detail: "the other side ended it"}
		}
	}
	return nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// isClosed reports whether the other side closed the connection, or this one did before there was anything to read.
func isClosed(err error) bool {
	var errno syscall.Errno
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &errno) && (errno == syscall.ECONNRESET || errno == syscall.EPIPE || errno == windowsConnectionReset)
}

// namesShown is how many of the names in a certificate are told.
const namesShown = 3

// certificateProblem says why a certificate is not trusted. What it tells of the certificate was written by whoever answered.
func certificateProblem(err error) (cause Cause, detail string) {
	var (
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &hostname):
		return OtherHost, "it is for another host" + namesIn(hostname.Certificate)
	case errors.As(err, &authority):
		return UnknownAuthority, "it is signed by an authority that this machine does not know" + issuerOf(authority.Cert)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return NotYetValid, "it is not valid before " + invalid.Cert.NotBefore.UTC().Format(time.DateOnly)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired, "it expired on " + invalid.Cert.NotAfter.UTC().Format(time.DateOnly)
	default:
		return Unspecified, ""
	}
}

// namesIn tells the hosts that a certificate is for.
func namesIn(certificate *x509.Certificate) string {
	var names []string
	if certificate != nil {
		names = append(names, certificate.DNSNames...)
		for _, address := range certificate.IPAddresses {
			names = append(names, address.String())
		}
	}
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > namesShown {
		names, more = names[:namesShown], fmt.Sprintf(" and %d more", len(names)-namesShown)
	}
	return " (it names " + Redact(strings.Join(names, ", ")) + more + ")"
}

// issuerOf tells who signed a certificate.
func issuerOf(certificate *x509.Certificate) string {
	if certificate == nil {
		return ""
	}
	issuer := Redact(certificate.Issuer.CommonName)
	if issuer == "" && len(certificate.Issuer.Organization) > 0 {
		issuer = Redact(certificate.Issuer.Organization[0])
	}
	if issuer == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", issuer)
}
