package facts

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// maxCalls bounds the requests of one run; two more are left for the provider.
const maxCalls = 38

// Host is the host of WeChat that the provider asks.
const Host = "api.weixin.qq.com"

// hosts are WeChat's own; Config.BaseURL takes the place of all.
// https://developers.weixin.qq.com/doc/service/Basic_Information/Interface_field_description.html
var hosts = []string{Host, "api2.weixin.qq.com", "sh.api.weixin.qq.com", "sz.api.weixin.qq.com", "hk.api.weixin.qq.com"}

// endpoint is one of the six that can be asked. There is no way to ask another.
type endpoint int

const (
	openGet endpoint = iota
	openHave
	openSameEntity
	basicInfo
	authorizerList
	authorizerInfo
)

var endpoints = [...]struct{ method, path, parameter string }{
	openGet:        {http.MethodPost, "/cgi-bin/open/get", "access_token"},
	openHave:       {http.MethodGet, "/cgi-bin/open/have", "access_token"},
	openSameEntity: {http.MethodGet, "/cgi-bin/open/sameentity", "access_token"},
	basicInfo:      {http.MethodPost, "/cgi-bin/account/getaccountbasicinfo", "access_token"},
	authorizerList: {http.MethodPost, "/cgi-bin/component/api_get_authorizer_list", "component_access_token"},
	authorizerInfo: {http.MethodPost, "/cgi-bin/component/api_get_authorizer_info", "component_access_token"},
}

// Holder is whose credential it is.
type Holder int

// The holders.
const (
	First     Holder = iota // an account, bound at best
	Second                  // another account, unbound or without the permission set
	Component               // the third-party platform
)

// Variables name, for each holder, the variables with an access token and with the appid it is of.
var Variables = [...][2]string{
	First:     {"WECHAT_ACCESS_TOKEN", "WECHAT_APPID"},
	Second:    {"WECHAT_SECOND_ACCESS_TOKEN", "WECHAT_SECOND_APPID"},
	Component: {"WECHAT_COMPONENT_ACCESS_TOKEN", "WECHAT_COMPONENT_APPID"},
}

// token is what goes with a request.
type token int

const (
	first token = token(First) + iota
	second
	component
	truncated // the first half of the first account's
	none
	invented  // has the form of a token, and never was one
	firstOrNo // none only where there is no first account
)

var tokenNames = [...]string{
	"the account's token", "the second account's token", "the component's token", "half of the account's token",
	"no token",
	"an invented token", "the account's token, if any",
}

// What is sent where something invented is wanted. The token is the one of a published probe.
const (
	inventedToken = "fake_token_00000000000000000000000000000000"
	inventedAppID = "wx0000000000000000"
)

// request is one question. Requests that are equal are asked once.
type request struct {
	endpoint endpoint
	token    token
	method   string
	body     string // $0, $1 and $2 stand for the holders' appids, $invented and $listed0 to $listed5 for others
	host     int    // in hosts
	chunked  bool   // without Content-Length
	newName  bool   // the token goes as access_token where the endpoint's own name is another
}

func ask(e endpoint) request {
	r := request{endpoint: e, token: none, method: endpoints[e].method}
	if r.method == http.MethodPost {
		r.body = "{}"
	}
	return r
}

func (r request) with(t token) request        { r.token = t; return r }
func (r request) sending(body string) request { r.body = body; return r }
func (r request) by(method string) request    { r.method, r.body = method, ""; return r }
func (r request) inChunks() request           { r.chunked = true; return r }
func (r request) underNewName() request       { r.newName = true; return r }

// listing asks for a page of the authorizers.
func listing(offset, count int) request {
	return ask(authorizerList).with(component).sending(fmt.Sprintf(`{"component_appid":"$2","offset":%d,"count":%d}`,
		offset, count))
}

// maxInfos bounds the authorizers that are asked about, one for each kind of account.
const maxInfos = 6

// infos ask about the authorizers that were listed, the two accounts first; others may follow.
func infos(others ...request) []request {
	asked := make([]request, maxInfos, maxInfos+len(others))
	for i := range asked {
		body := fmt.Sprintf(`{"component_appid":"$2","authorizer_appid":"$listed%d"}`, i)
		asked[i] = ask(authorizerInfo).with(component).sending(body)
	}
	return append(asked, others...)
}

// otherHosts ask all hosts but the first.
func otherHosts(r request) []request {
	var asked []request
	for r.host = 1; r.host < len(hosts); r.host++ {
		asked = append(asked, r)
	}
	return asked
}

func (e endpoint) String() string { return strings.TrimPrefix(endpoints[e].path, "/cgi-bin/") }

func (r request) String() string {
	return fmt.Sprintf("%s %s with %s", r.method, r.endpoint, tokenNames[r.token])
}

// needs are the holders whose credential a request takes.
func (r request) needs() []Holder {
	var needed []Holder
	for holder := range Holder(len(Variables)) {
		half := holder == First && r.token == truncated
		if token(holder) == r.token || half || strings.Contains(r.body, fmt.Sprintf("$%d", holder)) {
			needed = append(needed, holder)
		}
	}
	return needed
}

// Tier is what a fact takes at least: 0 nothing, 1 an account's token, 2 a second account's, 3 the component's.
func (f Fact) Tier() int {
	tier := len(Variables)
	for _, r := range f.Ask {
		needed := 0
		for _, holder := range r.needs() {
			needed = max(needed, int(holder)+1)
		}
		tier = min(tier, needed)
	}
	if len(f.Ask) == 0 {
		return 0
	}
	return tier
}

// Planned is a line of what a run will ask.
type Planned struct {
	Asked string // method, endpoint, and with what
	Times int
}

// Plan lists what a run will ask, in the order of the facts, and how many calls that is at most.
func (c Config) Plan() (planned []Planned, calls int) {
	seen := map[request]bool{}
	for _, fact := range Facts {
		for _, r := range fact.Ask {
			r = c.resolved(r)
			if seen[r] || c.missing(r) != "" {
				continue
			}
			seen[r] = true
			calls++
			text := r.String()
			if r.host > 0 {
				text += ", at " + strings.Join(hosts[1:], ", ")
			}
			i := slices.IndexFunc(planned, func(p Planned) bool { return p.Asked == text })
			if i < 0 {
				planned, i = append(planned, Planned{Asked: text}), len(planned)
			}
			planned[i].Times++
		}
	}
	return planned, calls
}

// resolved settles with what a request goes that can go with or without a token.
func (c Config) resolved(r request) request {
	if r.token == firstOrNo {
		r.token = none
		if c.Credentials[First] != (Credential{}) {
			r.token = first
		}
	}
	return r
}

// missing says why a request cannot be asked; "" where it can.
func (c Config) missing(r request) string {
	if r.host > 0 && c.BaseURL != nil {
		return "-base-url names one address, and nothing else is asked"
	}
	for _, holder := range r.needs() {
		if c.Credentials[holder] == (Credential{}) {
			return fmt.Sprintf("%s with %s is not set", Variables[holder][0], Variables[holder][1])
		}
	}
	return ""
}
