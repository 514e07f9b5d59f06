package provider

import (
	"fmt"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// TestAccAuthorizers_details reads what WeChat says of every authorizer, also where it says nothing of some.
func TestAccAuthorizers_details(t *testing.T) {
	t.Parallel()
	unauthorized := simulator.Fault{Path: pathAuthorizerInfo, Kind: simulator.FaultErrcode, Code: 61003}
	for name, test := range map[string]struct {
		fault    *simulator.Fault
		settings string
		exit     int
		says     []string
		failed   int
		infos    int // calls of api_get_authorizer_info; -1: not counted
	}{
		"all":               {settings: "details = true", infos: 7},
		"none":              {infos: 0},
		"one that left":     {fault: &unauthorized, settings: "details = true\n  fail_on_error = false", failed: 1, infos: 7, says: []string{"Warning: Accounts not read", "1 of 7 accounts could not be read", "61003"}},
		"one that must not": {fault: &unauthorized, settings: "details = true", exit: 1, infos: 7, says: []string{"Error: Accounts not read", "1 of 7 accounts could not be read"}},
		"nobody": {
			fault:    &simulator.Fault{Path: pathAuthorizerInfo, Kind: simulator.FaultErrcode, Code: 61003},
			settings: "details = true\n  fail_on_error = false", exit: 1, infos: 7,
			says: []string{"Error: Accounts not read", "7 of 7 accounts could not be read", "here nothing was"},
		},
		"no quota": {
			fault:    &simulator.Fault{Path: pathAuthorizerInfo, Kind: simulator.FaultDailyQuota},
			settings: "details = true\n  fail_on_error = false", exit: 1, infos: -1,
			says: []string{"What WeChat tells of the authorizers could not be read: the platform's quota of the day is used up"},
		},
		"no way in": {
			fault:    &simulator.Fault{Path: pathAuthorizerInfo, Kind: simulator.FaultCallerIP},
			settings: "details = true\n  fail_on_error = false", exit: 1, infos: -1,
			says: []string{"Error: Authorizers not read: WeChat error 61004", "it was the same for 5 accounts in a row"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			if test.fault != nil {
				fault := *test.fault
				if test.failed > 0 || name == "one that must not" {
					fault.AppID = restricted
				}
				wechat.fault(t, fault)
			}
			place := workspace(t, wechat.config(fmt.Sprintf("component = { appid = %q, access_token = %q }",
				wechat.Component().AppID, wechat.IssueComponentToken()), fmt.Sprintf(`
data "wechat_authorizers" "all" {
  %s
}
locals { authorizers = data.wechat_authorizers.all.authorizers }
output "kinds" { value = { for appid, a in local.authorizers : appid => a.kind } }
output "granted" { value = { for appid, a in local.authorizers : appid => a.open_account_permission } }
output "failed" { value = data.wechat_authorizers.all.failed }
output "count" { value = length(data.wechat_authorizers.all.appids) }
output "secrets" { value = length(regexall("refresh", jsonencode(local.authorizers))) }
`, test.settings)))
			result := expectExit(t, place, test.exit, "apply", "-auto-approve")
			expectWords(t, result.Stdout+result.Stderr, test.says...)
			if got := wechat.Count(pathAuthorizerInfo); test.infos >= 0 && got != test.infos {
				t.Errorf("asked about %d authorizers, want %d", got, test.infos)
			}
			if test.exit != 0 {
				return
			}
			values := outputs(t, place)
			kinds, _ := values["kinds"].(map[string]any)
			granted, _ := values["granted"].(map[string]any)
			failed, _ := values["failed"].([]any)
			if len(failed) != test.failed || values["count"] != 7.0 || values["secrets"] != 0.0 || len(kinds) != 7 {
				t.Errorf("got %v", values)
			}
			switch {
			case test.settings == "" && (kinds[tea] != nil || granted[tea] != nil):
				t.Errorf("got %v, %v, want nothing without details", kinds[tea], granted[tea])
			case test.settings != "" && (kinds[tea] != "official_account" || granted[tea] != true):
				t.Errorf("got %v, %v", kinds[tea], granted[tea])
			case test.failed > 0 && (failed[0] != restricted || kinds[restricted] != nil):
				t.Errorf("got %v, %v, want the failed one with nulls", failed, kinds[restricted])
			}
		})
	}
}
