package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// session is one configured provider. All data sources of the configuration share it, and with it tokens, connections and
// slots for requests.
type session struct {
	bindings *binding.Reader
	// component is asked about authorizers. Where there is none, its answer is the reason.
	component *binding.Component
	// maxConcurrentRequests is how many requests may be under way to WeChat.
	maxConcurrentRequests int
	// otherHost is the host that is asked where it is not WeChat's own, or "".
	otherHost string
}

const (
	summaryCertificates = "No certificates to trust"
	summaryBaseURL      = "Not a base URL"
	summaryProxyURL     = "Not a proxy URL"
	summaryEnvironment  = "Invalid environment variable"
)

// reach is how WeChat is reached.
type reach struct {
	baseURL               *url.URL
	proxyURL              *url.URL
	rootCAs               *x509.CertPool
	requestTimeout        time.Duration
	maxRetries            int
	maxConcurrentRequests int
	userAgent             string
	transport             func(wire.TransportConfig) *http.Transport
}

// newSession puts a provider block and the environment together.
func newSession(ctx context.Context, config providerModel, on machine, agent string) (*session, diag.Diagnostics) {
	// The engine validates again what became known late; what is wrong must not turn into a default in any case.
	diagnostics := validateAddresses(config)
	read := settings{environment: on.getenv, diagnostics: &diagnostics}
	baseURL := read.baseURL(config)
	how := reach{
		baseURL:        baseURL,
		proxyURL:       read.proxy(config, baseURL),
		rootCAs:        read.certificates(config),
		requestTimeout: read.timeout(config),
		maxRetries:     read.number(config.MaxRetries, envMaxRetries, 0, wechat.DefaultMaxRetries),
		maxConcurrentRequests: read.number(config.MaxConcurrentRequests, envMaxConcurrentRequests, 1,
			wechat.DefaultMaxConcurrentRequests),
		userAgent: agent,
		transport: on.transport,
	}
	client := wechat.NewClient(wechat.Config{
		BaseURL: how.baseURL,
		Transport: on.transport(wire.TransportConfig{
			ProxyURL: how.proxyURL, LoopbackOnly: baseURL.Scheme == "http", RootCAs: how.rootCAs,
			MaxConnections: how.maxConcurrentRequests, ConnectTimeout: how.requestTimeout,
		}),
		RequestTimeout:        how.requestTimeout,
		MaxRetries:            how.maxRetries,
		MaxConcurrentRequests: how.maxConcurrentRequests,
		UserAgent:             agent,
		Observe:               logAttempt,
	})
	source, found := tokenSource(ctx, config, read.getenv, how)
	diagnostics.Append(found...)
	component, reason := newComponent(ctx, config, read.getenv, client, &diagnostics)
	if diagnostics.HasError() {
		return nil, diagnostics
	}
	if name := firstUnknown(config); name != "" {
		// No token, no request: whatever is read fails with the name of the attribute that is not known.
		source, component, reason = token.Unavailable(notYetKnown(name)), nil, notYetKnown(name)
	}
	configured := &session{component: component, maxConcurrentRequests: how.maxConcurrentRequests}
	if component == nil {
		configured.component = binding.NewComponent(client, "", token.NewMemory(token.Unavailable(reason), nil))
	}
	configured.bindings = binding.NewReader(client, token.NewMemory(source, logFetch(source.Describe())), component)
	if !wechat.IsOfficialHost(how.baseURL.Hostname()) {
		configured.otherHost = how.baseURL.Host
	}
	return configured, diagnostics
}

// firstUnknown names an attribute that says how WeChat is reached and is not known yet, or "".
func firstUnknown(config providerModel) string {
	for _, setting := range []struct {
		name  string
		value attr.Value
	}{
		{"base_url", config.BaseURL},
		{"proxy_url", config.ProxyURL},
		{"ca_certificate_file", config.CACertificateFile},
		{"request_timeout", config.RequestTimeout},
		{"max_retries", config.MaxRetries},
		{"max_concurrent_requests", config.MaxConcurrentRequests},
	} {
		if setting.value.IsUnknown() {
			return setting.name
		}
	}
	return ""
}

// logAttempt logs a request by its parts. There is no URL, no body and no error among them.
func logAttempt(ctx context.Context, attempt wechat.Attempt) {
	fields := map[string]any{
		"endpoint":    attempt.Endpoint,
		"duration_ms": attempt.Duration.Milliseconds(),
		"http_status": attempt.Status,
		"errcode":     attempt.Code,
	}
	var failed *wechat.Error
	if errors.As(attempt.Err, &failed) && failed.Failure != nil {
		fields["failure"] = failed.Failure.Error()
	}
	tflog.Debug(ctx, "asked WeChat", fields)
}

// logFetch logs that a token source was asked, and for whom.
func logFetch(source token.Description) token.Observer {
	return func(ctx context.Context, asked token.Request, err error) {
		tflog.Debug(ctx, "asked the token source", map[string]any{
			"source":   source.Setting,
			"appid":    asked.AppID,
			"rejected": asked.Rejected,
			"ok":       err == nil,
		})
	}
}

