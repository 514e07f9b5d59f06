package wire

import (
	"cmp"
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
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// windowsConnectionRefused and windowsConnectionReset are the numbers Windows sockets give; package syscall names them
// on Windows alone.
const (
	windowsConnectionRefused = syscall.Errno(10061)
	windowsConnectionReset   = syscall.Errno(10054)
)

// failureOf finds the reason behind an error of net/http by its types and by how far the exchange had come, and keeps
// none of its text. proxied is set where the request goes through a proxy.
func failureOf(err error, at stage, proxied bool) *Failure {
	toProxy := hasOperation(err, "proxyconnect")
	if proxied && at == connectDone && !toProxy && typedFailure(err) == nil {
		return tunnelFailure(err)
	}
	failure := connectionFailure(err, at)
	failure.AtProxy = toProxy || proxied && at <= connectDone
	return failure
}

// connectionFailure is failureOf for the connection to a server, or to a proxy.
func connectionFailure(err error, at stage) *Failure {
	errno, isSystem := errors.AsType[syscall.Errno](err)
	switch failure := typedFailure(err); {
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Reason: endings[at].timeout}
	case failure != nil:
		return failure
	case isTimeout(err):
		return &Failure{Reason: endings[at].timeout}
	case errno == syscall.ECONNREFUSED, errno == windowsConnectionRefused:
		return &Failure{Reason: ConnectionRefused}
	case hasOperation(err, "dial") && (errno == syscall.ENETUNREACH || errno == syscall.EHOSTUNREACH):
		return &Failure{Reason: NoRoute}
	case isClosed(err):
		return &Failure{Reason: endings[at].closed}
	case isSystem && at != gotFirstResponseByte:
		return &Failure{Reason: ConnectionFailed, Detail: errno.Error()}
	case isSystem:
		return &Failure{Reason: ResponseCutOff, Detail: errno.Error()}
	// For the rest, net/http has no types. Its text is looked at because there is nothing else, and nothing of it is
	// kept.
	case strings.Contains(err.Error(), "response headers exceeded"):
		return &Failure{Reason: HeaderTooLarge, Detail: strconv.Itoa(headerLimit)}
	default:
		return &Failure{Reason: endings[at].untyped}
	}
}

// tunnelFailure is failureOf for a proxy that was reached and made no connection.
func tunnelFailure(err error) *Failure {
	switch {
	case isTimeout(err):
		return &Failure{Reason: TimeoutProxy}
	case isClosed(err):
		return &Failure{Reason: ProxyClosed}
	case hasOperation(err, "socks connect"):
		return &Failure{Reason: ProxySOCKSFailed}
	default:
		return &Failure{Reason: NotAProxy}
	}
}

