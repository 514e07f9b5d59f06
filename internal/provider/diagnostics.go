package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// notYetKnownError is a setting of the provider block whose value is known only after apply.
type notYetKnownError struct{ attribute string }

// Error implements error.
func (e *notYetKnownError) Error() string { return e.attribute + " is not known yet" }

// errNoTokenSource is a provider block, and an environment, without a word on where tokens come from.
var errNoTokenSource = errors.New("there is no token source")

// errOnlyComponent is a component, which answers questions about authorizers, and no token source beside it.
var errOnlyComponent = errors.New("there is a component and no token source beside it")

// errNoComponent is a question about authorizers without a component to ask.
var errNoComponent = errors.New("there is no component")

// errNamelessComponent is such a question with a component that nothing gives an appid to.
var errNamelessComponent = errors.New("the component that is to be asked has no appid")

// errNoComponentToken is such a question with a component that nothing gives an access token to.
var errNoComponentToken = errors.New("the component that is to be asked has no access token")

// subject is what a failed read was about.
type subject struct {
	// noun is what was read, such as "open account"; title names it in a sentence, with the account.
	noun, title string
	// account names the account in a sentence; appid is its appid, "" where the token alone says which.
	account, appid string
	// otherHost is the host that was asked where it is not WeChat's own.
	otherHost string
}

// aboutAccount is the subject of reading something of one account.
func (s *session) aboutAccount(noun, title, appid string) subject {
	named := appid
	if appid == "" {
		named = "the token's account"
	}
	return subject{noun: noun, title: title + " " + named, account: named, appid: appid, otherHost: s.otherHost}
}

// inWeChatsPlace names the host that was asked where it is not WeChat's own, as every diagnostic must.
func (s subject) inWeChatsPlace() string {
	if s.otherHost == "" {
		return ""
	}
	return fmt.Sprintf("\n\nNote that base_url, or %s, points to %s, not to WeChat.", envBaseURL, s.otherHost)
}

// explanation is a diagnostic in the making.
type explanation struct {
	// summary is short; one that begins with a colon goes on from "Open account not read".
	summary string
	// happened completes "The binding of … could not be read: …".
	happened string
	// causes are likely ones, the likeliest first.
	causes []string
	// remedy says who must do what.
	remedy string
	// said is what came back, where something did.
	said string
	// onAppID is set where the attribute appid is to blame.
	onAppID bool
}

// explain turns an error of a read into a diagnostic that says what happened, to which account, why that is likely, and
// what to do.
func explain(err error, about subject) diag.Diagnostic {
	found := explainError(err)
	var detail strings.Builder
	fmt.Fprintf(&detail, "%s could not be read: %s.", about.title, found.happened)
	detail.WriteString(found.advice())
	detail.WriteString(about.inWeChatsPlace())
	summary := about.summary(found)
	if found.onAppID && about.appid != "" {
		return diag.NewAttributeErrorDiagnostic(at(path.Root("appid"), about.appid), summary, detail.String())
	}
	return diag.NewErrorDiagnostic(summary, detail.String())
}

// summary puts the noun before a summary that goes on from it.
func (s subject) summary(found explanation) string {
	if !strings.HasPrefix(found.summary, ":") {
		return found.summary
	}
	return strings.ToUpper(s.noun[:1]) + s.noun[1:] + " not read" + found.summary
}

// advice is why it happened, what to do, and what came.
func (found explanation) advice() string {
	var detail strings.Builder
	switch len(found.causes) {
	case 0:
	case 1:
		fmt.Fprintf(&detail, "\n\nLikely cause: %s.", found.causes[0])
	default:
		detail.WriteString("\n\nLikely causes:")
		for number, cause := range found.causes {
			fmt.Fprintf(&detail, "\n%d. %s.", number+1, cause)
		}
	}
	if found.remedy != "" {
		fmt.Fprintf(&detail, "\n\nWhat to do: %s", found.remedy)
	}
	if found.said != "" {
		fmt.Fprintf(&detail, "\n\n%s", found.said)
	}
	return detail.String()
}

