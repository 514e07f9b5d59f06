package simulator

import (
	"fmt"
	"time"
)

// How long WeChat's credentials live.
const (
	// https://developers.weixin.qq.com/doc/oplatform/developers/dev/AccessToken.html
	TokenLife = 7200 * time.Second // of an access token
	// https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/component_verify_ticket.html
	TicketLife     = 12 * time.Hour   // of a verify ticket
	DefaultOverlap = 5 * time.Minute  // of a superseded access token
	CodeLife       = 10 * time.Minute // of an authorization code
	PreAuthLife    = 30 * time.Minute // of a pre-auth code

	ticketInterval = 10 * time.Minute // between two pushes of a verify ticket
	tokenMargin    = time.Minute      // how long before its end Token replaces a token
)

// holder is whom access tokens are issued to: an account, or the component (account is nil).
type holder struct {
	account *account
	label   string
	issued  int // tokens so far
	revoked int // tokens up to this number are void
	current *accessToken
}

// accessToken is one issued token. It works until its end, until it is revoked, or until the overlap after it was
// superseded.
type accessToken struct {
	value      string
	number     int
	holder     *holder
	issued     time.Time
	superseded time.Time // zero: not yet
}

// authCode is an authorization code. It works once, and until its end.
type authCode struct {
	account *account
	end     time.Time
	used    bool
}

// label names the token without showing it.
func (t *accessToken) label() string { return fmt.Sprintf("%s#%d", t.holder.label, t.number) }

// refusal is the errcode a call with this token gets at a given time, 0 for none.
func (t *accessToken) refusal(now time.Time, overlap time.Duration) int {
	switch {
	case t == nil, t.number <= t.holder.revoked:
		return codeInvalidCredential
	case !t.superseded.IsZero() && !now.Before(t.superseded.Add(overlap)):
		return codeInvalidCredential // "not latest": somebody fetched a newer one
	case !now.Before(t.issued.Add(TokenLife)):
		return codeTokenExpired
	}
	return 0
}

// holderOf finds the account or component of an appid; nil if there is none. The caller holds the lock.
func (s *Simulator) holderOf(appid string) *holder {
	if appid == s.component.AppID {
		return &s.componentTokens
	}
	if a := s.accounts[appid]; a != nil {
		return &a.tokens
	}
	return nil
}

// issue gives a holder a new token that supersedes its last one. The caller holds the lock.
func (s *Simulator) issue(h *holder, value string, now time.Time) *accessToken {
	if h.current != nil {
		h.current.superseded = now
	}
	h.issued++
	h.current = &accessToken{value: value, number: h.issued, holder: h, issued: now}
	s.tokens[value] = h.current
	return h.current
}

// IssueToken gives an account (or the component) a new access token, as if the platform's own service had refreshed it:
// the one before keeps working for the overlap. It returns "" for an unknown appid.
func (s *Simulator) IssueToken(appid string) string {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holderOf(appid)
	if h == nil {
		return ""
	}
	return s.issue(h, newAccessToken(), now).value
}

// IssueComponentToken is IssueToken for the component.
func (s *Simulator) IssueComponentToken() string { return s.IssueToken(s.component.AppID) }

// SetToken is IssueToken with a value of the caller's choice, for tokens with odd characters. An unknown appid and a
// value that is empty or was issued before are errors.
func (s *Simulator) SetToken(appid, value string) error {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holderOf(appid)
	switch {
	case h == nil:
		return fmt.Errorf("unknown appid %q", appid)
	case value == "":
		return fmt.Errorf("an empty token for %q", appid)
	case s.tokens[value] != nil:
		return fmt.Errorf("the token for %q is not new: it is %s", appid, s.tokens[value].label())
	}
	s.issue(h, value, now)
	return nil
}

// Token returns the latest access token of an account or the component, as a token service would: a new one where there
// is none that works for another minute. It returns "" for an unknown appid.
func (s *Simulator) Token(appid string) string {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holderOf(appid)
	if h == nil {
		return ""
	}
	if h.current.refusal(now.Add(tokenMargin), s.overlap) != 0 {
		s.issue(h, newAccessToken(), now)
	}
	return h.current.value
}

// RevokeTokens makes every token issued so far to an account or the component invalid (40001), without overlap.
func (s *Simulator) RevokeTokens(appid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.holderOf(appid); h != nil {
		h.revoked = h.issued
	}
}

// ComponentSecret returns the appsecret of the third-party platform.
func (s *Simulator) ComponentSecret() string { return s.secret }

// RefreshToken returns the refresh token of an account, "" for an unknown one. Refreshing does not change it;
// withdrawing the authorization and giving it again does.
func (s *Simulator) RefreshToken(appid string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accounts[appid]; a != nil {
		return a.refreshToken
	}
	return ""
}

// VerifyTicket returns the latest verify ticket that was pushed: a new one every ten minutes, each good for TicketLife.
func (s *Simulator) VerifyTicket() string {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if pushed, ok := s.tickets[s.ticket]; !ok || now.Sub(pushed) >= ticketInterval {
		s.ticket = newVerifyTicket()
		s.tickets[s.ticket] = now
	}
	return s.ticket
}
