package provider

import (
	"fmt"
	"testing"
)

// TestAccUnknown_neverReadsWithSomethingElse has settings that are known only after apply, beside an environment that
// could stand in for them.
func TestAccUnknown_neverReadsWithSomethingElse(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	for name, settings := range map[string]string{
		"access_token":            `access_token = terraform_data.later.output`,
		"access_token_file":       `access_token_file = terraform_data.later.output`,
		"access_tokens":           `access_tokens = { wx1000000000000004 = terraform_data.later.output }`,
		"base_url":                `base_url = terraform_data.later.output`,
		"max_retries":             `max_retries = length(terraform_data.later.output)`,
		"proxy_url":               `proxy_url = terraform_data.later.output`,
		"ca_certificate_file":     `ca_certificate_file = terraform_data.later.output`,
		"request_timeout":         `request_timeout = terraform_data.later.output`,
		"max_concurrent_requests": `max_concurrent_requests = length(terraform_data.later.output)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "base_url" {
				settings += fmt.Sprintf("\n base_url = %q", wechat.server.URL())
			}
			place := workspace(t, required+`
resource "terraform_data" "later" { input = "known after apply" }
provider "wechat" {
  `+settings+`
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, "WECHAT_ACCESS_TOKEN="+wechat.Token(books), "WECHAT_BASE_URL="+wechat.server.URL())
			result := run(t, place, "plan", "-no-color")
			if result.ExitCode != 1 {
				t.Errorf("exit code %d, want 1", result.ExitCode)
			}
			expectWords(t, result.Stderr, "the provider's "+name+" will be known only after apply", "wx1000000000000004")
		})
	}
	t.Cleanup(func() {
		if got := wechat.Count(""); got != 0 {
			t.Errorf("asked WeChat %d times", got)
		}
	})
}

func TestAccUnknown_isNoErrorWhereNothingIsRead(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, required+fmt.Sprintf(`
resource "terraform_data" "later" { input = %q }
provider "wechat" {
  base_url     = %q
  access_token = terraform_data.later.output
}
data "wechat_open_account" "x" {
  appid      = "wx1000000000000004"
  depends_on = [terraform_data.later]
}
output "open_appid" { value = data.wechat_open_account.x.open_appid }
`, wechat.Token(books), wechat.server.URL()))
	if result := run(t, place, "apply", "-auto-approve", "-no-color"); result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	if got := outputs(t, place)["open_appid"]; got != booksOpen {
		t.Errorf("got %v", got)
	}
}
