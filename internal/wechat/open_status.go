package wechat

import "context"

const (
	pathAccountBasicInfo = "cgi-bin/account/getaccountbasicinfo"
	pathOpenHave         = "cgi-bin/open/have"
	pathOpenSameEntity   = "cgi-bin/open/sameentity"
)

// TokenOwner reads whose authorizer access token it is: the appid of its account. It needs permission set 3 or 30.
// The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getaccountbasicinfo.html
func (c *Client) TokenOwner(ctx context.Context, token Token) (string, error) {
	var owner string
	err := c.call(ctx, request{
		endpoint: pathAccountBasicInfo,
		token:    token,
		body:     map[string]any{},
		read: func(response object) Problem {
			if owner = response.text("appid"); CheckAppID(owner) != nil {
				return ProblemMissing
			}
			return NoProblem
		},
	})
	return owner, err
}

// OpenHave reads whether the account of an authorizer access token is bound to an open platform account. It needs other
// permission sets than OpenGet: 3 or 30. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccount
func (c *Client) OpenHave(ctx context.Context, token Token) (bool, error) {
	return c.openFact(ctx, pathOpenHave, "have_open", token)
}

// OpenSameEntity reads whether the account of an authorizer access token and the open platform account it is bound to
// belong to the same legal entity. It needs permission set 3 or 30. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccountentity.html
func (c *Client) OpenSameEntity(ctx context.Context, token Token) (bool, error) {
	return c.openFact(ctx, pathOpenSameEntity, "same_entity", token)
}

// openFact reads a truth value about the token's own account: these endpoints take no appid.
func (c *Client) openFact(ctx context.Context, endpoint, name string, token Token) (bool, error) {
	var fact *bool
	err := c.call(ctx, request{
		endpoint: endpoint,
		token:    token,
		read: func(response object) Problem {
			if !response.read(name, &fact) || fact == nil {
				return ProblemMissing
			}
			return NoProblem
		},
	})
	return fact != nil && *fact, err
}
