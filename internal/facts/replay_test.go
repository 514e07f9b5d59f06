package facts

import (
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// evidence is where records are kept: what runs of wechat-verify left, and bodies that others published.
const evidence = "../../evidence"

// knownDifferences are those between a record and the simulator that stay, each with its reason. The name is that
// of the subtest.
var knownDifferences = map[string]string{}

// TestReplay puts each recorded request to the simulator: code, names and types are those that were recorded.
func TestReplay(t *testing.T) {
	t.Parallel()
	records, err := ReadRecords(evidence)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) == 0 {
		t.Fatal("there are no records")
	}
	seen := map[string]bool{}
	for file, record := range records {
		for i, recorded := range record.Exchanges {
			name := fmt.Sprintf("%s#%d", file, i+1)
			seen[name] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				diff := cmp.Diff(comparable(recorded.Answer), comparable(replayed(t, record, recorded)))
				reason := knownDifferences[name]
				switch {
				case diff != "" && reason == "":
					t.Errorf("%s %s with %s: -recorded +simulator:\n%s", recorded.Method, recorded.Path, recorded.Token,
						diff)
				case diff == "" && reason != "":
					t.Errorf("this does not differ any more: %s", reason)
				}
			})
		}
	}
	for name := range knownDifferences {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestReplay_ofARun records a run on the simulator, with each kind of second account, and replays it.
func TestReplay_ofARun(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{"unbound": "wx1000000000000006", "without the set": "wx1000000000000007"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := simulator.New(simulator.Config{})
			if err != nil {
				t.Fatal(err)
			}
			server, err := simulator.Listen("127.0.0.1:0", s)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			var c Config
			for holder, appid := range []string{"wx1000000000000001", second, s.Component().AppID} {
				c.Credentials[holder] = Credential{appid, s.Token(appid)}
			}
			if c.BaseURL, err = url.Parse(server.URL()); err != nil {
				t.Fatal(err)
			}
			report, path := Verify(t.Context(), c), filepath.Join(t.TempDir(), "record.json")
			if err := report.Write(path, report.Record(time.Now())); err != nil {
				t.Fatal(err)
			}
			record, err := ReadRecord(path)
			if err != nil || len(record.Exchanges) != report.Calls {
				t.Fatalf("%d exchanges of %d, %v", len(record.Exchanges), report.Calls, err)
			}
			for _, recorded := range record.Exchanges {
				if diff := cmp.Diff(comparable(recorded.Answer), comparable(replayed(t, record, recorded))); diff != "" {
					t.Errorf("%s %s with %s: -recorded +simulator:\n%s", recorded.Method, recorded.Path, recorded.Token, diff)
				}
			}
		})
	}
}

// replayed is the simulator's answer to a recorded request, where it has the accounts that the record speaks of.
func replayed(t *testing.T, record Record, recorded RecordedExchange) Answer {
	t.Helper()
	world := &simulator.World{Component: simulator.Component{AppID: "wx3000000000000001"}}
	appids := map[string]string{"component": world.Component.AppID}
	account := func(role string) {
		a := simulator.Account{
			AppID: fmt.Sprintf("wx100000000000%04d", len(world.Accounts)+1), Kind: kindIn(recorded.Answer),
			Authorized:     true,
			PermissionSets: []int{3, 18, 24, 25, 30}, OpenAppID: "wx2000000000000001",
		}
		if recorded.Answer.Errcode != nil {
			switch *recorded.Answer.Errcode {
			case 89002:
				a.OpenAppID = ""
			case 48001:
				a.PermissionSets = []int{1}
			}
		}
		if recorded.Answer.Members["have_open"] == "false" || recorded.Answer.Members["same_entity"] == "false" {
			a.OpenAppID = ""
		}
		a.CodePending = recorded.Answer.Members["list[]"] != "" && recorded.Answer.Members["list[].refresh_token"] == ""
		appids[role] = a.AppID
		world.Accounts = append(world.Accounts, a)
	}
	account("first")
	account("second")
	// Authorizers that have no role are those that the component listed.
	body := regexp.MustCompile(`wx[A-Z]\d*`).ReplaceAllStringFunc(recorded.Body, func(name string) string {
		role := record.Accounts[name]
		if role == "" {
			role = name
		}
		if appids[role] == "" {
			account(role)
		}
		return appids[role]
	})
	s, err := simulator.New(simulator.Config{World: world})
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.Listen("127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	var c Config
	for holder, role := range []string{"first", "second", "component"} {
		c.Credentials[holder] = Credential{appids[role], s.Token(appids[role])}
	}
	if c.BaseURL, err = url.Parse(server.URL()); err != nil {
		t.Fatal(err)
	}
	v := &verification{Config: c}
	r := request{
		endpoint: endpointAt(t, recorded.Path), method: recorded.Method, chunked: recorded.Chunked,
		newName: recorded.NewName,
		token:   token(slices.Index(tokenNames[:], recorded.Token)),
	}
	if r.token < 0 {
		t.Fatalf("there is no token %q", recorded.Token)
	}
	e := newClient(c).send(t.Context(), r, v.token(r.token), body, new(aliases))
	if e.failure != "" {
		t.Fatal(e.failure)
	}
	if recorded.Answer.Status == 0 { // nobody published it
		e.answer.Status = 0
	}
	return e.answer
}

func endpointAt(t *testing.T, path string) endpoint {
	t.Helper()
	for i, e := range endpoints {
		if e.path == path {
			return endpoint(i)
		}
	}
	t.Fatalf("%s is none of the six endpoints", path)
	return 0
}

func kindIn(a Answer) simulator.Kind {
	for i, marker := range markers {
		if a.Members["authorizer_info."+marker] != "" {
			return []simulator.Kind{
				simulator.MiniProgram, simulator.Channels, simulator.Store, simulator.Talent, simulator.Supplier,
			}[i]
		}
	}
	if a.Members["authorizer_info"] != "" && a.Members["authorizer_info.nick_name"] == "" {
		return simulator.Unknown
	}
	return simulator.OfficialAccount
}

// comparable is of an answer what the simulator must give as well: the status, the code, names and types. An empty
// text is a text, and so is an appid.
func comparable(a Answer) Answer {
	kept := Answer{Status: a.Status, Body: a.Body, Errcode: a.Errcode, Members: maps.Clone(a.Members)}
	for path, kind := range kept.Members {
		switch {
		case kind == "empty" || strings.HasPrefix(kind, "wx"):
			kept.Members[path] = "string"
		case kind == "true" || kind == "false":
			kept.Members[path] = "boolean"
		}
	}
	return kept
}

// TestReadRecord refuses what is no whole record.
func TestReadRecord(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, want string }{
		"half":               {`{"format": 1, "origin": "run", "exchanges": [{"method": "PO`, "half a record"},
		"empty":              {``, "half a record"},
		"another format":     {`{"format": 2, "origin": "run", "exchanges": []}`, "format 1"},
		"more than one":      {`{"format": 1, "origin": "run", "exchanges": []}{}`, "something follows"},
		"what no record has": {`{"format": 1, "origin": "run", "exchanges": [], "token": "x"}`, "no record"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "record.json")
			write(t, path, test.content)
			if _, err := ReadRecord(path); err == nil || !strings.Contains(err.Error(), test.want) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