// typedFailure is what an error of TLS or of the host's lookup says by its type, or nil.
func typedFailure(err error) *Failure {
	hostname, isHostname := errors.AsType[x509.HostnameError](err)
	authority, isAuthority := errors.AsType[x509.UnknownAuthorityError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	isDate := isInvalid && invalid.Reason == x509.Expired
	certificate := cmp.Or(hostname.Certificate, authority.Cert, &x509.Certificate{}) // an error may have none
	_, isCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	alert := alertIn(err)
	own := ownTLSError.FindStringSubmatch(err.Error())
	dns, isDNS := errors.AsType[*net.DNSError](err)
	switch {
	case isHostname && hostname.Certificate != nil && len(certificate.DNSNames)+len(certificate.IPAddresses) == 0:
		return &Failure{Reason: CertificateCommonName, Detail: Redact(certificate.Subject.CommonName)}
	case isHostname:
		return &Failure{Reason: CertificateOtherHost, Detail: namesIn(certificate)}
	case isAuthority:
		return &Failure{Reason: CertificateUnknownAuthority, Detail: issuerOf(certificate)}
	case isDate && time.Now().Before(invalid.Cert.NotBefore):
		return &Failure{Reason: CertificateNotYetValid, Detail: invalid.Cert.NotBefore.UTC().Format(time.DateOnly)}
	case isDate:
		return &Failure{Reason: CertificateExpired, Detail: invalid.Cert.NotAfter.UTC().Format(time.DateOnly)}
	case isCertificate:
		return &Failure{Reason: CertificateInvalid}
	case isRecord && string(record.RecordHeader[:]) == "HTTP/":
		return &Failure{Reason: TLSPlainHTTP}
	case isRecord:
		return &Failure{Reason: TLSNotSpoken}
	case alert == "certificate required" || alert == "bad certificate": // none was sent
		return &Failure{Reason: TLSClientCertificate}
	case alert != "":
		return &Failure{Reason: TLSRefused, Detail: alert}
	case own != nil && own[1] != "":
		return &Failure{Reason: CertificateUnreadable, Detail: Redact(own[2])}
	case own != nil:
		return &Failure{Reason: TLSFailed, Detail: Redact(own[2])}
	case isDNS && dns.IsNotFound:
		return &Failure{Reason: UnknownHost}
	case isDNS:
		return &Failure{Reason: LookupFailed}
	default:
		return nil
	}
}

// ownTLSError is what crypto/tls says, without a type, of a handshake that it ended itself, and of a certificate in it.
var ownTLSError = regexp.MustCompile(`(?:^|: )tls: (failed to parse certificate from server: (?:x509: )?)?(.+)$`)

// alertIn is the name of the TLS alert with which the other side ended a connection, or "".
func alertIn(err error) string {
	operation, isOperation := errors.AsType[*net.OpError](err)
	if !isOperation || operation.Op != "remote error" {
		return ""
	}
	return strings.TrimPrefix(operation.Err.Error(), "tls: ")
}

// namesShown is how many of the names in a certificate are told.
const namesShown = 3

// namesIn lists the hosts that a certificate is for, as whoever answered wrote them.
func namesIn(certificate *x509.Certificate) string {
	names, more := slices.Clone(certificate.DNSNames), ""
	for _, address := range certificate.IPAddresses {
		names = append(names, address.String())
	}
	if len(names) > namesShown {
		names, more = names[:namesShown], fmt.Sprintf(" and %d more", len(names)-namesShown)
	}
	return Redact(strings.Join(names, ", ")) + more
}

// issuerOf names who signed a certificate, as whoever answered wrote it.
func issuerOf(certificate *x509.Certificate) string {
	return Redact(cmp.Or(certificate.Issuer.CommonName, strings.Join(certificate.Issuer.Organization, ", ")))
}

// connectFailure is a proxy's refusal of CONNECT, or nil where it made the connection.
func connectFailure(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	status := strconv.Itoa(response.StatusCode)
	switch {
	case response.StatusCode == http.StatusOK:
		return nil
	case response.StatusCode == http.StatusProxyAuthRequired:
		return &Failure{Reason: ProxyCredentials}
	case IsTransientStatus(response.StatusCode):
		return &Failure{Reason: ProxyConnectFailed, Detail: status, RetryAfter: retryAfter(response)}
	default:
		return &Failure{Reason: ProxyForbids, Detail: status}
	}
}

// IsTransientStatus reports whether an HTTP status says that the same request may succeed a little later.
func IsTransientStatus(status int) bool {
	return status >= http.StatusInternalServerError ||
		status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// IsRedirect reports whether an HTTP status leads elsewhere. Redirects are not followed.
func IsRedirect(status int) bool {
	return status >= http.StatusMultipleChoices && status < http.StatusBadRequest
}

// bodyFailure is failureOf for a response whose header was read.
func bodyFailure(err error) *Failure {
	_, isCorrupt := errors.AsType[flate.CorruptInputError](err)
	_, isOperation := errors.AsType[*net.OpError](err)
	switch {
	case isTimeout(err):
		return &Failure{Reason: TimeoutBody}
	case isCorrupt, errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return &Failure{Reason: Corrupt}
	case isClosed(err), isOperation,
		strings.Contains(err.Error(), "unexpected EOF"): // which has no type within a trailer
		return &Failure{Reason: ResponseCutOff}
	default:
		return &Failure{Reason: NotHTTP}
	}
}

// endings are the reasons by the last stage that was reached: where time ran out, where the connection was closed, and
// for an error without a type.
var endings = map[stage]struct{ timeout, closed, untyped Reason }{
	connectStart:         {TimeoutConnect, ConnectionReset, ConnectionFailed},
	dnsStart:             {TimeoutLookup, ConnectionReset, ConnectionFailed},
	connectDone:          {TimeoutConnect, ConnectionReset, ConnectionFailed},
	tlsHandshakeStart:    {TimeoutHandshake, HandshakeCut, ConnectionFailed},
	gotConn:              {TimeoutResponse, ConnectionReset, ConnectionReset},
	gotFirstResponseByte: {TimeoutBody, ResponseCutOff, NotHTTP},
}

// hasOperation reports whether an operation that package net or net/http calls by this name failed.
func hasOperation(err error, name string) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && (operation.Op == name || hasOperation(operation.Err, name))
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// isClosed reports whether the other side closed the connection, or this one did before there was anything to read.
func isClosed(err error) bool {
	return slices.ContainsFunc([]error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE, windowsConnectionReset,
	}, func(closed error) bool { return errors.Is(err, closed) })
}
