package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// The tests of chaos defend one sentence: for every sequence of faults, each account's answer is its true binding, or an
// error that names it; never another account's binding, never "unbound" without WeChat's 89002, never a hang, never a secret
// shown. `make soak` runs them with larger numbers.
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

// TestChaos speaks to the provider as an engine does, in a bubble with a clock and a network of its own: minutes of waiting
// cost nothing, a goroutine that is left over fails the test, and so does a wait that nothing can end.
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
			AppID: fleetAppID(number), Kind: simulator.MiniProgram, Name: "name\x01\nof " + fleetAppID(number),
			PermissionSets: []int{25, 30}, Authorized: true, OpenAppID: chaosOpenAppID(number, 0),
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

// serve starts the provider, and the network that it finds.
func (c *chaos) serve() {
	c.network = newPipes()
	c.network.serve(chaosWeChat, http.HandlerFunc(c.serveWeChat))
	c.network.serve(chaosService, http.HandlerFunc(c.serveTokens))
	// Tokens that were made before are of an age at which some end on the way.
	time.Sleep(simulator.TokenLife - 10*time.Minute)

	c.ctx = tfsdklogtest.RootLogger(tflogtest.RootLogger(c.t.Context(), &c.log), &c.log)
	c.ctx = tfsdklog.NewSubsystem(c.ctx, "framework")
	c.server = providerserver.NewProtocol6(&WeChatProvider{"0.0.0-chaos", environment{
		getenv: func(string) string { return "" },
		newTransport: func(config wire.TransportConfig) *http.Transport {
			transport := wire.NewTransport(config)
			transport.DialContext = c.network.dial
			return transport
		},
	}})()
	var err error
	if c.schema, err = c.server.GetProviderSchema(c.ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		c.t.Fatal(err)
	}
	c.configure()
}

// chaosOpenAppID is one of the open accounts that an account moves between. Five accounts share them, and no others.
func chaosOpenAppID(number, which int) string { return fmt.Sprintf("wx2%013x%02x", number/5, which) }

func (c *chaos) configure() {
	own := c.wechat.IssueComponentToken()
	c.issued = append(c.issued, own)
	settings := map[string]any{
		"base_url": "http://" + chaosWeChat, "max_retries": chaosRetries,
		attributeComponent: map[string]any{"appid": c.wechat.Component().AppID, "access_token": own},
	}
	switch c.source {
	case attributeTokenEndpoint:
		settings[attributeTokenEndpoint] = map[string]any{"url": "http://" + chaosService + "/{appid}", "expires_in_path": "expires_in"}
	case attributeAccessTokenFile:
		settings[attributeAccessTokenFile] = filepath.ToSlash(c.files) + "/{appid}"
	}
	kind := c.schema.Provider.ValueType()
	written, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, settings))
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := c.server.ConfigureProvider(c.ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: &written})
	if err != nil || slices.ContainsFunc(response.Diagnostics, isError) {
		c.t.Fatal(err, saidIn(response.Diagnostics))
	}
}

// read reads a data source and returns its state, or nil.
func (c *chaos) read(name string, config map[string]any) (state map[string]any, diagnostics []*tfprotov6.Diagnostic) {
	kind := c.schema.DataSourceSchemas[name].ValueType()
	config["timeouts"] = map[string]any{"read": chaosLimit.String()}
	written, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, config))
	if err != nil {
		c.t.Fatal(err)
	}
	begun := time.Now()
	response, err := c.server.ReadDataSource(c.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: &written})
	if err != nil {
		c.t.Fatal(err)
	}
	if took := time.Since(begun); took > chaosLimit {
		c.t.Errorf("seed %d: %s took %s, and its time is %s", c.seed, name, took, chaosLimit)
	}
	if slices.ContainsFunc(response.Diagnostics, isError) {
		return nil, response.Diagnostics
	}
	got, err := response.State.Unmarshal(kind)
	if err != nil {
		c.t.Fatal(err)
	}
	state, _ = goValue(c.t, got).(map[string]any)
	return state, response.Diagnostics
}

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
		state, diagnostics := c.read("wechat_authorizers", map[string]any{})
		if state == nil {
			c.checkRefused("wechat_authorizers", "", diagnostics)
			note(diagnostics, 0, 1)
			return
		}
		if got, want := fmt.Sprint(state["appids"]), fmt.Sprint(slices.Concat(c.fleet, c.singles)); got != want && len(diagnostics) == 0 {
			c.t.Errorf("seed %d: the list of authorizers is\n%s\nwant\n%s", c.seed, got, want)
		}
		note(diagnostics, 1, 0)
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

