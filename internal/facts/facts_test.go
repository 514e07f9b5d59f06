package facts_test

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// Accounts of the world below.
const (
	platform   = "wx3000000000000001"
	official   = "wx1000000000000001" // bound
	mini       = "wx1000000000000002" // unbound
	restricted = "wx1000000000000003" // a mini program without set 25
	open       = "wx2000000000000001"
)

// world has an account of each kind.
func world() *simulator.World {
	account := func(appid string, kind simulator.Kind, open string, sets ...int) simulator.Account {
		return simulator.Account{
			AppID: appid, Kind: kind, OpenAppID: open, PermissionSets: sets, Authorized: true,
			Name: "Example Tea", Owner: "Example Tea Trading Co., Ltd.",
		}
	}
	return &simulator.World{
		Component: simulator.Component{AppID: platform},
		Accounts: []simulator.Account{
			account(official, simulator.OfficialAccount, open, 3, 24),
			account(mini, simulator.MiniProgram, "", 25, 30),
			account(restricted, simulator.MiniProgram, open, 18, 30),
			account("wx1000000000000004", simulator.Channels, ""),
			account("wx1000000000000005", simulator.Store, ""),
			account("wx1000000000000006", simulator.Talent, ""),
			account("wx1000000000000007", simulator.Supplier, ""),
		},
	}
}

// lab is a simulated WeChat, with what a tier takes to ask it.
type lab struct {
	*simulator.Simulator
	config facts.Config
}

// newLab starts one, with something around it, or nil. The second account counts from tier 2 on.
func newLab(t *testing.T, tier int, secondAppID string, around func(http.Handler) http.Handler) lab {
	t.Helper()
	s, err := simulator.New(simulator.Config{World: world()})
	if err != nil {
		t.Fatal(err)
	}
	if around == nil {
		around = func(inner http.Handler) http.Handler { return inner }
	}
	server, err := simulator.Listen("127.0.0.1:0", s, simulator.Wrapped(around))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	l := lab{Simulator: s}
	if l.config.BaseURL, err = url.Parse(server.URL()); err != nil {
		t.Fatal(err)
	}
	credential := func(appid string) facts.Credential { return facts.Credential{AppID: appid, Token: s.Token(appid)} }
	if tier >= 1 {
		l.config.Credentials[facts.First] = credential(official)
	}
	if tier >= 2 {
		l.config.Credentials[facts.Second] = credential(cmp.Or(secondAppID, mini))
	}
	if tier >= 3 {
		l.config.Credentials[facts.Component] = credential(platform)
	}
	return l
}

// different are the facts that differ.
func different(report *facts.Report) []string {
	var found []string
	for _, result := range report.Results {
		if result.Outcome == facts.Differs {
			found = append(found, result.ID)
		}
	}
	return found
}

// TestFacts_holdOnTheSimulator asks the simulator all that can be asked of one address without TLS: nothing
// differs, and nothing is left unasked by both kinds of second account.
func TestFacts_holdOnTheSimulator(t *testing.T) {
	t.Parallel()
	confirmed := map[string]bool{}
	for tier := range 4 {
		for _, second := range []string{mini, restricted} {
			l := newLab(t, tier, second, nil)
			_, planned := l.config.Plan()
			report := facts.Verify(t.Context(), l.config)
			if found := different(report); len(found) > 0 {
				t.Errorf("tier %d: %v differ: %v", tier, found, report.Results)
			}
			for i, result := range report.Results {
				confirmed[result.ID] = confirmed[result.ID] || result.Outcome == facts.Confirmed
				if result.Outcome == facts.Confirmed && facts.Facts[i].Tier() > tier {
					t.Errorf("%s was settled at tier %d", result.ID, tier)
				}
			}
			if asked := l.Count(""); asked != report.Calls || asked > planned || planned > 40 {
				t.Errorf("tier %d: %d requests, %d calls, %d planned", tier, asked, report.Calls, planned)
			}
			t.Logf("tier %d: %d calls, %s; %d confirmed", tier, report.Calls, report.Took,
				report.Count(facts.Confirmed))
		}
	}
	elsewhere := []string{
		"hosts.alike", "hosts.address", "transport.http2", "transport.tls",
		"provider.same",
	} // in cmd/wechat-verify
	for _, fact := range facts.Facts {
		if !confirmed[fact.ID] && !slices.Contains(elsewhere, fact.ID) {
			t.Errorf("%s is confirmed by no run", fact.ID)
		}
	}
}

// TestFacts_areWholeRows finds rows that lack something, or stand there twice.
func TestFacts_areWholeRows(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, fact := range facts.Facts {
		grades := []facts.Grade{facts.Documented, facts.Published, facts.Inferred}
		if seen[fact.ID] || fact.Claim == "" || fact.Expect == nil || fact.Source == "" ||
			!slices.Contains(grades, fact.Grade) {
			t.Errorf("%s is no whole row, or there twice", fact.ID)
		}
		seen[fact.ID] = true
	}
	all := facts.Config{Credentials: [3]facts.Credential{
		{AppID: "a", Token: "b"},
		{AppID: "c", Token: "d"},
		{AppID: "e", Token: "f"},
	}}
	if _, calls := all.Plan(); calls > 38 {
		t.Errorf("a whole run takes %d calls, and two are the provider's", calls)
	}
}
