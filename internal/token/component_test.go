package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

const (
	platformAppID = "wx3000000000000001"

	pathOwn  = "/cgi-bin/component/api_component_token"
	pathMint = "/cgi-bin/component/api_authorizer_token"
	pathInfo = "/cgi-bin/component/api_get_authorizer_info"
	pathList = "/cgi-bin/component/api_get_authorizer_list"
)

// platform is a simulated WeChat and a source that mints there.
func platform(t *testing.T, change func(*simulator.Simulator, *ComponentConfig)) (*simulator.Simulator, *Component) {
	t.Helper()
	world, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	config := ComponentConfig{AppID: platformAppID, Mint: true, AppSecret: world.ComponentSecret(), VerifyTicket: world.VerifyTicket()}
	if change != nil {
		change(world, &config)
	}
	base, problem := wechat.ParseBaseURL(wechat.DefaultBaseURL)
	if problem != "" {
		t.Fatal(problem)
	}
	client := wechat.NewClient(wechat.Config{
		BaseURL: base, Transport: simulator.InProcess(world), RequestTimeout: time.Minute, MaxRetries: 3, MaxConcurrentRequests: 8,
	})
	return world, NewComponent("component", config, client)
}

// calls counts what WeChat was asked, by the last part of the path.
func calls(world *simulator.Simulator) map[string]int {
	counted := map[string]int{}
	for _, path := range []string{pathOwn, pathMint, pathInfo, pathList} {
		if count := world.Count(path); count > 0 {
			counted[path[strings.LastIndex(path, "/")+1:]] = count
		}
	}
	return counted
}

