package provider

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

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

// wechatMessage is about a question that WeChat gave no usable answer to.
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

func codeMessage(refused *wechat.Error) message {
	known := wechat.Codes[refused.Code]
	m := message{
		reason:  fmt.Sprintf("WeChat error %d", refused.Code),
		text:    known.Meaning,
		causes:  causesFor(refused),
		remedy:  known.Remedy,
		quote:   said(refused),
		onAppID: refused.Code == wechat.CodeInvalidAppID,
	}
	if known.Meaning == "" {
		m.text = "WeChat refused with a code that this provider does not know"
		m.remedy = "Look the code up in WeChat's list of return codes."
	}
	refusal := refused.Code == wechat.CodeUnauthorized || refused.Code == wechat.CodeNotGranted
	if refusal && strings.HasPrefix(refused.Endpoint, "cgi-bin/component/") {
		// No account's permission set counts there.
		m.text = "this API is not permitted with the access token that was sent; it takes the component's own"
		m.causes = []string{
			"an authorizer's access token was given in the component's place, or another platform's component access token",
		}
		m.remedy = "Give the component access token that whatever runs the platform uses now. " +
			"No account's owner has to grant anything for this."
	}
	if refused.CallerIP != "" {
		m.text += ": WeChat saw the request come from " + refused.CallerIP
	}
	m.text += attempts(refused)
	return m
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

func known(refused *wechat.Error) string {
	if meaning := wechat.Codes[refused.Code].Meaning; meaning != "" {
		return meaning
	}
	return "for a reason that this provider does not know"
}

// unexpectedResponseMessage is about an answer that is not WeChat's.
func unexpectedResponseMessage(refused *wechat.Error) message {
	m := message{
		reason: "the answer is not WeChat's",
		text:   fmt.Sprintf("the answer %s%s, and so is not WeChat's", refused.Unexpected.Problem, attempts(refused)),
		causes: []string{
			"base_url does not lead to WeChat, or has the wrong path",
			"a proxy, a gateway or a login page on the way answered in WeChat's place",
		},
		remedy: "Check base_url and proxy_url, and what stands between here and WeChat.",
		quote:  fmt.Sprintf("What came: %s (%s).", refused.Unexpected, refused.Endpoint),
	}
	if refused.Class == wechat.ClassTransient {
		m.text = fmt.Sprintf("no usable answer came: the answer %s%s", refused.Unexpected.Problem, attempts(refused))
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
