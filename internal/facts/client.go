package facts

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	callLimit   = 15 * time.Second // of one request and its answer
	answerLimit = 1 << 20          // bytes of a body
)

// client sends one request at a time. What net/http says of a failure may hold a URL, and so a token: it stays in here.
type client struct {
	base      *url.URL // nil: WeChat's own hosts
	transport *http.Transport
}

func newClient(c Config) *client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &client{c.BaseURL, &http.Transport{
		Proxy:               c.Proxy,
		DialContext:         c.dialer(),
		TLSClientConfig:     &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: callLimit,
		DisableCompression:  true, // so that Content-Encoding can be seen
		Protocols:           protocols,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
			if response.StatusCode != http.StatusOK {
				return errProxy
			}
			return nil
		},
	}}
}

var (
	errProxy          = errors.New("the proxy made no connection")
	errNotThisMachine = errors.New("-base-url is plain http, and leads away from this machine")
	errSeen           = errors.New("seen") // ends a handshake
)

// dialer goes, for a plain http address, to this machine only: what the name was looked up as is checked again.
func (c Config) dialer() func(context.Context, string, string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: callLimit}
	if c.BaseURL != nil && c.BaseURL.Scheme == "http" {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			host, _, _ := net.SplitHostPort(address)
			if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
				return errNotThisMachine
			}
			return nil
		}
	}
	return dialer.DialContext
}

// exchange is a request and what came of it.
type exchange struct {
	request request
	failure string         // why there is no answer, from the list in failureOf; "" where there is one
	cut     bool           // the failure is that the connection was closed in the answer's place
	answer  Answer         // what may be shown
	object  map[string]any // the body, which may not
	proto   string         // HTTP/1.1
	alpn    string         // what TLS settled on, "" for nothing or no TLS
	reused  bool           // the connection of an earlier request
	at      time.Time
	date    time.Time // of the answer's header, or zero
}

// send asks once. The body and the token are filled in already.
func (c *client) send(ctx context.Context, r request, accessToken, body string, names *aliases) *exchange {
	e := &exchange{request: r, at: time.Now()}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	address := c.address(r.host).JoinPath(endpoints[r.endpoint].path)
	if accessToken != "" {
		name := endpoints[r.endpoint].parameter
		if r.newName {
			name = "access_token"
		}
		address.RawQuery = url.Values{name: {accessToken}}.Encode()
	}
	trace := &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) { e.reused = got.Reused }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), r.method, address.String(),
		strings.NewReader(body))
	if err != nil {
		e.failure = "the request could not be made"
		return e
	}
	request.GetBody = nil // net/http repeats nothing by itself
	request.Header.Set("User-Agent", "terraform-provider-wechat/verify")
	request.Header.Set("Accept-Encoding", "gzip")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.chunked {
		request.ContentLength = -1
	}
	response, err := c.transport.RoundTrip(request) // which follows no redirect
	if err == nil {
		defer response.Body.Close()
		err = e.read(response, names)
	}
	if err != nil {
		e.failure, e.cut = failureOf(err)
	}
	return e
}

func (c *client) address(host int) *url.URL {
	if c.base != nil {
		return c.base
	}
	return &url.URL{Scheme: "https", Host: hosts[host]}
}

func (e *exchange) read(response *http.Response, names *aliases) error {
	e.proto = response.Proto
	if response.TLS != nil {
		e.alpn = response.TLS.NegotiatedProtocol
	}
	e.date, _ = http.ParseTime(response.Header.Get("Date"))
	var reader io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(reader)
		if err != nil {
			return err
		}
		reader = unzipped
	}
	body, err := io.ReadAll(io.LimitReader(reader, answerLimit+1))
	if err == nil && len(body) > answerLimit {
		err = io.ErrShortBuffer
	}
	if err != nil {
		return err
	}
	if response.Close {
		response.Header.Set("Connection", "close") // net/http takes it away
	}
	if len(response.TransferEncoding) > 0 {
		response.Header.Set("Transfer-Encoding", response.TransferEncoding[0])
	}
	e.answer, e.object = masked(response.StatusCode, response.Header, bytes.TrimSpace(body), names)
	return nil
}

// failureOf says why there is no answer, in words that hold nothing of the request.
func failureOf(err error) (reason string, cut bool) {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var dialing *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return interrupted, false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return "there was no answer in time", false
	case errors.Is(err, errNotThisMachine):
		return errNotThisMachine.Error(), false
	case errors.Is(err, errProxy), errors.As(err, &dialing) && dialing.Op == "proxyconnect":
		return errProxy.Error(), false
	case errors.As(err, &dns):
		return "the host's name could not be looked up", false
	case errors.As(err, &certificate):
		return "the certificate is not trusted (-ca-certificate-file names an authority to trust)", false
	case errors.As(err, &dialing) && dialing.Op == "dial":
		return "no connection could be made", false
	case errors.As(err, &dialing) && dialing.Op == "remote error":
		return "the TLS handshake failed", false
	default:
		return "the connection was closed in the answer's place, or what came is no answer", true
	}
}

const interrupted = "interrupted"

// handshake makes a TLS connection, as a request would, and ends it before anything is asked; nil where there was none.
func (c *client) handshake(ctx context.Context, offer *tls.Config) (seen *tls.ConnectionState) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	offer.RootCAs = c.transport.TLSClientConfig.RootCAs
	offer.VerifyConnection = func(state tls.ConnectionState) error {
		seen = &state
		return errSeen
	}
	transport := c.transport.Clone()
	transport.TLSClientConfig = offer
	if slices.Contains(offer.NextProtos, "h2") {
		transport.Protocols.SetHTTP2(true) // or net/http would take the offer back
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, c.address(0).String(), nil)
	if err == nil {
		if response, err := transport.RoundTrip(request); err == nil {
			_ = response.Body.Close()
		}
	}
	return seen
}
