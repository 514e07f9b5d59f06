package provider

import (
	"slices"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// failures are the ways in which reading one account fails.
var failures = slices.Concat(failuresOfAll, failuresOfWays)

// failure is a failed read, with what its message must say for somebody to act on it.
type failure struct {
	name  string
	fault simulator.Fault
	// settings are the provider block's; SERVICE in them is the address of a token service, TOKENS the folder of token
	// files, SECURE a server whose certificate nobody signed.
	settings string
	read     string // timeouts.read
	// asks is the data source that fails; "" is wechat_open_account.
	asks string
	says []string
}

var failuresOfAll = []failure{
	{
		name: "48001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001},
		says: []string{
			"WeChat error 48001", "1. the platform does not offer the permission set 开放平台账号管理, which is 24 for an official account and 25 for a mini program",
			"权限集, counts there at once", "2. the account's owner did not grant it: what counts is func_info", "3. another third-party platform holds that set",
			"4. the token is of the wrong kind or of another account: a component access token", "ends the account's present access token, and may replace its refresh token",
			`"api unauthorized"`, "rid ", "For seven days the rid can be looked up at https://developers.weixin.qq.com/console/devtools/debug?tab=errorDiag.",
		},
	},
	{
		name: "40001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40001},
		says: []string{"WeChat error 40001", "access_token_file still has the same one", "another process refreshes the account's token"},
	},
	{
		name: "42001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 42001},
		says: []string{"WeChat error 42001", "the access token has expired", "stopped refreshing it"},
	},
	{
		name: "61003", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003},
		says: []string{"WeChat error 61003", "withdrawn the authorization", "authorize the platform again"},
	},
	{
		name: "61004", fault: simulator.Fault{Kind: simulator.FaultCallerIP},
		says: []string{"WeChat error 61004", "come from 127.0.0.1", "third-party platform's IP allow-list", "published again (全网发布)", "another platform of the same owner"},
	},
	{
		name: "40164", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40164, Message: "invalid ip 203.0.113.10 ipv6 ::ffff:203.0.113.10, not in whitelist"},
		says: []string{"WeChat error 40164", "come from 203.0.113.10", "account's IP allow-list"},
	},
	{
		name: "45009", fault: simulator.Fault{Kind: simulator.FaultDailyQuota},
		says: []string{"WeChat error 45009", "quota of the day", "midnight China time"},
	},
	{
		name: "45011", fault: simulator.Fault{Kind: simulator.FaultMinuteQuota}, read: "20s",
		says: []string{"WeChat error 45011", "quota of the minute", "timeouts.read left no time for another attempt"},
	},
	{
		name: "busy", fault: simulator.Fault{Kind: simulator.FaultSystemBusy}, settings: "max_retries = 1",
		says: []string{"WeChat error -1", "WeChat was busy, after 2 attempts", "report the rid"},
	},
	{
		name: "40013", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40013},
		says: []string{"WeChat error 40013", "the access token belongs to another account than this appid"},
	},
	{
		name: "a code that nobody knows", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 99999, Message: "what is this"},
		says: []string{"WeChat error 99999", "a code that this provider does not know", `"what is this"`},
	},
	{
		name: "a gateway's page", fault: simulator.Fault{Kind: simulator.FaultHTML502}, settings: "max_retries = 0",
		says: []string{"the answer is not WeChat's", "the answer is no JSON object", "status 502", "Bad Gateway"},
	},
	{
		name: "a login page", fault: simulator.Fault{Kind: simulator.FaultHTML200},
		says: []string{"the answer is not WeChat's", "status 200", "a login page on the way answered in WeChat's place"},
	},
	{
		name: "nothing", fault: simulator.Fault{Kind: simulator.FaultEmpty}, settings: "max_retries = 0",
		says: []string{"the answer is empty", "status 200, 0 bytes"},
	},
	{
		name: "a cut connection", fault: simulator.Fault{Kind: simulator.FaultCut}, settings: "max_retries = 0",
		says: []string{"no answer from WeChat", "the connection was closed before an answer came"},
	},
	{
		name: "half an answer", fault: simulator.Fault{Kind: simulator.FaultTruncated}, settings: "max_retries = 0",
		says: []string{"no answer from WeChat", "the answer was cut off"},
	},
	{
		name: "no answer in time", fault: simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour}, settings: "max_retries = 0\n request_timeout = \"100ms\"",
		says: []string{"no answer came in time", "request_timeout"},
	},
	{
		name: "nobody there", settings: "max_retries = 0\n base_url = \"http://127.0.0.1:1\"",
		says: []string{"the connection was refused", "nothing listens at base_url", "cgi-bin/open/get at 127.0.0.1:1", "points to 127.0.0.1:1, not to WeChat"},
	},
	{
		name: "another account's token, without {appid}", settings: `access_token_file = "${path.module}/wrong"`,
		says: []string{"WeChat error 40013", "access_token_file has no {appid} in it", "Write {appid} into access_token_file"},
	},
	{
		name: "another account's token, for all", settings: `access_token = var.sibling`,
		says: []string{"WeChat error 40013", "access_token gives every account the same token", "for several accounts use access_tokens"},
	},
	{
		name: "no token file", settings: `access_token_file = "${path.module}/none/{appid}"`,
		says: []string{"No access token", "access_token_file gives no access token for it", "does not exist"},
	},
	{
		name: "an empty token file", settings: `access_token_file = "${path.module}/empty"`,
		says: []string{"No access token", "is empty"},
	},
	{
		name: "a file with a header in it", settings: `access_token_file = "${path.module}/header"`,
		says: []string{"No access token", "access_token_file gives no access token for it", "begins like an Authorization header", "the whole access token and nothing else"},
	},
	{
		name: "a token in a path's place", settings: `access_token_file = var.secret`,
		says: []string{"No access token", "the file that it names does not exist", "a path and not a token"},
	},
	{
		name: "a program that prints null", settings: `exec = { command = "echo", args = ["null"] }`,
		says: []string{"No access token", "what the program printed is the word null, which stands where there is no token"},
	},
	{
		name: "a token in a program's place", settings: `exec = { command = var.secret }`,
		says: []string{"No access token", "there is no program of the name that exec.command gives; it may be a secret, and so it is not shown"},
	},
	{
		name: "a token in a token path's place", settings: `token_endpoint = { url = "SERVICE/sibling/{appid}", token_path = var.secret }`,
		says: []string{"No access token", "no token at that path; the names in its answer are: access_token"},
	},
	{
		name: "a program that fails", settings: `exec = { command = "sh", args = ["-c", "echo cannot reach the vault with $KEY >&2; exit 3"], env = { KEY = var.secret } }`,
		says: []string{"No access token", "exec gives no access token for it", "exit status 3", "cannot reach the vault with [redacted]"},
	},
	{
		name: "a program without end", settings: `exec = { command = "sleep", args = ["600"], timeout = "100ms" }`,
		says: []string{"No access token", "did not end within 100ms and was killed"},
	},
	{
		name: "a program of two lines", settings: `exec = { command = "sh", args = ["-c", "cat ${path.module}/dead; echo; cat ${path.module}/wrong"] }`,
		says: []string{"No access token", "has several lines"},
	},
	{
		name: "a program that talks without end", settings: `exec = { command = "sh", args = ["-c", "yes $(cat ${path.module}/dead)"] }`,
		says: []string{"No access token", "more than 65536 bytes"},
	},
	{
		name: "a program that is not there", settings: `exec = { command = "no-such-program-anywhere" }`,
		says: []string{"No access token", `there is no program "no-such-program-anywhere"`},
	},
	{
		name: "a service's page", settings: `token_endpoint = { url = "SERVICE/page/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"No access token", "token_endpoint gives no access token for it", "something that is no JSON"},
	},
	{
		name: "a service that redirects", settings: `token_endpoint = { url = "SERVICE/redirect/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"No access token", "redirects are not followed"},
	},
	{
		name: "a service with the token elsewhere", settings: `token_endpoint = { url = "SERVICE/token/{appid}", token_path = "data.token" }`,
		says: []string{"No access token", `no token at "data.token"`, "token_endpoint.token_path"},
	},
	{
		name: "a service that does not know the account", settings: `token_endpoint = { url = "SERVICE/unknown/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"No access token", "code 1002", "errorMsg no such account for key [redacted]"},
	},
	{
		name: "a service that wants other credentials", settings: `token_endpoint = { url = "SERVICE/refused/401/{appid}", headers = { X-Key = var.secret } }`,
		says: []string{"answered with status 401", "error.code denied, error.message not for you", "Check token_endpoint.headers", "Given in token_endpoint: headers (1), url."},
	},
	{
		name: "a service that wants credentials, which stand under a mistyped name", settings: `token_endpoint = { url = "SERVICE/refused/403/{appid}", header = { X-Key = var.secret } }`,
		says: []string{"answered with status 403", "Give credentials in token_endpoint.headers", "no header is given", "Given in token_endpoint: url."},
	},
	{
		name: "a service that wants POST", settings: `token_endpoint = { url = "SERVICE/refused/405/{appid}" }`,
		says: []string{"answered with status 405", "does not take GET", `exec = { command = "curl"`},
	},
	{
		name: "a service that wants a wait, and a time limit under a mistyped name", settings: `token_endpoint = { url = "SERVICE/busy/{appid}" }`, read: "mistyped",
		says: []string{"asks for a longer wait (Retry-After) than timeouts.read leaves", "Note that timeouts is given, and no read in it: the limit was 2m0s."},
	},
	{
		name: "a service of bare tokens", settings: `token_endpoint = { url = "SERVICE/bare/{appid}" }`,
		says: []string{"a bare token and no JSON", `exec = { command = "curl"`},
	},
	{
		name: "a service that says why in data, with a token", settings: `token_endpoint = { url = "SERVICE/wxcomponent/{appid}", token_path = "data.token" }`,
		says: []string{"code 1002, errorMsg 系统错误, data Post", "cgi-bin/component/api_authorizer_token?[redacted]", "EOF"},
	},
	{
		name: "a service with a time that is none", settings: `token_endpoint = { url = "SERVICE/expired/{appid}", expires_at_path = "expires_at" }`,
		says: []string{`has at "expires_at" neither a number of seconds since 1970 nor a time like`, "Check token_endpoint.expires_at_path"},
	},
	{
		name: "a script from Windows", settings: `exec = { command = "${path.module}/windows.sh" }`,
		says: []string{"ends with a carriage return", "dos2unix"},
	},
	{
		name: "a script without an interpreter", settings: `exec = { command = "${path.module}/plain.sh" }`,
		says: []string{"a script that does not begin with #!", "Begin the script with #!/bin/sh"},
	},
	{
		name: "a program at home", settings: `exec = { command = "~/bin/token", arg = ["{appid}"] }`,
		says: []string{`there is no program "~/bin/token"; a leading "~" is not replaced here: write pathexpand("~/…")`, "Given in exec: command."},
	},
	{
		name: "a file of many tokens", settings: `access_token_file = "${path.module}/map"`,
		says: []string{"is JSON and not a bare token", "access_tokens = jsondecode(file(…))"},
	},
	{
		name: "a component under a mistyped name", asks: "wechat_authorizer", settings: `component = { app_id = "wx3000000000000001", access_token = var.component }`,
		says: []string{"the provider's component has no appid", "Given in component: access_token."},
	},
	{
		name: "no token source", settings: "# access_token",
		says: []string{"the provider was not told where access tokens come from", "Or is provider = wechat.… missing here"},
	},
	{
		name: "a service that is slow", settings: "max_retries = 0\n" + `token_endpoint = { url = "SERVICE/slow/{appid}?key=x", timeout = "100ms" }`,
		says: []string{"No access token", "no answer came in time"},
	},
	{
		name: "a service behind a proxy that refuses", settings: "max_retries = 0\n" + `token_endpoint = { url = "https://tokens.example/{appid}", proxy_url = "http://user:${var.secret}@127.0.0.1:1" }`,
		says: []string{"No access token", "no connection to the proxy could be made"},
	},
	{
		name: "a service with another account's token", settings: `token_endpoint = { url = "SERVICE/sibling/{appid}" }`,
		says: []string{"WeChat error 40013", "the access token belongs to another account than this appid"},
	},
	{
		name: "a component and nothing beside it", settings: `component = { appid = "wx3000000000000001" }`,
		says: []string{"No access token", "a component but no token source", "token_endpoint"},
	},
	{
		name: "a component without an access token", asks: "wechat_authorizer", settings: `component = { appid = "wx3000000000000001" }`,
		says: []string{"No component access token", "has an appid and no access token", "WECHAT_COMPONENT_ACCESS_TOKEN"},
	},
}
