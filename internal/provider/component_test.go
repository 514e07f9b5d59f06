package provider

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAccComponentEnvironment_fillsSingleGaps has blocks that the environment's platform may complete, and one that it
// may not.
func TestAccComponentEnvironment_fillsSingleGaps(t *testing.T) {
	t.Parallel()
	once := map[string]int{pathAuthorizerInfo: 1}
	for name, test := range map[string]struct {
		component string
		asked     map[string]int
		says      string
	}{
		"nothing written": {component: `{}`, asked: once},
		"its own appid":   {component: `{ appid = "wx3000000000000001" }`, asked: once},
		"another platform": {
			component: `{ appid = "wx3000000000000009" }`, asked: map[string]int{},
			says: "has an appid and no access token",
		},
		"another token, no name": {
			component: `{ access_token = "61_long_ago" }`, asked: once,
			says: "refused the component's own access token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url  = %q
  component = %s
}
data "wechat_authorizer" "x" { appid = "wx1000000000000004" }
`, wechat.server.URL(), test.component),
				envComponentAppID+"=wx3000000000000001", envComponentAccessToken+"="+wechat.IssueComponentToken())
			result := run(t, place, "plan", "-no-color")
			if (result.ExitCode == 0) != (test.says == "") {
				t.Errorf("exit code %d:\n%s", result.ExitCode, result.Stderr)
			}
			expectWords(t, result.Stderr, test.says)
			if diff := cmp.Diff(test.asked, asked(wechat)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestAccComponent_answersWithoutATokenSource has a token of accounts that is known only after apply. The component
// asks with its own.
func TestAccComponent_answersWithoutATokenSource(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := workspace(t, required+declareSecrets("component")+fmt.Sprintf(`
resource "terraform_data" "later" { input = "known after apply" }
provider "wechat" {
  base_url     = %q
  access_token = terraform_data.later.output
  component    = { appid = "wx3000000000000001", access_token = var.component }
}
data "wechat_authorizer" "x" { appid = "wx1000000000000004" }
`, wechat.server.URL()), "TF_VAR_component="+wechat.IssueComponentToken())
	if result := run(t, place, "plan", "-no-color"); result.ExitCode != 0 {
		t.Error(result.Stdout, result.Stderr)
	}
	expectAsked(t, wechat, map[string]int{pathAuthorizerInfo: 1})
}
