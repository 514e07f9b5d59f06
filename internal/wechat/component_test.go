package wechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

const platformAppID = "wx3000000000000001"

func TestComponentEndpointsAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	world := newSimulator(t)
	client := newClient(t, world, nil)
	ctx := t.Context()

	own := world.IssueComponentToken()
	listed, complete, err := client.AuthorizerList(ctx, Token{Value: own}, platformAppID)
	if _, there := listed[someAppID]; err != nil || !there || !complete || len(listed) != 7 {
		t.Errorf("the list of authorizers: %v, complete %t, %v", listed, complete, err)
	}
	for appid, want := range map[string]Authorizer{
		someAppID: {
			NickName: new("Example Tea"), PrincipalName: new("Example Tea Trading Co., Ltd."), UserName: new("gh_000000000001"),
			Kind: KindOfficialAccount, VerifyType: new(0), AccountStatus: new(1), PermissionSets: []int{1, 3, 24},
		},
		"wx1000000000000007": {
			NickName: new("Example Books Restricted"), PrincipalName: new("Example Books Co., Ltd."), UserName: new("gh_000000000007"),
			Kind: KindMiniProgram, VerifyType: new(0), AccountStatus: new(1), PermissionSets: []int{17, 18, 30},
		},
	} {
		got, err := client.AuthorizerInfo(ctx, Token{Value: own}, platformAppID, appid)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, -want +got:\n%s", appid, err, diff)
		}
	}
	for _, request := range world.Requests() {
		if request.Parameter != "component_access_token" {
			t.Errorf("%s carried a token in %q", request.Path, request.Parameter)
		}
	}
}

func TestListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	world := &simulator.World{Component: simulator.Component{AppID: platformAppID}}
	for number := range 1200 {
		world.Accounts = append(world.Accounts, simulator.Account{AppID: fmt.Sprintf("wx%016x", 0x4000+number), Kind: simulator.MiniProgram, Authorized: true})
	}
	wechat, err := simulator.New(simulator.Config{World: world})
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, wechat, nil)
	own := wechat.IssueComponentToken()
	last := world.Accounts[len(world.Accounts)-1].AppID
	got, complete, err := client.AuthorizerList(t.Context(), Token{Value: own}, platformAppID)
	if _, there := got[last]; err != nil || !there || !complete || len(got) != 1200 {
		t.Errorf("%d authorizers, complete %t, %v", len(got), complete, err)
	}
	if got := wechat.Count("/cgi-bin/component/api_get_authorizer_list"); got != 3 {
		t.Errorf("asked for %d pages, want 3", got)
	}
}

// TestRefreshTokensAreNotShown has errors that repeat the credential which WeChat keeps beside what is asked for.
func TestRefreshTokensAreNotShown(t *testing.T) {
	t.Parallel()
	const refreshToken = "refreshtoken@@@of-the-account"
	for name, handler := range map[string]http.Handler{
		"WeChat's text": body(200, `{"errcode":61003,"errmsg":"`+refreshToken+`"}`),
		"a page":        body(404, "of-the-account"),
	} {
		client := newClient(t, handler, func(config *Config) { config.MaxRetries = 0 })
		_, info := client.AuthorizerInfo(t.Context(), Token{Value: someToken}, platformAppID, someAppID)
		_, _, list := client.AuthorizerList(t.Context(), Token{Value: someToken}, platformAppID)
		for _, err := range []error{info, list} {
			var failed *Error
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
			if text := err.Error(); strings.Contains(text, "of-the-account") {
				t.Errorf("%s: shows a refresh token: %s", name, text)
			}
		}
	}
}

// listing answers with a list of its own making for each request, by offset.
func listing(pages func(request, offset int) (total int, appids []string)) (http.Handler, *int) {
	requests := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Offset, Count int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.Count != 500 {
			_, _ = fmt.Fprint(w, `{"errcode":40170,"errmsg":"args count exceed count limit"}`)
			return
		}
		total, appids := pages(requests, asked.Offset)
		requests++
		list := []map[string]any{}
		for _, appid := range appids {
			list = append(list, map[string]any{"authorizer_appid": appid, "refresh_token": "refreshtoken@@@x", "auth_time": 1558000607})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"total_count": total, "list": list})
	}), &requests
}

func span(from, to int) []string {
	var appids []string
	for number := from; number < to; number++ {
		appids = append(appids, fmt.Sprintf("wx%d", number))
	}
	return appids
}