// report says what the run was, which is what `make soak` is for.
func (c *chaos) report(answers, errors, connections int, memory int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	requests := 0
	for _, count := range c.asked {
		requests += count
	}
	faults := 0
	for _, count := range c.struck {
		faults += count
	}
	c.t.Logf("seed %d, %s: %d accounts, %d answers, %d errors, %d requests over %d connections, %d moves, %d MB; %d faults: %s",
		c.seed, c.source, len(c.fleet)+len(c.singles), answers, errors, requests, connections, c.moves, memory>>20, faults, counts(c.struck))
	if answers < errors || faults == 0 {
		c.t.Errorf("seed %d: %d answers, %d errors and %d faults: this tests little", c.seed, answers, errors, faults)
	}
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

// checkFleet holds the state of wechat_open_accounts against the truth, and counts the failed accounts.
func (c *chaos) checkFleet(state map[string]any) (failed int) {
	accounts, _ := state["accounts"].(map[string]any)
	if len(accounts) != len(c.fleet) {
		c.t.Errorf("seed %d: %d accounts, want %d", c.seed, len(accounts), len(c.fleet))
	}
	byOpenAppID, unbound, failures := map[string][]string{}, []string{}, []string{}
	for _, appid := range c.fleet {
		account, _ := accounts[appid].(map[string]any)
		truth := c.toldOf(pathOpenGet, appid)
		openAppID, _ := account["open_appid"].(string)
		switch account["status"] {
		case statusBound:
			if openAppID == "" || truth["open_appid"] != openAppID || account["errcode"] != nil || account["errmsg"] != nil {
				c.t.Errorf("seed %d: %s is said to be bound as %v, and WeChat told %v", c.seed, appid, account, truth)
			}
			byOpenAppID[openAppID] = append(byOpenAppID[openAppID], appid)
		case statusUnbound:
			if truth["errcode"] != float64(89002) || openAppID != "" || account["errcode"] != nil || account["errmsg"] != nil {
				c.t.Errorf("seed %d: %s is said to be unbound as %v, and WeChat told %v", c.seed, appid, account, truth)
			}
			unbound = append(unbound, appid)
		default:
			text, _ := account["errmsg"].(string)
			if account["status"] != statusError || text == "" || openAppID != "" || strings.Contains(text, "rid") || strings.Contains(text, "127.0.0.1") {
				c.t.Errorf("seed %d: the failure of %s is %v", c.seed, appid, account)
			}
			failures = append(failures, appid)
		}
	}
	for name, want := range map[string]any{"by_open_appid": byOpenAppID, "unbound": unbound, "failed": failures} {
		if got := fmt.Sprint(state[name]); got != fmt.Sprint(want) {
			c.t.Errorf("seed %d: %s is\n%s\nand by the accounts it is\n%v", c.seed, name, got, want)
		}
	}
	return len(failures)
}

func (c *chaos) checkAccount(appid string, state map[string]any) {
	truth := c.toldOf(pathOpenGet, appid)
	switch {
	case state["bound"] == true && state["open_appid"] != nil && state["open_appid"] == truth["open_appid"]:
	case state["bound"] == false && state["open_appid"] == nil && truth["errcode"] == float64(89002):
	default:
		c.t.Errorf("seed %d: %s is said to be %v, and WeChat told %v", c.seed, appid, state, truth)
	}
}

func (c *chaos) checkStatus(appid string, state map[string]any) {
	bound, same := c.toldOf(pathOpenHave, appid)["have_open"], c.toldOf(pathOpenSameEntity, appid)["same_entity"]
	if bound == nil || state["bound"] != bound || bound == true && state["same_entity"] != same {
		c.t.Errorf("seed %d: the status of %s is said to be %v, and WeChat told %v and %v", c.seed, appid, state, bound, same)
	}
}

func (c *chaos) checkAuthorizer(appid string, state map[string]any) {
	if state["nick_name"] != "name\x01\nof "+appid || state["kind"] != "mini_program" || fmt.Sprint(state["permission_sets"]) != "[25 30]" {
		c.t.Errorf("seed %d: of %s is told %v", c.seed, appid, state)
	}
}

// checkRefused holds a read without an answer to an error that says what it is about.
func (c *chaos) checkRefused(name, appid string, diagnostics []*tfprotov6.Diagnostic) {
	text := saidIn(diagnostics)
	if !strings.Contains(text, appid) || !strings.Contains(text, "What to do") {
		c.t.Errorf("seed %d: %s of %q failed with %q", c.seed, name, appid, text)
	}
}

// checkRequests holds the number of requests to what max_retries and the one renewal allow.
func (c *chaos) checkRequests() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for about, count := range c.asked {
		path, appid, _ := strings.Cut(about, " ")
		questions := 1
		switch path {
		case pathOpenGet:
			if c.keepsFiles() && c.renewing[appid] || c.rejected[appid] > 0 {
				questions = 2
			}
			// Both tokens share the retries.
			if most := chaosRetries + questions; count > most {
				c.t.Errorf("seed %d: %s was asked about %s %d times, want at most %d", c.seed, path, appid, count, most)
			}
		case "/token":
			// One question for each data source that may want another token, and each with its retries.
			if most := 4 * (1 + chaosRetries); count > most {
				c.t.Errorf("seed %d: the token service was asked for %s %d times, want at most %d", c.seed, appid, count, most)
			}
		}
	}
}

