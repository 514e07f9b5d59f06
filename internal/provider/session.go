package provider

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// session is one configured provider. All data sources of the configuration share it, and with it tokens, connections
// and slots for requests.
type session struct {
	bindings *binding.Reader
	// component is asked about authorizers. It is never nil; where none is configured, each of its errors says so.
	component *binding.Component
	// otherHost is the host that is asked where it is not WeChat's own, or "".
	otherHost string
}

// newSession puts a provider block and the environment together. It opens no connection and reads no token.
func newSession(ctx context.Context, block providerModel, p *parser, userAgent string) (*session, diag.Diagnostics) {
	conn := p.connection(block)
	conn.userAgent = userAgent
	client := wechat.NewClient(wechat.Config{
		BaseURL: conn.baseURL,
		ClientConfig: conn.client(p, conn.requestTimeout, wire.TransportConfig{
			ProxyURL: conn.proxyURL, LoopbackOnly: conn.baseURL.Scheme == "http",
		}),
		Observe: logAttempt,
	})
	source := p.tokenSource(ctx, block, conn)
	appid, componentSource := p.component(ctx, block, conn)
	if name := p.unknownSetting; name != "" { // no token, no request: whatever is read fails with the attribute's name
		source = token.Unavailable(notYetKnown(name))
		componentSource = source
	}
	if p.diagnostics.HasError() {
		return nil, p.diagnostics
	}
	concurrent := conn.maxConcurrentRequests
	component := binding.NewComponent(client, appid, token.NewCache(loggedSource{componentSource}), concurrent)
	configured := &session{component: component}
	if componentSource.Describe().Setting == "" {
		component = nil // one that has no token explains no refusals
	}
	configured.bindings = binding.NewReader(client, token.NewCache(loggedSource{source}), concurrent, component)
	if !wechat.IsOfficialHost(conn.baseURL.Hostname()) {
		configured.otherHost = conn.baseURL.Host
	}
	return configured, p.diagnostics
}

// account is the target of a read about one account.
func (s *session) account(noun, title, appid string) target {
	named := cmp.Or(appid, "the token's account")
	return target{noun: noun, title: title + " " + named, account: named, appid: appid, host: s.otherHost}
}

// loggedSource logs when a source is asked, and for whom.
type loggedSource struct{ token.Source }

// Fetch implements [token.Source].
func (s loggedSource) Fetch(ctx context.Context, request token.Request) (token.Token, error) {
	fetched, err := s.Source.Fetch(ctx, request)
	tflog.Debug(ctx, "asked the token source", map[string]any{
		"source": s.Describe().Setting, "appid": request.AppID, "rejected": request.Rejected, "ok": err == nil,
	})
	return fetched, err
}

// connection is how WeChat is reached.
type connection struct {
	baseURL               *url.URL
	proxyURL              *url.URL
	rootCAs               *x509.CertPool
	requestTimeout        time.Duration
	maxRetries            int
	maxConcurrentRequests int
	userAgent             string
}

// client is the configuration of a client of WeChat, or of a token service, that is reached in the same way but for the
// time limit of an attempt and what transport says.
func (c connection) client(p *parser, timeout time.Duration, transport wire.TransportConfig) wire.ClientConfig {
	transport.RootCAs, transport.MaxConnections, transport.ConnectTimeout = c.rootCAs, c.maxConcurrentRequests, timeout
	return wire.ClientConfig{
		Transport: p.newTransport(transport), Timeout: timeout, UserAgent: c.userAgent,
		MaxRetries: c.maxRetries, MaxConcurrentRequests: c.maxConcurrentRequests,
	}
}

func (p *parser) connection(block providerModel) connection {
	official, _ := wechat.ParseBaseURL(wechat.DefaultBaseURL)
	baseURL := setting(p, "base_url", envBaseURL, block.BaseURL, official, wechat.ParseBaseURL)
	if block.BaseURL.IsNull() && !wechat.IsOfficialHost(baseURL.Hostname()) {
		p.addPlanWarning("another host", "{host}", baseURL.Host)
	}
	return connection{
		baseURL:  baseURL,
		proxyURL: p.proxy(block, baseURL),
		rootCAs:  p.certificates(block),
		requestTimeout: setting(p, "request_timeout", envRequestTimeout, block.RequestTimeout,
			wechat.DefaultRequestTimeout, parseDuration),
		maxRetries: setting(p, "max_retries", envMaxRetries, block.MaxRetries, wechat.DefaultMaxRetries, atLeast(0)),
		maxConcurrentRequests: setting(p, "max_concurrent_requests", envMaxConcurrentRequests,
			block.MaxConcurrentRequests, wechat.DefaultMaxConcurrentRequests, atLeast(1)),
	}
}

