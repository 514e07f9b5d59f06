package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// noAnswerMessage is about a call of WeChat's that no answer came to.
func noAnswerMessage(failed *wechat.Error) message {
	m := failureMessage(failed.Failure, weChatRoute)
	m.reason = "no answer from WeChat"
	m.text += attempts(failed)
	m.quote = fmt.Sprintf("Asked: %s at %s.", failed.Endpoint, failed.Host)
	return m
}

// weChatRoute are the settings that lead to WeChat, by their placeholders.
var weChatRoute = []string{
	"{server}", "WeChat", "{url}", "base_url", "{url, if set,}", "base_url, where it is set,",
	"{timeout}", "request_timeout and timeouts.read",
	"{proxy}", "proxy_url or HTTPS_PROXY", "{avoid the proxy}", "name the host in NO_PROXY",
	"{Check the proxy}", "Check proxy_url, or HTTPS_PROXY and NO_PROXY where it is not set",
	"{use a proxy}", "where only a proxy reaches the outside, set proxy_url",
}

// tokenServiceRoute are those that lead to the service of the given token endpoint.
func tokenServiceRoute(source string) []string {
	return []string{
		"{server}", "the service", "{url}", source + ".url", "{url, if set,}", source + ".url",
		"{timeout}", source + ".timeout and timeouts.read",
		"{proxy}", source + ".proxy_url", "{avoid the proxy}", "leave " + source + ".proxy_url out",
		"{Check the proxy}", "Check " + source + ".proxy_url",
		"{use a proxy}", "a proxy is used only where " + source + ".proxy_url names one",
	}
}

// failureMessage is about an exchange that brought no answer, by the route to the server.
func failureMessage(failure *wire.Failure, route []string) message {
	m := message{}.with("wire", string(failure.Reason), route...)
	if failure.Detail != "" {
		m.text += strings.NewReplacer("{detail}", failure.Detail, "{quoted}", strconv.Quote(failure.Detail)).
			Replace(templates[templateKey{"wire", string(failure.Reason)}].detail)
	}
	values := append(slices.Clone(route), "{failure}", m.text)
	switch {
	case !failure.AtProxy:
	case failure.Timeout():
		m.text += " on the way to the proxy"
		m = m.with("proxy", string(failure.Reason), values...)
	case failure.InTLS():
		m = m.with("proxy", "no TLS", values...)
	default:
		m = m.with("proxy", "no connection", values...)
	}
	return m
}

// proxyProblems complete the sentence "The value of proxy_url …".
var proxyProblems = map[error]string{
	wire.ErrProxyEmpty:  "is empty; leave it out to go by HTTPS_PROXY and NO_PROXY",
	wire.ErrProxySyntax: "is no URL; " + proxyExample,
	wire.ErrProxyUser: "is no URL: in its user name and password each of : / ? # [ ] @ % must be percent-encoded, " +
		"as %23 is for #, and %25 for %",
	wire.ErrProxyScheme: "must begin with http, https, socks5 or socks5h; " + proxyExample,
	wire.ErrProxyHost:   "has no valid host and port; " + proxyExample,
}

const proxyExample = "write it like http://proxy.example:3128"