// checkSecrets looks for any piece of any token, in whatever was said and logged.
func (c *chaos) checkSecrets(said string) {
	const from, length = 20, 12
	pieces := map[string]bool{}
	for _, token := range c.issued {
		pieces[token[from:from+length]] = true
	}
	for _, appid := range slices.Concat(c.fleet, c.singles) {
		pieces[c.wechat.RefreshToken(appid)[from:from+length]] = true
	}
	if len(said) < 1000 || len(pieces) < len(c.singles) {
		c.t.Errorf("seed %d: %d bytes were searched for %d secrets: this tests little", c.seed, len(said), len(pieces))
	}
	for at := 0; at+length <= len(said); at++ {
		if pieces[said[at:at+length]] {
			c.t.Errorf("seed %d: a secret is shown in %q", c.seed, said[max(0, at-200):at])
			return
		}
	}
}

func (c *chaos) toldOf(path, appid string) map[string]any {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.told[path+" "+appid]
}

// issue makes a new token for an account, which ends the one before.
func (c *chaos) issue(appid string) string {
	token := c.wechat.IssueToken(appid)
	c.hold(appid, token)
	return token
}

func (c *chaos) hold(appid, token string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, known := c.owner[token]; !known {
		c.owner[token] = appid
		c.issued = append(c.issued, token)
	}
}

func (c *chaos) writeToken(appid, token string) {
	if err := os.WriteFile(filepath.Join(c.files, appid), []byte(token+"\n"), 0o600); err != nil {
		c.t.Error(err)
	}
}

// dice are the same for the same seed and the same event, whatever else goes on meanwhile.
func (c *chaos) dice(event ...any) *rand.Rand {
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, event...)
	return rand.New(rand.NewPCG(c.seed, hash.Sum64()))
}

// count counts a request, and tells the how-manieth it is.
func (c *chaos) count(path, appid string) int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.asked[path+" "+appid]++
	return c.asked[path+" "+appid]
}

// misfortune is a fault that may meet a request. It writes what takes the true answer's place.
type misfortune struct {
	name   string
	weight int
	strike func(c *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)
}

// says answers with a body of the status 200, in WeChat's place or in its manner.
func says(body string) func(*chaos, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		_, _ = w.Write([]byte(body))
	}
}

// page answers with a status and a page of a gateway.
func page(status int) func(*chaos, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
	return func(_ *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<html><body><h1>%d</h1>%s</body></html>", status, r.URL) // with the token in it, as some do
	}
}

