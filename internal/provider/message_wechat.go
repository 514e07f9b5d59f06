package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// wechatMessage is about a call that brought no result.
func wechatMessage(refused *wechat.Error) message {
	switch {
	case refused.Failure != nil:
		return noAnswerMessage(refused)
	case refused.Unexpected != nil:
		return unexpectedResponseMessage(refused)
	default:
		return codeMessage(refused)
	}
}

// codeMessage is about WeChat's refusal. Its texts are those of codes.csv, in whose place stand those of messages.csv
// for whose token was sent, and then those for the endpoint. Of 48001, permissionMessage may know more still.
func codeMessage(refused *wechat.Error) message {
	caller := "account"
	if refused.OfComponent() {
		caller = "component"
	}
	number := strconv.Itoa(refused.Code)
	m := message{
		reason:  fmt.Sprintf("WeChat error %d", refused.Code),
		quote:   quoteOf(refused),
		onAppID: refused.Code == wechat.CodeInvalidAppID && !refused.OfComponent(), // whose attribute is another one
	}.with("code", "unknown").fill(codes[number]).with(caller, number).with(refused.Endpoint, number)
	if refused.CallerIP != "" {
		m.text += ": WeChat saw the request come from " + refused.CallerIP
	}
	m.text += attempts(refused)
	return m
}

// permissionMessage is about 48001 where the component could be asked what the account has granted.
func permissionMessage(denied *binding.PermissionError) message {
	m := codeMessage(denied.Err)
	authorizer := denied.Authorizer
	if authorizer == nil {
		m.quote += "\n\nWhat the account has granted was asked for and could not be read: " +
			messageFor(denied.AuthorizerErr).text + "."
		return m
	}
	needed := authorizer.OpenPermissionSet()
	granted, known := authorizer.GrantsOpen()
	row := "not granted"
	switch {
	case authorizer.Kind == wechat.KindUnknown:
		row = "unknown kind"
	case needed == 0:
		row = "undocumented kind"
	case authorizer.PermissionSets == nil:
		row = "sets not told"
	case !known:
		row = "no sets"
	case granted:
		row = "granted"
	}
	sets := strings.Trim(strings.ReplaceAll(fmt.Sprint(authorizer.PermissionSets), " ", ", "), "[]")
	return m.with("permission", row, "{refusal}", m.text, "{set}", strconv.Itoa(needed), "{granted}", sets,
		"{kind}", templates[templateKey{"kind", string(authorizer.Kind)}].text)
}

// quoteOf repeats WeChat's own words.
func quoteOf(refused *wechat.Error) string {
	quote := fmt.Sprintf("WeChat said: errcode %d", refused.Code)
	if refused.Text != "" {
		quote += fmt.Sprintf(", %q", refused.Text)
	}
	if refused.RID == "" {
		return fmt.Sprintf("%s (%s).", quote, refused.Endpoint)
	}
	return fmt.Sprintf("%s, rid %s (%s). For seven days the rid can be looked up at %s.",
		quote, refused.RID, refused.Endpoint, ridLookup)
}

// ridLookup is the page of WeChat's that says what it saw of a request, for whoever signs in for the platform or
// account.
const ridLookup = "https://developers.weixin.qq.com/console/devtools/debug?tab=errorDiag"

// oneTokenMessage is about 40013 where the source has one token, whatever the appid.
func oneTokenMessage(refused *binding.OneTokenError) message {
	row := "one token refused"
	if refused.Source.Static {
		row = "one static token refused"
	}
	return codeMessage(refused.Err).with("read", row, "{source}", refused.Source.Setting)
}

// attempts says how often it was tried and why not once more, where another attempt may help.
func attempts(refused *wechat.Error) string {
	switch {
	case !refused.Retryable() || refused.Attempts == 0:
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

// unexpectedResponseMessage is about an answer that is not WeChat's.
func unexpectedResponseMessage(refused *wechat.Error) message {
	response := refused.Unexpected
	encoding := strconv.Quote(response.Encoding)
	problem := message{}.with("response problem", string(response.Problem), "{encoding}", encoding)
	m := message{
		reason: "the answer is not WeChat's",
		quote:  fmt.Sprintf("What came: %s (%s).", responseText(response), refused.Endpoint),
	}
	if response.Retryable && refused.RetryAfter > 0 {
		m.quote += fmt.Sprintf(" It asks for a wait of %s (Retry-After).", refused.RetryAfter.Round(time.Second))
	}
	row := "not WeChat's"
	if response.Retryable {
		row = "unusable"
	}
	return m.with("unexpected response", row, "{problem}", problem.text+attempts(refused))
}

func responseText(response *wechat.UnexpectedResponse) string {
	text := fmt.Sprintf("status %d, %d bytes", response.Status, response.Size)
	if response.ContentType != "" {
		text += " of " + response.ContentType
	}
	if response.Excerpt != "" {
		text += ", beginning with: " + response.Excerpt
	}
	return text
}
