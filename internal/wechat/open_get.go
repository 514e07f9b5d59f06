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
	err := c.call(ctx, request{
		endpoint: PathOpenGet,
		token:    token,
		body:     body,
		read: func(response object) Problem {
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
		},
	})
	if failed, isError := errors.AsType[*Error](err); isError && failed.Code == CodeOpenNotExists {
		return OpenAccount{}, nil
	}
	return account, err
}
