package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// asPlatform is the environment of whoever runs the lab's platform.
func (l *lab) asPlatform() []string {
	return []string{envComponentAppID + "=" + l.Component().AppID, envComponentAccessToken + "=" + l.IssueComponentToken()}
}

// answering has WeChat answer a path with a body of its own, whoever asks; other paths as ever.
func answering(bodies map[string]string) simulator.ListenOption {
	return simulator.Wrapped(func(wechat http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, found := bodies[r.URL.Path]
			if !found {
				wechat.ServeHTTP(w, r)
				return
			}
			_, _ = fmt.Fprint(w, body)
		})
	})
}

// TestAccKinds has one account of each kind: what WeChat tells of it, and what a refused permission says to its owner.
func TestAccKinds(t *testing.T) {
	t.Parallel()
	const documented = "WeChat documents this call for official accounts and mini programs alone"
	kinds := []struct {
		kind       simulator.Kind
		sets       []int
		permission any
		says       string
	}{
		{simulator.OfficialAccount, []int{3, 25}, false, "the account is an official account and has not granted the platform permission set 24"},
		{simulator.MiniProgram, []int{24, 30}, false, "the account is a mini program and has not granted the platform permission set 25"},
		{simulator.Channels, []int{24, 25}, nil, "the account is a Channels account (视频号), and " + documented},
		{simulator.Store, []int{24, 25}, nil, "the account is a store (微信小店), and " + documented},
		{simulator.Talent, []int{24, 25}, nil, "the account is a talent account (带货助手), and " + documented},
		{simulator.Supplier, []int{192}, nil, "the account is a supplier account, and " + documented},
	}
	world := &simulator.World{Component: simulator.Component{AppID: "wx3000000000000001"}}
	var configuration strings.Builder
	for number, each := range kinds {
		world.Accounts = append(world.Accounts, simulator.Account{
			AppID: fleetAppID(number), Kind: each.kind, Name: "Raw\x00\n\tname", PermissionSets: each.sets, Authorized: true,
		})
		_, _ = fmt.Fprintf(&configuration, `
data "wechat_authorizer" "d%[1]d" { appid = %[2]q }
output "d%[1]d" {
  value = [for name in ["kind", "nick_name", "open_account_permission"] : data.wechat_authorizer.d%[1]d[name]]
}
`, number, fleetAppID(number))
	}
	wechat := newLab(t, world)
	environment := wechat.asPlatform()
	told := workspace(t, wechat.config("component = {}", configuration.String()), environment...)
	expectExit(t, told, 0, "apply", "-auto-approve")
	got := outputs(t, told)
	for number, each := range kinds {
		if diff := cmp.Diff([]any{string(each.kind), "Raw\x00\n\tname", each.permission}, got[fmt.Sprint("d", number)]); diff != "" {
			t.Errorf("%s: -want +got:\n%s", each.kind, diff)
		}
	}

	for number, each := range kinds {
		t.Run(string(each.kind), func(t *testing.T) {
			t.Parallel()
			read := fmt.Sprintf(`data "wechat_open_account" "x" { appid = %q }`, fleetAppID(number))
			refused := workspace(t, wechat.config("component = {}", read), environment...)
			said := expectExit(t, refused, 1, "plan").Stderr
			expectWords(t, said, "WeChat error 48001", each.says)
			if strings.Contains(each.says, documented) && strings.Contains(words(said), "permission set") {
				t.Errorf("somebody is to grant a permission set:\n%s", said)
			}
		})
	}
}

// TestAccAuthorizer_isToldAsFarAsWeChatTells has answers of WeChat that leave things out.
func TestAccAuthorizer_isToldAsFarAsWeChatTells(t *testing.T) {
	t.Parallel()
	const mini = `{"nick_name":"Tea","MiniProgramInfo":{}}`
	for name, test := range map[string]struct {
		account, authorization string
		kind                   string
		sets, permission       any
		refused                string // what 48001 says then
	}{
		"sets that are null": {
			mini, `{"func_info":null}`, "mini_program", nil, nil,
			"could not be found out: WeChat did not tell what is granted",
		},
		"no authorization": {
			mini, `{}`, "mini_program", nil, nil,
			"could not be found out: WeChat did not tell what is granted",
		},
		"an empty list of sets": {
			mini, `{"func_info":[]}`, "mini_program",
			[]any{},
			nil,
			"WeChat's list of what is granted is empty, which may not mean that nothing is",
		},
		"an account of which nothing is said": {
			`{}`, `{"func_info":[{"funcscope_category":{"id":24}}]}`, "unknown",
			[]any{24.0},
			nil,
			"what kind of account it is, WeChat did not say",
		},
		"the set": {
			mini, `{"func_info":[{"funcscope_category":{"id":25}}]}`, "mini_program",
			[]any{25.0},
			true,
			"the account is a mini program and has granted the platform permission set 25",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil, answering(map[string]string{
				pathAuthorizerInfo: `{"authorizer_info":` + test.account + `,"authorization_info":` + test.authorization + `}`,
				pathOpenGet:        `{"errcode":48001,"errmsg":"api unauthorized"}`,
			}))
			environment := wechat.asPlatform()
			place := workspace(t, wechat.config("component = {}", `
data "wechat_authorizer" "x" { appid = "wx1000000000000002" }
output "x" { value = data.wechat_authorizer.x }
`), environment...)
			expectExit(t, place, 0, "apply", "-auto-approve")
			got, _ := outputs(t, place)["x"].(map[string]any)
			want := map[string]any{
				"appid": teaShop, "timeouts": nil, "nick_name": nil, "principal_name": nil, "user_name": nil, "kind": test.kind,
				"verify_type": nil, "verify_type_text": nil, "account_status": nil, "account_status_text": nil,
				"permission_sets": test.sets, "open_account_permission": test.permission,
			}
			if test.account == mini {
				want["nick_name"] = "Tea"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}

			place = workspace(t, wechat.config("component = {}", `
data "wechat_open_account" "x" { appid = "wx1000000000000002" }
`), environment...)
			said := expectExit(t, place, 1, "plan").Stderr
			expectWords(t, said, "WeChat error 48001", test.refused)
			if strings.Contains(said, "granted are:") {
				t.Errorf("it is said what is granted:\n%s", said)
			}
		})
	}
}

