package wire

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// headerLimit bounds an answer's header, in bytes.
const headerLimit = 64 << 10

// certificatesLimit bounds a file of certificates, in bytes; the whole of Mozilla's list has a quarter of it.
const certificatesLimit = 1 << 20

// TransportConfig is what a transport needs to know.
type TransportConfig struct {
	// ProxyURL is the proxy to go through; nil is the direct way, whatever the environment says.
	ProxyURL *url.URL
	// LoopbackOnly refuses every address but loopback ones. It is checked when a connection is made, since a host name
	// may lead anywhere.
	LoopbackOnly bool
	// RootCAs are the authorities that are trusted; nil means the system's.
	RootCAs *x509.CertPool
	// MaxConnections bounds the open connections to one host.
	MaxConnections int
	// ConnectTimeout bounds making one, its TLS handshake, and a proxy's part in it. net/http goes on making a
	// connection when the request that wanted it has ended, and counts it against MaxConnections: without a bound of
	// its own, one that stalls would keep its place for ever.
	ConnectTimeout time.Duration
}

// NewTransport returns a transport that keeps and shares its connections. It speaks HTTP/1.1 alone: one frame can make
// net/http's HTTP/2 hang for good, whatever the request's context says.
func NewTransport(config TransportConfig) *http.Transport {
	dialer := &net.Dialer{Timeout: config.ConnectTimeout}
	if config.LoopbackOnly {
		dialer.Control = loopbackOnly
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:       http.ProxyURL(config.ProxyURL),
		DialContext: bounded(config.ConnectTimeout, dialer.DialContext),
		Protocols:   &protocols,
		TLSClientConfig: &tls.Config{
			RootCAs: config.RootCAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		},
		MaxConnsPerHost:        config.MaxConnections,
		MaxIdleConns:           config.MaxConnections,
		MaxIdleConnsPerHost:    config.MaxConnections,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: headerLimit,
		OnProxyConnectResponse: connectFailure,
	}
}

// dial makes a connection.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// bounded bounds what must happen on a new connection before it can be used, a proxy's part and TLS, by the
// connection's deadline, until a request has got it. net/http itself bounds no SOCKS proxy, and CONNECT only by a
// minute.
func bounded(timeout time.Duration, plain dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := plain(ctx, network, address)
		if err == nil && timeout > 0 {
			_ = connection.SetDeadline(time.Now().Add(timeout))
		}
		return connection, err
	}
}

// loopbackOnly is a [net.Dialer]'s Control: the address is an IP address with its port, and nothing has been sent
// there.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
		return &Failure{Reason: NotLoopback}
	}
	return nil
}

// The errors of [ParseProxyURL] and [EnvironmentProxy]. None shows what was given.
var (
	ErrProxyEmpty  = errors.New("no proxy URL")
	ErrProxySyntax = errors.New("proxy URL with a syntax error")
	ErrProxyUser   = errors.New("proxy URL with a user or password that is not encoded")
	ErrProxyScheme = errors.New("proxy URL with an unsupported scheme")
	ErrProxyHost   = errors.New("proxy URL with an invalid host or port")
)

// EnvironmentProxy is the proxy to an https address that HTTPS_PROXY and NO_PROXY name, in capitals or else in small
// letters; nil where they name none. An error is about the variable's value, which is then never taken for none:
// net/http ignores such a value, and goes the direct way. White space alone is [ErrProxyEmpty].
func EnvironmentProxy(getenv func(string) string, target *url.URL) (proxy *url.URL, variable string, err error) {
	variable = "HTTPS_PROXY"
	if getenv(variable) == "" {
		variable = "https_proxy"
	}
	rules := httpproxy.Config{HTTPSProxy: "http://any.invalid", NoProxy: cmp.Or(getenv("NO_PROXY"), getenv("no_proxy"))}
	if through, err := rules.ProxyFunc()(target); getenv(variable) == "" || through == nil && err == nil {
		return nil, "", nil
	}
	value := strings.TrimSpace(getenv(variable))
	if value != "" && !strings.Contains(value, "://") {
		value = "http://" + value
	}
	proxy, err = ParseProxyURL(value)
	return proxy, variable, err
}

// ParseProxyURL reads a proxy's URL.
func ParseProxyURL(value string) (*url.URL, error) {
	address, err := url.Parse(value)
	switch {
	case value == "":
		return nil, ErrProxyEmpty
	case err != nil && strings.Contains(value, "@"),
		err == nil && strings.Contains(address.Path+"?"+address.RawQuery+"#"+address.Fragment, "@"):
		return nil, ErrProxyUser
	case err != nil:
		return nil, ErrProxySyntax
	case !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, address.Scheme):
		return nil, ErrProxyScheme
	case address.Hostname() == "" || !IsPort(address.Port()):
		return nil, ErrProxyHost
	default:
		return address, nil
	}
}

// IsPort reports whether a URL's port is none or one that exists.
func IsPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}

// ReadCertificates returns the system's authorities together with those of a PEM file.
func ReadCertificates(file string) (*x509.CertPool, error) {
	content, err := ReadFile(file, certificatesLimit)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	const begin = "-----BEGIN "
	parts := strings.Split(string(content), begin)
	if !strings.Contains(string(content), begin+"CERTIFICATE-----") {
		return nil, errors.New("it holds no PEM certificate (-----BEGIN CERTIFICATE-----)")
	}
	// AppendCertsFromPEM skips silently what it cannot read.
	for number, part := range parts[1:] {
		block, _ := pem.Decode([]byte(begin + part))
		switch {
		case block == nil:
			return nil, fmt.Errorf("its PEM block number %d is damaged", number+1)
		case block.Type == "CERTIFICATE":
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("its PEM block number %d is a certificate that cannot be read (%s)",
					number+1, Redact(strings.TrimPrefix(err.Error(), "x509: ")))
			}
			roots.AddCert(certificate)
		case strings.Contains(block.Type, "CERTIFICATE"):
			return nil, fmt.Errorf("its PEM block number %d is a %s and no CERTIFICATE", number+1, Redact(block.Type))
		}
	}
	return roots, nil
}
