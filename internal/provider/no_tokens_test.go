package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// TestAccNoTokens_areNeverSentToWeChat has every source hand out what people and programs leave where a token belongs.
func TestAccNoTokens_areNeverSentToWeChat(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	token := wechat.Token(books)
	texts := map[string]struct{ text, says string }{
		"null":     {"null\n", "is the word null"},
		"header":   {"Bearer " + token, "begins like an Authorization header"},
		"variable": {"WECHAT_ACCESS_TOKEN=" + token + "\n", "reads as NAME=value"},
		"error":    {"ERR unknown command", "has spaces, as a message has"},
		"page":     {"<html><p>" + token, "is a page of HTML or XML"},
		"json":     {`["` + token + `"]`, "is JSON"},
		"escaped":  {strings.ReplaceAll(token, "_", "%5F"), "holds a character that no access token has"},
	}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"access_token":%q}`, texts[filepath.Base(r.URL.Path)].text)
	}))
	t.Cleanup(service.Close)

	var configuration strings.Builder
	configuration.WriteString(required)
	wants := map[int][]string{}
	for name, wrong := range texts {
		for setting, settings := range map[string]string{
			"access_token_file": fmt.Sprintf(`access_token_file = "${path.module}/%s"`, name),
			"exec":              fmt.Sprintf(`exec = { command = "cat", args = ["${path.module}/%s"] }`, name),
			"exec, JSON":        fmt.Sprintf(`exec = { command = "cat", args = ["${path.module}/%s.json"] }`, name),
			"token_endpoint":    fmt.Sprintf(`token_endpoint = { url = "%s/%s" }`, service.URL, name),
		} {
			number := len(wants)
			source := strings.TrimSuffix(setting, ", JSON")
			wants[number] = []string{"No access token", source + " gives no access token", wrong.says, "What to do:"}
			settings += fmt.Sprintf("\n  base_url = %q", wechat.server.URL())
			configuration.WriteString(alias(number, settings, books, "2m"))
		}
	}
	place := workspace(t, configuration.String())
	for name, wrong := range texts {
		write(t, filepath.Join(place.Dir, name), wrong.text)
		write(t, filepath.Join(place.Dir, name+".json"), fmt.Sprintf(`{"access_token":%q}`, wrong.text))
	}
	result := expectExit(t, place, 1, "plan", "-json")
	messages := diagnosticsIn(result)
	for number, says := range wants {
		own := errorsAbout(messages, number)
		if len(own) != 1 {
			t.Errorf("%v: got %d messages, want 1", says, len(own))
			continue
		}
		expectWords(t, own[0], says...)
	}
	expectAsked(t, wechat, map[string]int{})
	expectUnsaid(t, result, token)
}

// TestAccEnvironmentTokens_areTrimmed has tokens in the environment as files and pipes leave them there.
func TestAccEnvironmentTokens_areTrimmed(t *testing.T) {
	t.Parallel()
	const platform = "WECHAT_COMPONENT_APPID=wx3000000000000001"
	for name, test := range map[string]struct {
		variables []string // TOKEN in them is the account's, OWN the component's, FILES the folder of token files
		says      string   // "" where the account is read
	}{
		"a token":                {[]string{"WECHAT_ACCESS_TOKEN= \tTOKEN\r\n"}, ""},
		"a path":                 {[]string{"WECHAT_ACCESS_TOKEN_FILE=FILES/{appid}\r\n"}, ""},
		"a component's token":    {[]string{platform + " \n", "WECHAT_COMPONENT_ACCESS_TOKEN=\tOWN\r\n"}, ""},
		"white space":            {[]string{"WECHAT_ACCESS_TOKEN= \r\n"}, "WECHAT_ACCESS_TOKEN holds white space"},
		"white space for a path": {[]string{"WECHAT_ACCESS_TOKEN_FILE=\t"}, "TOKEN_FILE holds white space"},
		"white space for a component's token": {
			[]string{platform, "WECHAT_COMPONENT_ACCESS_TOKEN= "}, "WECHAT_COMPONENT_ACCESS_TOKEN holds white space",
		},
		"a header": {
			[]string{"WECHAT_ACCESS_TOKEN=Bearer TOKEN"},
			"WECHAT_ACCESS_TOKEN gives no access token for it: the token given there begins like an Authorization",
		},
		"a component's header": {
			[]string{platform, "WECHAT_COMPONENT_ACCESS_TOKEN=Bearer OWN"}, "given there begins like an Authorization header",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			own, token := wechat.IssueComponentToken(), wechat.Token(books)
			settings, data := "", "wechat_open_account"
			if strings.HasPrefix(test.variables[0], platform) {
				settings, data = "component = {}", "wechat_authorizer"
			}
			environment := []string{"WECHAT_BASE_URL=" + wechat.server.URL()}
			for _, variable := range test.variables {
				name, value, _ := strings.Cut(variable, "=")
				value = strings.NewReplacer("TOKEN", token, "OWN", own, "FILES", wechat.tokens).Replace(value)
				environment = append(environment, name+"="+value)
			}
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  %s
}
data %q "x" { appid = "wx1000000000000004" }
`, settings, data), environment...)
			if test.says == "" {
				expectExit(t, place, 0, "plan")
				return
			}
			result := expectExit(t, place, 1, "plan")
			expectWords(t, result.Stderr, test.says)
			expectAsked(t, wechat, map[string]int{})
			expectUnsaid(t, result, token)
			expectUnsaid(t, result, own)
		})
	}
}

// expectUnsaid fails where a run printed a secret, or 12 characters in a row of it.
func expectUnsaid(t *testing.T, result engine.Result, secret string) {
	t.Helper()
	printed := words(result.Stdout + result.Stderr)
	for at := 0; at+12 <= len(secret); at++ {
		if strings.Contains(printed, secret[at:at+12]) {
			t.Errorf("%q of a secret is shown:\n%s%s", secret[at:at+12], result.Stdout, result.Stderr)
			return
		}
	}
}