func explainError(err error) explanation {
	var (
		everybody *binding.EverybodysError
		rejected  *token.RejectedError
		component *binding.ComponentError
		permitted *binding.PermissionError
		other     *binding.OtherAccountError
		refused   *wechat.Error
		source    *token.Error
		unknown   *notYetKnownError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return explanation{
			summary:  "Reading was interrupted",
			happened: "the run was interrupted before an answer came",
		}
	case errors.As(err, &everybody):
		found := explainError(everybody.Err)
		if everybody.Accounts < 2 {
			return found
		}
		found.happened += fmt.Sprintf("; it was the same for %d accounts in a row, so this is not about any one of them, and no others are asked about", everybody.Accounts)
		found.onAppID = false
		return found
	case errors.As(err, &component):
		return explainComponent(component)
	case errors.As(err, &rejected):
		return explainRejection(rejected)
	case errors.As(err, &permitted):
		return explainPermission(permitted)
	case errors.As(err, &other):
		return explanation{
			summary: ": another account's token",
			happened: "the access token is that of " + other.Owner +
				", as WeChat says (cgi-bin/account/getaccountbasicinfo), and would have told of that account",
			causes: []string{
				"the token source hands out the token of another account, or one token for all, without {appid}",
				"the appid is mistyped",
			},
			remedy:  "Check that the token was issued for " + other.AppID + ", and that the appid is the authorizer's.",
			onAppID: true,
		}
	case errors.As(err, &refused) && refused.Failure != nil:
		return explainFailure(refused)
	case errors.As(err, &refused) && refused.Foreign != nil:
		return explainForeign(refused)
	case errors.As(err, &refused):
		return explainCode(refused)
	case errors.As(err, &source):
		return explanation{
			summary:  "No access token",
			happened: fmt.Sprintf("%s gives no access token for it: %s", source.Source.Setting, source.Problem),
			remedy:   source.Advice,
		}
	case errors.As(err, &unknown):
		return explanation{
			summary:  "Provider configuration not known yet",
			happened: fmt.Sprintf("the provider's %s will be known only after apply", unknown.attribute),
			causes:   []string{fmt.Sprintf("%s refers to something that this very run creates or changes", unknown.attribute)},
			remedy: "Refer to a value that is known during plan; or apply what the value comes from first (-target); " +
				"or put depends_on on this data source, so that it is read during apply, when the value is known.",
		}
	case errors.Is(err, token.ErrAppIDNeeded):
		return explanation{
			summary:  "appid needed",
			happened: "the provider has tokens for many accounts, and the data source does not say which one it asks about",
			remedy:   `Write appid = "wx…" into the data source.`,
		}
	case errors.Is(err, binding.ErrOneAccount):
		return explanation{
			summary:  "One token for many accounts",
			happened: "the provider's token source has the token of one account, and several accounts are asked about",
			remedy:   "Use a source that has a token for each account: access_tokens, a path or an address with {appid} in it, or exec.",
		}
	case errors.Is(err, binding.ErrNotBegun):
		return explanation{
			summary:  "Accounts not read",
			happened: "timeouts.read was over before its turn came",
			remedy: "See what held the others up, where they failed too; else give the data source more time in " +
				"timeouts.read, or allow more in max_concurrent_requests.",
		}
	case errors.Is(err, errNoTokenSource):
		return explanation{
			summary:  "No access token",
			happened: "the provider was not told where access tokens come from",
			remedy:   waysToGiveTokens,
		}
	case errors.Is(err, errNoComponent):
		return explanation{
			summary:  "No component",
			happened: "it is the third-party platform that is asked, and the provider was not told which one",
			remedy: "Write component = { appid = … } into the provider block, with the component access token of the platform in access_token; " +
				"or component = {} where " + envComponentAppID + " and " + envComponentAccessToken + " are set, which count only beside a written component.",
		}
	case errors.Is(err, errNamelessComponent):
		return explanation{
			summary:  "No component",
			happened: "the provider's component has no appid, so that nothing says which third-party platform to ask",
			remedy:   "Set " + envComponentAppID + " beside " + envComponentAccessToken + ", or write appid into component.",
		}
	case errors.Is(err, errNoComponentToken):
		return explanation{
			summary: "No component access token",
			happened: "it is the third-party platform that is asked, " +
				"and the provider's component has an appid and no access token",
			remedy: "Give component.access_token: the one that whatever runs the platform uses now. " +
				envComponentAccessToken + " counts where component.appid is left out, or is the one in " +
				envComponentAppID + ".",
		}
	case errors.Is(err, errOnlyComponent):
		return explanation{
			summary: "No access token",
			happened: "the provider has a component but no token source; " +
				"a component answers questions about authorizers, and hands out no access token of theirs",
			remedy: waysToGiveTokens,
		}
	case errors.Is(err, context.DeadlineExceeded):
		return explanation{
			summary:  "No access token in time",
			happened: "the token source did not answer in time",
			remedy:   "See what holds the token source up, or give the data source more time in timeouts.read.",
		}
	default:
		return explanation{summary: "Reading failed", happened: wire.Redact(err.Error())}
	}
}

