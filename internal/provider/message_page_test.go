package provider

import "testing"

// TestPageLink_leadsToThePage has the address of each kind of message.
func TestPageLink_leadsToThePage(t *testing.T) {
	t.Parallel()
	for summary, want := range map[string]string{
		"Open account not read: WeChat error 48001":             "48001",
		"Authorizer not read: WeChat error -1":                  "-1",
		"Open account not read: WeChat error 12345":             "unknown-code", // which the page has no row for
		"Authorizer list not read: no answer from WeChat":       "no-answer-from-wechat",
		"Open account status not read: another account's token": "another-accounts-token",
		"Accounts not read":                                     "accounts-not-read",
		"Not a token service's URL":                             "not-a-token-services-url",
	} {
		if got := pageLink(summary); got != "\n\nMore: "+errorsPage+"#"+want {
			t.Errorf("%s: got %q", summary, got)
		}
	}
}

// TestPageAt follows the source address, which those who publish the provider change.
func TestPageAt(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"registry.terraform.io/acme/wechat": "https://registry.terraform.io/providers/acme/wechat/latest/docs/guides/reading-errors",
		"registry.opentofu.org/acme/wechat": "https://search.opentofu.org/provider/acme/wechat/latest/docs/guides/reading-errors",
		"plugins.acme.example/acme/wechat":  "terraform-provider-wechat/docs/guides/reading-errors.md",
	} {
		if got := pageAt(source); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}
