package provider

import (
	"fmt"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// failureMessage is about no answer at all.
func failureMessage(refused *wechat.Error) message {
	m := weChatRoute.message(refused.Failure)
	m.reason = "no answer from WeChat"
	m.text += attempts(refused)
	m.quote = fmt.Sprintf("Asked: %s at %s.", refused.Endpoint, refused.Host)
	return m
}

// route names the settings that lead to a server, for the messages about failures on the way there.
type route struct{ settings *strings.Replacer }

var (
	weChatRoute = route{strings.NewReplacer(
		"{server}", "WeChat", "{url}", "base_url", "{url, if set,}", "base_url, where it is set,",
		"{timeout}", "request_timeout and timeouts.read",
		"{proxy}", "proxy_url or HTTPS_PROXY", "{avoid the proxy}", "name the host in NO_PROXY",
		"{Check the proxy}", "Check proxy_url, or HTTPS_PROXY and NO_PROXY where it is not set",
		"{use a proxy}", "where only a proxy reaches the outside, set proxy_url",
	)}
	tokenServiceRoute = route{strings.NewReplacer(
		"{server}", "the service", "{url}", "token_endpoint.url", "{url, if set,}", "token_endpoint.url",
		"{timeout}", "token_endpoint.timeout and timeouts.read",
		"{proxy}", "token_endpoint.proxy_url", "{avoid the proxy}", "leave token_endpoint.proxy_url out",
		"{Check the proxy}", "Check token_endpoint.proxy_url",
		"{use a proxy}", "a proxy is used only where token_endpoint.proxy_url names one",
	)}
)

// message has what happened, without a full stop, the likely causes and the remedy.
func (r route) message(failure *wire.Failure) message {
	words := failureTable[failure.Reason]
	text := words.what
	if words.how != "" {
		text += ": " + words.how
	}
	if failure.Detail != "" {
		text += fmt.Sprintf(words.detail, failure.Detail)
	}
	switch {
	case !failure.AtProxy:
	case failure.Timeout():
		text += " on the way to the proxy"
		if failure.Reason == wire.TimeoutConnect {
			words.advice = adviceSlowProxy
		}
	default:
		text = noProxy + ": on the way to it, " + text
		if words.advice = adviceProxyAddress; words.what == noTLS || words.what == untrusted {
			words.advice = adviceProxyTLS
		}
	}
	m := message{text: text, remedy: r.settings.Replace(words.remedy)}
	for _, cause := range words.causes {
		m.causes = append(m.causes, r.settings.Replace(cause))
	}
	return m
}

// stableFailure is a failure as it may stand in state: the same for the same reason.
func stableFailure(failure *wire.Failure) string {
	switch {
	case failure.Timeout():
		return noAnswerInTime
	case failure.AtProxy:
		return "no answer: " + noProxy
	default:
		return "no answer: " + failureTable[failure.Reason].what
	}
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

// advice is shared by the failures that have the same causes.
type advice struct {
	remedy string
	causes []string
}

func advise(remedy string, causes ...string) advice { return advice{remedy, causes} }

// failureWords say what happened and how, with a format for the failure's detail, where there is one.
type failureWords struct {
	what, how, detail string
	advice
}

const (
	connReset = "the connection was closed before an answer came"
	tooLarge  = "the answer is too large"
	notHTTP   = "the answer is not HTTP"
	noTime    = "no answer came in time"
	noProxy   = "the proxy refused the connection"
	noTLS     = "no TLS connection could be made"
	untrusted = "the TLS certificate is not trusted"

	unknownAuthority = "it is signed by an authority that this machine does not know"
	bigHandshake     = "something on the way swallows a TLS handshake of more than one packet (post-quantum keys)"
	onlyCommonName   = "it has no subject alternative name, only a common name"
	speaksHTTP       = "the other side speaks HTTP where HTTPS was asked for"
)

// failureTable has the message of each reason.
var failureTable = map[wire.Reason]failureWords{
	wire.UnknownHost:       {"the host name does not exist", "", "", adviceLookup},
	wire.LookupFailed:      {"the host name could not be looked up", "", "", adviceLookup},
	wire.NotLoopback:       {"the host name leads to another machine", "", "", adviceLoopback},
	wire.ConnectionRefused: {"the connection was refused", "", "", adviceRefusal},
	wire.NoRoute:           {"there is no route to the host", "", "", adviceRefusal},
	wire.ConnectionReset:   {connReset, "", "", adviceEnded},
	wire.ConnectionFailed:  {"the connection failed", "", ": %s", adviceEnded},

	wire.CertificateExpired:          {untrusted, "it expired", " on %s", adviceExpired},
	wire.CertificateNotYetValid:      {untrusted, "it is not valid before", " %s", adviceNotYetValid},
	wire.CertificateOtherHost:        {untrusted, "it is for another host", " (it names %s)", adviceOtherHost},
	wire.CertificateUnknownAuthority: {untrusted, unknownAuthority, " (%q)", adviceAuthority},
	wire.CertificateCommonName:       {untrusted, onlyCommonName, " (%q)", adviceCertificate},
	wire.CertificateUnreadable:       {untrusted, "it cannot be read", ": %s", adviceCertificate},
	wire.CertificateInvalid:          {untrusted, "", "", adviceAuthority},
	wire.TLSPlainHTTP:                {noTLS, speaksHTTP, "", adviceHandshake},
	wire.TLSNotSpoken:                {noTLS, "the other side does not speak TLS", "", adviceHandshake},
	wire.TLSClientCertificate:        {noTLS, "it wants a client's certificate", "", adviceClientCertificate},
	wire.TLSRefused:                  {noTLS, "the other side ended it", " with the alert %q", adviceHandshake},
	wire.TLSFailed:                   {noTLS, "the handshake failed", ": %s", adviceHandshake},
	wire.HandshakeCut:                {connReset, "it ended in the middle of the TLS handshake", "", adviceCut},

	wire.ProxyCredentials:   {noProxy, "it asks for credentials (status 407)", "", adviceProxyCredentials},
	wire.ProxyForbids:       {noProxy, "it answered CONNECT", " with status %s", adviceProxyForbids},
	wire.ProxySOCKSFailed:   {noProxy, "it did not make the connection", "", adviceProxyForbids},
	wire.ProxyConnectFailed: {noProxy, "it answered CONNECT", " with status %s", adviceProxyOverloaded},
	wire.ProxyClosed:        {noProxy, "it closed the connection without an answer", "", adviceProxyOverloaded},
	wire.NotAProxy:          {noProxy, "what answers there is no HTTP proxy", "", adviceNotAProxy},

	wire.ResponseCutOff:   {"the answer was cut off", "", ": %s", adviceEnded},
	wire.ResponseTooLarge: {tooLarge, "", "", adviceNotTheServer},
	wire.HeaderTooLarge:   {tooLarge, "its header has more", " than %s bytes", adviceNotTheServer},
	wire.NotHTTP:          {notHTTP, "", "", adviceNotTheServer},
	wire.Corrupt:          {"the answer is compressed and cannot be unpacked", "", "", adviceCompression},

	wire.TimeoutSlot:      {noTime, "the request did not get its turn", "", adviceSlow},
	wire.TimeoutLookup:    {noTime, "the host name was still being looked up", "", adviceSlowLookup},
	wire.TimeoutConnect:   {noTime, "no connection was made", "", adviceSlowConnection},
	wire.TimeoutProxy:     {noTime, "the proxy was reached and did not make the connection", "", adviceSlowProxy},
	wire.TimeoutHandshake: {noTime, "the TLS handshake was not finished", "", adviceSlowHandshake},
	wire.TimeoutResponse:  {noTime, "the server was reached and said nothing", "", adviceSlow},
	wire.TimeoutBody:      {noTime, "the answer began and did not end", "", adviceSlow},
}

// What may be behind the failures. The names in braces are those of [route].
var (
	adviceLookup = advise("Check {url} and this machine's DNS; {use a proxy}.",
		"{url, if set,} is mistyped, or this machine's name server does not know hosts outside")
	adviceLoopback = advise("Write 127.0.0.1 or [::1] into {url} if something on this machine is meant, and https if "+
		"another one is.",
		"{url} is plain http, which is for this machine alone, and the hosts file or the name server puts its host "+
			"elsewhere")
	adviceRefusal = advise("Check {url} and its port; {use a proxy}.",
		"nothing listens at {url}, or a firewall refuses the connection")
	adviceEnded = advise("Run it again; if it stays so, check what stands between here and {server}.",
		"the network, a proxy or a gateway on the way ended the connection")

	adviceExpired = advise("Have whoever runs the server renew its certificate, and check this machine's clock.",
		"the server at {url}, or a proxy that opens TLS on the way, has not renewed its certificate",
		"this machine's clock is ahead")
	adviceNotYetValid = advise("Check this machine's clock; if it is right, have whoever runs the server put the "+
		"right certificate in place.",
		"this machine's clock is behind",
		"the server's certificate was put in place before its time")
	adviceOtherHost = advise("Write the host into {url} as the certificate names it, if it is the right one; else "+
		"find out who answers.",
		"{url} names the server in another way than its certificate does, or leads to another server",
		"a login page or a proxy on the way answered in its place")
	adviceAuthority = advise("If the proxy or the authority is meant to be there, name its certificate in "+
		"ca_certificate_file; else find out who answers.",
		"a proxy that opens TLS stands between here and {server}, or the server at {url} has a certificate of an "+
			"authority of its own",
		"this machine has no list of authorities, as containers without ca-certificates have none")
	adviceHandshake = advise("Check the scheme and the port of {url}; the provider speaks TLS 1.2 and newer.",
		"{url} leads to a server or a port that does not speak HTTPS",
		"the server wants a TLS version or a client's certificate that this provider does not have")

	adviceCertificate = advise("Have whoever runs it issue a certificate with a subject alternative name and a "+
		"positive serial number.",
		"the server at {url}, or a proxy that opens TLS on the way, has a certificate of a kind that is no longer "+
			"accepted")
	adviceClientCertificate = advise("Have whoever runs it let this machine in without one, or point {url} to a "+
		"gateway that has it: this provider has no client's certificate to show.",
		"{url} leads to a server that only clients with a certificate may ask")
	adviceCut = advise("Run it again with GODEBUG=tlsmlkem=0 in the environment, which makes the handshake "+
		"smaller; if it stays so, check what stands between here and {server}.",
		bigHandshake, "the network, a proxy or a gateway on the way ended the connection")

	adviceProxyAddress = advise("{Check the proxy}.",
		"the host or the port in {proxy} is wrong, or the proxy is down")
	adviceProxyCredentials = advise("Write them into the proxy's URL, as in http://user:password@proxy.example:3128, "+
		"with any of : / @ % in them percent-encoded.",
		"{proxy} lacks the user name and password that the proxy wants, or they are wrong")
	adviceProxyForbids = advise("Have whoever runs the proxy allow it; or {avoid the proxy} where it can be reached "+
		"without a proxy.",
		"the proxy's rules do not let this machine connect to the host of {url}, or the user name and password in "+
			"the proxy's URL are wrong")
	adviceProxyOverloaded = advise("Run it again a little later; if it stays so, check {url}, and have whoever runs "+
		"the proxy see why it cannot reach the host.",
		"the proxy is overloaded, or cannot itself reach the host of {url}")
	adviceProxyTLS = advise("Write http:// where the proxy does not speak TLS; else name the certificate of its "+
		"authority in ca_certificate_file.",
		"the proxy's URL begins with https, and the proxy does not speak TLS or has a certificate that this "+
			"machine does not trust")
	adviceNotAProxy = advise("{Check the proxy}.",
		"the host or the port in {proxy} is not the proxy's, or the proxy is of another kind, such as SOCKS")

	adviceNotTheServer = advise("Check {url} and what stands between here and {server}.",
		"{url} does not lead to {server}")
	adviceCompression = advise("Check what stands between here and {server}.",
		"a proxy or a gateway on the way says that it compressed the answer, and did not or did it wrongly")

	adviceSlow = advise("Run it again; if it stays so, check the way to {url}, or allow more in {timeout}.",
		"{server} or the network is slow, or a firewall drops the packets silently")
	adviceSlowLookup = advise("Check this machine's DNS, and the host in {url} or in the proxy's URL; {use a proxy}.",
		"this machine's name server is slow or out of reach")
	adviceSlowConnection = advise("Check the way to {url}, or allow more in {timeout}; {use a proxy}.",
		"a firewall drops the packets silently, or {url} has the wrong port")
	adviceSlowProxy = advise("{Check the proxy}, or allow more in {timeout}.",
		"the host or the port in {proxy} is wrong, or the proxy is down or overloaded")
	adviceSlowHandshake = advise("Check the scheme and the port of {url} and what stands between here and {server}, "+
		"or allow more in {timeout}. With GODEBUG=tlsmlkem=0 in the environment the handshake is smaller.",
		"{url} leads to a port that does not speak TLS, or a firewall holds TLS up", bigHandshake)
)