func TestComponentMintsWithAsFewQuestionsAsItCan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*simulator.Simulator, *ComponentConfig)
		calls  map[string]int
	}{
		"from the secret and the ticket": {
			calls: map[string]int{"api_component_token": 1, "api_get_authorizer_info": 1, "api_authorizer_token": 1},
		},
		"with a refresh token": {
			change: func(s *simulator.Simulator, c *ComponentConfig) {
				c.RefreshTokens = map[string]string{appid: s.RefreshToken(appid)}
			},
			calls: map[string]int{"api_component_token": 1, "api_authorizer_token": 1},
		},
		"with a component access token": {
			change: func(s *simulator.Simulator, c *ComponentConfig) {
				c.AccessToken, c.AppSecret, c.VerifyTicket = s.IssueComponentToken(), "", ""
				c.RefreshTokens = map[string]string{appid: s.RefreshToken(appid)}
			},
			calls: map[string]int{"api_authorizer_token": 1},
		},
		"with a refresh token of long ago": {
			change: func(_ *simulator.Simulator, c *ComponentConfig) {
				c.RefreshTokens = map[string]string{appid: "refreshtoken@@@old"}
			},
			calls: map[string]int{"api_component_token": 1, "api_get_authorizer_info": 1, "api_authorizer_token": 2},
		},
		"while WeChat is busy": {
			change: func(s *simulator.Simulator, c *ComponentConfig) {
				c.RefreshTokens = map[string]string{appid: s.RefreshToken(appid)}
				if err := s.Inject(simulator.Fault{Path: pathMint, Kind: simulator.FaultSystemBusy, Count: 1}); err != nil {
					panic(err)
				}
			},
			calls: map[string]int{"api_component_token": 1, "api_authorizer_token": 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, source := platform(t, test.change)
			memory := NewMemory(source, nil)
			for range 3 {
				lease, err := memory.Token(t.Context(), appid)
				if err != nil || lease.Value != world.Token(appid) {
					t.Fatalf("got %v, want the account's latest token", err)
				}
			}
			if diff := cmp.Diff(test.calls, calls(world)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestComponentMintsForManyWithOneTokenOfItsOwn(t *testing.T) {
	t.Parallel()
	world, source := platform(t, nil)
	memory := NewMemory(source, nil)
	for _, account := range world.World().Accounts {
		if _, err := memory.Token(t.Context(), account.AppID); err != nil {
			t.Error(err)
		}
	}
	if got := world.Count(pathOwn); got != 1 {
		t.Errorf("made %d component tokens, want 1", got)
	}
}

func TestComponentRenewsItsOwnTokenOnce(t *testing.T) {
	t.Parallel()
	world, source := platform(t, nil)
	memory := NewMemory(source, nil)
	if _, err := memory.Token(t.Context(), appid); err != nil {
		t.Fatal(err)
	}
	world.RevokeTokens(platformAppID)
	if _, err := memory.Token(t.Context(), sibling); err != nil {
		t.Fatal(err)
	}
	if got := world.Count(pathOwn); got != 2 {
		t.Errorf("made %d component tokens, want 2", got)
	}
}

func TestComponentSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change   func(*simulator.Simulator, *ComponentConfig)
		step     ComponentStep
		code     int
		rejected bool
	}{
		"an old ticket": {
			change: func(s *simulator.Simulator, _ *ComponentConfig) { fault(s, pathOwn, 61005) },
			step:   StepComponentToken, code: 61005,
		},
		"a wrong ticket": {
			change: func(_ *simulator.Simulator, c *ComponentConfig) { c.VerifyTicket = "ticket@@@other" },
			step:   StepComponentToken, code: 61006,
		},
		"a wrong secret": {
			change: func(_ *simulator.Simulator, c *ComponentConfig) { c.AppSecret = "0123456789abcdef0123456789abcdef" },
			step:   StepComponentToken, code: 40125,
		},
		"no platform": {
			change: func(_ *simulator.Simulator, c *ComponentConfig) { c.AppID = appid },
			step:   StepComponentToken, code: 61011,
		},
		"a stranger": {
			change: func(s *simulator.Simulator, _ *ComponentConfig) { unauthorize(s) },
			step:   StepRefreshToken, code: 61003,
		},
		"a refresh token that no list mends": {
			change: func(s *simulator.Simulator, c *ComponentConfig) {
				c.RefreshTokens = map[string]string{appid: "refreshtoken@@@old"}
				pend(s)
			},
			step: StepAuthorizerToken, code: wechat.CodeInvalidRefresh,
		},
		"an old component token": {
			change: func(_ *simulator.Simulator, c *ComponentConfig) { c.AccessToken = "61_old_token_of_the_component" },
			step:   StepRefreshToken, code: wechat.CodeInvalidToken, rejected: true,
		},
		"a component token that has expired": {
			change: func(s *simulator.Simulator, c *ComponentConfig) {
				c.AccessToken = s.IssueComponentToken()
				c.RefreshTokens = map[string]string{appid: s.RefreshToken(appid)}
				fault(s, pathMint, 42001)
			},
			step: StepAuthorizerToken, code: 42001, rejected: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, source := platform(t, test.change)
			_, err := source.Fetch(t.Context(), Request{AppID: appid})
			var failed *ComponentError
			if !errors.As(err, &failed) || failed.Step != test.step || failed.Refusal.Code != test.code || (failed.Rejected != nil) != test.rejected {
				t.Errorf("got %v (%+v), want code %d at %s, rejected %t", err, failed, test.code, test.step, test.rejected)
			}
		})
	}
	t.Run("an account whose code was never exchanged", func(t *testing.T) {
		t.Parallel()
		world, source := platform(t, func(s *simulator.Simulator, _ *ComponentConfig) { pend(s) })
		_, err := source.Fetch(t.Context(), Request{AppID: appid})
		var failed *Error
		if !errors.As(err, &failed) || !strings.Contains(failed.Problem, "never exchanged") || failed.Advice == "" {
			t.Errorf("got %v, want that there is no refresh token", err)
		}
		if world.Count(pathList) != 1 || world.Count(pathMint) != 0 {
			t.Errorf("asked %v, want the list once and no token", calls(world))
		}
	})
	t.Run("nothing to mint from", func(t *testing.T) {
		t.Parallel()
		world, source := platform(t, func(_ *simulator.Simulator, c *ComponentConfig) { c.VerifyTicket = "" })
		_, err := source.Fetch(t.Context(), Request{AppID: appid})
		var failed *Error
		if !errors.As(err, &failed) || !strings.Contains(failed.Problem, "neither an access_token nor") || world.Count("") != 0 {
			t.Errorf("got %v, want that something is missing", err)
		}
	})
}

func fault(s *simulator.Simulator, path string, code int) {
	if err := s.Inject(simulator.Fault{Path: path, Kind: simulator.FaultErrcode, Code: code}); err != nil {
		panic(err)
	}
}

func unauthorize(s *simulator.Simulator) {
	if err := s.UpdateAccount(appid, func(a *simulator.Account) { a.Authorized = false }); err != nil {
		panic(err)
	}
}

func pend(s *simulator.Simulator) {
	if err := s.UpdateAccount(appid, func(a *simulator.Account) { a.CodePending = true }); err != nil {
		panic(err)
	}
}

// TestMintingIsNotRepeatedInDoubt holds the rule that a call that replaces a token is repeated only where it certainly did
// nothing, by the client as by the readers who come after: a second one would end the token of the first.
func TestMintingIsNotRepeatedInDoubt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind  simulator.FaultKind
		code  int
		delay time.Duration
		want  int
	}{
		"a gateway's page":        {kind: simulator.FaultHTML502, want: 1},
		"an empty answer":         {kind: simulator.FaultEmpty, want: 1},
		"a cut connection":        {kind: simulator.FaultCut, want: 1},
		"a cut answer":            {kind: simulator.FaultTruncated, want: 1},
		"no answer in time":       {kind: simulator.FaultSlow, delay: time.Hour, want: 1},
		"the quota of the minute": {kind: simulator.FaultMinuteQuota, want: 1},
		"a refusal":               {kind: simulator.FaultErrcode, code: 61005, want: 1},
		"busy":                    {kind: simulator.FaultSystemBusy, want: 4},
	} {
		for _, path := range []string{pathMint, pathOwn} {
			t.Run(name+" from "+path, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					world, source := platform(t, func(s *simulator.Simulator, c *ComponentConfig) {
						c.RefreshTokens = map[string]string{appid: s.RefreshToken(appid)}
						if err := s.Inject(simulator.Fault{Path: path, Kind: test.kind, Code: test.code, Delay: test.delay}); err != nil {
							t.Fatal(err)
						}
					})
					memory := NewMemory(source, nil)
					for range 3 {
						if _, err := memory.Token(t.Context(), appid); err == nil {
							t.Error("got a token")
						}
					}
					if got := world.Count(path); got != test.want {
						t.Errorf("asked %d times, want %d", got, test.want)
					}
				})
			})
		}
	}
}