// TestAccContradictions has answers that say two things: none of them may become an answer.
func TestAccContradictions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, body, says string
	}{
		"unbound, and bound": {
			pathOpenGet, `{"errcode":89002,"errmsg":"open not exists","open_appid":"wx2000000000000001"}`,
			"says that the account is bound to none (89002), and names an open platform account",
		},
		"another account's binding": {
			pathOpenGet, `{"errcode":0,"errmsg":"ok","appid":"wx1000000000000009","open_appid":"wx2000000000000001"}`,
			"is about another account than the one that was asked about",
		},
		"what is told of another account": {
			pathAuthorizerInfo, `{"authorizer_info":{"nick_name":"Tea"},"authorization_info":{"authorizer_appid":"wx1000000000000009"}}`,
			"is about another account than the one that was asked about",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil, answering(map[string]string{test.path: test.body}))
			source := map[string]string{pathOpenGet: "wechat_open_account", pathAuthorizerInfo: "wechat_authorizer"}[test.path]
			read := fmt.Sprintf(`data %q "x" { appid = "wx1000000000000004" }`, source)
			place := workspace(t, wechat.config("component = {}", read), wechat.asPlatform()...)
			expectWords(t, expectExit(t, place, 1, "plan").Stderr,
				"the answer is not WeChat's", books, test.says, "What to do:")
		})
	}
}

// TestAccStatus_isOfTheAccountThatWasAskedAbout has tokens of the right account and of another, and an account that
// lets nobody ask whose token it is.
func TestAccStatus_isOfTheAccountThatWasAskedAbout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token    string // the account whose token is given
		appid    string
		fault    simulator.Fault
		says     []string // nothing: it is read
		requests map[string]int
	}{
		"its own token": {
			token: books, appid: `appid = "` + books + `"`,
			requests: map[string]int{pathBasicInfo: 1, pathOpenHave: 1, pathOpenSameEntity: 1},
		},
		"no appid": {
			token:    books,
			requests: map[string]int{pathBasicInfo: 1, pathOpenHave: 1, pathOpenSameEntity: 1},
		},
		"another's token": {
			token: tea, appid: `appid = "` + books + `"`,
			says:     []string{"another account's token", books, "the access token is that of " + tea, "getaccountbasicinfo", "What to do:"},
			requests: map[string]int{pathBasicInfo: 1},
		},
		"an account that did not grant the set": {
			token: books, appid: `appid = "` + books + `"`,
			fault: simulator.Fault{Kind: simulator.FaultErrcode, Code: 48001, Path: pathBasicInfo},
			says: []string{
				"WeChat error 48001", books, "permission set 3 (official account) or 30 (mini program)",
				"cgi-bin/account/getaccountbasicinfo",
			},
			requests: map[string]int{pathBasicInfo: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			if test.fault.Kind != "" {
				wechat.fault(t, test.fault)
			}
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" { base_url = %q }
data "wechat_open_account_status" "x" {
  %s
}
output "x" { value = data.wechat_open_account_status.x.bound }
`, wechat.server.URL(), test.appid), envAccessToken+"="+wechat.Token(test.token))
			exit := 0
			if len(test.says) > 0 {
				exit = 1
			}
			result := expectExit(t, place, exit, "apply", "-auto-approve")
			expectWords(t, result.Stderr, test.says...)
			if exit == 0 {
				expectOutputs(t, place, map[string]any{"x": true})
			}
			expectCalls(t, wechat, test.requests)
		})
	}
}

// TestAccComponent_needsItsOwnToken has an authorizer's token in the component's place. Nobody's owner can mend that.
func TestAccComponent_needsItsOwnToken(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	for name, code := range map[string]int{"48001": 0, "61007": 61007, "61014": 61014} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := wechat
			if code != 0 {
				wechat = newLab(t, nil)
				wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: code, Path: pathAuthorizerInfo})
			}
			place := workspace(t, wechat.config("component = {}", `data "wechat_authorizer" "x" { appid = "wx1000000000000004" }`),
				envComponentAppID+"="+wechat.Component().AppID, envComponentAccessToken+"="+wechat.Token(tea))
			said := expectExit(t, place, 1, "plan").Stderr
			expectWords(t, said, "WeChat error "+name, books, "in the component's place")
			for _, wrong := range []string{"Have the owner", "permission set", "has not granted"} {
				if strings.Contains(words(said), wrong) {
					t.Errorf("%q is said of a call that no owner can permit:\n%s", wrong, said)
				}
			}
		})
	}
}
