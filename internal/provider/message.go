package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// target is what a failed read was about.
type target struct {
	noun    string // what was read, as a summary begins: "Open account"
	title   string // in a sentence: "The binding of wx…"
	account string // in a sentence: "wx…", or "the token's account"
	appid   string // "" where the token alone says which account it is
	host    string // asked in WeChat's place; "" where WeChat itself was
}

// hostNote names the host that was asked where it is not WeChat's own, as every diagnostic of a read must.
func (t target) hostNote() string {
	if t.host == "" {
		return ""
	}
	return fmt.Sprintf("\n\nNote that base_url, or %s, points to %s, not to WeChat.", envBaseURL, t.host)
}

// message is a diagnostic in the making.
type message struct {
	// summary is the whole summary, or reason what follows "Open account not read: ".
	summary, reason string
	// text completes the sentence "The binding of … could not be read: …".
	text string
	// causes are likely ones, the likeliest first.
	causes []string
	// remedy says who must do what.
	remedy string
	// quote is what came back, where something did.
	quote string
	// onAppID is set where the attribute appid is to blame.
	onAppID bool
}

// diagnose turns an error of a read into a diagnostic.
func diagnose(err error, t target) diag.Diagnostic {
	m := messageFor(err)
	summary := m.summary
	if m.reason != "" {
		summary = t.noun + " not read: " + m.reason
	}
	detail := fmt.Sprintf("%s could not be read: %s.%s%s", t.title, m.text, m.advice(), t.hostNote())
	if m.onAppID && t.appid != "" {
		return diag.NewAttributeErrorDiagnostic(at(path.Root("appid"), t.appid), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// advice is why it happened, what to do, and what came.
func (m message) advice() string {
	var detail strings.Builder
	switch len(m.causes) {
	case 0:
	case 1:
		fmt.Fprintf(&detail, "\n\nLikely cause: %s.", m.causes[0])
	default:
		detail.WriteString("\n\nLikely causes:")
		for number, cause := range m.causes {
			fmt.Fprintf(&detail, "\n%d. %s.", number+1, cause)
		}
	}
	if m.remedy != "" {
		fmt.Fprintf(&detail, "\n\nWhat to do: %s", m.remedy)
	}
	if m.quote != "" {
		fmt.Fprintf(&detail, "\n\n%s", m.quote)
	}
	return detail.String()
}

// messageFor says in words what an error of a read means. The outermost error that has words of its own decides.
func messageFor(err error) message {
	var (
		config   *configError
		shared   *binding.SharedError
		rejected *token.RejectedError
		denied   *binding.PermissionError
		oneToken *binding.OneTokenError
		other    *binding.OtherAccountError
		refused  *wechat.Error
		source   *token.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return message{summary: "Reading was interrupted", text: "the run was interrupted before an answer came"}
	case errors.As(err, &shared):
		return sharedMessage(shared)
	case errors.As(err, &config):
		return config.message
	case errors.As(err, &refused) && refused.OfComponent():
		return componentMessage(err, refused)
	case errors.As(err, &rejected):
		return rejectionMessage(rejected)
	case errors.As(err, &denied):
		return permissionMessage(denied)
	case errors.As(err, &oneToken):
		return oneTokenMessage(oneToken)
	case errors.As(err, &other):
		return otherAccountMessage(other)
	case errors.As(err, &refused):
		return wechatMessage(refused)
	case errors.As(err, &source):
		return sourceMessage(source)
	case errors.Is(err, token.ErrAppIDNeeded):
		return message{
			summary: "appid needed",
			text: "the provider has tokens for many accounts, and the data source does not say which one it asks " +
				"about",
			remedy: `Write appid = "wx…" into the data source.`,
		}
	case errors.Is(err, binding.ErrOneAccount):
		return message{
			summary: "One token for many accounts",
			text:    "the provider's token source has the token of one account, and several accounts are asked about",
			remedy: "Use a source that has a token for each account: access_tokens, access_tokens_file, a path or an " +
				"address with {appid} in it, exec, or token_endpoint with batch = true.",
		}
	case errors.Is(err, binding.ErrNotBegun):
		return message{
			summary: "Accounts not read",
			text:    "timeouts.read was over before its turn came",
			remedy: "See what held the others up, where they failed too; else give the data source more time in " +
				"timeouts.read, or allow more in max_concurrent_requests.",
		}
	default:
		return message{summary: "Reading failed", text: wire.Redact(err.Error())}
	}
}

// sharedMessage is about a failure that every account would meet.
func sharedMessage(shared *binding.SharedError) message {
	m := messageFor(shared.Err)
	if shared.Accounts < 2 {
		return m
	}
	m.onAppID = false
	if source, ok := errors.AsType[*token.Error](shared.Err); ok && source.Source.Batch {
		m.text += "; it is asked once, for all accounts"
		return m
	}
	m.text += fmt.Sprintf("; it was the same for %d accounts in a row, so this is not about any one of them, "+
		"and no others are asked about", shared.Accounts)
	return m
}

// otherAccountMessage is about a token of another account than the one that was asked about.
func otherAccountMessage(other *binding.OtherAccountError) message {
	return message{
		reason: "another account's token",
		text: "the access token is that of " + other.Owner +
			", as WeChat says (cgi-bin/account/getaccountbasicinfo), and would have told of that account",
		causes: []string{
			"the token source hands out the token of another account, or one token for all, without {appid}",
			"the appid is mistyped",
		},
		remedy:  "Check that the token was issued for " + other.AppID + ", and that the appid is the authorizer's.",
		onAppID: true,
	}
}

// configError is a provider configuration that nothing can be read with. It is no error before something is read.
type configError struct{ message }

// Error implements error.
func (e *configError) Error() string { return e.text }

func notYetKnown(attribute string) error {
	return &configError{message{
		summary: "Provider configuration not known yet",
		text:    fmt.Sprintf("the provider's %s will be known only after apply", attribute),
		causes:  []string{attribute + " refers to something that this very run creates or changes"},
		remedy: "Refer to a value that is known during plan; or apply what the value comes from first (-target); " +
			"or put depends_on on this data source, so that it is read during apply, when the value is known.",
	}}
}

// waysToGiveTokens lists the token sources.
const waysToGiveTokens = "Set the environment variable " + envAccessToken + " to an authorizer access token, " +
	"which serves one account, or " + envAccessTokenFile + ` to the path of a file that holds one ("{appid}" in it ` +
	"is replaced), or " + envAccessTokensFile + " to that of a JSON file with those of all accounts; or write " +
	"access_token, access_tokens, access_token_file, access_tokens_file, exec or token_endpoint into the " +
	"provider block."

// orAlias is for configurations in which each provider block has an alias: the engine then adds one with nothing in it.
const orAlias = " Or is provider = wechat.… missing here, the alias of a provider block?"

var (
	errNoTokenSource = &configError{message{
		summary: "No access token",
		text:    "the provider was not told where access tokens come from",
		remedy:  waysToGiveTokens + orAlias,
	}}
	errOnlyComponent = &configError{message{
		summary: "No access token",
		text: "the provider has a component but no token source; a component answers questions about authorizers, " +
			"and hands out no access token of theirs",
		remedy: waysToGiveTokens,
	}}
	errNoComponent = &configError{message{
		summary: "No component",
		text:    "it is the third-party platform that is asked, and the provider was not told which one",
		remedy: "Write component = { appid = … } into the provider block, with the component access token of the " +
			"platform in access_token; or component = {} where " + envComponentAppID + " and " +
			envComponentAccessToken + " are set, which count only beside a written component." + orAlias,
	}}
	errComponentWithoutAppID = &configError{message{
		summary: "No component",
		text:    "the provider's component has no appid, so that nothing says which third-party platform to ask",
		remedy:  "Set " + envComponentAppID + " beside " + envComponentAccessToken + ", or write appid into component.",
	}}
	errComponentWithoutToken = &configError{message{
		summary: "No component access token",
		text: "it is the third-party platform that is asked, and the provider's component has an appid and no access " +
			"token",
		remedy: "Give component.access_token: the one that whatever runs the platform uses now. " +
			envComponentAccessToken + " counts where component.appid is left out, or is the one in " +
			envComponentAppID + ".",
	}}
)
