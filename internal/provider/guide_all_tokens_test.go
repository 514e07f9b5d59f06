package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The tests in this file run the recipes in which one question brings the tokens of all accounts.

// allTokens runs a recipe whose tokens stand in one file or come from one service, and then once more while they die:
// the source, asked again, has new ones.
func allTokens(name string) func(*testing.T, *lab) {
	return func(t *testing.T, wechat *lab) {
		example := "guides/all-tokens/" + name + "/main.tf"
		var place *engine.Workspace
		var asked atomic.Int32
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			_, _ = fmt.Fprintf(w, `{"data":{"tokens":%s,"ttl":3000}}`, tokensOf(t, wechat))
		}))
		t.Cleanup(service.Close)
		keep := func() { write(t, filepath.Join(place.Dir, "tokens.json"), tokensOf(t, wechat)) }
		// The tokens die while the first question is on its way, once that is wanted.
		var dies atomic.Bool
		front := before(t, wechat, func(*http.Request) {
			if dies.CompareAndSwap(true, false) {
				for _, appid := range []string{tea, books} {
					wechat.RevokeTokens(appid)
				}
				keep()
			}
		})
		place = watched(t, readExample(t, example), envBaseURL+"="+front, "TF_VAR_token_service="+service.URL+"/all")
		keep()
		results := applied(t, place)
		expectOutputs(t, place, map[string]any{"by_open_appid": teaAndBooks})
		expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
		secrets := []string{wechat.Token(tea), wechat.Token(books)}

		dies.Store(true)
		results = append(results, expectExit(t, place, 0, "plan"))
		if got := asked.Load(); got > 0 && got != 3 {
			t.Errorf("the service was asked %d times, want once, and twice in the run in which a token died", got)
		}
		write(t, filepath.Join(place.Dir, "tokens.json"), tokensOf(t, wechat)+`"`) // which is no JSON
		results = append(results, run(t, place, "plan", "-no-color"))
		if err := os.Remove(filepath.Join(place.Dir, "tokens.json")); err != nil {
			t.Fatal(err)
		}
		expectNoSecret(t, place, results, append(secrets, wechat.Token(tea), wechat.Token(books)))
	}
}

// teaAndBooks is by_open_appid of the recipes that read tea and books.
var teaAndBooks = map[string]any{teaOpen: []any{tea}, booksOpen: []any{books}}

// applied makes a plan and applies it.
func applied(t *testing.T, place *engine.Workspace) []engine.Result {
	t.Helper()
	return []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin"), expectExit(t, place, 0, "apply", "plan.bin")}
}

// redisOfAFleet has a merchant who was quiet, and then three hundred who were not: Redis is asked once.
func redisOfAFleet(t *testing.T, wechat *lab) {
	needPrograms(t, "the recipes for Redis", "sh", "jq")
	redis := newRedis(t)
	setting := func(port, key string) string {
		return fmt.Sprintf("TF_VAR_redis={host=%q,port=%s,key=%q}", "127.0.0.1", port, key)
	}
	place := watched(t, readExample(t, "guides/redis/fleet/main.tf"), baseURL(wechat), "REDISCLI_AUTH="+redisPassword)
	write(t, filepath.Join(place.Dir, "tokens.sh"), readExample(t, redisScript))
	among := func(appids ...string) string {
		list, err := json.Marshal(appids)
		if err != nil {
			t.Fatal(err)
		}
		return "TF_VAR_appids=" + string(list)
	}
	const ofWxJava = "wx:open:wechat_authorizer_access_token:wx3000000000000001:"
	const ofSilenceper = "authorizer_access_token_"
	for _, appid := range []string{tea, books} {
		redis.cli(t, "SETEX", ofWxJava+appid, "7000", wechat.Token(appid))
		redis.cli(t, "SETEX", ofSilenceper+appid, "7000", `"`+wechat.Token(appid)+`"`)
	}
	var results []engine.Result
	for _, key := range []string{ofWxJava, ofSilenceper} {
		place.Environ = append(place.Environ, setting(redis.port, key), among(tea, teaShop, books))
		warned := expectExit(t, place, 0, "apply", "-auto-approve")
		expectWords(t, warned.Stdout, "Accounts not read", teaShop, "the map has no token for this appid")
		expectOutputs(t, place, map[string]any{"by_open_appid": teaAndBooks, "failed": []any{teaShop}})
		results = append(results, warned)
	}
	expectAsked(t, wechat, map[string]int{pathOpenGet: 4})

	// What Redis itself says is nobody's token, and everybody's failure.
	place.Environ = append(place.Environ, "REDISCLI_AUTH=wrong")
	refused := expectExit(t, place, 1, "plan")
	expectWords(t, refused.Stderr, "no line for each account; Redis says: NOAUTH Authentication required.")
	place.Environ = append(place.Environ, "REDISCLI_AUTH="+redisPassword, setting("1", ofWxJava))
	absent := expectExit(t, place, 1, "plan")
	expectWords(t, absent.Stderr, "no line for each account", "127.0.0.1:1")
	expectAsked(t, wechat, map[string]int{pathOpenGet: 4})
	results = append(results, refused, absent)
	expectNoSecret(t, place, results, []string{redisPassword, wechat.Token(tea), wechat.Token(books)})

	fleet := newLab(t, fleetWorld(batchAccounts))
	var appids []string
	for number := range batchAccounts {
		appid := fleetAppID(number)
		appids = append(appids, appid)
		redis.cli(t, "SET", ofWxJava+appid, fleet.Token(appid))
	}
	redis.cli(t, "CONFIG", "RESETSTAT")
	place.Environ = append(place.Environ, setting(redis.port, ofWxJava), among(appids...), baseURL(fleet))
	expectExit(t, place, 0, "plan")
	expectAsked(t, fleet, map[string]int{pathOpenGet: batchAccounts})
	commands := redis.cli(t, "INFO", "commandstats")
	if !strings.Contains(commands, "cmdstat_mget:calls=1,") || strings.Contains(commands, "cmdstat_get:") {
		t.Errorf("Redis was asked otherwise than with one MGET:\n%s", commands)
	}
}

