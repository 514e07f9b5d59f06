package provider

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The tests of chaos defend one sentence: for every sequence of faults, each account's answer is its true binding, or
// an error that names it; never another account's binding, never "unbound" without WeChat's 89002, never a hang, never
// a secret shown. `make soak` runs them with larger numbers.
var (
	chaosAccounts = flag.Int("chaos.accounts", 1000, "accounts in one run of chaos")
	chaosSeeds    = flag.Uint64("chaos.seeds", 1, "runs of chaos, each with a seed of its own")
	chaosFirst    = flag.Uint64("chaos.seed", 1, "the first seed; a seed brings each account the same faults again")
)

// chaosRetries is max_retries, chaosLimit timeouts.read: enough for the pauses of many a used-up quota.
const (
	chaosRetries = 3
	chaosLimit   = 24 * time.Hour
	// chaosNap is when all that nobody uses any more must be gone.
	chaosNap = time.Hour
)

// The addresses of the network that chaos plays in.
const (
	chaosWeChat  = "127.0.0.1:8001"
	chaosService = "127.0.0.1:8002"
)

// TestChaos speaks to the provider as an engine does, in a bubble with a clock and a network of its own: minutes of
// waiting cost nothing, a goroutine that is left over fails the test, and so does a wait that nothing can end.
func TestChaos(t *testing.T) {
	t.Parallel()
	for seed := *chaosFirst; seed < *chaosFirst+*chaosSeeds; seed++ {
		for _, source := range []string{attributeTokenEndpoint, attributeAccessTokenFile} {
			t.Run(fmt.Sprintf("%s with seed %d", source, seed), func(t *testing.T) {
				if *chaosAccounts <= 1000 {
					t.Parallel()
				}
				files := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					c := newChaos(t, seed, source, files, *chaosAccounts, *chaosAccounts/5)
					c.serve()
					c.run()
				})
			})
		}
	}
}

// TestChaosInterrupted ends reads in the midst of chaos: at once, and with nothing left over.
func TestChaosInterrupted(t *testing.T) {
	t.Parallel()
	for seed := *chaosFirst; seed < *chaosFirst+*chaosSeeds; seed++ {
		files := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			c := newChaos(t, seed, attributeTokenEndpoint, files, *chaosAccounts, 1)
			c.serve()
			ctx, cancel := context.WithCancel(c.ctx)
			var interrupted time.Time
			time.AfterFunc(time.Duration(c.dice("interrupt").IntN(60_000))*time.Millisecond, func() { interrupted = time.Now(); cancel() })
			c.ctx = ctx
			_, diagnostics := c.read("wechat_open_accounts", map[string]any{"appids": c.fleet, "fail_on_error": false})
			cancel()
			if late := time.Since(interrupted); !interrupted.IsZero() && late > time.Second {
				t.Errorf("seed %d: it ended %s after it was interrupted", seed, late)
			}
			if !interrupted.IsZero() && !strings.Contains(saidIn(diagnostics), "interrupted") {
				t.Errorf("seed %d: an interrupt says %q", seed, saidIn(diagnostics))
			}
			c.end()
		})
	}
}

// chaos is one run.
type chaos struct {
	t      *testing.T
	seed   uint64
	source string
	files  string // a folder for the tokens of sources that keep files
	faults []misfortune
	// latency is the longest that a true answer takes.
	latency time.Duration

	wechat  *simulator.Simulator
	fleet   []string // read with wechat_open_accounts
	singles []string // read one by one
	number  map[string]int

	// The provider, as it is spoken to in a bubble.
	ctx     context.Context
	log     lockedBuffer
	network *pipes
	server  tfprotov6.ProviderServer
	schema  *tfprotov6.GetProviderSchemaResponse

	mutex sync.Mutex
	// told is the last answer that WeChat gave whole, by endpoint and account, as far as it says success.
	told map[string]map[string]any
	// asked counts requests, by endpoint and account; rejected the questions to a token's source after a rejection.
	asked, rejected map[string]int
	renewing        map[string]bool   // whose token was refused
	struck          map[string]int    // faults by name
	owner           map[string]string // of each token
	issued          []string          // all tokens that were ever handed out
	moves           int
}

