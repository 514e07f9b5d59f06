package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// TestAccFleet_audit reads everything about a platform's authorizers with no list typed by hand, and sees what was
// asked.
func TestAccFleet_audit(t *testing.T) {
	t.Parallel()
	world := fleetWorld(700)
	wechat := newLab(t, world)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: fleetAppID(3), Path: pathOpenGet})
	component := wechat.IssueComponentToken()
	place := workspace(t, wechat.config(`component = {}`, `
data "wechat_authorizers" "all" {}
data "wechat_open_accounts" "all" {
  appids        = data.wechat_authorizers.all.appids
  fail_on_error = false
}
data "wechat_authorizer" "first" { appid = data.wechat_authorizers.all.appids[0] }
data "wechat_open_account_status" "first" { appid = data.wechat_authorizers.all.appids[0] }
output "counted" { value = [length(data.wechat_authorizers.all.authorizers), length(data.wechat_open_accounts.all.accounts)] }
output "first" { value = data.wechat_authorizer.first }
output "status" { value = data.wechat_open_account_status.first }
output "auth_time" { value = values(data.wechat_authorizers.all.authorizers)[0].auth_time }
`), envComponentAppID+"="+wechat.Component().AppID, envComponentAccessToken+"="+component)
	place.Environ = append(place.Environ, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(place.Dir, "trace.log"))
	result := run(t, place, "apply", "-auto-approve", "-no-color")
	if result.ExitCode != 0 {
		t.Fatal(result.Stdout, result.Stderr)
	}
	asked := map[string]int{}
	for _, path := range []string{pathOpenGet, pathBasicInfo, pathOpenHave, pathOpenSameEntity, pathAuthorizerInfo, pathAuthorizerList, pathAuthorizerToken, pathComponentToken} {
		asked[path] = wechat.Count(path)
	}
	if diff := cmp.Diff(map[string]int{
		pathOpenGet: 700, pathBasicInfo: 1, pathOpenHave: 1, pathOpenSameEntity: 1, pathAuthorizerInfo: 1, pathAuthorizerList: 2, pathAuthorizerToken: 0, pathComponentToken: 0,
	}, asked); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got := outputs(t, place)
	if fmt.Sprint(got["counted"]) != "[700 700]" {
		t.Errorf("counted %v", got["counted"])
	}
	wantFirst := map[string]any{
		"appid": fleetAppID(0), "timeouts": nil, "nick_name": "", "principal_name": "", "user_name": "gh_000000004000", "kind": "mini_program",
		"verify_type": 0.0, "verify_type_text": "verified by WeChat", "account_status": 1.0, "account_status_text": "normal",
		"permission_sets": []any{25.0, 30.0}, "open_account_permission": true,
	}
	if diff := cmp.Diff(wantFirst, got["first"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"appid": fleetAppID(0), "timeouts": nil, "bound": true, "same_entity": true}, got["status"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if at, err := time.Parse(time.RFC3339, fmt.Sprint(got["auth_time"])); err != nil || time.Since(at) > time.Hour {
		t.Errorf("auth_time is %v", got["auth_time"])
	}
	secrets := []string{component}
	for number := range 700 {
		secrets = append(secrets, wechat.Token(fleetAppID(number)), wechat.RefreshToken(fleetAppID(number)))
	}
	expectNoSecret(t, place, []engine.Result{result}, secrets[:101])
	if log, err := os.ReadFile(filepath.Join(place.Dir, "trace.log")); err != nil || strings.Count(string(log), "reading bindings") != 10 {
		t.Errorf("progress was logged %d times, want 10 (%v)", strings.Count(string(log), "reading bindings"), err)
	}
}

// TestAccComponentDataSources_sayWhatIsMissing asks about authorizers without what that takes.
func TestAccComponentDataSources_sayWhatIsMissing(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	for name, test := range map[string]struct {
		settings string
		says     []string
	}{
		"no component":           {"", []string{"No component", "WECHAT_COMPONENT_ACCESS_TOKEN"}},
		"a component of no name": {`component = {}`, []string{"No component", "the provider's component has no appid", "WECHAT_COMPONENT_APPID"}},
		"no access token of it":  {`component = { appid = "wx3000000000000001" }`, []string{"No component access token", "has an appid and no access token", "WECHAT_COMPONENT_ACCESS_TOKEN"}},
		"an authorizer's token":  {`component = { appid = "wx3000000000000001", access_token = "` + wechat.Token(tea) + `" }`, []string{"WeChat error 48001", "it takes the component's own", "an authorizer's access token was given in the component's place", "No account's owner has to grant anything"}},
		"a token of long ago": {
			`component = { appid = "wx3000000000000001", access_token = "61_long_ago" }`,
			[]string{"WeChat error 40001", "refused the component's own access token, given in component.access_token"},
		},
		"not known yet": {
			`component = { appid = "wx3000000000000001", access_token = terraform_data.later.output }`,
			[]string{"component.access_token will be known only after apply"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, wechat.config(test.settings, `
resource "terraform_data" "later" { input = "x" }
data "wechat_authorizers" "all" {}
data "wechat_authorizer" "x" { appid = "wx1000000000000004" }
`))
			result := run(t, place, "plan", "-no-color")
			if got := strings.Count(result.Stderr, "\nError: "); result.ExitCode != 1 || got != 2 {
				t.Errorf("exit code %d, %d errors", result.ExitCode, got)
			}
			expectWords(t, result.Stderr, append(test.says, "The list of authorizers could not be read", "What WeChat tells of wx1000000000000004 could not be read")...)
		})
	}
}
