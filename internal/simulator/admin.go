package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

const adminPrefix = "/_simulator/"

// newAdmin serves what WeChat does not have: looking at the accounts and moving them, faults, and the record.
func (s *Simulator) newAdmin(anyHost bool) http.Handler {
	mux := http.NewServeMux()
	var patterns []string
	handle := func(pattern string, answer func(*http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		patterns = append(patterns, method+" "+adminPrefix+strings.TrimSuffix(path, "{$}"))
		mux.HandleFunc(method+" "+adminPrefix+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			writeAdmin(w, r, answer)
		})
	}
	handle("GET accounts", func(*http.Request) (any, error) { return s.World(), nil })
	handle("PUT accounts/{appid}", s.adminUpdate)
	handle("PATCH accounts/{appid}", s.adminUpdate)
	handle("POST accounts/{appid}/token", s.adminIssueToken)
	handle("POST accounts/{appid}/authorization", s.adminAuthorize)
	handle("GET component", func(*http.Request) (any, error) { return s.credentials(), nil })
	handle("GET token", s.adminToken)
	handle("GET tokens", func(*http.Request) (any, error) { return s.latestTokens(), nil })
	handle("GET faults", func(*http.Request) (any, error) { return s.Faults(), nil })
	handle("POST faults", s.adminInject)
	handle("DELETE faults", func(*http.Request) (any, error) { s.ClearFaults(); return s.Faults(), nil })
	handle("GET requests", func(*http.Request) (any, error) { return s.Requests(), nil })
	handle("DELETE requests", func(*http.Request) (any, error) { s.ResetRecord(); return s.Requests(), nil })

	handle("GET {$}", func(*http.Request) (any, error) {
		example := Fault{Path: "/cgi-bin/open/get", Kind: FaultSlow, Delay: 20 * time.Second, Count: 1}
		return map[string]any{"requests": patterns, "kinds of fault": faultKinds, "a fault": example}, nil
	})

	// Web pages that the user has open must not reach the API: neither across origins nor by rebinding their own name.
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !anyHost && !isLoopback(r.Host) {
			http.Error(w, "the admin API answers to loopback addresses and localhost only", http.StatusForbidden)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

var errUnknownAppID = errors.New("unknown appid")

func writeAdmin(w http.ResponseWriter, r *http.Request, answer func(*http.Request) (any, error)) {
	value, err := answer(r)
	switch {
	case errors.Is(err, errUnknownAppID):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, strings.ReplaceAll(err.Error(), "\n", " "), http.StatusBadRequest)
	default:
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(value)
	}
}

// adminUpdate changes the members that are given, and only those; a null open_appid unbinds.
func (s *Simulator) adminUpdate(r *http.Request) (any, error) {
	var change struct {
		OpenAppID      json.RawMessage `json:"open_appid"`
		PermissionSets *[]int          `json:"permission_sets"`
		Authorized     *bool           `json:"authorized"`
		CodePending    *bool           `json:"code_pending"`
		AccountStatus  *int            `json:"account_status"`
	}
	if err := decodeStrict(r.Body, &change); err != nil {
		return nil, err
	}
	openAppID := ""
	if change.OpenAppID != nil {
		if err := json.Unmarshal(change.OpenAppID, &openAppID); err != nil {
			return nil, errors.New("open_appid is neither a string nor null")
		}
	}
	appid := r.PathValue("appid")
	if _, found := s.Account(appid); !found {
		return nil, errUnknownAppID
	}
	err := s.UpdateAccount(appid, func(a *Account) {
		if change.OpenAppID != nil {
			a.OpenAppID = openAppID
		}
		setIfGiven(&a.PermissionSets, change.PermissionSets)
		setIfGiven(&a.Authorized, change.Authorized)
		setIfGiven(&a.CodePending, change.CodePending)
		setIfGiven(&a.AccountStatus, change.AccountStatus)
	})
	if err != nil {
		return nil, err
	}
	a, _ := s.Account(appid)
	return a, nil
}

func setIfGiven[T any](target, given *T) {
	if given != nil {
		*target = *given
	}
}

func (s *Simulator) adminInject(r *http.Request) (any, error) {
	var document faultDocument
	if err := decodeStrict(r.Body, &document); err != nil {
		return nil, err
	}
	f, err := document.fault()
	if err != nil {
		return nil, fmt.Errorf("delay: %w", err)
	}
	if err := s.Inject(f); err != nil {
		return nil, err
	}
	return s.Faults(), nil
}

func (s *Simulator) adminIssueToken(r *http.Request) (any, error) {
	token := s.IssueToken(r.PathValue("appid"))
	if token == "" {
		return nil, errUnknownAppID
	}
	return map[string]any{"access_token": token, "expires_in": int(TokenLife.Seconds())}, nil
}

func (s *Simulator) adminAuthorize(r *http.Request) (any, error) {
	code := s.Authorize(r.PathValue("appid"))
	if code == "" {
		return nil, errUnknownAppID
	}
	return map[string]any{"authorization_code": code, "expires_in": int(CodeLife.Seconds())}, nil
}

// credentials are what an operator would have in hand for the third-party platform.
func (s *Simulator) credentials() any {
	refreshTokens := map[string]string{}
	for _, a := range s.World().Accounts {
		refreshTokens[a.AppID] = s.RefreshToken(a.AppID)
	}
	return struct {
		AppID         string            `json:"appid"`
		AccessToken   string            `json:"access_token"`
		AppSecret     string            `json:"appsecret"`
		VerifyTicket  string            `json:"verify_ticket"`
		RefreshTokens map[string]string `json:"refresh_tokens"`
	}{s.component.AppID, s.Token(s.component.AppID), s.secret, s.VerifyTicket(), refreshTokens}
}

// adminToken answers like Tencent's own token service: https://github.com/WeixinCloud/wxcloudrun-wxcomponent
func (s *Simulator) adminToken(r *http.Request) (any, error) {
	type answer struct {
		Code     int    `json:"code"`
		ErrorMsg string `json:"errorMsg"`
		Data     any    `json:"data"`
	}
	appid := r.URL.Query().Get("appid")
	if reason := s.refreshFailure(appid); reason != "" {
		return answer{1002, "系统错误", reason}, nil
	}
	return answer{0, "OK", map[string]string{"token": s.Token(appid)}}, nil
}

// latestTokens are the access tokens of all accounts, by appid, as a service that keeps them for all hands them out.
func (s *Simulator) latestTokens() map[string]string {
	tokens := map[string]string{}
	for _, a := range s.World().Accounts {
		tokens[a.AppID] = s.Token(a.AppID)
	}
	return tokens
}

// refreshFailure is why that service gets no token, in its words; "" if it gets one.
func (s *Simulator) refreshFailure(appid string) string {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[appid]
	if a == nil || !a.Authorized {
		return "empty records"
	}
	if refused := a.refuseRefresh(a.toldRefreshToken()); refused != nil {
		return fmt.Sprintf("WxErrCode != 0, resp: {%d %s rid: %s}", refused.code, refused.text, newRequestID(now))
	}
	return ""
}

// isLoopback says whether host, with or without a port, is this machine as seen from itself.
func isLoopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
