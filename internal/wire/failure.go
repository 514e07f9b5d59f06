package wire

import (
	"slices"
	"strings"
	"time"
)

// Reason says why an exchange brought no usable response.
type Reason string

// The reasons, by how far an exchange had come. Where one takes a detail, [Failure] has it in Detail.
const (
	UnknownHost       Reason = "unknown host"
	LookupFailed      Reason = "host lookup failed"
	NotLoopback       Reason = "not a loopback address"
	ConnectionRefused Reason = "connection refused"
	NoRoute           Reason = "no route to host"
	ConnectionReset   Reason = "connection closed before a response"
	ConnectionFailed  Reason = "connection failed" // for another reason; Detail: the system's error, if any

	CertificateExpired          Reason = "certificate expired"                  // Detail: the date
	CertificateNotYetValid      Reason = "certificate not yet valid"            // Detail: the date
	CertificateOtherHost        Reason = "certificate for another host"         // Detail: the hosts that it is for
	CertificateUnknownAuthority Reason = "certificate of unknown authority"     // Detail: the authority's name
	CertificateCommonName       Reason = "certificate with a common name alone" // Detail: its common name
	CertificateUnreadable       Reason = "certificate not readable"             // Detail: why
	CertificateInvalid          Reason = "certificate invalid"
	TLSPlainHTTP                Reason = "HTTP response to a TLS handshake"
	TLSNotSpoken                Reason = "no TLS response to a TLS handshake"
	TLSClientCertificate        Reason = "TLS client certificate wanted"
	TLSRefused                  Reason = "TLS handshake refused" // Detail: the alert's name
	TLSFailed                   Reason = "TLS handshake failed"  // Detail: why this side ended it
	HandshakeCut                Reason = "connection closed during the TLS handshake"

	ProxyCredentials   Reason = "proxy authentication required"
	ProxyForbids       Reason = "proxy refused to connect"     // Detail: the status of its response to CONNECT
	ProxyConnectFailed Reason = "proxy failed to connect"      // Detail: the status of its response to CONNECT
	ProxySOCKSFailed   Reason = "SOCKS proxy did not connect"  // whatever its reason
	ProxyClosed        Reason = "proxy closed the connection"  // without a response
	NotAProxy          Reason = "no HTTP proxy at its address" // but something that answers

	ResponseCutOff   Reason = "response cut off" // Detail: the system's error, if any
	ResponseTooLarge Reason = "response body too large"
	HeaderTooLarge   Reason = "response header too large" // Detail: the limit in bytes
	NotHTTP          Reason = "response is not HTTP"
	Corrupt          Reason = "response cannot be decompressed"

	TimeoutSlot      Reason = "timeout waiting for a slot" // it was not sent
	TimeoutLookup    Reason = "timeout looking up the host"
	TimeoutConnect   Reason = "timeout connecting"
	TimeoutProxy     Reason = "timeout waiting for the proxy to connect"
	TimeoutHandshake Reason = "timeout in the TLS handshake"
	TimeoutResponse  Reason = "timeout waiting for a response"
	TimeoutBody      Reason = "timeout reading the response"
)

// Failure is an exchange without a usable response. It is built from parts alone: the errors of net/http print the
// URL, and with it the access token.
type Failure struct {
	Reason Reason
	// AtProxy is set where it is about the connection to the proxy.
	AtProxy bool
	// Detail never holds anything from the request; [Reason] says what it is.
	Detail string
	// RetryAfter is how long a proxy that made no connection asks to be left alone; 0 where it does not.
	RetryAfter time.Duration
}

// Error implements error. The text is for logs.
func (f *Failure) Error() string {
	text := string(f.Reason)
	if f.AtProxy {
		text = "proxy: " + text
	}
	return strings.TrimSuffix(text+": "+f.Detail, ": ")
}

// Retryable reports whether the same request may succeed a little later without anybody doing anything.
func (f *Failure) Retryable() bool {
	return f.Timeout() || slices.Contains([]Reason{
		ConnectionFailed, LookupFailed, ConnectionRefused, NoRoute, ConnectionReset, HandshakeCut, ResponseCutOff,
		ProxyConnectFailed, ProxyClosed,
	}, f.Reason)
}

// Unreachable reports whether nothing gets through to the server, whatever the request is about.
func (f *Failure) Unreachable() bool {
	return f.AtProxy && !f.Timeout() || slices.Contains([]Reason{
		UnknownHost, LookupFailed, NotLoopback, ConnectionRefused, NoRoute,
		CertificateExpired, CertificateNotYetValid, CertificateOtherHost, CertificateUnknownAuthority,
		CertificateCommonName, CertificateUnreadable, CertificateInvalid, TLSPlainHTTP, TLSNotSpoken,
		TLSClientCertificate, TLSRefused, TLSFailed, HandshakeCut,
		ProxyCredentials, ProxyForbids, ProxyConnectFailed, ProxySOCKSFailed, ProxyClosed, NotAProxy,
	}, f.Reason)
}

// InTLS reports whether it was the other side's certificate, or the TLS handshake with it, that failed.
func (f *Failure) InTLS() bool {
	return strings.HasPrefix(string(f.Reason), "certificate ") || strings.Contains(string(f.Reason), "TLS")
}

// Timeout reports whether the attempt took longer than it may.
func (f *Failure) Timeout() bool { return strings.HasPrefix(string(f.Reason), "timeout ") }