// waysToGiveTokens lists the token sources.
const waysToGiveTokens = "Set the environment variable " + envAccessToken + " to an authorizer access token, which serves one account, or " + envAccessTokenFile +
	` to the path of a file that holds one ("{appid}" in it is replaced); ` +
	"or write access_token, access_tokens, access_token_file, exec or token_endpoint into the provider block."

// causesOf lists, for the codes that people meet, what is behind them, the likeliest first.
var causesOf = map[int][]string{
	wechat.CodeInvalidAppID: {
		"the access token belongs to another account than this appid: WeChat answers about the token's own account only",
		"the appid is mistyped",
	},
	wechat.CodeUnauthorized: {
		"the account has not granted this platform the permission set for managing open platform accounts, which is 24 for an official account " +
			"and 25 for a mini program; what counts is func_info of api_get_authorizer_info and not what was ticked on the consent page",
		"another third-party platform holds that set, which only one may hold",
		"the token is not an authorizer access token: a component access token, and a token made from the account's own appid and secret, are refused like this",
		"the token belongs to another account than this appid",
	},
	wechat.CodeNotAuthorized: {
		"the account's owner has withdrawn the authorization",
		"the account has authorized another third-party platform than the one the token comes from",
	},
	wechat.CodeDailyQuota: {
		"calls of a third-party platform spend the account's own quota, and everything that uses this account shares it",
	},
	wechat.CodeMinuteQuota: {
		"calls of a third-party platform spend the account's own quota, and everything that uses this account shares it",
	},
	wechat.CodeCallerIP: {
		"this machine leaves through an address that the third-party platform's IP allow-list does not have",
	},
	wechat.CodeCallerIPSecret: {
		"this machine leaves through an address that the account's own IP allow-list does not have",
	},
	wechat.CodeSystemBusy: {
		"WeChat has a passing fault",
	},
}

// causesFor lists what is likely behind a refusal. Which permission sets are needed depends on what was asked.
func causesFor(refused *wechat.Error) []string {
	causes := causesOf[refused.Code]
	if refused.Code != wechat.CodeUnauthorized && refused.Code != wechat.CodeNotGranted {
		return causes
	}
	sets, others := causesOf[wechat.CodeUnauthorized][:2], causesOf[wechat.CodeUnauthorized][2:]
	if refused.Endpoint != wechat.PathOpenGet {
		sets = []string{
			"the account has not granted this platform permission set 3 (official account) or 30 (mini program)",
		}
	}
	if refused.Code == wechat.CodeNotGranted {
		return sets
	}
	return slices.Concat(sets, others)
}

func explainCode(refused *wechat.Error) explanation {
	known := wechat.Codes[refused.Code]
	found := explanation{
		summary:  fmt.Sprintf(": WeChat error %d", refused.Code),
		happened: known.Meaning,
		causes:   causesFor(refused),
		remedy:   known.Remedy,
		said:     said(refused),
		onAppID:  refused.Code == wechat.CodeInvalidAppID,
	}
	if known.Meaning == "" {
		found.happened = "WeChat refused with a code that this provider does not know"
		found.remedy = "Look the code up in WeChat's list of return codes."
	}
	refusal := refused.Code == wechat.CodeUnauthorized || refused.Code == wechat.CodeNotGranted
	if refusal && strings.HasPrefix(refused.Endpoint, "cgi-bin/component/") {
		// No account's permission set counts there.
		found.happened = "this API is not permitted with the access token that was sent; it takes the component's own"
		found.causes = []string{
			"an authorizer's access token was given in the component's place, or another platform's component access token",
		}
		found.remedy = "Give the component access token that whatever runs the platform uses now. " +
			"No account's owner has to grant anything for this."
	}
	if refused.CallerIP != "" {
		found.happened += ": WeChat saw the request come from " + refused.CallerIP
	}
	found.happened += attempts(refused)
	return found
}

// said repeats WeChat's own words.
func said(refused *wechat.Error) string {
	text := fmt.Sprintf("WeChat said: errcode %d", refused.Code)
	if refused.Text != "" {
		text += fmt.Sprintf(", %q", refused.Text)
	}
	if refused.RID != "" {
		text += ", rid " + refused.RID
	}
	return fmt.Sprintf("%s (%s).", text, refused.Endpoint)
}

