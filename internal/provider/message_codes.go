package provider

import "terraform.local/wechat/terraform-provider-wechat/internal/wechat"

// codeText says in words what one of WeChat's return codes means.
type codeText struct {
	// meaning completes the sentence "The binding of … could not be read: …".
	meaning string
	// causes are likely ones, the likeliest first; none where the meaning leaves only one. Those of 48001 and 61007
	// depend on what was asked: see permissionCauses.
	causes []string
	// remedy says who must do what.
	remedy string
}

const (
	reportIncomplete   = "Report it: the provider sent an incomplete request."
	reportRefused      = "Report it: the provider sent something WeChat does not take."
	confirmAddress     = "Have the administrator confirm in WeChat, then run it again."
	keepQuery          = "Check that base_url leads to WeChat without dropping the query."
	usePlatformAppID   = "Use the appid of a third-party platform."
	grantPermissionSet = "Have whoever runs the platform offer the set, and then the account's owner scan again and " +
		"grant it; or use the token of the platform that holds it. " + scanningAgain
	scanningAgain = "Scanning again ends the account's present access token, and may replace its refresh token: " +
		"whatever keeps them must take the new ones."
	permissionSetConsole = "微信开发者平台, 我的业务, 第三方平台, 权限集"
)

var sharedQuota = []string{
	"calls of a third-party platform spend the account's own quota, and everything that uses this account shares it",
}

