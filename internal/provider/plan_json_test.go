package provider

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// showPlan decodes the JSON of plan.bin into plan.
func showPlan(t *testing.T, place *engine.Workspace, plan any) {
	t.Helper()
	shown := expectExit(t, place, 0, "show", "-json", "plan.bin")
	write(t, filepath.Join(place.Dir, "plan.json"), shown.Stdout)
	if err := json.Unmarshal([]byte(shown.Stdout), plan); err != nil {
		t.Fatal(err)
	}
}

// planJSON is what other programs read of a plan.
type planJSON struct {
	Errored *bool `json:"errored"` // nil: Terraform 1.5 does not say
	Checks  []struct {
		Instances []struct {
			Address struct {
				Display string `json:"to_display"`
			} `json:"address"`
			Status   string `json:"status"`
			Problems []struct {
				Message string `json:"message"`
			} `json:"problems"`
		} `json:"instances"`
	} `json:"checks"`
	PriorState struct {
		Values struct {
			Root planModule `json:"root_module"`
		} `json:"values"`
	} `json:"prior_state"`
}

type planModule struct {
	Resources []struct {
		Address string         `json:"address"`
		Type    string         `json:"type"`
		Values  map[string]any `json:"values"`
	} `json:"resources"`
	Children []planModule `json:"child_modules"`
}

// values has what a module and those within it read, by address.
func (m planModule) values() map[string]any {
	found := map[string]any{}
	for _, resource := range m.Resources {
		found[resource.Address] = resource.Values
	}
	for _, child := range m.Children {
		for address, values := range child.values() {
			found[address] = values
		}
	}
	return found
}

// gates has the result of each gate, with what it says.
func (p planJSON) gates() map[string][]string {
	found := map[string][]string{}
	for _, check := range p.Checks {
		for _, instance := range check.Instances {
			result := []string{instance.Status}
			for _, problem := range instance.Problems {
				result = append(result, problem.Message)
			}
			found[instance.Address.Display] = result
		}
	}
	return found
}

// TestAccPlanJSON_isAnInterface holds where a plan's JSON has bindings and gates, with which names and in which types,
// and what it has of them where the plan failed.
func TestAccPlanJSON_isAnInterface(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	place := ofPlanJSON(t, wechat)
	const all, club, check = "data.wechat_open_accounts.all", "module.club.data.wechat_open_account.club", "check.nobody_is_unbound"
	entry := func(status string, openAppID, errcode, errmsg any) map[string]any {
		return map[string]any{"status": status, "open_appid": openAppID, "errcode": errcode, "errmsg": errmsg}
	}
	fleetOf := func(entries, byOpenAppID map[string]any, unbound, failed []any) map[string]any {
		return map[string]any{
			"appids": []any{tea, books, astray}, "fail_on_error": false, "timeouts": nil, "accounts": entries,
			"by_open_appid": byOpenAppID, "unbound": unbound, "failed": failed,
		}
	}
	clubAt := func(openAppID any) map[string]any {
		return map[string]any{
			"appid": teaClub, "require_bound": nil, "timeouts": nil, "bound": openAppID != nil, "open_appid": openAppID,
		}
	}
	atRest := fleetOf(map[string]any{
		tea: entry("bound", teaOpen, nil, nil), books: entry("bound", booksOpen, nil, nil), astray: entry("bound", teaOpen, nil, nil),
	}, map[string]any{teaOpen: []any{tea, astray}, booksOpen: []any{books}}, []any{}, []any{})
	withdrawn := func(appid string) {
		wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: appid})
	}
	for _, night := range []struct {
		name    string
		prepare func()
		exit    int
		values  map[string]any
		gates   map[string][]string
	}{
		{
			name: "all is well", prepare: func() {}, exit: 0,
			values: map[string]any{all: atRest, club: clubAt(teaOpen)},
			gates:  map[string][]string{all: {"pass"}, check: {"pass"}, club: {"pass"}},
		},
		{
			name:    "a check warns, and the plan stands",
			prepare: func() { wechat.move(t, astray, "") },
			values: map[string]any{club: clubAt(teaOpen), all: fleetOf(map[string]any{
				tea: entry("bound", teaOpen, nil, nil), books: entry("bound", booksOpen, nil, nil), astray: entry("unbound", nil, nil, nil),
			}, map[string]any{teaOpen: []any{tea}, booksOpen: []any{books}}, []any{astray}, []any{})},
			gates: map[string][]string{all: {"pass"}, check: {"fail", "Bound to none: " + astray + "."}, club: {"pass"}},
		},
		{
			name: "gates fail, and what was read stands nevertheless",
			prepare: func() {
				wechat.move(t, astray, teaOpen)
				wechat.move(t, teaClub, "")
				withdrawn(books)
			},
			exit: 1,
			values: map[string]any{club: clubAt(nil), all: fleetOf(map[string]any{
				tea: entry("bound", teaOpen, nil, nil), astray: entry("bound", teaOpen, nil, nil),
				books: entry("error", nil, 61003.0, "component is not authorized by this account"),
			}, map[string]any{teaOpen: []any{tea, astray}}, []any{}, []any{books})},
			gates: map[string][]string{
				all: {"fail", "Not read: " + books + "."}, check: {"unknown"}, club: {"fail", "The club is bound to no open account."},
			},
		},
		{
			name: "what could not be read is as it was, and its gate was not judged",
			prepare: func() {
				wechat.ClearFaults()
				withdrawn(teaClub)
			},
			exit:   1,
			values: map[string]any{all: atRest, club: clubAt(teaOpen)},
			gates:  map[string][]string{all: {"pass"}, check: {"pass"}, club: {"unknown"}},
		},
	} {
		night.prepare()
		expectExit(t, place, night.exit, "plan", "-out=plan.bin")
		var plan planJSON
		showPlan(t, place, &plan)
		if plan.Errored == nil != !installed.SaysErrored() || plan.Errored != nil && *plan.Errored != (night.exit == 1) {
			t.Errorf("%s: errored is %v", night.name, plan.Errored)
		}
		if diff := cmp.Diff(night.values, plan.PriorState.Values.Root.values()); diff != "" {
			t.Errorf("%s, values: -want +got:\n%s", night.name, diff)
		}
		if diff := cmp.Diff(night.gates, plan.gates()); diff != "" {
			t.Errorf("%s, gates: -want +got:\n%s", night.name, diff)
		}
	}
}

// ofPlanJSON is the guide's configuration, applied.
func ofPlanJSON(t *testing.T, wechat *lab) *engine.Workspace {
	t.Helper()
	place := workspace(t, "", baseURL(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	if err := place.CopyIn(filepath.Join(moduleRoot, "examples", "guides", "plan-json")); err != nil {
		t.Fatal(err)
	}
	expectExit(t, place, 0, "init")
	expectExit(t, place, 0, "apply", "-auto-approve")
	return place
}