// inTheNetwork may happen to anything that is asked over HTTP.
var inTheNetwork = []misfortune{
	{"502 page", 6, page(http.StatusBadGateway)},
	{"503 page", 6, page(http.StatusServiceUnavailable)},
	{"429", 3, page(http.StatusTooManyRequests)},
	{"408", 3, page(http.StatusRequestTimeout)},
	{"404 page", 1, page(http.StatusNotFound)},
	{"login page", 1, page(http.StatusOK)},
	{"redirect", 1, func(_ *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		http.Redirect(w, r, "http://"+chaosService+"/login?from="+r.URL.RawQuery, http.StatusFound)
	}},
	{"empty answer", 6, says("")},
	{"half an answer", 6, func(_ *chaos, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}},
	{"half an answer that says it is whole", 3, func(_ *chaos, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
	}},
	{"closed without an answer", 6, func(*chaos, http.ResponseWriter, *http.Request, *httptest.ResponseRecorder) {
		panic(http.ErrAbortHandler)
	}},
	{"reset", 6, func(c *chaos, w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		connection, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", answer.Body.Len())
		_ = out.Flush()
		reset(connection)
	}},
	{"never an answer", 2, func(_ *chaos, _ http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		<-r.Context().Done()
	}},
	{"never the end of an answer", 2, func(_ *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}},
	{"a byte a second", 1, func(_ *chaos, w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder) {
		for _, char := range answer.Body.Bytes() {
			if _, err := w.Write([]byte{char}); err != nil || r.Context().Err() != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Second)
		}
	}},
	{"not HTTP", 1, func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		connection, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = out.WriteString("220 mail.example ESMTP\r\n")
		_ = out.Flush()
		_ = connection.Close()
	}},
	{"foreign JSON", 1, says(`{"code":0,"data":{"open_appid":"wx2fffffffffffffff"},"access":"granted"}`)},
	{"an array", 1, says(`[{"open_appid":"wx2fffffffffffffff","errcode":0}]`)},
	{"unbound, and bound", 1, says(`{"errcode":89002,"errmsg":"open not exists","open_appid":"wx2fffffffffffffff"}`)},
	{"another account's", 1, says(`{"errcode":0,"appid":"wx1ffffffffffffffff","open_appid":"wx2fffffffffffffff"}`)},
	{"another's capitals", 1, says(`{"ErrCode":89002,"Open_AppID":"wx2fffffffffffffff"}`)},
	{"success without an answer", 1, says(`{"errcode":0,"errmsg":"ok"}`)},
	{"an empty answer's text", 1, says(`{"open_appid":"","have_open":null,"errcode":0,"errmsg":"ok"}`)},
	{"nulls", 1, says(`{"open_appid":null,"have_open":null,"same_entity":null,"errcode":null,"list":null,"total_count":null}`)},
	{"a code that is none", 1, says(`{"errcode":"89002 or so","errmsg":"open not exists"}`)},
	{"half a code", 1, says(`{"errcode":89002.5,"errmsg":"open not exists"}`)},
	{"only the text", 1, says(`{"errmsg":"open not exists"}`)},
}

// ofWeChat is what else WeChat says.
var ofWeChat = slices.Concat(inTheNetwork, []misfortune{
	{"-1", 20, says(`{"errcode":-1,"errmsg":"system error hint: [x1y2] rid: 5ff80eb8-00000001-00000002"}`)},
	{"45011", 4, says(`{"errcode":45011,"errmsg":"api minute-quota reach limit, must slower, retry next minute rid: 5ff80eb8-00000001-00000002"}`)},
	{"45009", 1, says(`{"errcode":"45009","errmsg":"reach max api daily quota limit"}`)},
	{"48001", 1, says(`{"errcode":48001,"errmsg":"api unauthorized rid: 5ff80eb8-00000001-00000002"}`)},
	{"61003", 1, says(`{"errcode":61003,"errmsg":"component is not authorized by this account"}`)},
	{"a code that nobody knows", 1, says(`{"errcode":99999,"errmsg":"from 127.0.0.1"}`)},
})

