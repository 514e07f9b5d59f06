package simulator

import "net/http"

// endpoint is one API: what a call must bring, and what answers it.
type endpoint struct {
	method string
	token  tokenKind
	sets   func(Kind) []int // permission sets of which one is needed by a kind of account
	answer func(*call) (any, *refusal)
}

// tokenKind is whose access token an endpoint takes.
type tokenKind int

const (
	noToken tokenKind = iota
	authorizerToken
	componentToken
)

// endpoints is the whole API. To add one: a function in a file of its own, and a line here.
var endpoints = map[string]endpoint{
	"/cgi-bin/open/get":                          {http.MethodPost, authorizerToken, openAccountSets, openGet},
	"/cgi-bin/open/have":                         {http.MethodGet, authorizerToken, basicInfoSets, openHave},
	"/cgi-bin/open/sameentity":                   {http.MethodGet, authorizerToken, basicInfoSets, openSameEntity},
	"/cgi-bin/account/getaccountbasicinfo":       {http.MethodPost, authorizerToken, basicInfoSets, accountBasicInfo},
	"/cgi-bin/component/api_component_token":     {http.MethodPost, noToken, nil, apiComponentToken},
	"/cgi-bin/component/api_create_preauthcode":  {http.MethodPost, componentToken, nil, apiCreatePreauthcode},
	"/cgi-bin/component/api_query_auth":          {http.MethodPost, componentToken, nil, apiQueryAuth},
	"/cgi-bin/component/api_authorizer_token":    {http.MethodPost, componentToken, nil, apiAuthorizerToken},
	"/cgi-bin/component/api_get_authorizer_info": {http.MethodPost, componentToken, nil, apiGetAuthorizerInfo},
	"/cgi-bin/component/api_get_authorizer_list": {http.MethodPost, componentToken, nil, apiGetAuthorizerList},
}

// lacking are the endpoints beside these that a client of WeChat's may call. Each says so, where a path that WeChat
// does not have either is an invalid URL.
var lacking = map[string]bool{
	"/cgi-bin/open/create":                         true,
	"/cgi-bin/open/bind":                           true,
	"/cgi-bin/open/unbind":                         true,
	"/cgi-bin/component/api_start_push_ticket":     true,
	"/cgi-bin/component/get_authorizer_option":     true, // the documented path; clients write it with api_
	"/cgi-bin/component/api_get_authorizer_option": true,
	"/cgi-bin/component/set_authorizer_option":     true,
	"/cgi-bin/component/api_set_authorizer_option": true,
	"/cgi-bin/component/clear_quota":               true,
	"/cgi-bin/component/clear_quota/v2":            true,
	"/cgi-bin/clear_quota":                         true,
	"/cgi-bin/clear_quota/v2":                      true,
	"/cgi-bin/openapi/quota/get":                   true,
	"/cgi-bin/openapi/quota/clear":                 true,
	"/cgi-bin/openapi/rid/get":                     true,
	"/cgi-bin/token":                               true,
	"/cgi-bin/stable_token":                        true,
}

// parameters are the query names that carry a token of this kind; old and new documentation differ on component paths.
func (k tokenKind) parameters() []string {
	if k == componentToken {
		return []string{"component_access_token", "access_token"}
	}
	return []string{"access_token"}
}

// openAccountSets are the exclusive sets for managing open accounts. For other kinds none is documented.
func openAccountSets(kind Kind) []int {
	switch kind {
	case OfficialAccount:
		return []int{24}
	case MiniProgram:
		return []int{25}
	default:
		return nil
	}
}

// basicInfoSets serve official accounts and mini programs alike.
func basicInfoSets(kind Kind) []int {
	if kind == OfficialAccount || kind == MiniProgram {
		return []int{3, 30}
	}
	return nil
}

// ok is the end of a success of open/*; the token endpoints answer without it.
type ok struct {
	Errcode int    `json:"errcode"`
	Errmsg  string `json:"errmsg"`
}

var success = ok{Errmsg: "ok"}
