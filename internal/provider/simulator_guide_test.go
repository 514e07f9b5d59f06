package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const (
	simulatorPage   = "docs/guides/simulator.md"
	exampleAccounts = "guides/simulator/accounts.json"
)

// quotedShellBlock is a block of commands on a page, and what the page quotes of their output right after it.
var quotedShellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?")

// startsSimulator is the one block of the page that is not run here: TestInstallSimulator runs its first line, and the
// tests of cmd/wechat-simulator its second.
const startsSimulator = "make install-simulator\nwechat-simulator\n"

// listsRequests is the block that asks for all requests and kinds of fault.
const listsRequests = "curl \"$WECHAT_BASE_URL/_simulator/\"\n"

// TestAccSimulatorGuide does what the simulator's page says, from top to bottom, with real commands in one shell.
func TestAccSimulatorGuide(t *testing.T) {
	t.Parallel()
	needPrograms(t, "the commands of the guide to the simulator", "curl", "sh")
	var mutex sync.Mutex
	var asked []string
	wechat := newLab(t, nil, simulator.Wrapped(func(handler http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mutex.Lock()
			asked = append(asked, r.Method+" "+r.URL.Path)
			mutex.Unlock()
			handler.ServeHTTP(w, r)
		})
	}))

	// A program named terraform, a curl that fails where the answer is an error, and a place for temporary files.
	place := workspace(t, readExample(t, exampleProvider), baseURL(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	onPath(t, place)
	settings := t.TempDir()
	write(t, filepath.Join(settings, ".curlrc"), "silent\nshow-error\nfail\n")

	blocks := quotedShellBlock.FindAllStringSubmatch(readDocument(t, simulatorPage), -1)
	if len(blocks) == 0 || blocks[0][1] != startsSimulator {
		t.Fatalf("the page does not begin with %q", startsSimulator)
	}
	blocks = blocks[1:]
	var script strings.Builder
	const end = "end of block"
	for _, block := range blocks {
		if strings.HasPrefix(block[2], "Error:") { // it must fail
			fmt.Fprintf(&script, "if\n%sthen exit 1; fi\necho '%s'\n", block[1], end)
			continue
		}
		fmt.Fprintf(&script, "%secho '%s'\n", block[1], end)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-eu")
	shell.Dir = moduleRoot
	shell.Env = append(place.Environ, "CURL_HOME="+settings, "TMPDIR="+t.TempDir(), "TF_CLI_ARGS=-no-color")
	shell.Stdin = strings.NewReader(script.String())
	printed, err := shell.CombinedOutput()
	outputs := strings.Split(string(printed), end+"\n")
	if err != nil || len(outputs) != len(blocks)+1 {
		t.Fatalf("%v; after %d of %d blocks the last output is\n%s", err, len(outputs)-1, len(blocks), outputs[len(outputs)-1])
	}
	list := "" // what the admin API says that it knows
	for number, block := range blocks {
		if block[2] != "" {
			expectPrinted(t, simulatorPage, "```text\n"+block[2]+"```", outputs[number])
		}
		if block[1] == listsRequests {
			list = outputs[number]
		}
	}

	// The page shows every request that the admin API knows, and names every kind of fault. Its plans ask WeChat once
	// each.
	var index struct {
		Requests []string `json:"requests"`
		Kinds    []string `json:"kinds of fault"`
	}
	if err := json.Unmarshal([]byte(list), &index); err != nil {
		t.Fatal(err)
	}
	if len(index.Requests) == 0 || len(index.Kinds) == 0 {
		t.Errorf("the list has no requests or no kinds of fault: %s", list)
	}
	for _, pattern := range index.Requests {
		request := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), regexp.QuoteMeta("{appid}"), "[^/]+") + "$")
		if !slices.ContainsFunc(asked, request.MatchString) {
			t.Errorf("the page does not show %s", pattern)
		}
	}
	for _, kind := range index.Kinds {
		expectWords(t, readDocument(t, simulatorPage), "`"+kind+"`")
	}
	const plans = 4
	if got := len(slices.DeleteFunc(asked, func(request string) bool { return request != "POST "+pathOpenGet })); got != plans {
		t.Errorf("open/get was asked %d times, want %d", got, plans)
	}
}

// simulatorAccounts starts a simulator on the page's accounts, and finds each member of an account on the page.
func simulatorAccounts(t *testing.T, _ *lab) {
	world, err := simulator.ReadWorld(strings.NewReader(readExample(t, exampleAccounts)))
	if err != nil {
		t.Fatal(err)
	}
	wechat := newLab(t, world)
	place := workspace(t, wechat.config("", `
data "wechat_open_accounts" "all" { appids = ["`+world.Accounts[0].AppID+`", "`+world.Accounts[1].AppID+`"] }
output "by_open_appid" { value = data.wechat_open_accounts.all.by_open_appid }
output "unbound" { value = data.wechat_open_accounts.all.unbound }
`))
	expectExit(t, place, 0, "apply", "-auto-approve")
	expectOutputs(t, place, map[string]any{
		"by_open_appid": map[string]any{world.Accounts[0].OpenAppID: []any{world.Accounts[0].AppID}},
		"unbound":       []any{world.Accounts[1].AppID},
	})
	expectCalls(t, wechat, map[string]int{pathOpenGet: 2})
	for field := range reflect.TypeFor[simulator.Account]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		expectWords(t, readDocument(t, simulatorPage), "`"+name+"`")
	}
}
