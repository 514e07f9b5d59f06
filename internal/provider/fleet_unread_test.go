package provider

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const noneWasRead = "fail_on_error = false lets a read go on with what was read of it; here nothing was."

// slowFor has WeChat answer about an account in an hour.
func slowFor(t *testing.T, wechat *lab, appid string) {
	t.Helper()
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour, AppID: appid})
}

// TestAccOpenAccounts_outOfTime has the time of a read end: what was read stands, and each of the others is named, with
// what was heard of it last.
func TestAccOpenAccounts_outOfTime(t *testing.T) {
	t.Parallel()
	const (
		settings = "request_timeout = \"1h\"\n"
		hour     = "timeouts = { read = \"5s\" }\n"
		goOn     = "fail_on_error = false\n"
	)
	withoutToken := func(t *testing.T, wechat *lab, number int) {
		t.Helper()
		if err := os.Remove(filepath.Join(wechat.tokens, fleetAppID(number))); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		prepare  func(*testing.T, *lab)
		settings string
		rest     string
		exit     int
		says     []string
		entries  map[string]any // of the accounts that failed
	}{
		"the others' answers stand": {
			prepare: func(t *testing.T, wechat *lab) {
				slowFor(t, wechat, fleetAppID(7))
				// 5s are over before this one's minute is.
				wechat.fault(t, simulator.Fault{Kind: simulator.FaultMinuteQuota, AppID: fleetAppID(8)})
				wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: 61003, AppID: fleetAppID(9)})
			},
			rest: goOn,
			says: []string{
				"Warning: Accounts not read", "3 of 100 accounts could not be read",
				"1 account (" + fleetAppID(7) + "): no answer came in time",
				"1 account (" + fleetAppID(8) + "): the account's quota of the minute is used up, and timeouts.read left no time for another attempt",
				"1 account (" + fleetAppID(9) + "): the account has not authorized the platform",
			},
			entries: map[string]any{
				fleetAppID(7): []any{nil, "no answer in time"},
				fleetAppID(8): []any{45011.0, "api minute-quota reach limit, must slower, retry next minute"},
				fleetAppID(9): []any{61003.0, "component is not authorized by this account"},
			},
		},
		"all are named, also those whose turn had not come": {
			prepare: func(t *testing.T, wechat *lab) {
				wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour})
				withoutToken(t, wechat, 0)
			},
			settings: "max_concurrent_requests = 1",
			exit:     1,
			says: []string{
				"Error: Accounts not read", "100 of 100 accounts could not be read",
				"1 account (" + fleetAppID(0) + "): access_token_file gives no access token for it", "does not exist",
				"(" + fleetAppID(1), ": no answer came in time",
				"95 accounts (" + fleetAppID(5) + ", ", "and 90 more): timeouts.read was over before its turn came",
			},
		},
		"nothing was read, and that is no success": {
			prepare: func(t *testing.T, wechat *lab) {
				wechat.fault(t, simulator.Fault{Kind: simulator.FaultSlow, Delay: time.Hour})
			},
			rest: goOn,
			exit: 1,
			says: []string{"Error: Accounts not read", "100 of 100 accounts could not be read", noneWasRead},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, fleetWorld(100))
			test.prepare(t, wechat)
			place := workspace(t, wechat.config(settings+test.settings, fleet(100, hour+test.rest)+`
output "entries" {
  value = { for appid, a in data.wechat_open_accounts.all.accounts : appid => [a.errcode, a.errmsg] if a.status == "error" }
}
`))
			result := expectExit(t, place, test.exit, "apply", "-auto-approve")
			expectWords(t, result.Stdout+result.Stderr, test.says...)
			if test.entries == nil {
				return
			}
			got := outputs(t, place)
			if diff := cmp.Diff(test.entries, got["entries"]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got["bound"] != float64(100-len(test.entries)) {
				t.Errorf("%v accounts are bound", got["bound"])
			}
		})
	}
}