// attempts says how often it was tried and why not once more, where what came is worth another attempt.
func attempts(refused *wechat.Error) string {
	passing := refused.Class == wechat.ClassTransient || refused.Code == wechat.CodeMinuteQuota ||
		refused.Failure != nil && refused.Failure.Retryable()
	switch {
	case !passing || refused.Attempts == 0:
		return ""
	case refused.OutOfTime && refused.Attempts == 1:
		return ", and timeouts.read left no time for another attempt"
	case refused.OutOfTime:
		return fmt.Sprintf(", and timeouts.read left no time for another attempt after %d", refused.Attempts)
	case refused.Attempts > 1:
		return fmt.Sprintf(", after %d attempts", refused.Attempts)
	default:
		return ""
	}
}

// explainRejection is about a token that WeChat refused and that could not be replaced.
func explainRejection(rejected *token.RejectedError) explanation {
	found := explainCode(rejected.Refusal)
	setting := rejected.Source.Setting
	switch {
	case rejected.Renewed:
		found.happened = fmt.Sprintf("WeChat refused the access token from %s (%s), and then the newer one that %s gave in its place",
			setting, known(rejected.Refusal), setting)
		found.causes = []string{
			"another process refreshes the account's token at the same time, and each refresh ends the token before it",
			"the tokens there are another account's, or not authorizer access tokens",
		}
		found.remedy = "Let one program alone refresh the account's token, and take the token from it."
	case rejected.RenewalError != nil:
		found.happened = fmt.Sprintf("WeChat refused the access token from %s (%s), and there was no other: %s",
			setting, known(rejected.Refusal), explainError(rejected.RenewalError).happened)
		found.causes = []string{"the token has expired or was replaced, and whatever hands out tokens has a fault"}
		found.remedy = explainError(rejected.RenewalError).remedy
	case rejected.Source.Static:
		found.happened = fmt.Sprintf("WeChat refused the access token given in %s: %s", setting, known(rejected.Refusal))
		found.causes = []string{
			"the token has expired; one lives for two hours",
			"the platform has refreshed the account's token since, which ends the one before within minutes",
			"the token was not copied whole, or is not an authorizer access token",
		}
		found.remedy = fmt.Sprintf("Give a fresh token in %s; or use a source that always has the latest, such as access_token_file.", setting)
	default:
		found.happened = fmt.Sprintf("WeChat refused the access token from %s (%s), and %s still has the same one",
			setting, known(rejected.Refusal), setting)
		found.causes = []string{
			"whatever keeps the token there has stopped refreshing it",
			"another process refreshes the account's token, which ends the one that is kept there",
		}
		found.remedy = "See why the token there is stale, and let one program alone refresh the account's token."
	}
	return found
}

func known(refused *wechat.Error) string {
	if meaning := wechat.Codes[refused.Code].Meaning; meaning != "" {
		return meaning
	}
	return "for a reason that this provider does not know"
}

// explainForeign is about an answer that is not WeChat's.
func explainForeign(refused *wechat.Error) explanation {
	found := explanation{
		summary:  ": the answer is not WeChat's",
		happened: fmt.Sprintf("the answer %s%s, and so is not WeChat's", refused.Foreign.Problem, attempts(refused)),
		causes: []string{
			"base_url does not lead to WeChat, or has the wrong path",
			"a proxy, a gateway or a login page on the way answered in WeChat's place",
		},
		remedy: "Check base_url and proxy_url, and what stands between here and WeChat.",
		said:   fmt.Sprintf("What came: %s (%s).", refused.Foreign, refused.Endpoint),
	}
	if refused.Class == wechat.ClassTransient {
		found.happened = fmt.Sprintf("no usable answer came: the answer %s%s", refused.Foreign.Problem, attempts(refused))
		found.causes = []string{
			"WeChat, or a gateway before it, has a passing fault",
			"base_url or a proxy leads to something that is not WeChat",
		}
		found.remedy = "Run it again a little later; if it stays so, check base_url and proxy_url."
		if refused.RetryAfter > 0 {
			found.said += fmt.Sprintf(" It asks for a wait of %s (Retry-After).", refused.RetryAfter.Round(time.Second))
		}
	}
	return found
}

