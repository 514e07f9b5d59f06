package token

import (
	"strings"
	"testing"
)

// noTokens are texts that stand where a token belongs, each with what an error says of it.
var noTokens = map[string]string{
	"": "is empty", " \t\r\n": "is empty", `""`: "is empty",
	"null": "is the word null", "NULL\n": "is the word null", `"null"`: "is the word null",
	"nil": "is the word nil", "None": "is the word none", "undefined": "is the word undefined",
	"true": "is the word true", "FALSE": "is the word false",
	"Bearer 61_one": "Authorization header", "authorization: Bearer 61_one": "Authorization header",
	"WECHAT_ACCESS_TOKEN=61_one": "NAME=value", "TOKEN=": "NAME=value",
	"_T2=61_one": "NAME=value", "export TOKEN=61_one": "NAME=value",
	"<!DOCTYPE html><p>61_one":               "HTML",
	`{"access_token":"61_one"}`:              "is JSON",
	"{\n  \"access_token\": \"61_one\"\n}\n": "is JSON",
	`["61_one"]`:                             "is JSON",
	"61_one\n61_two":                         "several lines",
	" 61_one":                                "begins or ends with a space",
	"61_one \n":                              "begins or ends with a space",
	`""61_one""`:                             "has quotation marks",
	`"61_one`:                                "has quotation marks",
	"'61_one'":                               "has quotation marks",
	"ERR unknown command 61_one":             "has spaces",
	"\ufeff61_one":                           "byte order mark",
	"61_one\x00":                             "a character that no access token has",
	"61_one\u200b":                           "a character that no access token has",
	"61%5Fone":                               "a character that no access token has",
	strings.Repeat("x", 4097):                "longer than 4096",
}

func TestCleanTakesTokensAlone(t *testing.T) {
	t.Parallel()
	for written, want := range noTokens {
		got, err := Clean(written)
		if got != "" || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "61") {
			t.Errorf("%q: got %q, %v, want an error that says %q and not what it is", written, got, err, want)
		}
	}
	for written, want := range map[string]string{
		"61_one": "61_one", "x": "x", "61_one\r\n": "61_one", `"61_one"`: "61_one", " \"61_one\"\n": "61_one",
		"9A=x": "9A=x", "a=b": "a=b", "nullify": "nullify", strings.Repeat("x", 4096): strings.Repeat("x", 4096),
	} {
		if got, err := Clean(written); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", written, got, err, want)
		}
	}
	if got, err := clean(`"61_one"`); err == nil {
		t.Errorf("in JSON, a text with quotation marks in it is %q, want an error", got)
	}
}

func TestCouldBeTellsTokensFromSettings(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]bool{
		someToken: true, " " + someToken: true, "Bearer " + someToken: true, "TOKEN=61_short": true, `"77_x"`: true,
		"61_one": true, "https://" + someToken: true, "/" + someToken: true, strings.Repeat("Qx", 20): true,
		someToken[:30] + "/" + someToken[30:]: true,
		"hunter2-and-something-more":          true, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc": true,

		"": false, "30s": false, "1h30m": false, "soon": false, "10 seconds": false, "get-the-token": false,
		"no-such-program-anywhere": false, "/opt/wechat/bin/get-authorizer-access-token-v2": false,
		"/run/tokens/wx1000000000000001": false, `C:\tokens\{appid}.txt`: false, "./ca_2026_root.pem": false,
		"/var/folders/TestAccValidate2718281828/001/ca.pem": false, "https://api.weixin.qq.com": false,
		"data.token": false, "wx1000000000000001": false, "gh_000000000001": false,
	} {
		if got := CouldBe(written); got != want {
			t.Errorf("%q: got %t, want %t", written, got, want)
		}
	}
}