// TestAccOpenAccounts_readingNothing has none of the accounts be read: that is an error where there were several.
func TestAccOpenAccounts_readingNothing(t *testing.T) {
	t.Parallel()
	keepMessages := keep(t, "fleet_reading_nothing.txt")
	refused := func(code int, numbers ...int) func(*testing.T, *lab) {
		return func(t *testing.T, wechat *lab) {
			t.Helper()
			for _, number := range numbers {
				wechat.fault(t, simulator.Fault{Kind: simulator.FaultErrcode, Code: code, AppID: fleetAppID(number)})
			}
		}
	}
	for name, test := range map[string]struct {
		prepare  func(*testing.T, *lab)
		accounts int
		exit     int
		says     []string
	}{
		"several, grouped": {
			prepare: func(t *testing.T, wechat *lab) {
				refused(61003, 0, 1, 2, 3, 4, 5, 6)(t, wechat)
				refused(48001, 7, 8)(t, wechat)
			},
			accounts: 9, exit: 1,
			says: []string{
				"Error: Accounts not read", "9 of 9 accounts could not be read",
				"7 accounts (" + fleetAppID(0), "2 accounts (" + fleetAppID(7) + ", " + fleetAppID(8) + "): this API is not permitted", noneWasRead,
			},
		},
		"two":               {prepare: refused(45009, 0, 1), accounts: 2, exit: 1, says: []string{"2 of 2 accounts could not be read", noneWasRead}},
		"one of two":        {prepare: refused(45009, 0), accounts: 2, says: []string{"Warning: Accounts not read", "1 of 2 accounts could not be read"}},
		"one, and no other": {prepare: refused(45009, 0), accounts: 1, says: []string{"Warning: Accounts not read", "1 of 1 account could not be read"}},
		"no accounts":       {prepare: refused(45009), accounts: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, fleetWorld(10))
			test.prepare(t, wechat)
			place := workspace(t, wechat.config("", fleet(test.accounts, "fail_on_error = false")))
			result := expectExit(t, place, test.exit, "apply", "-auto-approve", "-json")
			diagnostics := diagnosticsIn(result)
			keepMessages(name, diagnostics)
			expectWords(t, fmt.Sprint(diagnostics), test.says...)
			if got := wechat.Count(pathOpenGet); got != test.accounts {
				t.Errorf("asked %d times, want each account's once", got)
			}
		})
	}
}

// TestAccOpenAccounts_aTokenServiceThatRefuses has a token service answer 401: no account has anything to do with that,
// so the others are not asked about, in one read of many accounts as in many reads.
func TestAccOpenAccounts_aTokenServiceThatRefuses(t *testing.T) {
	t.Parallel()
	single := `
locals { appids = toset([for number in range(60) : format("wx%016x", 16384 + number)]) }
data "wechat_open_account" "each" {
  for_each = local.appids
  appid    = each.value
}
`
	for name, test := range map[string]struct {
		configuration string
		most          int32 // questions to the service: five, and those that were under way with them
	}{
		"one read":   {fleet(300, "fail_on_error = false"), 5 + 4},
		"many reads": {single, 5 + 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, fleetWorld(300))
			var questions atomic.Int32
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				questions.Add(1)
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = fmt.Fprint(w, `{"message":"unauthorized"}`)
			}))
			t.Cleanup(service.Close)
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url                = %q
  max_concurrent_requests = 1
  token_endpoint          = { url = "%s/{appid}" }
}
`, wechat.server.URL(), service.URL)+test.configuration)
			result := expectExit(t, place, 1, "plan")
			expectWords(t, result.Stderr, "answered with status 401", "token_endpoint.headers", "the same for 5 accounts in a row")
			if got := questions.Load(); got < 5 || got > test.most {
				t.Errorf("the service was asked %d times, want 5 to %d", got, test.most)
			}
			if got := wechat.Count(""); got != 0 {
				t.Errorf("WeChat was asked %d times", got)
			}
		})
	}
}

// TestAccOpenAccounts_noTLS has every connection end in the middle of the TLS handshake, as behind a firewall that
// looks at host names.
func TestAccOpenAccounts_noTLS(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var connections atomic.Int32
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_, _ = connection.Read(make([]byte, 1))
			_ = connection.Close()
		}
	}()
	wechat := newLab(t, fleetWorld(300))
	configuration := strings.Replace(wechat.config("max_retries = 0\nmax_concurrent_requests = 1", fleet(300, "fail_on_error = false")),
		wechat.server.URL(), "https://"+listener.Addr().String(), 1)
	result := expectExit(t, workspace(t, configuration), 1, "plan")
	expectWords(t, result.Stderr, "in the middle of the TLS handshake", "the same for 5 accounts in a row")
	if got := connections.Load(); got < 5 || got > 5+4 {
		t.Errorf("%d connections were made, want 5 and those under way", got)
	}
}

// TestAccAuthorizers_readingNothing has WeChat count authorizers and name none.
func TestAccAuthorizers_readingNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		exit   int
		says   []string
	}{
		"none of three": {`{"total_count":3,"list":[]}`, 1, []string{"Error: Authorizers not read", "its list named none of them"}},
		"none of none":  {`{"total_count":0,"list":[]}`, 0, nil},
		"one of three": {
			`{"total_count":3,"list":[{"authorizer_appid":"wx1000000000000001","auth_time":1}]}`, 0,
			[]string{"Warning: The list of authorizers may be incomplete"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, test.answer) }))
			t.Cleanup(server.Close)
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url  = %q
  component = { appid = "wx3000000000000001", access_token = "61_x" }
}
data "wechat_authorizers" "all" {}
`, server.URL))
			result := expectExit(t, place, test.exit, "plan")
			expectWords(t, result.Stdout+result.Stderr, test.says...)
		})
	}
}