// settings reads how WeChat is reached, one attribute at a time, from the provider block and else from the environment.
type settings struct {
	environment func(string) string
	diagnostics *diag.Diagnostics
}

func (s settings) baseURL(config providerModel) *url.URL {
	written := config.BaseURL.ValueString()
	if config.BaseURL.IsNull() {
		written = s.getenv(envBaseURL)
		address, err := wechat.ParseBaseURL(written)
		switch {
		case written == "":
		case err != nil:
			s.invalid(envBaseURL, err.Error())
		case !wechat.IsOfficialHost(address.Hostname()):
			s.diagnostics.AddWarning("WeChat is asked at another host", fmt.Sprintf(
				"%s is set in the environment, so the provider asks %s instead of WeChat and hands it the access tokens. "+
					"Unset the variable if that is not meant, or write base_url into the provider block to do without this warning.",
				envBaseURL, address.Host))
		}
	}
	if address, err := wechat.ParseBaseURL(written); err == nil {
		return address
	}
	// Nothing is given, or what is given is not known yet or was reported already.
	address, _ := wechat.ParseBaseURL(wechat.DefaultBaseURL)
	return address
}

func (s settings) proxy(config providerModel, baseURL *url.URL) *url.URL {
	written := config.ProxyURL.ValueString()
	if config.ProxyURL.IsNull() {
		written = s.getenv(envProxyURL)
		if _, problem := wire.ParseProxyURL(written); written != "" && problem != "" {
			s.invalid(envProxyURL, problem)
		}
	}
	inTheClear := baseURL.Scheme == "http"
	if config.ProxyURL.IsNull() && written == "" && !inTheClear {
		address, variable, problem := wire.EnvironmentProxy(s.environment, baseURL)
		if problem != "" {
			s.invalid(variable, problem)
		}
		return address
	}
	address, _ := wire.ParseProxyURL(written)
	if address != nil && inTheClear {
		s.diagnostics.AddError(summaryProxyURL, "base_url is plain http, which is for this machine alone and goes through "+
			"no proxy: the proxy would read the access tokens. Remove proxy_url or "+envProxyURL+", or use an https base_url.")
	}
	return address
}

func (s settings) certificates(config providerModel) *x509.CertPool {
	file := config.CACertificateFile.ValueString()
	if config.CACertificateFile.IsNull() {
		file = s.getenv(envCACertificateFile)
	}
	if file == "" {
		return nil
	}
	roots, err := wire.ReadCertificates(file)
	switch {
	case err != nil && config.CACertificateFile.IsNull():
		s.invalid(envCACertificateFile, "names a file that cannot be used: "+err.Error())
	case err != nil:
		attribute := at(path.Root("ca_certificate_file"), file)
		s.diagnostics.AddAttributeError(attribute, summaryCertificates, badCertificates(file, err))
	}
	return roots
}

func (s settings) timeout(config providerModel) time.Duration {
	written := config.RequestTimeout.ValueString()
	if config.RequestTimeout.IsNull() {
		written = s.getenv(envRequestTimeout)
		if _, err := parseDuration(written); written != "" && err != nil {
			s.invalid(envRequestTimeout, positiveDuration{}.Description(context.Background()))
		}
	}
	if timeout, err := parseDuration(written); err == nil {
		return timeout
	}
	return wechat.DefaultRequestTimeout
}

// number reads a whole number that is at least the given one.
func (s settings) number(written types.Int64, variable string, least, otherwise int) int {
	value := int64(otherwise)
	if set := s.getenv(variable); isKnown(written) {
		value = written.ValueInt64()
	} else if set != "" && written.IsNull() {
		parsed, err := strconv.ParseInt(set, 10, 64)
		if err != nil || parsed < int64(least) {
			s.invalid(variable, fmt.Sprintf("must be a whole number, at least %d", least))
			return otherwise
		}
		value = parsed
	}
	return int(min(value, math.MaxInt32))
}

// validateAddresses checks the URLs of a provider block. Neither diagnostic carries the attribute's path where the line may
// hold a password: the engine would print it.
func validateAddresses(config providerModel) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if written := config.BaseURL.ValueString(); isKnown(config.BaseURL) {
		if _, err := wechat.ParseBaseURL(written); err != nil && strings.ContainsAny(written, "@?#") {
			diagnostics.AddError(summaryBaseURL, fmt.Sprintf("The value of base_url %s.", err))
		} else if err != nil {
			attribute := at(path.Root("base_url"), written)
			diagnostics.AddAttributeError(attribute, summaryBaseURL, fmt.Sprintf("The value of base_url %s.", err))
		}
	}
	if isKnown(config.ProxyURL) {
		if _, problem := wire.ParseProxyURL(config.ProxyURL.ValueString()); problem != "" {
			diagnostics.AddError(summaryProxyURL, "The value of proxy_url "+problem+".")
		}
	}
	return diagnostics
}

func badCertificates(file string, err error) string {
	return fmt.Sprintf("The file of ca_certificate_file, %s, cannot be used: %s.", shown(file), err)
}