// codes are the return codes that the endpoints asked here can give.
//
// https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
var codes = map[int]codeText{
	wechat.CodeSystemBusy: {
		meaning: "WeChat was busy",
		causes:  []string{"WeChat has a passing fault"},
		remedy:  "Run it again a little later. If it stays so, report the rid to WeChat.",
	},

	// The access token.
	wechat.CodeInvalidToken: {
		meaning: "the access token is invalid or not the latest",
		remedy:  "Give a fresh authorizer access token of this account.",
	},
	wechat.CodeMalformedToken: {
		meaning: "the access token is malformed",
		remedy:  "Check that the whole token was copied and that it is an access token.",
	},
	wechat.CodeTokenExpired: {
		meaning: "the access token has expired",
		remedy:  "Give a fresh authorizer access token; one lives for two hours.",
	},
	wechat.CodeComponentTokenExpired: {
		meaning: "the component's access token has expired",
		remedy:  "Give a fresh component access token; one lives for two hours.",
	},
	42007: {
		meaning: "the account's tokens are void because its owner changed the password",
		remedy:  "Have the owner authorize the platform again.",
	},
	61014: {
		meaning: "the component's access token is needed here",
		remedy:  "Check which token was given where: an authorizer's stands in the component's place.",
	},
	61015: {
		meaning: "the account's access token is needed here",
		remedy:  "Check which token was given where: the component's stands in an authorizer's place.",
	},

	// Appids.
	wechat.CodeInvalidAppID: {
		meaning: "the appid is invalid, or the access token belongs to another account",
		causes: []string{
			"the access token belongs to another account than this appid: WeChat answers about the token's own " +
				"account only",
			"the appid is mistyped",
		},
		remedy: "Check that the appid is the authorizer's and that the access token was issued for it.",
	},
	61000: {meaning: "the component is of the wrong type", remedy: usePlatformAppID},
	61001: {meaning: "the component's type does not match its appid", remedy: usePlatformAppID},
	61002: {meaning: "the component has no customer service", remedy: "See the platform's console."},
	wechat.CodeInvalidComponent: {
		meaning: "the component is invalid",
		remedy:  "Check the component's appid: it must be a third-party platform's.",
	},

	// Permission.
	wechat.CodeUnauthorized: {
		meaning: "this API is not permitted with this access token",
		remedy:  grantPermissionSet,
	},
	wechat.CodeNotGranted: {
		meaning: "the account has not granted this API to the platform",
		remedy:  grantPermissionSet,
	},
	wechat.CodeNotAuthorized: {
		meaning: "the account has not authorized the platform, or no longer does",
		causes: []string{
			"the account's owner has withdrawn the authorization",
			"the account has authorized another third-party platform than the one the token comes from",
		},
		remedy: "Check the appid; then have the account's owner authorize the platform again.",
	},
	48004: {
		meaning: "this API is forbidden to the account for breaking WeChat's rules",
		remedy:  "See the account's console for what and how long.",
	},
	50002: {
		meaning: "the account is restricted",
		remedy:  "See the account's console: it may be frozen or deregistered.",
	},
	61016: {meaning: "a permission still needs to be confirmed", remedy: "Have the account's owner confirm it."},
	61017: {meaning: "a permission is not authorized", remedy: "Have the account's owner authorize it."},
	61018: {meaning: "the permission was confirmed already", remedy: "Nothing: it is granted."},
	wechat.CodeOpenNotExists: {
		meaning: "the account is bound to no open platform account",
		remedy:  "Bind it in WeChat's open platform console.",
	},

	// The caller's address.
	wechat.CodeCallerIP: {
		meaning: "the caller's IP address is not on the platform's allow-list",
		causes: []string{
			"this machine leaves through an address that the third-party platform's IP allow-list does not have",
			"the address was added where the platform has to be published again (全网发布) before it counts",
			"the address is on the list of another platform of the same owner",
		},
		remedy: "Add the address to the third-party platform's IP allow-list, and publish the platform again (全网发布) " +
			"where that entrance needs it.",
	},
	wechat.CodeCallerIPSecret: {
		meaning: "the caller's IP address is not on the account's allow-list",
		causes:  []string{"this machine leaves through an address that the account's own IP allow-list does not have"},
		remedy:  "Add the address to the account's IP allow-list.",
	},
	45035: {meaning: "the caller's IP address is not registered", remedy: "Add the address to the allow-list."},
	89501: {meaning: "a call from this IP address awaits the administrator's confirmation", remedy: confirmAddress},
	89502: {meaning: "a call from this IP address awaits the administrator", remedy: confirmAddress},
	89503: {
		meaning: "a call from this IP address awaits the administrator's approval",
		remedy:  "Have the administrator approve in WeChat, then run it again.",
	},
	89505: {meaning: "a call from this IP address awaits the administrator", remedy: confirmAddress},
	89506: {meaning: "the administrator refused this IP address", remedy: "Ask again in 24 hours."},
	89507: {meaning: "the administrator refused this IP address", remedy: "Ask again in an hour."},

	// Quota.
	wechat.CodeDailyQuota: {
		meaning: "the account's quota of the day is used up",
		causes:  sharedQuota,
		remedy:  "Wait until midnight China time (UTC+8), or clear the quota in the account's console.",
	},
	wechat.CodeMinuteQuota: {
		meaning: "the account's quota of the minute is used up",
		causes:  sharedQuota,
		remedy:  "Run it again in a minute, or lower max_concurrent_requests.",
	},

	// Requests that were changed on the way.
	40066: {meaning: "the address is not one of WeChat's", remedy: "Check base_url and its path."},
	41001: {meaning: "the access token is missing", remedy: keepQuery},
	41021: {meaning: "the component's access token is missing", remedy: keepQuery},
	43002: {
		meaning: "the endpoint wants POST",
		remedy:  "Check that nothing between here and WeChat turns POST into GET; else report it.",
	},
	43003: {meaning: "the endpoint wants HTTPS", remedy: "Use an https base_url."},
	44002: {
		meaning: "the request arrived without its body",
		remedy:  "Check that nothing between here and WeChat drops it; else report it.",
	},
	47001: {
		meaning: "WeChat could not read the request",
		remedy:  "Check that nothing between here and WeChat changes the request; else report it.",
	},

	// Faults of the provider.
	40097: {meaning: "an argument is invalid", remedy: reportRefused},
	40170: {
		meaning: "too many entries were asked for at once",
		remedy:  "Report it: the provider asked for more than WeChat gives.",
	},
	41002: {meaning: "the appid is missing", remedy: reportIncomplete},
	41018: {meaning: "the component's appid is missing", remedy: reportIncomplete},
	43001: {meaning: "the endpoint wants GET", remedy: "Report it: the provider used the wrong method."},
	61008: {meaning: "the request was sent twice", remedy: "Run it again."},
	61019: {meaning: "a parameter is invalid", remedy: reportRefused},
	61020: {meaning: "a parameter is invalid", remedy: reportRefused},
	61021: {meaning: "a parameter is invalid", remedy: reportRefused},
	61022: {meaning: "a parameter is invalid", remedy: reportRefused},
}
