package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// headerLimit bounds an answer's header, in bytes.
	headerLimit = 64 << 10

	// certificatesLimit bounds a file of certificates, in bytes; the whole of Mozilla's list has a quarter of it.
	certificatesLimit = 1 << 20

	idleLimit     = 90 * time.Second
	keepAliveTick = 30 * time.Second
)

// TransportConfig is what a transport needs to know.
type TransportConfig struct {
	// ProxyURL is the proxy to go through; nil means to go by HTTPS_PROXY and NO_PROXY.
	ProxyURL *url.URL
	// RootCAs are the authorities that are trusted; nil means the system's.
	RootCAs *x509.CertPool
	// MaxConnections bounds the open connections to one host.
	MaxConnections int
}

// NewTransport returns a transport that keeps and shares its connections.
func NewTransport(config TransportConfig) *http.Transport {
	return &http.Transport{
		Proxy:                  proxyOf(config.ProxyURL),
		DialContext:            (&net.Dialer{KeepAlive: keepAliveTick}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: config.RootCAs, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        config.MaxConnections,
		MaxIdleConns:           config.MaxConnections,
		MaxIdleConnsPerHost:    config.MaxConnections,
		IdleConnTimeout:        idleLimit,
		MaxResponseHeaderBytes: headerLimit,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
			if response.StatusCode != http.StatusOK {
				return &proxyRefusal{response.StatusCode}
			}
			return nil
		},
	}
}

func proxyOf(address *url.URL) func(*http.Request) (*url.URL, error) {
	if address != nil {
		return http.ProxyURL(address)
	}
	return func(request *http.Request) (*url.URL, error) {
		address, err := http.ProxyFromEnvironment(request)
		if err != nil {
			// The error would show the address, which may hold a password.
			return nil, &Failure{Proxy, "its address in the environment is not valid"}
		}
		return address, nil
	}
}

// ParseProxyURL reads a proxy's URL, or says what is wrong with it without showing it.
func ParseProxyURL(written string) (address *url.URL, problem string) {
	const example = "write it like http://proxy.example:3128"
	address, err := url.Parse(written)
	switch {
	case written == "":
		return nil, "is empty; leave it out to go by HTTPS_PROXY and NO_PROXY"
	case err != nil:
		return nil, "is no URL; " + example
	case address.Scheme != "http" && address.Scheme != "https" && address.Scheme != "socks5" && address.Scheme != "socks5h":
		return nil, "must begin with http, https, socks5 or socks5h; " + example
	case address.Hostname() == "" || !IsPort(address.Port()):
		return nil, "has no valid host and port; " + example
	default:
		return address, ""
	}
}

// IsPort reports whether a URL's port is none or one that exists.
func IsPort(port string) bool {
	if port == "" {
		return true
	}
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0
}

// ReadCertificates returns the system's authorities together with those of a PEM file.
func ReadCertificates(file string) (*x509.CertPool, error) {
	written, err := ReadFile(file, certificatesLimit)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(written) {
		return nil, errors.New("it holds no PEM certificate (-----BEGIN CERTIFICATE-----)")
	}
	return roots, nil
}
