package provider

import (
	"fmt"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// wechatMessage is about a call that brought no result.
func wechatMessage(refused *wechat.Error) message {
	switch {
	case refused.Failure != nil:
		return failureMessage(refused)
	case refused.Unexpected != nil:
		return unexpectedResponseMessage(refused)
	default:
		return codeMessage(refused)
	}
}

// codeMessage is about WeChat's refusal.
func codeMessage(refused *wechat.Error) message {
	code, isKnown := codes[refused.Code]
	if !isKnown {
		code.Meaning = "WeChat refused with a code that this provider does not know"
		code.Remedy = "Look the code up in WeChat's list of return codes."
	}
	m := message{
		reason:  fmt.Sprintf("WeChat error %d", refused.Code),
		text:    code.Meaning,
		causes:  code.Causes,
		remedy:  code.Remedy,
		quote:   quoteOf(refused),
		onAppID: refused.Code == wechat.CodeInvalidAppID,
	}
	if refused.Code == wechat.CodeUnauthorized || refused.Code == wechat.CodeNotGranted {
		m.causes = permissionCauses(refused)
		if refused.OfComponent() {
			// No account's permission set counts there.
			m.text = "this API is not permitted with the access token that was sent; it takes the component's own"
			m.causes = []string{"an authorizer's access token was given in the component's place, " +
				"or another platform's component access token"}
			m.remedy = "Give the component access token that whatever runs the platform uses now. " +
				"No account's owner has to grant anything for this."
		}
	}
	if refused.CallerIP != "" {
		m.text += ": WeChat saw the request come from " + refused.CallerIP
	}
	m.text += attempts(refused)
	return m
}

// permissionCauses are those of 48001 and 61007, in the order in which to look. Which permission set is needed depends
// on what was asked.
func permissionCauses(refused *wechat.Error) []string {
	isOpenGet := refused.Endpoint == wechat.PathOpenGet
	set := "permission set 3 (official account) or 30 (mini program)"
	if isOpenGet {
		set = "the permission set 开放平台账号管理, which is 24 for an official account and 25 for a mini program"
	}
	causes := []string{
		"the platform does not offer " + set + ": it is chosen in " + permissionSetConsole +
			", counts there at once, and has to be granted by accounts that are authorized already, which scan again",
		"the account's owner did not grant it: what counts is func_info of api_get_authorizer_info, " +
			"and not what was ticked on the consent page",
	}
	if isOpenGet {
		causes = append(causes, "another third-party platform holds that set, which only one may hold")
	}
	if refused.Code == wechat.CodeUnauthorized {
		causes = append(causes, "the token is of the wrong kind or of another account: a component access token, "+
			"and a token made from the account's own appid and secret, are refused like this")
	}
	return causes
}

// known is what the code of a rejected access token means.
func known(refused *wechat.Error) string { return codes[refused.Code].Meaning }

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
	m := codeMessage(refused.Err)
	setting := refused.Source.Setting
	cause := setting + " has no {appid} in it, so that every account gets the same token, and it is another account's"
	m.remedy = "Write {appid} into " + setting + " where each account's appid belongs, or check whose token comes."
	if refused.Source.Static {
		cause = setting + " gives every account the same token, and it is another account's"
		m.remedy = "Check whose token it is; for several accounts use access_tokens, or a path or URL with {appid} " +
			"in it, or exec."
	}
	m.causes = []string{cause, "the appid is mistyped"}
	return m
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

// problemTexts complete the sentence "the answer …".
var problemTexts = map[wechat.Problem]string{
	wechat.ProblemEmpty:          "is empty",
	wechat.ProblemCutOff:         "ends in the middle of its JSON",
	wechat.ProblemNotJSON:        "is no JSON object",
	wechat.ProblemUTF16:          "is written in UTF-16, which JSON is not",
	wechat.ProblemEncoding:       "is encoded in a way that was not asked for",
	wechat.ProblemTrailingData:   "goes on behind its JSON object",
	wechat.ProblemDuplicate:      "has the same name twice, with different values",
	wechat.ProblemMissing:        "holds neither what was asked for nor an error code",
	wechat.ProblemOtherAccount:   "is about another account than the one that was asked about",
	wechat.ProblemUnboundAndOpen: "says that the account is bound to none (89002), and names an open platform account",
	wechat.ProblemEndlessList:    "is a list without end",
	wechat.ProblemProxyAuth:      "is of a proxy on the way, which asks for credentials",
	wechat.ProblemRedirect:       "redirects to another address, and redirects are not followed",
}

// unexpectedResponseMessage is about an answer that is not WeChat's.
func unexpectedResponseMessage(refused *wechat.Error) message {
	response := refused.Unexpected
	problem := problemTexts[response.Problem]
	if response.Problem == wechat.ProblemEncoding {
		problem += fmt.Sprintf(" (%q)", response.Encoding)
	}
	problem += attempts(refused)
	m := message{
		reason: "the answer is not WeChat's",
		text:   fmt.Sprintf("the answer %s, and so is not WeChat's", problem),
		causes: []string{
			"base_url does not lead to WeChat, or has the wrong path",
			"a proxy, a gateway or a login page on the way answered in WeChat's place",
		},
		remedy: "Check base_url and proxy_url, and what stands between here and WeChat.",
		quote:  fmt.Sprintf("What came: %s (%s).", responseText(response), refused.Endpoint),
	}
	if response.Retryable {
		m.text = "no usable answer came: the answer " + problem
		m.causes = []string{
			"WeChat, or a gateway before it, has a passing fault",
			"base_url or a proxy leads to something that is not WeChat",
		}
		m.remedy = "Run it again a little later; if it stays so, check base_url and proxy_url."
		if refused.RetryAfter > 0 {
			m.quote += fmt.Sprintf(" It asks for a wait of %s (Retry-After).", refused.RetryAfter.Round(time.Second))
		}
	}
	return m
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
