package provider

import "terraform.local/wechat/terraform-provider-wechat/internal/simulator"

var failuresOfWays = []failure{
	{
		name: "a component with an old token", asks: "wechat_authorizer",
		settings: `component = { appid = "wx3000000000000001", access_token = var.secret }`,
		says:     []string{"WeChat error 40001", "refused the component's own access token, given in component.access_token"},
	},
	{
		name: "a component whose token has expired", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 42001},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"WeChat error 42001", "component.access_token", "the access token has expired"},
	},
	{
		name: "a component that is none", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61011},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"WeChat error 61011", "an authorizer's appid may stand in its place"},
	},
	{
		name: "an account that left the platform", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"WeChat error 61003", "withdrawn the authorization"},
	},
	{
		name: "48001, explained", fault: simulator.Fault{Path: "/cgi-bin/open/get", Kind: simulator.FaultErrcode, Code: 48001},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }` + "\n" + `access_token_file = "TOKENS/{appid}"`,
		says:     []string{"WeChat error 48001", "the account is a mini program and has granted the platform permission set 25", "another platform's"},
	},
	{
		name: "48001, not explained", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }` + "\n" + `access_token_file = "TOKENS/{appid}"`,
		says:     []string{"WeChat error 48001", "24 for an official account and 25 for a mini program", "What the account has granted was asked for and could not be read", "it takes the component's own"},
	},
	{
		name: "40014", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 40014},
		says: []string{"WeChat error 40014", "the access token is malformed", "access_token_file still has the same one"},
	},
	{
		name: "42007", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 42007},
		says: []string{"WeChat error 42007", "its owner changed the password", "Have the owner authorize the platform again"},
	},
	{
		name: "48004", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48004},
		says: []string{"WeChat error 48004", "forbidden to the account", "account's console"},
	},
	{
		name: "61007", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 61007},
		says: []string{"WeChat error 61007", "24 for an official account and 25 for a mini program", "another third-party platform holds that set", "ends the account's present access token"},
	},
	{
		name: "89503", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 89503},
		says: []string{"WeChat error 89503", "awaits the administrator's confirmation", "Have the administrator confirm in WeChat"},
	},
	{
		name: "41001", fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 41001},
		says: []string{"WeChat error 41001", "the access token is missing", "without dropping the query"},
	},
	{
		name: "a token that was given and is dead", settings: `access_token = var.secret`,
		says: []string{"WeChat error 40001", "WeChat refused the access token given in access_token", "one lives for two hours"},
	},
	{
		name: "an account without a token", settings: `access_tokens = { wx1000000000000001 = var.secret }`,
		says: []string{"No access token", "access_tokens gives no access token for it", "the map has no token for this appid"},
	},
	{
		name: "a token that is not known yet", settings: `access_token = terraform_data.later.output`,
		says: []string{"Provider configuration not known yet", "the provider's access_token will be known only after apply", "depends_on"},
	},
	{
		name: "a certificate of nobody", settings: `base_url = "SECURE"`,
		says: []string{"no answer from WeChat", "the TLS certificate is not trusted", "ca_certificate_file"},
	},
	{
		name: "a proxy that is not there", settings: "max_retries = 0\n" + `base_url = "https://wechat.example"` + "\n" + `proxy_url = "http://user:${var.secret}@127.0.0.1:1"`,
		says: []string{"no answer from WeChat", "no connection to the proxy could be made", "Check proxy_url"},
	},
	{
		name: "a dead token from elsewhere", settings: `access_token_file = "${path.module}/dead"`,
		says: []string{"WeChat error 40001", "access_token_file still has the same one"},
	},
	{
		name: "a platform whose quota is used up", asks: "wechat_authorizer", fault: simulator.Fault{Kind: simulator.FaultDailyQuota},
		settings: `component = { appid = "wx3000000000000001", access_token = var.component }`,
		says:     []string{"the platform's quota of the day is used up", "spend the platform's own quota"},
	},
	{
		name: "a component's program that fails", asks: "wechat_authorizer",
		settings: `component = { appid = "wx3000000000000001", exec = { command = "sh", args = ["-c", "echo exec.go:7 >&2; exit 3"] } }`,
		says:     []string{"gives no component access token", "What to do: Run the program by hand. It must print", `"exec.go:7"`},
	},
	{
		name: "a component's program that is not there", asks: "wechat_authorizer",
		settings: `component = { appid = "wx3000000000000001", exec = { command = "no-such-program-anywhere" } }`,
		says:     []string{`there is no program "no-such-program-anywhere".`, "Check component.exec.command"},
	},
	{
		name: "a component's file that keeps a dead token", asks: "wechat_authorizer",
		settings: `component = { appid = "wx3000000000000001", access_token_file = "${path.module}/dead" }`,
		says:     []string{"there is still the same one", "See why component.access_token_file has no newer one"},
	},
	{
		name: "a folder in the place of all tokens", settings: `access_tokens_file = "${path.module}"`,
		says: []string{"access_tokens_file gives no access tokens", "a plain file with a JSON object from appid to token"},
	},
	{
		name: "a program that prints nothing for all", settings: `exec = { command = "true", batch = true }`,
		says: []string{"exec gives no access tokens", "is not one JSON object and nothing else"},
	},
	{
		name:     "a program that prints all tokens unasked",
		settings: `exec = { command = "sh", args = ["-c", "echo '{\"access_tokens\":{}}'"] }`,
		says:     []string{"exec.batch is not true", "Write batch = true into exec"},
	},
	{
		name:     "a program that prints no token and says why",
		settings: `exec = { command = "sh", args = ["-c", "echo no such account >&2; echo {}"] }`,
		says:     []string{"no such account", "What to do: Run the program by hand with WECHAT_APPID set to this appid."},
	},
}