func TestAuthorizerListWhateverThePagesAre(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pages    func(request, offset int) (int, []string)
		requests int
		want     int
	}{
		"none":                   {func(_, _ int) (int, []string) { return 0, nil }, 1, 0},
		"one page":               {func(_, _ int) (int, []string) { return 33, span(0, 33) }, 1, 33},
		"a page that is full":    {func(_, _ int) (int, []string) { return 500, span(0, 500) }, 1, 500},
		"three pages":            {func(_, offset int) (int, []string) { return 1200, span(offset, min(offset+500, 1200)) }, 3, 1200},
		"a total beyond the end": {func(_, _ int) (int, []string) { return 33, span(0, 2) }, 1, 2},
		"a total that is zero":   {func(_, _ int) (int, []string) { return 0, span(0, 2) }, 1, 2},
		"repetitions": {
			func(_, offset int) (int, []string) { return 700, span(offset/5*4, min(offset/5*4+500, 700)) }, 2, 700,
		},
		"an entry that leaves while it is read": {
			// The second page begins one too late, until the list is read again.
			func(request, offset int) (int, []string) {
				switch {
				case request == 0:
					return 700, span(0, 500)
				case offset == 0:
					return 699, span(1, 501)
				default:
					return 699, span(501, 700)
				}
			}, 4, 699,
		},
		"a list that never rests": {
			func(request, offset int) (int, []string) { return 600 + request, span(offset, min(offset+500, 600)) }, 6, 600,
		},
		"entries without an appid": {func(_, _ int) (int, []string) { return 3, []string{"wx1", "", "wx2"} }, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, requests := listing(test.pages)
			got, complete, err := newClient(t, handler, nil).AuthorizerList(t.Context(), Token{Value: someToken}, platformAppID)
			if complete == (strings.Contains(name, "never rests") || strings.Contains(name, "beyond the end") || strings.Contains(name, "without an appid")) {
				t.Errorf("complete is %t", complete)
			}
			if err != nil || len(got) != test.want || *requests != test.requests {
				t.Errorf("got %d authorizers with %d requests, %v, want %d with %d", len(got), *requests, err, test.want, test.requests)
			}
			for _, at := range got {
				if at.Unix() != 1558000607 || at.Location() != time.UTC {
					t.Errorf("the time is %v", at)
				}
			}
		})
	}
	t.Run("without end", func(t *testing.T) {
		t.Parallel()
		handler, requests := listing(func(_, offset int) (int, []string) { return 1 << 30, span(offset, offset+500) })
		var failed *Error
		if _, _, err := newClient(t, handler, nil).AuthorizerList(t.Context(), Token{Value: someToken}, platformAppID); !errors.As(err, &failed) || *requests != authorizerListPages {
			t.Errorf("asked %d times, %v, want an end, and no list that is cut short", *requests, err)
		}
	})
}

func TestOpenFacts(t *testing.T) {
	t.Parallel()
	world := newSimulator(t)
	client := newClient(t, world, nil)
	for appid, want := range map[string][2]bool{someAppID: {true, true}, "wx1000000000000006": {false, false}, "wx1000000000000005": {true, false}} {
		token := world.Token(appid)
		have, err := client.OpenHave(t.Context(), Token{Value: token})
		if err != nil || have != want[0] {
			t.Errorf("%s: bound %t, %v", appid, have, err)
		}
		same, err := client.OpenSameEntity(t.Context(), Token{Value: token})
		if err != nil || same != want[1] {
			t.Errorf("%s: same entity %t, %v", appid, same, err)
		}
	}
	for name, answered := range map[string]string{"absent": `{"errcode":0}`, "null": `{"have_open":null}`, "a number": `{"have_open":1}`, "text": `{"have_open":"true"}`} {
		var failed *Error
		if _, err := newClient(t, body(200, answered), nil).OpenHave(t.Context(), Token{Value: someToken}); !errors.As(err, &failed) || failed.Unexpected == nil || failed.Retryable() {
			t.Errorf("%s: got %v, want a protocol error", name, err)
		}
	}
}

// TestStableText holds that what may stand in state is the same whenever the same goes wrong.
func TestStableText(t *testing.T) {
	t.Parallel()
	for answered, want := range map[string]string{
		`{"errcode":48001,"errmsg":"api unauthorized rid: 641ac152-54065ffe-054fcf92"}`:                                                   "api unauthorized",
		`{"errcode":61004,"errmsg":"access clientip is not registered requestIP: 203.0.113.9 rid: 1"}`:                                    "access clientip is not registered requestIP:",
		`{"errcode":40164,"errmsg":"invalid ip 203.0.113.10 ipv6 ::ffff:203.0.113.10, not in whitelist rid: 65112232-35da441e-28f02baf"}`: "invalid ip ipv6 , not in whitelist",
		`{"errcode":-1,"errmsg":"system error rid: 641ac152-54065ffe-054fcf92 hint: [x_y_1234_abcdefghijklmnopqrstuvwxyz]"}`:              "system error",
		`{"errcode":-1,"errmsg":"system error hint: [x_y_1234] rid: 641ac152-54065ffe-054fcf92"}`:                                         "system error",
	} {
		_, err := newClient(t, body(200, answered), func(config *Config) { config.MaxRetries = 0 }).OpenGet(t.Context(), Token{Value: someToken}, someAppID)
		var failed *Error
		if !errors.As(err, &failed) || failed.Stable != want {
			t.Errorf("%s: got %q, want %q", answered, failed.Stable, want)
		}
	}
}
