// Package fleet is the made-up accounts of the benchmark. Each answer follows from the question, so that nobody has to keep
// or look up ten thousand of them.
package fleet

import "fmt"

// Path is the endpoint that is asked.
const Path = "/cgi-bin/open/get"

// AppID returns the appid of an account, counted from 0.
func AppID(number int) string { return fmt.Sprintf("wx%016x", 0x4000+number) }

// AppIDs returns the appids of the first accounts.
func AppIDs(count int) []string {
	appids := make([]string, count)
	for number := range appids {
		appids[number] = AppID(number)
	}
	return appids
}

// Token returns an account's access token, of the length that WeChat's have.
func Token(appid string) string { return fmt.Sprintf("%0136s", appid) }

// OpenAppID returns the open platform account that an account is bound to: each fifteen share one, and "" is none, as of
// each sixteenth.
func OpenAppID(appid string) string {
	last := len(appid) - 1
	if last < 0 || appid[last] == '0' {
		return ""
	}
	return "wx2" + appid[3:last] + "f"
}