// ofAService is what else a token service says.
var ofAService = slices.Concat(inTheNetwork, []misfortune{
	{"service: no such account", 2, says(`{"code":1002,"errorMsg":"system error"}`)},
	{"service: an empty token", 2, says(`{"access_token":"","expires_in":7200}`)},
	{"service: no text", 1, says(`{"access_token":7200}`)},
	{"service: no lifetime", 1, says(`{"access_token":"61_something_that_looks_like_one"}`)},
	{"service: a dead token", 10, says(`{"access_token":"61_dead_and_never_to_be_taken_by_anybody","expires_in":7200}`)},
	{"service: a sibling's token", 6, func(c *chaos, w http.ResponseWriter, r *http.Request, _ *httptest.ResponseRecorder) {
		sibling := c.singles[c.dice("sibling", r.URL.Path).IntN(len(c.singles))]
		token := c.wechat.Token(sibling)
		c.hold(sibling, token)
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":7200}`, token)
	}},
})

// strike picks one of the misfortunes, or none, for a request.
func (c *chaos) strike(dice *rand.Rand, of []misfortune) *misfortune {
	const rate = 0.3
	if dice.Float64() > rate {
		return nil
	}
	total := 0
	for _, each := range of {
		total += each.weight
	}
	at := dice.IntN(total)
	for number := range of {
		if at -= of[number].weight; at < 0 {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.struck[of[number].name]++
			return &of[number]
		}
	}
	return nil
}

// serveWeChat is the simulator with misfortunes before it.
func (c *chaos) serveWeChat(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	var asked struct {
		AppID      string `json:"appid"`
		Authorizer string `json:"authorizer_appid"`
	}
	_ = json.Unmarshal(body.Bytes(), &asked)
	c.mutex.Lock()
	appid := c.owner[r.URL.Query().Get("access_token")]
	c.mutex.Unlock()
	if asked.AppID+asked.Authorizer != "" {
		appid = asked.AppID + asked.Authorizer
	}
	dice := c.dice(r.URL.Path, appid, c.count(r.URL.Path, appid))
	c.meddle(dice, r.URL.Path, appid)

	again := r.Clone(r.Context())
	again.Body = http.NoBody
	if body.Len() > 0 {
		again.Body = readCloser{bytes.NewReader(body.Bytes())}
	}
	answer := httptest.NewRecorder()
	c.wechat.ServeHTTP(answer, again)
	c.learn(r.URL.Path, appid, answer.Body.Bytes())
	time.Sleep(time.Duration(dice.Int64N(int64(c.latency))))
	if fault := c.strike(dice, c.faults); fault != nil {
		fault.strike(c, w, r, answer)
		return
	}
	if told := map[string]any{}; json.Unmarshal(answer.Body.Bytes(), &told) == nil {
		c.mutex.Lock()
		c.told[r.URL.Path+" "+appid] = told
		c.mutex.Unlock()
	}
	w.Header().Set("Content-Type", []string{"application/json; encoding=utf-8", "text/plain", "text/html; charset=gbk"}[dice.IntN(3)])
	_, _ = w.Write(answer.Body.Bytes())
}

// meddle does what the world does meanwhile: accounts move, and somebody refreshes tokens.
func (c *chaos) meddle(dice *rand.Rand, path, appid string) {
	number, known := c.number[appid]
	if path != pathOpenGet || !known {
		return
	}
	if dice.IntN(5) == 0 {
		openAppID := chaosOpenAppID(number, dice.IntN(3))
		if dice.IntN(4) == 0 {
			openAppID = ""
		}
		if err := c.wechat.UpdateAccount(appid, func(account *simulator.Account) { account.OpenAppID = openAppID }); err != nil {
			c.t.Error(err)
		}
		c.mutex.Lock()
		c.moves++
		c.mutex.Unlock()
	}
	if dice.IntN(10) == 0 {
		token := c.issue(appid) // and with it the one before is dead
		c.mutex.Lock()
		c.struck["rotated from outside"]++
		c.mutex.Unlock()
		if c.keepsFiles() && dice.IntN(4) > 0 {
			c.writeToken(appid, token)
		}
	}
}

