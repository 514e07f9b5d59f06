package simulator_test

import (
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

func TestTokenAges(t *testing.T) {
	const good, superseded, expired = 0, 40001, 42001
	for name, test := range map[string]struct {
		overlap   time.Duration
		refreshAt time.Duration // when the platform's own service fetches a newer token; 0: never
		at        map[time.Duration]int
	}{
		"alone it lives 7200 s": {
			at: map[time.Duration]int{0: good, 7199 * time.Second: good, 7200 * time.Second: expired},
		},
		"superseded it lives another 5 minutes": {
			refreshAt: time.Hour,
			at:        map[time.Duration]int{time.Hour: good, time.Hour + 299*time.Second: good, time.Hour + 300*time.Second: superseded},
		},
		"the overlap prolongs nothing": {
			refreshAt: 7100 * time.Second,
			at:        map[time.Duration]int{7199 * time.Second: good, 7200 * time.Second: expired, 7400 * time.Second: superseded},
		},
		"another overlap": {
			overlap: time.Second, refreshAt: time.Hour,
			at: map[time.Duration]int{time.Hour: good, time.Hour + time.Second: superseded},
		},
		"no overlap": {
			overlap: simulator.NoOverlap, refreshAt: time.Hour,
			at: map[time.Duration]int{time.Hour: superseded},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for at, want := range test.at {
				c := newClock()
				s := newSimulator(t, simulator.Config{Now: c.Now, Overlap: test.overlap})
				token := s.IssueToken(bound)
				if test.refreshAt != 0 && test.refreshAt <= at {
					c.Advance(test.refreshAt)
					s.IssueToken(bound)
					c.Advance(at - test.refreshAt)
				} else {
					c.Advance(at)
				}
				if got := getOpen(t, s, token); got != want {
					t.Errorf("after %s: errcode %d, want %d", at, got, want)
				}
			}
		})
	}
}

func TestToken(t *testing.T) {
	c := newClock()
	s := newSimulator(t, simulator.Config{Now: c.Now})
	first := s.Token(bound)
	c.Advance(simulator.TokenLife - time.Minute - time.Second)
	if s.Token(bound) != first {
		t.Error("replaced more than a minute before its end")
	}
	c.Advance(time.Second)
	second := s.Token(bound)
	if second == first {
		t.Error("not replaced a minute before its end")
	}
	s.RevokeTokens(bound)
	if got := getOpen(t, s, second); got != 40001 {
		t.Errorf("a revoked token: %d, want 40001", got)
	}
	if third := s.Token(bound); getOpen(t, s, third) != 0 {
		t.Error("the token after a revocation does not work")
	}
	if s.Token("wx1") != "" || s.IssueToken("wx1") != "" || s.RefreshToken("wx1") != "" {
		t.Error("an unknown appid has credentials")
	}
}

func TestSetToken(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	const odd = `a+b/c=&d %41"é`
	if err := s.SetToken(bound, odd); err != nil {
		t.Fatal(err)
	}
	if got := getOpen(t, s, odd); got != 0 {
		t.Errorf("errcode %d", got)
	}
	for name, test := range map[string][2]string{
		"unknown appid":    {"wx1", "new"},
		"empty":            {bound, ""},
		"of another":       {unbound, odd},
		"not new any more": {bound, odd},
	} {
		if err := s.SetToken(test[0], test[1]); err == nil || strings.Contains(err.Error(), odd) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestSecretsLookLikeWeChats(t *testing.T) {
	s := newSimulator(t, simulator.Config{})
	for _, test := range []struct {
		name, value, prefix string
		length              int
	}{
		{"access token", s.IssueToken(bound), "61_", 91},
		{"component token", s.IssueComponentToken(), "61_", 91},
		{"refresh token", s.RefreshToken(bound), "refreshtoken@@@", 58},
		{"verify ticket", s.VerifyTicket(), "ticket@@@", 95},
		{"appsecret", s.ComponentSecret(), "", 32},
	} {
		if !strings.HasPrefix(test.value, test.prefix) || len(test.value) != test.length || strings.Contains(test.value, "wx1000") {
			t.Errorf("%s: %q (%d)", test.name, test.value, len(test.value))
		}
	}
	if first, second := s.IssueToken(bound), s.IssueToken(bound); first == second {
		t.Error("the same token twice")
	}
}

func TestVerifyTicketIsPushedEveryTenMinutes(t *testing.T) {
	c := newClock()
	s := newSimulator(t, simulator.Config{Now: c.Now})
	first := s.VerifyTicket()
	c.Advance(10*time.Minute - 1)
	if s.VerifyTicket() != first {
		t.Error("a new ticket too early")
	}
	c.Advance(1)
	if s.VerifyTicket() == first {
		t.Error("no new ticket")
	}
}
