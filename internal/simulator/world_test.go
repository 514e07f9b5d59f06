package simulator_test

import (
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

func TestDefaultWorld(t *testing.T) {
	pattern := regexp.MustCompile(`^wx[0-9a-f]{16}$`)
	byOpenAppID := map[string]int{}
	for _, a := range simulator.DefaultWorld().Accounts {
		if !pattern.MatchString(a.AppID) || !a.Authorized || a.AccountStatus != 1 {
			t.Errorf("%+v", a)
		}
		byOpenAppID[a.OpenAppID]++
	}
	if byOpenAppID[""] != 1 || byOpenAppID["wx2000000000000001"] != 4 || byOpenAppID["wx2000000000000002"] != 2 {
		t.Errorf("bindings: %v", byOpenAppID)
	}
}

func TestReadWorldRefuses(t *testing.T) {
	const platform = `{"component": {"appid": "wx3"}, "accounts": `
	for name, test := range map[string]struct{ document, want string }{
		"nothing":                    {``, "empty"},
		"no component":               {`{"accounts": []}`, "component: appid"},
		"unknown member":             {`{"platform": {}}`, `unknown field "platform"`},
		"unknown member of account":  {platform + `[{"appid": "wx1", "open_app_id": "x"}]}`, `account "wx1": json: unknown field "open_app_id"`},
		"wrong type in account":      {platform + `[{"appid": "wx1", "permission_sets": "24"}]}`, `account "wx1": `},
		"appid twice":                {platform + `[{"appid": "wx1", "kind": "mini_program"}, {"appid": "wx1", "kind": "mini_program"}]}`, `account "wx1": the appid is there twice`},
		"the component's appid":      {platform + `[{"appid": "wx3", "kind": "mini_program"}]}`, `account "wx3": the appid is there twice`},
		"unknown kind":               {platform + `[{"appid": "wx1", "kind": "mini_game"}]}`, `account "wx1": kind "mini_game" is none of`},
		"appid that is a path":       {platform + `[{"appid": "../wx1", "kind": "mini_program"}]}`, `account "../wx1"`},
		"impossible permission sets": {platform + `[{"appid": "wx1", "kind": "mini_program", "permission_sets": [0]}]}`, `account "wx1": permission sets`},
		"impossible open account":    {platform + `[{"appid": "wx1", "kind": "mini_program", "open_appid": "x y"}]}`, `account "wx1": open_appid "x y"`},
		"something behind":           {platform + `[]} {}`, "follows"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := simulator.ReadWorld(strings.NewReader(test.document)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestUpdateAccount(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	token := s.Token(unbound)
	if err := s.UpdateAccount(unbound, func(a *simulator.Account) { a.OpenAppID = "wx2000000000000009" }); err != nil {
		t.Fatal(err)
	}
	if got := getOpen(t, s, token); got != 0 {
		t.Errorf("after binding: errcode %d", got)
	}
	for name, change := range map[string]func(*simulator.Account){
		"another appid": func(a *simulator.Account) { a.AppID = "wx1" },
		"unknown kind":  func(a *simulator.Account) { a.Kind = "" },
	} {
		if s.UpdateAccount(unbound, change) == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if s.UpdateAccount("wx1", func(*simulator.Account) {}) == nil {
		t.Error("unknown appid: no error")
	}
	if a, found := s.Account(unbound); !found || a.OpenAppID != "wx2000000000000009" {
		t.Errorf("account: %+v", a)
	}
}
