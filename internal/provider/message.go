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
		everybody *binding.SharedError
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
	case errors.As(err, &refused) && refused.Unexpected != nil:
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
