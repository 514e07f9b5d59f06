package wechat

import (
	"context"
	"errors"
	"regexp"
)

// PathOpenGet is the endpoint of OpenGet.
const PathOpenGet = "cgi-bin/open/get"

// OpenAccount is the open platform account an authorizer is bound to.
type OpenAccount struct {
	// AppID is the open platform account's appid; "" means, and means only, that WeChat said the authorizer is bound to
	// none.
	AppID string
}

// Bound reports whether there is one.
func (o OpenAccount) Bound() bool { return o.AppID != "" }

// openAppID is what passes for an open platform account's appid. WeChat documents no form for it.
var openAppID = regexp.MustCompile(`^[!-~]{1,64}$`)

// OpenGet reads which open platform account an authorizer is bound to. The token is the authorizer's; appid, where not
// "", must be the account the token belongs to, or WeChat refuses (40013). WeChat's code for "bound to none" (89002) is
// a result here. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/openplatform-management/api_getopenaccount.html
func (c *Client) OpenGet(ctx context.Context, token Token, appid string) (OpenAccount, error) {
	body := map[string]any{}
	if appid != "" {
		body["appid"] = appid
	}
	var account OpenAccount
	err := c.call(ctx, request{PathOpenGet, token, body, func(response object) Problem {
		open := response.text("open_appid")
		switch {
		case response.names("appid", appid):
			return ProblemOtherAccount
		case !openAppID.MatchString(open):
			return ProblemMissing
		default:
			account.AppID = open
			return NoProblem
		}
	}})
	if failed, isError := errors.AsType[*Error](err); isError && failed.Code == CodeOpenNotExists {
		return OpenAccount{}, nil
	}
	return account, err
}

// TokenOwner reads whose authorizer access token it is: the appid of its account. It needs permission set 3 or 30.
// The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getaccountbasicinfo.html
func (c *Client) TokenOwner(ctx context.Context, token Token) (string, error) {
	var owner string
	const endpoint = "cgi-bin/account/getaccountbasicinfo"
	err := c.call(ctx, request{endpoint, token, map[string]any{}, func(response object) Problem {
		if owner = response.text("appid"); CheckAppID(owner) != nil {
			return ProblemMissing
		}
		return NoProblem
	}})
	return owner, err
}

// OpenHave reads whether the account of an authorizer access token is bound to an open platform account. It needs other
// permission sets than OpenGet: 3 or 30. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccount
func (c *Client) OpenHave(ctx context.Context, token Token) (bool, error) {
	return c.openFact(ctx, "cgi-bin/open/have", "have_open", token)
}

// OpenSameEntity reads whether the account of an authorizer access token and the open platform account it is bound to
// belong to the same legal entity. It needs permission set 3 or 30. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccountentity.html
func (c *Client) OpenSameEntity(ctx context.Context, token Token) (bool, error) {
	return c.openFact(ctx, "cgi-bin/open/sameentity", "same_entity", token)
}

// openFact reads a truth value about the token's own account: these endpoints take no appid.
func (c *Client) openFact(ctx context.Context, endpoint, name string, token Token) (bool, error) {
	var fact *bool
	err := c.call(ctx, request{endpoint, token, nil, func(response object) Problem {
		if !response.read(name, &fact) || fact == nil {
			return ProblemMissing
		}
		return NoProblem
	}})
	return fact != nil && *fact, err
}