// certificates are the authorities that are trusted; nil means the system's alone.
func (p *parser) certificates(block providerModel) *x509.CertPool {
	file := setting(p, "ca_certificate_file", envCACertificateFile, block.CACertificateFile, "", unparsed)
	if file == "" {
		return nil
	}
	roots, err := wire.ReadCertificates(file)
	switch {
	case err != nil && block.CACertificateFile.IsNull():
		p.invalidVariable(envCACertificateFile, "names a file that cannot be used: "+
			certificatesProblem(file, envCACertificateFile, err))
	case err != nil:
		p.diagnostics.Append(badCertificates(path.Root("ca_certificate_file"), file, err))
	}
	return roots
}

// proxy is the proxy to WeChat: nil is the direct way. One that cannot be read is an error, never a way around it.
func (p *parser) proxy(block providerModel, baseURL *url.URL) *url.URL {
	proxy := setting(p, "proxy_url", envProxyURL, block.ProxyURL, nil, parseProxyURL)
	if proxy != nil && baseURL.Scheme == "http" {
		p.addError("proxy of plain http")
	}
	if proxy != nil || !block.ProxyURL.IsNull() || p.getenv(envProxyURL) != "" || baseURL.Scheme != "https" {
		return proxy
	}
	proxy, variable, err := wire.EnvironmentProxy(p.getenv, baseURL)
	if errors.Is(err, wire.ErrProxyEmpty) {
		p.invalidVariable(variable, onlyWhiteSpace)
	} else if err != nil {
		p.invalidVariable(variable, proxyProblems[err])
	}
	return proxy
}

// unknownValues names, for each attribute of a provider block that is not wholly known yet, the first value within it
// that is not, such as exec.args.
func unknownValues(block tftypes.Value) map[string]string {
	unknown := map[string]string{}
	_ = tftypes.Walk(block, func(safePath *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if value.IsKnown() {
			return true, nil
		}
		var names []string
		for _, step := range safePath.Steps() {
			if name, ok := step.(tftypes.AttributeName); ok {
				names = append(names, string(name))
			}
		}
		if len(names) > 0 {
			name := strings.Join(names, ".")
			unknown[names[0]] = min(name, cmp.Or(unknown[names[0]], name))
		}
		return false, nil
	})
	return unknown
}

func unparsed(value string) (string, error) { return value, nil }

// The parsers of settings. Their errors complete "The value of … " and hold nothing of it.

func parseProxyURL(value string) (*url.URL, error) {
	address, err := wire.ParseProxyURL(value)
	if err != nil {
		return nil, errors.New(proxyProblems[err])
	}
	return address, nil
}

// parseDuration reads a duration above zero.
func parseDuration(value string) (time.Duration, error) {
	duration, err := time.ParseDuration(value)
	if err != nil || duration <= 0 {
		return 0, errors.New(mustBeDuration)
	}
	return duration, nil
}

// atLeast reads a whole number.
func atLeast(least int) func(string) (int, error) {
	return func(value string) (int, error) {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil || number < int64(least) {
			return 0, fmt.Errorf("must be a whole number, at least %d", least)
		}
		return int(min(number, math.MaxInt32)), nil
	}
}

// logAttempt logs a request by its parts. There is no URL, no body and no error among them.
func logAttempt(ctx context.Context, attempt wechat.Attempt) {
	fields := map[string]any{
		"endpoint": attempt.Endpoint, "duration_ms": attempt.Duration.Milliseconds(),
		"http_status": attempt.Status, "errcode": 0,
	}
	if failed, ok := errors.AsType[*wechat.Error](attempt.Err); ok {
		fields["errcode"] = failed.Code
		if failed.Failure != nil {
			fields["failure"] = failed.Failure.Error()
		}
	}
	tflog.Debug(ctx, "asked WeChat", fields)
}
