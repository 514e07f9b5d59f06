package token

import (
	"errors"
	"strings"
	"testing"
)

// noTokens are texts that stand where a token belongs, each with why it is none.
var noTokens = map[string]Reason{
	"": TokenEmpty, " \t\r\n": TokenEmpty, `""`: TokenEmpty,
	"null": TokenPlaceholder, "NULL\n": TokenPlaceholder, `"null"`: TokenPlaceholder,
	"nil": TokenPlaceholder, "None": TokenPlaceholder, "undefined": TokenPlaceholder,
	"true": TokenPlaceholder, "FALSE": TokenPlaceholder,
	"Bearer 61_one": TokenHeader, "authorization: Bearer 61_one": TokenHeader,
	"WECHAT_ACCESS_TOKEN=61_one": TokenAssignment, "TOKEN=": TokenAssignment,
	"_T2=61_one": TokenAssignment, "export TOKEN=61_one": TokenAssignment,
	"<!DOCTYPE html><p>61_one":               TokenPage,
	`{"access_token":"61_one"}`:              TokenJSON,
	"{\n  \"access_token\": \"61_one\"\n}\n": TokenJSON,
	`["61_one"]`:                             TokenJSON,
	"\f\"61_one\"":                           TokenPadded,
	"61_one\n61_two":                         TokenLines,
	" 61_one":                                TokenPadded,
	"61_one \n":                              TokenPadded,
	`""61_one""`:                             TokenQuotes,
	`"61_one`:                                TokenQuotes,
	"'61_one'":                               TokenQuotes,
	"ERR unknown command 61_one":             TokenSpaces,
	"\ufeff61_one":                           TokenByteOrderMark,
	"61_one\x00":                             TokenCharacter,
	"61_one\u200b":                           TokenCharacter,
	"61%5Fone":                               TokenCharacter,
	strings.Repeat("x", 4097):                TokenTooLong,
}

func TestParseTakesTokensAlone(t *testing.T) {
	t.Parallel()
	for written, want := range noTokens {
		got, err := Parse(written)
		var invalid *InvalidError
		if got != "" || !errors.As(err, &invalid) || invalid.Reason != want || strings.Contains(invalid.Word, "61") {
			t.Errorf("%q: got %q, %v, want %q", written, got, err, want)
		}
	}
	for written, want := range map[string]string{
		"61_one": "61_one", "x": "x", "61_one\r\n": "61_one", `"61_one"`: "61_one", " \"61_one\"\n": "61_one",
		"9A=x": "9A=x", "a=b": "a=b", "nullify": "nullify", strings.Repeat("x", 4096): strings.Repeat("x", 4096),
	} {
		if got, err := Parse(written); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", written, got, err, want)
		}
	}
	if got, err := parse(`"61_one"`); err == nil {
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
