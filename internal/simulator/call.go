package simulator

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// call is one request on its way through WeChat's checks.
type call struct {
	simulator *Simulator
	now       time.Time
	path      string
	method    string
	callerIP  string
	endpoint  endpoint
	known     bool   // whether there is such an endpoint
	parameter string // the query name that carried a token, "" for none
	token     *accessToken
	account   *account // of the token; nil for the component's and for an unknown token
	body      fields
	badBody   *refusal // why there is no body
	asked     string   // the appid the body asks for
	concerns  []string // the accounts it is about: that of the token and that of the body
	entry     *Request // in the record
}

func (s *Simulator) newCall(r *http.Request, raw []byte) *call {
	c := &call{simulator: s, path: r.URL.Path, method: r.Method}
	c.callerIP, _, _ = net.SplitHostPort(r.RemoteAddr)
	c.endpoint, c.known = endpoints[c.path]
	query := r.URL.Query()
	for _, name := range c.endpoint.token.parameters() {
		if value := query.Get(name); value != "" && c.endpoint.token != noToken {
			c.parameter, c.token = name, s.tokens[value]
			break
		}
	}
	if c.token != nil {
		c.account = c.token.holder.account
	}
	c.body, c.badBody = parseFields(raw)
	if c.asked, _ = c.body.text("appid"); c.asked == "" {
		c.asked, _ = c.body.text("authorizer_appid")
	}
	if c.account != nil {
		c.concerns = append(c.concerns, c.account.AppID)
	}
	if s.accounts[c.asked] != nil && !slices.Contains(c.concerns, c.asked) {
		c.concerns = append(c.concerns, c.asked)
	}
	return c
}

// answer runs the checks in WeChat's order and then the endpoint. What is asked first is answered first: a bad token is
// refused before the body is looked at. The caller holds the lock.
func (c *call) answer() (any, *refusal) {
	for _, check := range []func(*call) *refusal{
		(*call).checkMethod, (*call).checkToken, (*call).checkCaller, (*call).checkPermission,
		(*call).checkBody, (*call).checkAppID,
	} {
		if refused := check(c); refused != nil {
			return nil, refused
		}
	}
	return c.endpoint.answer(c)
}

func (c *call) checkMethod() *refusal {
	switch {
	case lacking[c.path]:
		return refuseLacking(c.path)
	case !c.known:
		return refuse(codeInvalidURL)
	case c.method == c.endpoint.method:
		return nil
	case c.endpoint.method == http.MethodGet:
		return refuse(codeNeedGET)
	default:
		return refuse(codeNeedPOST)
	}
}

func (c *call) checkToken() *refusal {
	switch {
	case c.endpoint.token == noToken:
		return nil
	case c.parameter == "":
		return refuse(codeTokenMissing)
	}
	if code := c.token.refusal(c.now, c.simulator.overlap); code != 0 {
		return refuse(code)
	}
	return nil
}

func (c *call) checkCaller() *refusal {
	if c.simulator.takeFault(c, func(kind FaultKind) bool { return kind == FaultCallerIP }) != nil {
		return refuseCaller(c.callerIP)
	}
	return nil
}

func (c *call) checkPermission() *refusal {
	switch c.endpoint.token {
	case componentToken:
		if c.account != nil {
			return refuse(c.simulator.wrongTokenCode)
		}
	case authorizerToken:
		// Also what a call with the component's token and one before the authorization get.
		if c.account == nil || !c.account.Authorized || !c.account.granted(c.endpoint.sets(c.account.Kind)) {
			return refuse(codeUnauthorized)
		}
	}
	return nil
}

func (a *account) granted(sets []int) bool {
	return slices.ContainsFunc(sets, func(set int) bool { return slices.Contains(a.PermissionSets, set) })
}

func (c *call) checkBody() *refusal {
	if c.endpoint.method == http.MethodGet {
		return nil
	}
	return c.badBody
}

func (c *call) checkAppID() *refusal {
	switch c.endpoint.token {
	case authorizerToken:
		if c.endpoint.method == http.MethodGet {
			return nil
		}
		appid, refused := c.body.text("appid")
		if refused == nil && appid != "" && appid != c.account.AppID {
			return refuse(codeInvalidAppID)
		}
		return refused
	case componentToken:
		appid, refused := c.body.text("component_appid")
		switch {
		case refused != nil:
			return refused
		case appid == "":
			return refuse(codeNoComponentAppID)
		case appid != c.simulator.component.AppID:
			return refuse(codeInvalidAppID)
		}
	}
	return nil
}

// authorizer is the account that the body of a component call names.
func (c *call) authorizer() (*account, *refusal) {
	appid, refused := c.body.text("authorizer_appid")
	if refused != nil {
		return nil, refused
	}
	if appid == "" {
		return nil, refuse(codeInvalidAppID)
	}
	a := c.simulator.accounts[appid]
	if a == nil || !a.Authorized {
		return nil, refuse(codeNotAuthorized)
	}
	return a, nil
}

// ServeHTTP answers a call of the API, or of the admin API under /_simulator/. Faults may cut the connection, by
// panicking with http.ErrAbortHandler as net/http wants it.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, adminPrefix) {
		s.admin.ServeHTTP(w, r)
		return
	}
	raw, status := readBody(w, r)
	now := s.now()
	s.mu.Lock()
	c := s.newCall(r, raw)
	s.record.add(c, now)
	var fault *Fault
	if status == 0 {
		fault = s.takeFault(c, func(kind FaultKind) bool { return kind != FaultCallerIP })
	}
	s.mu.Unlock()

	if fault != nil && !fault.wait(r.Context()) {
		fault = &Fault{Kind: FaultCut}
	}
	c.now = s.now()
	s.mu.Lock()
	a := s.reply(c, status, fault)
	c.entry.Status, c.entry.Errcode = a.status, a.errcode
	s.mu.Unlock()
	a.write(w)
}
