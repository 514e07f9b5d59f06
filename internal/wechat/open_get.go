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

// openAppID is what may be told on as an open platform account's appid. WeChat documents no form for it.
var openAppID = regexp.MustCompile(`^[!-~]{1,64}$`)

// OpenGet reads which open platform account an authorizer is bound to. accessToken is the authorizer's own; appid, where
// not "", must be the account the token belongs to, or WeChat refuses (40013). WeChat's code for "bound to none" (89002) is
// an answer here. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/openplatform-management/api_getopenaccount.html
func (c *Client) OpenGet(ctx context.Context, accessToken, appid string) (OpenAccount, error) {
	var account OpenAccount
	err := c.ask(ctx, call{
		endpoint:    PathOpenGet,
		parameter:   "access_token",
		accessToken: accessToken,
		body: struct {
			AppID string `json:"appid,omitempty"`
		}{appid},
		contradiction: func(code int, received answer) string {
			switch {
			case code == CodeOpenNotExists && received.told("open_appid"):
				return problemBoundToNone
			case code == 0 && isOther(received, "appid", appid):
				return problemOtherAccount
			default:
				return ""
			}
		},
		read: func(received answer) bool {
			account.AppID = received.text("open_appid")
			return openAppID.MatchString(account.AppID)
		},
	})
	var failed *Error
	if errors.As(err, &failed) && failed.Code == CodeOpenNotExists {
		return OpenAccount{}, nil
	}
	if err != nil {
		return OpenAccount{}, err
	}
	return account, nil
}

// isOther reports whether an answer names another account than the one that was asked about.
func isOther(received answer, name, appid string) bool {
	return appid != "" && received.told(name) && received.text(name) != appid
}
