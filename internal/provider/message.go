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
		return diag.NewAttributeErrorDiagnostic(safePath(path.Root("appid"), t.appid), summary, detail)
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
	case errors.As(err, &rejected):
		return rejectionMessage(rejected)
	case errors.As(err, &denied):
		return permissionMessage(denied)
	case errors.As(err, &oneToken):
		return oneTokenMessage(oneToken)
	case errors.As(err, &other):
		return message{reason: "another account's token", onAppID: true}.with(
			"read", "another account's token", "{account}", other.AppID, "{owner}", other.Owner)
	case errors.As(err, &refused):
		return wechatMessage(refused)
	case errors.As(err, &source):
		return sourceMessage(source)
	case errors.Is(err, token.ErrAppIDNeeded):
		return message{}.with("read", "appid needed")
	case errors.Is(err, binding.ErrOneAccount):
		return message{}.with("read", "one token for many")
	case errors.Is(err, binding.ErrNotBegun):
		return message{}.with("read", "not begun")
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

// configError is a provider configuration that nothing can be read with. It is no error before something is read.
type configError struct{ message }

// Error implements error.
func (e *configError) Error() string { return e.text }

func notYetKnown(attribute string) error {
	return &configError{message{}.with("provider", "not known yet", "{attribute}", attribute)}
}

// Two of them ask whether an alias is missing: where each provider block has one, the engine adds an empty block.
var (
	errNoTokenSource         = &configError{message{}.with("provider", "no token source")}
	errComponentAlone        = &configError{message{}.with("provider", "component alone")}
	errNoComponent           = &configError{message{}.with("provider", "no component")}
	errComponentWithoutAppID = &configError{message{}.with("provider", "component without appid")}
	errComponentWithoutToken = &configError{message{}.with("provider", "component without token")}
)
