package provider

import (
	"strings"
	"testing"
)

// TestAccOneLineBlock_isNotShown has secrets stand in a provider block of one line, which the engine would print with
// each message that points at the block: with a warning, in each good plan.
func TestAccOneLineBlock_isNotShown(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	for name, test := range map[string]struct {
		block, says string
		environ     []string
		exitCode    int
	}{
		"another host": {
			`access_token = "` + wechat.Token(teaShop) + `"`, "WeChat is asked at another host", []string{baseURL(wechat)}, 0,
		},
		"a variable that is wrong": {
			`access_token = "` + wechat.Token(teaShop) + `"`, "Invalid environment variable",
			[]string{baseURL(wechat), envMaxRetries + "=some"},
			1,
		},
		"a service without TLS": {
			`token_endpoint = { url = "http://192.0.2.1/", headers = { Authorization = "Bearer ` + wechat.Token(teaShop) + `" } }`,
			"Token service without TLS",
			[]string{baseURL(wechat)},
			0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// No account is read, so that nobody is asked for a token.
			place := workspace(t, required+"provider \"wechat\" { "+test.block+" }\n"+
				"data \"wechat_open_accounts\" \"none\" { appids = [] }\n", test.environ...)
			result := expectExit(t, place, test.exitCode, "plan", "-no-color")
			printed := result.Stdout + result.Stderr
			expectWords(t, printed, test.says)
			if strings.Contains(printed, wechat.Token(teaShop)) {
				t.Errorf("a token is shown:\n%s", printed)
			}
		})
	}
}
