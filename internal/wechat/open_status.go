package wechat

import (
	"context"
	"encoding/json"
	"net/http"
)

const (
	pathAccountBasicInfo = "cgi-bin/account/getaccountbasicinfo"

	pathOpenHave       = "cgi-bin/open/have"
	pathOpenSameEntity = "cgi-bin/open/sameentity"
)

// TokenOwner reads whose authorizer access token it is: the appid of its account. It needs permission set 3 or 30.
// The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getaccountbasicinfo.html
func (c *Client) TokenOwner(ctx context.Context, accessToken string) (string, error) {
	var owner string
	err := c.ask(ctx, call{
		endpoint:    pathAccountBasicInfo,
		parameter:   "access_token",
		accessToken: accessToken,
		body:        struct{}{},
		read: func(received answer) bool {
			owner = received.text("appid")
			return CheckAppID(owner) == nil
		},
	})
	return owner, err
}

// OpenHave reads whether the account of an authorizer access token is bound to an open platform account. It needs other
// permission sets than OpenGet: 3 or 30. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccount
func (c *Client) OpenHave(ctx context.Context, accessToken string) (bool, error) {
	return c.openFact(ctx, pathOpenHave, "have_open", accessToken)
}

// OpenSameEntity reads whether the account of an authorizer access token and the open platform account it is bound to
// belong to the same legal entity. It needs permission set 3 or 30. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccountentity.html
func (c *Client) OpenSameEntity(ctx context.Context, accessToken string) (bool, error) {
	return c.openFact(ctx, pathOpenSameEntity, "same_entity", accessToken)
}

// openFact reads a truth value about the token's own account: these endpoints take no appid.
func (c *Client) openFact(ctx context.Context, endpoint, name, accessToken string) (bool, error) {
	var fact *bool
	err := c.ask(ctx, call{
		method:      http.MethodGet,
		endpoint:    endpoint,
		parameter:   "access_token",
		accessToken: accessToken,
		read: func(received answer) bool {
			return json.Unmarshal(received[name], &fact) == nil && fact != nil
		},
	})
	if err != nil {
		return false, err
	}
	return *fact, nil
}