// TestMintingUnderWayIsNotGivenUp has a reader whose time is over before the token is there, and a later one.
func TestMintingUnderWayIsNotGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world, source := platform(t, func(s *simulator.Simulator, c *ComponentConfig) {
			c.RefreshTokens = map[string]string{appid: s.RefreshToken(appid)}
			if err := s.Inject(simulator.Fault{Path: pathMint, Kind: simulator.FaultSlow, Delay: 30 * time.Second}); err != nil {
				t.Fatal(err)
			}
		})
		memory := NewMemory(source, nil)
		hasty, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var failed *Error
		if _, err := memory.Token(hasty, appid); !errors.As(err, &failed) || !strings.Contains(failed.Problem, "did not answer in time") {
			t.Errorf("the hasty reader got %v", err)
		}
		lease, err := memory.Token(t.Context(), appid)
		if err != nil || lease.Value != world.Token(appid) || world.Count(pathMint) != 1 {
			t.Errorf("got %v after %d calls, want the token of the first", err, world.Count(pathMint))
		}
	})
}

// till is an API that hands out what it is told to, and writes down with what it was asked.
type till struct {
	told, listed string
	mint         func(refreshToken string) (wechat.Issued, error)
	minted       []string
}

func (*till) ComponentToken(context.Context, string, string, string) (wechat.Issued, error) {
	return wechat.Issued{Value: "own", Life: time.Hour}, nil
}

func (b *till) AuthorizerToken(_ context.Context, _, _, _, refreshToken string) (wechat.Issued, error) {
	b.minted = append(b.minted, refreshToken)
	return b.mint(refreshToken)
}

func (b *till) RefreshToken(context.Context, string, string, string) (string, error) {
	return b.told, nil
}

func (b *till) ListedRefreshTokens(context.Context, string, string) (map[string]string, error) {
	return map[string]string{appid: b.listed}, nil
}

func TestMintingGoesThroughRefreshTokensWithCare(t *testing.T) {
	t.Parallel()
	refuse := func(code int) func(string) (wechat.Issued, error) {
		return func(string) (wechat.Issued, error) { return wechat.Issued{}, &wechat.Error{Code: code} }
	}
	for name, test := range map[string]struct {
		till till
		want []string
	}{
		"each once after 61023":        {till{told: "told", listed: "listed", mint: refuse(61023)}, []string{"known", "told", "listed"}},
		"none twice after 61023":       {till{told: "told", listed: "known", mint: refuse(61023)}, []string{"known", "told"}},
		"no other after other answers": {till{told: "told", listed: "listed", mint: refuse(61003)}, []string{"known"}},
	} {
		source := NewComponent("component", ComponentConfig{
			AppID: platformAppID, Mint: true, AppSecret: "x", VerifyTicket: "y", RefreshTokens: map[string]string{appid: "known"},
		}, &test.till)
		if _, err := source.Fetch(t.Context(), Request{AppID: appid}); err == nil {
			t.Errorf("%s: got a token", name)
		}
		if diff := cmp.Diff(test.want, test.till.minted); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestMintedTokensLiveAsLongAsWeChatSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		number := 0
		bank := &till{mint: func(refreshToken string) (wechat.Issued, error) {
			number++
			return wechat.Issued{Value: fmt.Sprint("minted", number), Life: 30 * time.Minute, RefreshToken: refreshToken + "+"}, nil
		}}
		memory := NewMemory(NewComponent("component", ComponentConfig{
			AppID: platformAppID, Mint: true, AccessToken: "own", RefreshTokens: map[string]string{appid: "known"},
		}, bank), nil)
		expect(t, memory, appid, "minted1")
		time.Sleep(28 * time.Minute)
		expect(t, memory, appid, "minted1")
		time.Sleep(time.Minute)
		expect(t, memory, appid, "minted2")
		if diff := cmp.Diff([]string{"known", "known+"}, bank.minted); diff != "" {
			t.Errorf("the refresh token that came back was not kept: -want +got:\n%s", diff)
		}
	})
}

func TestAccessTokenOfTheComponentIsNeverMadeForAQuestion(t *testing.T) {
	t.Parallel()
	world, source := platform(t, nil)
	if _, available := source.AccessToken(); available || world.Count("") != 0 {
		t.Error("a token was there, or was made")
	}
	if _, err := source.Fetch(t.Context(), Request{AppID: appid}); err != nil {
		t.Fatal(err)
	}
	if got, available := source.AccessToken(); !available || got != world.Token(platformAppID) {
		t.Error("the token that was made is not there")
	}
}