// learn sees which tokens were refused.
func (c *chaos) learn(path, appid string, answer []byte) {
	var told struct {
		Code int `json:"errcode"`
	}
	_ = json.Unmarshal(answer, &told)
	if path == pathOpenGet && (told.Code == 40001 || told.Code == 42001) {
		if told.Code == 42001 && c.keepsFiles() && c.dice("refresh", appid).IntN(4) > 0 {
			c.writeToken(appid, c.issue(appid)) // as whoever keeps the files does, if late
		}
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.renewing[appid] = true
		c.struck[fmt.Sprint(told.Code)]++
	}
}

// serveTokens is a token service with misfortunes before it.
func (c *chaos) serveTokens(w http.ResponseWriter, r *http.Request) {
	appid := strings.Trim(r.URL.Path, "/")
	dice := c.dice("token", appid, c.count("/token", appid))
	if r.Header.Get("X-Wechat-Token-Rejected") != "" {
		c.mutex.Lock()
		c.rejected[appid]++
		c.mutex.Unlock()
	}
	token := c.wechat.Token(appid)
	c.hold(appid, token)
	answer := httptest.NewRecorder()
	_, _ = fmt.Fprintf(answer, `{"access_token":%q,"expires_in":%d}`, token, 100+dice.IntN(3000))
	time.Sleep(time.Duration(dice.IntN(1000)) * time.Millisecond)
	if fault := c.strike(dice, ofAService); fault != nil {
		fault.strike(c, w, r, answer)
		return
	}
	_, _ = w.Write(answer.Body.Bytes())
}

// counts writes numbers by name, the largest first.
func counts(of map[string]int) string {
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		if of[a] != of[b] {
			return of[b] - of[a]
		}
		return strings.Compare(a, b)
	})
	written := make([]string, 0, len(names))
	for _, name := range names {
		written = append(written, fmt.Sprintf("%d %s", of[name], name))
	}
	return strings.Join(written, ", ")
}

func isError(diagnostic *tfprotov6.Diagnostic) bool {
	return diagnostic.Severity == tfprotov6.DiagnosticSeverityError
}

func saidIn(diagnostics []*tfprotov6.Diagnostic) string {
	var text strings.Builder
	for _, diagnostic := range diagnostics {
		text.WriteString(diagnostic.Summary + "\n" + diagnostic.Detail + "\n")
	}
	return text.String()
}

// tfValue is a Go value as one of the plugin protocol; what an object does not name is null.
func tfValue(kind tftypes.Type, value any) tftypes.Value {
	switch written := value.(type) {
	case nil:
		return tftypes.NewValue(kind, nil)
	case []string:
		elements := make([]tftypes.Value, 0, len(written))
		for _, each := range written {
			elements = append(elements, tftypes.NewValue(tftypes.String, each))
		}
		return tftypes.NewValue(kind, elements)
	case map[string]any:
		values := map[string]tftypes.Value{}
		object, isObject := kind.(tftypes.Object)
		if !isObject {
			for name, each := range written {
				values[name] = tftypes.NewValue(tftypes.String, each)
			}
			return tftypes.NewValue(kind, values)
		}
		for name, inner := range object.AttributeTypes {
			values[name] = tfValue(inner, written[name])
		}
		return tftypes.NewValue(kind, values)
	default:
		return tftypes.NewValue(kind, value)
	}
}

// goValue is the other way round.
func goValue(t *testing.T, value tftypes.Value) any {
	t.Helper()
	var err error
	var result any
	switch {
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.String):
		var text string
		err = value.As(&text)
		result = text
	case value.Type().Is(tftypes.Bool):
		var truth bool
		err = value.As(&truth)
		result = truth
	case value.Type().Is(tftypes.Number):
		result = numberOf(t, value)
	case value.Type().Is(tftypes.List{}):
		var elements []tftypes.Value
		err = value.As(&elements)
		list := make([]any, 0, len(elements))
		for _, each := range elements {
			list = append(list, goValue(t, each))
		}
		result = list
	default:
		var members map[string]tftypes.Value
		err = value.As(&members)
		object := map[string]any{}
		for name, each := range members {
			object[name] = goValue(t, each)
		}
		result = object
	}
	if err != nil {
		t.Fatal(err)
	}
	return result
}