func newChaos(t *testing.T, seed uint64, source, files string, fleet, singles int) *chaos {
	t.Helper()
	c := &chaos{
		t: t, seed: seed, source: source, files: files, faults: ofWeChat, latency: 3 * time.Second,
		told: map[string]map[string]any{}, asked: map[string]int{}, rejected: map[string]int{}, renewing: map[string]bool{},
		struck: map[string]int{}, owner: map[string]string{}, number: map[string]int{},
	}
	world := &simulator.World{Component: simulator.Component{AppID: "wx3000000000000001"}}
	for number := range fleet + singles {
		account := simulator.Account{
			AppID: fleetAppID(number), Kind: chaosKind(number), Name: "name\x01\nof " + fleetAppID(number),
			PermissionSets: []int{3, 24, 25, 30}, Authorized: true, OpenAppID: chaosOpenAppID(number, 0),
		}
		c.number[account.AppID] = number
		if number%11 == 0 {
			account.OpenAppID = ""
		}
		if number < fleet {
			c.fleet = append(c.fleet, account.AppID)
		} else {
			c.singles = append(c.singles, account.AppID)
		}
		world.Accounts = append(world.Accounts, account)
	}
	var err error
	if c.wechat, err = simulator.New(simulator.Config{World: world, Overlap: simulator.NoOverlap}); err != nil {
		t.Fatal(err)
	}
	if c.keepsFiles() {
		for _, appid := range slices.Concat(c.fleet, c.singles) {
			c.writeToken(appid, c.issue(appid))
		}
	}
	return c
}

// keepsFiles reports whether the source is one of the files that whoever refreshes tokens writes.
func (c *chaos) keepsFiles() bool {
	return c.source == attributeAccessTokenFile || c.source == attributeExec
}

// chaosKind is an account's kind: of one in twelve WeChat refuses to tell what it is bound to, whatever it has granted.
func chaosKind(number int) simulator.Kind {
	switch number % 12 {
	case 5:
		return simulator.Store
	case 2, 7:
		return simulator.OfficialAccount
	default:
		return simulator.MiniProgram
	}
}

// chaosOpenAppID is one of the open accounts that an account moves between. Five accounts share them, and no others.
func chaosOpenAppID(number, which int) string { return fmt.Sprintf("wx2%013x%02x", number/5, which) }

// run reads all data sources side by side, and holds each answer to what WeChat last told.
func (c *chaos) run() {
	var said strings.Builder
	var mutex sync.Mutex
	answers, errors := 0, 0
	note := func(diagnostics []*tfprotov6.Diagnostic, answered, failed int) {
		mutex.Lock()
		defer mutex.Unlock()
		said.WriteString(saidIn(diagnostics))
		answers, errors = answers+answered, errors+failed
	}
	var readers sync.WaitGroup
	readers.Go(func() {
		state, diagnostics := c.read("wechat_open_accounts", map[string]any{"appids": append(c.fleet, c.fleet[:10]...), "fail_on_error": false})
		if state == nil {
			c.checkRefused("wechat_open_accounts", "", diagnostics)
			note(diagnostics, 0, len(c.fleet))
			return
		}
		failed := c.checkFleet(state)
		note(diagnostics, len(c.fleet)-failed, failed)
	})
	readers.Go(func() {
		state, diagnostics := c.read("wechat_authorizers", map[string]any{"details": true, "fail_on_error": false})
		if state == nil {
			c.checkRefused("wechat_authorizers", "", diagnostics)
			note(diagnostics, 0, 1)
			return
		}
		if got, want := fmt.Sprint(state["appids"]), fmt.Sprint(slices.Concat(c.fleet, c.singles)); got != want && len(diagnostics) == 0 {
			c.t.Errorf("seed %d: the list of authorizers is\n%s\nwant\n%s", c.seed, got, want)
		}
		failed := c.checkAuthorizers(state)
		note(diagnostics, 1, failed)
	})
	// The engine reads ten instances at a time.
	turns := make(chan string)
	readers.Go(func() {
		defer close(turns)
		for _, appid := range c.singles {
			turns <- appid
		}
	})
	for range 10 {
		readers.Go(func() {
			for appid := range turns {
				checks := map[string]func(string, map[string]any){
					"wechat_open_account": c.checkAccount, "wechat_authorizer": c.checkAuthorizer, "wechat_open_account_status": c.checkStatus,
				}
				for name, check := range checks {
					state, diagnostics := c.read(name, map[string]any{"appid": appid})
					if state == nil {
						c.checkRefused(name, appid, diagnostics)
						note(diagnostics, 0, 1)
						continue
					}
					check(appid, state)
					note(diagnostics, 1, 0)
				}
			}
		})
	}
	readers.Wait()
	c.checkRequests()
	connections := c.network.total()
	c.end()
	c.checkSecrets(said.String() + c.log.String())
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	c.report(answers, errors, connections, int64(memory.HeapInuse))
}

// end stops the provider and sees that what it had open is gone once its time is over.
func (c *chaos) end() {
	if _, err := c.server.StopProvider(c.ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		c.t.Error(err)
	}
	time.Sleep(chaosNap)
	if open := c.network.open(); open != 0 {
		c.t.Errorf("seed %d: %d connections are still open", c.seed, open)
	}
	c.network.close()
	// A goroutine of the provider's that is left now would fail the bubble.
}

// count counts a request, and tells the how-manieth it is.
func (c *chaos) count(path, appid string) int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.asked[path+" "+appid]++
	return c.asked[path+" "+appid]
}