// redisScript is the example that redisOfAFleet runs.
const redisScript = "guides/redis/fleet/tokens.sh"

// redisOfAComponent has the platform's own token under WxJava's key, with the starter's prefix and without.
func redisOfAComponent(t *testing.T, wechat *lab) {
	redis := newRedis(t)
	component := wechat.IssueComponentToken()
	appid := wechat.Component().AppID
	at := fmt.Sprintf("host=%q,port=%s,component=%q", "127.0.0.1", redis.port, appid)
	place := watched(t, readExample(t, "guides/redis/component/main.tf"), baseURL(wechat), "REDISCLI_AUTH="+redisPassword)
	var results []engine.Result
	for _, prefix := range []string{"wx:open:", ""} {
		more := ""
		if prefix == "" {
			more = `,prefix=""`
		}
		redis.cli(t, "SETEX", prefix+"wechat_component_access_token:"+appid, "7000", component)
		place.Environ = append(place.Environ, "TF_VAR_redis={"+at+more+"}")
		results = append(results, applied(t, place)...)
	}
	all := []any{tea, teaShop, teaClub, books, astray, unbound, restricted}
	expectOutputs(t, place, map[string]any{"appids": all})
	expectAsked(t, wechat, map[string]int{pathAuthorizerList: 2})
	redis.cli(t, "DEL", "wechat_component_access_token:"+appid)
	absent := expectExit(t, place, 1, "plan")
	expectWords(t, absent.Stderr, "gives no component access token: what the program printed is empty")
	expectNoSecret(t, place, append(results, absent), []string{redisPassword, component})
}

// refreshTokens runs the script that makes tokens for three accounts at once, one of which has left the platform.
func refreshTokens(t *testing.T, wechat *lab) {
	needPrograms(t, "the script of the guide to token sources", "sh", "curl", "jq")
	kept := t.TempDir()
	component := wechat.IssueComponentToken()
	write(t, filepath.Join(kept, "component"), component+"\n")
	appids := []string{tea, teaShop, books}
	secrets := []string{component}
	for _, appid := range appids {
		write(t, filepath.Join(kept, appid), wechat.RefreshToken(appid)+"\n")
		secrets = append(secrets, wechat.Token(appid), wechat.RefreshToken(appid))
	}
	leave := func(account *simulator.Account) { account.Authorized = false }
	if err := wechat.UpdateAccount(teaShop, leave); err != nil {
		t.Fatal(err)
	}
	place := watched(t, readExample(t, "guides/refresh-token/batch/main.tf"),
		baseURL(wechat), "COMPONENT_API="+wechat.server.URL(),
		fmt.Sprintf("TF_VAR_platform={appid=%q,token_file=%q,refresh_tokens=%q}",
			wechat.Component().AppID, filepath.ToSlash(filepath.Join(kept, "component")), filepath.ToSlash(kept)))
	write(t, filepath.Join(place.Dir, filepath.Base(refreshScript)), readExample(t, refreshScript))

	warned := expectExit(t, place, 0, "apply", "-auto-approve")
	expectWords(t, warned.Stdout, "Accounts not read", teaShop, "no token for this appid")
	expectOutputs(t, place, map[string]any{"by_open_appid": teaAndBooks})
	expectAsked(t, wechat, map[string]int{pathAuthorizerToken: 3, pathOpenGet: 2})
	for _, appid := range appids {
		secrets = append(secrets, wechat.Token(appid), wechat.RefreshToken(appid))
	}

	for _, appid := range appids {
		if err := wechat.UpdateAccount(appid, leave); err != nil {
			t.Fatal(err)
		}
	}
	refused := expectExit(t, place, 1, "plan")
	expectWords(t, refused.Stderr, "WeChat refused with errcode 61003", books+" is left out", "no account got a token")
	expectNoSecret(t, place, []engine.Result{warned, refused}, secrets)
}
