package wechat

// Codes that something other than a message depends on.
const (
	CodeSystemBusy     = -1
	CodeInvalidToken   = 40001
	CodeInvalidAppID   = 40013
	CodeMalformedToken = 40014
	CodeTokenExpired   = 42001
	CodeDailyQuota     = 45009
	CodeMinuteQuota    = 45011
	CodeUnauthorized   = 48001
	CodeNotAuthorized  = 61003
	CodeCallerIP       = 61004
	CodeNotGranted     = 61007
	CodeOpenNotExists  = 89002
	CodeCallerIPSecret = 40164
)

// Code is what is known of an errcode.
type Code struct {
	Class Class
	// Meaning says what happened, in a few words.
	Meaning string
	// Remedy says who must do what.
	Remedy string
}

// Codes are the return codes that WeChat's tables list or that were seen from the endpoints around open/get.
//
// https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
var Codes = map[int]Code{
	CodeSystemBusy: {
		ClassTransient, "WeChat was busy",
		"Run it again a little later. If it stays so, report the rid to WeChat.",
	},
	CodeInvalidToken: {
		ClassToken, "the access token is invalid or not the latest",
		"Give a fresh authorizer access token of this account.",
	},
	CodeInvalidAppID: {
		ClassConfiguration, "the appid is invalid, or the access token belongs to another account",
		"Check that the appid is the authorizer's and that the access token was issued for it.",
	},
	CodeMalformedToken: {
		ClassToken, "the access token is malformed",
		"Check that the whole token was copied and that it is an access token.",
	},
	40066:              {ClassConfiguration, "the address is not one of WeChat's", "Check base_url and its path."},
	40097:              {ClassConfiguration, "an argument is invalid", "Report it: the provider sent something WeChat does not take."},
	40125:              {ClassConfiguration, "the appsecret is invalid", "Give the current appsecret: it may have been reset."},
	CodeCallerIPSecret: {ClassAddress, "the caller's IP address is not on the account's allow-list", "Add the address to the account's IP allow-list."},
	40170:              {ClassConfiguration, "too many entries were asked for at once", "Report it: the provider asked for more than WeChat gives."},
	40243:              {ClassAccount, "the appsecret is frozen", "Unfreeze it in the account's console."},
	41001:              {ClassConfiguration, "the access token is missing", "Check that base_url leads to WeChat without dropping the query."},
	41002:              {ClassConfiguration, "the appid is missing", "Report it: the provider sent an incomplete request."},
	41004:              {ClassConfiguration, "the appsecret is missing", "Report it: the provider sent an incomplete request."},
	41018:              {ClassConfiguration, "the component's appid is missing", "Report it: the provider sent an incomplete request."},
	41021:              {ClassConfiguration, "the component's access token is missing", "Check that base_url leads to WeChat without dropping the query."},
	CodeTokenExpired:   {ClassToken, "the access token has expired", "Give a fresh authorizer access token; one lives for two hours."},
	42006:              {ClassToken, "the component's access token has expired", "Give a fresh component access token; one lives for two hours."},
	42007:              {ClassAccount, "the account's tokens are void because its owner changed the password", "Have the owner authorize the platform again."},
	43001:              {ClassConfiguration, "the endpoint wants GET", "Report it: the provider used the wrong method."},
	43002:              {ClassConfiguration, "the endpoint wants POST", "Check that nothing between here and WeChat turns POST into GET; else report it."},
	43003:              {ClassConfiguration, "the endpoint wants HTTPS", "Use an https base_url."},
	44002:              {ClassConfiguration, "the request arrived without its body", "Check that nothing between here and WeChat drops it; else report it."},
	CodeDailyQuota: {
		ClassQuota, "the account's quota of the day is used up",
		"Wait until midnight China time (UTC+8), or clear the quota in the account's console.",
	},
	CodeMinuteQuota: {
		ClassQuota, "the account's quota of the minute is used up",
		"Run it again in a minute, or lower max_concurrent_requests.",
	},
	45035: {ClassAddress, "the caller's IP address is not registered", "Add the address to the allow-list."},
	47001: {ClassConfiguration, "WeChat could not read the request", "Check that nothing between here and WeChat changes the request; else report it."},
	CodeUnauthorized: {
		ClassPermission, "this API is not permitted with this access token",
		"Have the owner grant the permission set, or use the token of the platform that holds it.",
	},
	48004: {ClassAccount, "this API is forbidden to the account for breaking WeChat's rules", "See the account's console for what and how long."},
	48006: {ClassQuota, "the quota may not be cleared any more this month", "Wait for the next month."},
	50002: {ClassAccount, "the account is restricted", "See the account's console: it may be frozen or deregistered."},
	61000: {ClassConfiguration, "the component is of the wrong type", "Use the appid of a third-party platform."},
	61001: {ClassConfiguration, "the component's type does not match its appid", "Use the appid of a third-party platform."},
	61002: {ClassConfiguration, "the component has no customer service", "See the platform's console."},
	CodeNotAuthorized: {
		ClassAccount, "the account has not authorized the platform, or no longer does",
		"Check the appid; then have the account's owner authorize the platform again.",
	},
	CodeCallerIP: {ClassAddress, "the caller's IP address is not on the platform's allow-list", "Add the address to the third-party platform's IP allow-list."},
	61005:        {ClassConfiguration, "the component verify ticket has expired", "Give the latest ticket; WeChat pushes one every ten minutes."},
	61006:        {ClassConfiguration, "the component verify ticket is invalid", "Give the latest ticket, whole; WeChat pushes one every ten minutes."},
	CodeNotGranted: {
		ClassPermission, "the account has not granted this API to the platform",
		"Have the owner grant the permission set, or use the token of the platform that holds it.",
	},
	61008: {ClassConfiguration, "the request was sent twice", "Run it again."},
	61009: {ClassAccount, "the authorization code is invalid", "Have the account's owner authorize the platform again."},
	61010: {ClassAccount, "the authorization code has expired", "Have the account's owner authorize the platform again."},
	61011: {ClassConfiguration, "the component is invalid", "Check the component's appid: it must be a third-party platform's."},
	61012: {ClassConfiguration, "the option's name is invalid", "Report it: the provider sent something WeChat does not take."},
	61013: {ClassConfiguration, "the option's value is invalid", "Report it: the provider sent something WeChat does not take."},
	61014: {ClassConfiguration, "the component's access token is needed here", "Check which token was given where: an authorizer's stands in the component's place."},
	61015: {ClassConfiguration, "the account's access token is needed here", "Check which token was given where: the component's stands in an authorizer's place."},
	61016: {ClassAccount, "a permission still needs to be confirmed", "Have the account's owner confirm it."},
	61017: {ClassAccount, "a permission is not authorized", "Have the account's owner authorize it."},
	61018: {ClassAccount, "the permission was confirmed already", "Nothing: it is granted."},
	61019: {ClassConfiguration, "a parameter is invalid", "Report it: the provider sent something WeChat does not take."},
	61020: {ClassConfiguration, "a parameter is invalid", "Report it: the provider sent something WeChat does not take."},
	61021: {ClassConfiguration, "a parameter is invalid", "Report it: the provider sent something WeChat does not take."},
	61022: {ClassConfiguration, "a parameter is invalid", "Report it: the provider sent something WeChat does not take."},
	61023: {
		ClassAccount, "the refresh token is invalid",
		"Take it from the authorizer list again; if it is still refused, have the account's owner authorize the platform again.",
	},
	61024: {ClassConfiguration, "a component's appid was used for an account's own token", "Use the component's own way to get a token."},
	61025: {ClassConfiguration, "the option is read-only", "Report it: the provider sent something WeChat does not take."},
	89000: {ClassConfiguration, "the account is bound to an open platform account already", "Unbind it first if it should be bound to another."},
	89001: {ClassConfiguration, "the account and the open platform account have different owners", "Both must belong to the same legal entity."},
	CodeOpenNotExists: {
		ClassAccount, "the account is bound to no open platform account",
		"Bind it in WeChat's open platform console.",
	},
	89003: {ClassConfiguration, "the open platform account was not made through the API", "Change the binding in WeChat's open platform console."},
	89004: {ClassConfiguration, "the open platform account holds as many accounts as it may", "Unbind another account first."},
	89036: {ClassConfiguration, "the open platform account is neither made through the API nor verified", "Have it verified, or bind in its console."},
	89501: {ClassAddress, "a call from this IP address awaits the administrator's confirmation", "Have the administrator confirm in WeChat, then run it again."},
	89502: {ClassAddress, "a call from this IP address awaits the administrator", "Have the administrator confirm in WeChat, then run it again."},
	89503: {ClassAddress, "a call from this IP address awaits the administrator's approval", "Have the administrator approve in WeChat, then run it again."},
	89505: {ClassAddress, "a call from this IP address awaits the administrator", "Have the administrator confirm in WeChat, then run it again."},
	89506: {ClassAddress, "the administrator refused this IP address", "Ask again in 24 hours."},
	89507: {ClassAddress, "the administrator refused this IP address", "Ask again in an hour."},
}