// explainFailure is about no answer at all.
func explainFailure(refused *wechat.Error) explanation {
	causes, remedy := causesOfFailure(refused.Failure)
	return explanation{
		summary:  ": no answer from WeChat",
		happened: refused.Failure.Error() + attempts(refused),
		causes:   causes,
		remedy:   remedy,
		said:     fmt.Sprintf("Asked: %s at %s.", refused.Endpoint, refused.Host),
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

// explainPermission is about 48001 where the component could be asked what the account has granted.
func explainPermission(refused *binding.PermissionError) explanation {
	found := explainCode(refused.Refusal)
	if refused.Facts == nil {
		found.said += "\n\nWhat the account has granted was asked for and could not be read: " + explainError(refused.FactsError).happened + "."
		return found
	}
	account := "; the account is " + namesOfKinds[refused.Facts.Kind]
	set := fmt.Sprintf("the platform permission set %d, which is the one that is needed", refused.Facts.OpenPermissionSet())
	granted, known := refused.Facts.GrantsOpen()
	switch {
	case refused.Facts.Kind == wechat.KindUnknown:
		found.happened += "; what kind of account it is, WeChat did not say when it was asked"
	case refused.Facts.OpenPermissionSet() == 0:
		found.happened += account + ", and WeChat documents this call for official accounts and mini programs alone"
		found.causes = []string{
			"WeChat does not answer this question about such an account, whatever its owner grants",
		}
		found.remedy = "See in WeChat's own console for this account what it is bound to, and leave it out here."
	case refused.Facts.PermissionSets == nil:
		found.happened += account + ", and whether it has granted " + set +
			", could not be found out: WeChat did not tell what is granted"
	case !known:
		found.happened += account + ", and whether it has granted " + set +
			", could not be found out: WeChat's list of what is granted is empty, which may not mean that nothing is"
	case granted:
		found.happened += account + " and has granted " + set
		found.causes = []string{
			"the token is not this platform's authorizer access token for this account: it is another platform's, a component access token, " +
				"or one made from the account's own appid and secret",
			"the token is older than the permission",
		}
		found.remedy = "Check where the token comes from; it must be the authorizer_access_token of this account and this platform."
	default:
		found.happened += account + " and has not granted " + set + " (granted are: " + numbers(refused.Facts.PermissionSets) + ")"
		found.causes = []string{
			"the account's owner did not grant the set",
			"another third-party platform holds the set, which only one may hold",
		}
		found.remedy = fmt.Sprintf("Have the account's owner authorize the platform again with permission set %d; "+
			"where another platform holds it, take the token from that platform.", refused.Facts.OpenPermissionSet())
	}
	return found
}

// namesOfKinds names kinds of account in a sentence.
var namesOfKinds = map[wechat.Kind]string{
	wechat.KindOfficialAccount: "an official account",
	wechat.KindMiniProgram:     "a mini program",
	wechat.KindChannels:        "a Channels account (视频号)",
	wechat.KindStore:           "a store (微信小店)",
	wechat.KindTalent:          "a talent account (带货助手)",
	wechat.KindSupplier:        "a supplier account",
}

func numbers(of []int) string {
	written := make([]string, 0, len(of))
	for _, number := range of {
		written = append(written, strconv.Itoa(number))
	}
	return strings.Join(written, ", ")
}

// explainComponent is about a question to the component that WeChat refused.
func explainComponent(refused *binding.ComponentError) explanation {
	var found explanation
	switch {
	case refused.Refusal.Failure != nil:
		found = explainFailure(refused.Refusal)
	case refused.Refusal.Foreign != nil:
		found = explainForeign(refused.Refusal)
	default:
		found = explainCode(refused.Refusal)
		if causes := componentCausesOf[refused.Refusal.Code]; causes != nil {
			found.causes = causes
		}
	}
	found.onAppID = false
	if refused.Rejected != nil {
		found.happened = fmt.Sprintf("WeChat refused the component's own access token, given in %s: %s",
			refused.Rejected.Source.Setting, known(refused.Refusal))
		found.causes = []string{
			"the component access token has expired; one lives for two hours",
			"the platform has a newer one, which ends the one before within minutes",
			"an authorizer's access token was given in the component's place",
		}
		found.remedy = "Give the component access token that whatever runs the platform uses now."
	}
	return found
}

// componentCausesOf lists, for the codes that people meet while the component is asked, what is behind them.
var componentCausesOf = map[int][]string{
	wechat.CodeInvalidAppID: {"component.appid or the account's appid is mistyped"},
	61011:                   {"component.appid is not a third-party platform's: an authorizer's appid may stand in its place"},
}
