package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// The tests in this file hold what the page on security says and no other test does.

// TestAccEngine_keepsWhatIsWritten has every secret that a provider block takes, in each way of handing it in, and sees
// which of them the engine keeps. One of them is used for a read.
func TestAccEngine_keepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// declared is a variable, and given what stands in its place; %s is the secret's name, or its value.
		declared, given string
		kept            bool
	}{
		"literal":            {given: `"%[2]s"`, kept: true},
		"sensitive variable": {declared: "variable %q { sensitive = true }\n", given: `"${var.%[1]s}"`, kept: true},
		"ephemeral variable": {declared: "variable %q { ephemeral = true }\n", given: `"${var.%[1]s}"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(test.declared, "ephemeral") {
				needEphemeralVariables(t)
			}
			wechat := newLab(t, nil)
			secrets := map[string]string{"used": wechat.Token(books)}
			configuration := required + fmt.Sprintf(`
provider "wechat" {
  base_url      = %q
  access_tokens = { wx1000000000000004 = SECRET_used }
}

provider "wechat" {
  alias        = "given"
  access_token = SECRET_access_token
  proxy_url    = SECRET_proxy_url
  component    = { appid = "wx3000000000000001", access_token = SECRET_component }
}

provider "wechat" {
  alias = "program"
  exec  = { command = "cat", env = { KEY = SECRET_exec_env } }
}

provider "wechat" {
  alias          = "service"
  token_endpoint = {
    url       = "https://tokens.example/{appid}"
    headers   = { Authorization = SECRET_header }
    proxy_url = SECRET_endpoint_proxy_url
  }
}

data "wechat_open_account" "books" { appid = "wx1000000000000004" }
output "open_appid" { value = data.wechat_open_account.books.open_appid }
`, wechat.server.URL())
			configuration = regexp.MustCompile(`SECRET_(\w+)`).ReplaceAllStringFunc(configuration, func(written string) string {
				name := strings.TrimPrefix(written, "SECRET_")
				if secrets[name] == "" {
					secrets[name] = "hunter2-and-something-more-" + name
				}
				if strings.HasSuffix(name, "proxy_url") {
					secrets[name] = "http://user:" + secrets[name] + "@proxy.example:3128"
				}
				return fmt.Sprintf(test.given+`%[3]s`, name, secrets[name], "")
			})
			var variables []string
			for name, secret := range secrets {
				if test.declared != "" {
					configuration += fmt.Sprintf(test.declared, name)
				}
				variables = append(variables, "TF_VAR_"+name+"="+secret)
			}
			place := workspace(t, configuration, variables...)
			expectExit(t, place, 0, "plan", "-out=plan.bin")
			expectExit(t, place, 0, "apply", "plan.bin")
			expectOutputs(t, place, map[string]any{"open_appid": booksOpen})
			expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
			state, err := os.ReadFile(filepath.Join(place.Dir, "terraform.tfstate"))
			if err != nil {
				t.Fatal(err)
			}
			for name, secret := range secrets {
				if planHolds(t, place, secret) != test.kept {
					t.Errorf("the plan file holds %s: %t, and the page says otherwise", name, !test.kept)
				}
				if strings.Contains(string(state), secret) {
					t.Errorf("the state holds %s", name)
				}
			}
		})
	}
}

// TestExecInheritsNoSecretOfTheProvider runs a program that writes down its environment and its arguments.
func TestExecInheritsNoSecretOfTheProvider(t *testing.T) {
	const secret = "hunter2-and-something-more"
	withheld := []string{envAccessToken, envComponentAccessToken, envProxyURL, envBaseURL, "WECHAT_ANYTHING", "TF_VAR_token", "TF_CLI_ARGS", "TF_CLI_ARGS_plan"}
	inherited := []string{"HTTPS_PROXY", "REDISCLI_AUTH"}
	for _, name := range slices.Concat(withheld, inherited) {
		t.Setenv(name, secret+name)
	}
	seen := filepath.Join(t.TempDir(), "seen")
	parser := having(nil)
	source := execModel{
		Command: types.StringValue("sh"),
		Args: types.ListValueMust(types.StringType, []attr.Value{
			types.StringValue("-c"), types.StringValue(`{ env; echo "arguments: $*"; } > "$0"; echo token`), types.StringValue(seen), types.StringValue("{appid}"),
		}),
		Env: types.MapValueMust(types.StringType, map[string]attr.Value{"ADDED": types.StringValue(secret)}),
	}.source(t.Context(), parser, attributeExec)
	if _, err := source.Fetch(t.Context(), token.Request{AppID: books}); err != nil || parser.diagnostics.HasError() {
		t.Fatal(err, parser.diagnostics)
	}
	written, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(written)), "\n")
	for _, name := range withheld {
		if strings.Contains(string(written), secret+name) {
			t.Errorf("the program sees %s", name)
		}
	}
	for _, line := range []string{
		"HTTPS_PROXY=" + secret + "HTTPS_PROXY", "REDISCLI_AUTH=" + secret + "REDISCLI_AUTH", "ADDED=" + secret, "arguments: " + books,
	} {
		if !slices.Contains(lines, line) {
			t.Errorf("%q is not among what the program sees", line)
		}
	}
}
