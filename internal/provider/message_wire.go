package provider

import (
	"fmt"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// failureMessage is about no answer at all.
func failureMessage(refused *wechat.Error) message {
	causes, remedy := causesOfFailure(refused.Failure)
	return message{
		reason: "no answer from WeChat",
		text:   refused.Failure.Error() + attempts(refused),
		causes: causes,
		remedy: remedy,
		quote:  fmt.Sprintf("Asked: %s at %s.", refused.Endpoint, refused.Host),
	}
}

// onlyThroughProxy is for machines that reach nothing outside by themselves.
const onlyThroughProxy = "where only a proxy reaches the outside, set proxy_url."

func causesOfFailure(failure *wire.Failure) (causes []string, remedy string) {
	switch failure.Kind {
	case wire.UnknownHost, wire.Unresolved:
		return []string{"base_url, where it is set, is mistyped, or this machine's name server does not know hosts outside"},
			"Check base_url and this machine's DNS; " + onlyThroughProxy
	case wire.Unreachable:
		return []string{"nothing listens at base_url, or a firewall refuses the connection"},
			"Check base_url and its port; " + onlyThroughProxy
	case wire.Certificate:
		return causesOfDistrust(failure.Cause)
	case wire.Handshake:
		return []string{"base_url leads to a server or a port that does not speak HTTPS", "the server wants a TLS version or a client's certificate that this provider does not have"},
			"Check the scheme and the port of base_url; the provider speaks TLS 1.2 and newer."
	case wire.Proxy:
		return causesOfProxy(failure.Cause)
	case wire.Timeout:
		return causesOfTimeout(failure.Cause)
	case wire.TooLarge, wire.NotHTTP:
		return []string{"base_url does not lead to WeChat"},
			"Check base_url and what stands between here and WeChat."
	case wire.NotLoopback:
		return []string{"base_url is plain http, which is for this machine alone, " +
				"and the hosts file or the name server puts its host elsewhere"},
			"Write 127.0.0.1 or [::1] into base_url if something on this machine is meant, and https if another one is."
	case wire.Corrupt:
		return []string{"a proxy or a gateway on the way says that it compressed the answer, and did not or did it wrongly"},
			"Check what stands between here and WeChat."
	default:
		return []string{"the network, a proxy or a gateway on the way ended the connection"},
			"Run it again; if it stays so, check what stands between here and WeChat."
	}
}

// causesOfDistrust is about TLS certificates.
func causesOfDistrust(cause wire.Cause) (causes []string, remedy string) {
	switch cause {
	case wire.Expired:
		return []string{"the server at base_url, or a proxy that opens TLS on the way, has not renewed its certificate", "this machine's clock is ahead"},
			"Have whoever runs the server renew its certificate, and check this machine's clock."
	case wire.NotYetValid:
		return []string{"this machine's clock is behind", "the server's certificate was put in place before its time"},
			"Check this machine's clock; if it is right, have whoever runs the server put the right certificate in place."
	case wire.OtherHost:
		return []string{"base_url names the server in another way than its certificate does, or leads to another server", "a login page or a proxy on the way answered in its place"},
			"Write the host into base_url as the certificate names it, if it is the right one; else find out who answers."
	default:
		return []string{
				"a proxy that opens TLS stands between here and WeChat, or the server at base_url has a certificate of an authority of its own",
				"this machine has no list of authorities, as containers without ca-certificates have none",
			},
			"If the proxy or the authority is meant to be there, name its certificate in ca_certificate_file; else find out who answers."
	}
}

// causesOfProxy is about proxies that make no connection.
func causesOfProxy(cause wire.Cause) (causes []string, remedy string) {
	const check = "Check proxy_url, or HTTPS_PROXY and NO_PROXY where it is not set."
	switch cause {
	case wire.WantsCredentials:
		return []string{"proxy_url or HTTPS_PROXY lacks the user name and password that the proxy wants, or they are wrong"},
			"Write them into the proxy's URL, as in http://user:password@proxy.example:3128, with any of : / @ % in them percent-encoded."
	case wire.Forbids:
		return []string{"the proxy's rules do not let this machine connect to the host of base_url, or the user name and password in the proxy's URL are wrong"},
			"Have whoever runs the proxy allow it; or name the host in NO_PROXY where it can be reached without a proxy."
	case wire.NoWayBeyondProxy:
		return []string{"the proxy is overloaded, or cannot itself reach the host of base_url"},
			"Run it again a little later; if it stays so, check base_url, and have whoever runs the proxy see why it cannot reach the host."
	case wire.UntrustedProxy:
		return []string{"the proxy's URL begins with https, and the proxy does not speak TLS or has a certificate that this machine does not trust"},
			"Write http:// where the proxy does not speak TLS; else name the certificate of its authority in ca_certificate_file."
	case wire.NoProxy:
		return []string{"the host or the port in proxy_url or HTTPS_PROXY is not the proxy's, or the proxy is of another kind, such as SOCKS"}, check
	default:
		return []string{"the host or the port in proxy_url or HTTPS_PROXY is wrong, or the proxy is down"}, check
	}
}

// causesOfTimeout is about attempts that took too long, by what they were at.
func causesOfTimeout(cause wire.Cause) (causes []string, remedy string) {
	const more = ", or allow more in request_timeout and timeouts.read."
	switch cause {
	case wire.LookingUp:
		return []string{"this machine's name server is slow or out of reach"},
			"Check this machine's DNS, and the host in base_url or in the proxy's URL; " + onlyThroughProxy
	case wire.AwaitingConnection:
		return []string{"a firewall drops the packets silently, or base_url has the wrong port"},
			"Check the way to base_url" + more + " W" + onlyThroughProxy[1:]
	case wire.AwaitingProxy:
		return []string{"the host or the port in proxy_url or HTTPS_PROXY is wrong, or the proxy is down or overloaded"},
			"Check proxy_url, or HTTPS_PROXY and NO_PROXY where it is not set" + more
	case wire.Negotiating:
		return []string{"base_url leads to a port that does not speak TLS, or a firewall holds TLS up"},
			"Check the scheme and the port of base_url and what stands between here and WeChat" + more
	default:
		return []string{"WeChat or the network is slow, or a firewall drops the packets silently"},
			"Run it again; if it stays so, check the way to base_url" + more
	}
}
