package wechat

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// The endpoints of a third-party platform, the component. They take its own access token; where WeChat's newer pages call
// the query parameter access_token, the older ones and all software in the field say component_access_token.
const (
	pathComponentToken  = "cgi-bin/component/api_component_token"
	pathAuthorizerToken = "cgi-bin/component/api_authorizer_token"
	pathAuthorizerInfo  = "cgi-bin/component/api_get_authorizer_info"
	pathAuthorizerList  = "cgi-bin/component/api_get_authorizer_list"

	componentParameter = "component_access_token"
)

const (
	// authorizerListPage is how many authorizers are asked for at once, the most that WeChat gives.
	authorizerListPage = 500
	// authorizerListPages bounds a list that never ends.
	authorizerListPages = 1000
)

// Issued is an access token that WeChat has just made.
type Issued struct {
	Value string
	// Life is how long it lives.
	Life time.Duration
	// RefreshToken is what the next one is made with; "" for a component's token, which needs none.
	RefreshToken string
}

// ComponentToken makes a new access token for a component and ends the one before it within minutes. The error is a
// [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getcomponentaccesstoken
func (c *Client) ComponentToken(ctx context.Context, componentAppID, appSecret, verifyTicket string) (Issued, error) {
	var issued Issued
	err := c.post(ctx, call{
		endpoint: pathComponentToken,
		body: map[string]string{
			"component_appid": componentAppID, "component_appsecret": appSecret, "component_verify_ticket": verifyTicket,
		},
		secrets:  []string{appSecret, verifyTicket},
		replaces: true,
		read:     func(received answer) bool { return issued.read(received, "component_access_token") },
	})
	return issued, err
}

// AuthorizerToken makes a new access token for an authorizer and ends the one before it within minutes. The error is a
// [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getauthorizeraccesstoken.html
func (c *Client) AuthorizerToken(ctx context.Context, componentToken, componentAppID, appid, refreshToken string) (Issued, error) {
	var issued Issued
	err := c.post(ctx, call{
		endpoint:    pathAuthorizerToken,
		parameter:   componentParameter,
		accessToken: componentToken,
		body: map[string]string{
			"component_appid": componentAppID, "authorizer_appid": appid, "authorizer_refresh_token": refreshToken,
		},
		secrets:  []string{refreshToken},
		replaces: true,
		read: func(received answer) bool {
			issued.RefreshToken = received.text("authorizer_refresh_token")
			return issued.read(received, "authorizer_access_token")
		},
	})
	return issued, err
}

// read takes a token and its life, and reports whether both were there.
func (i *Issued) read(received answer, name string) bool {
	seconds, present, err := received.number("expires_in")
	i.Value, i.Life = received.text(name), time.Duration(seconds)*time.Second
	return i.Value != "" && present && err == nil && seconds > 0
}

// Authorizer is what WeChat tells of an account that authorized a component. No credential is among it.
type Authorizer struct {
	// MiniProgram tells a mini program from an official account.
	MiniProgram bool
	// PermissionSets are the permission sets that the account granted to the component, in order.
	PermissionSets []int
}

// The permission sets one of which open/get needs.
const (
	PermissionSetOfficialAccount = 24
	PermissionSetMiniProgram     = 25
)

// OpenPermissionSet is the permission set that open/get needs for this kind of account.
func (a Authorizer) OpenPermissionSet() int {
	if a.MiniProgram {
		return PermissionSetMiniProgram
	}
	return PermissionSetOfficialAccount
}

// GrantsOpen reports whether the account granted it.
func (a Authorizer) GrantsOpen() bool {
	return slices.Contains(a.PermissionSets, a.OpenPermissionSet())
}

// AuthorizerInfo reads what WeChat tells of an authorizer. The refresh token that WeChat sends along is dropped. The error
// is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
func (c *Client) AuthorizerInfo(ctx context.Context, componentToken, componentAppID, appid string) (Authorizer, error) {
	var authorizer Authorizer
	err := c.authorizerInfo(ctx, componentToken, componentAppID, appid, func(received answer) bool {
		var account struct {
			MiniProgram json.RawMessage `json:"MiniProgramInfo"`
		}
		var authorization struct {
			Granted []struct {
				Category struct {
					ID int `json:"id"`
				} `json:"funcscope_category"`
			} `json:"func_info"`
		}
		if json.Unmarshal(received["authorizer_info"], &account) != nil || json.Unmarshal(received["authorization_info"], &authorization) != nil {
			return false
		}
		authorizer.MiniProgram = len(account.MiniProgram) > 0 && string(account.MiniProgram) != "null"
		for _, granted := range authorization.Granted {
			authorizer.PermissionSets = append(authorizer.PermissionSets, granted.Category.ID)
		}
		slices.Sort(authorizer.PermissionSets)
		authorizer.PermissionSets = slices.Compact(authorizer.PermissionSets)
		return true
	})
	return authorizer, err
}

// RefreshToken reads the refresh token that WeChat keeps for an authorizer; "" where it keeps none, because the
// authorization code was never exchanged. The error is a [*Error], or context.Canceled.
func (c *Client) RefreshToken(ctx context.Context, componentToken, componentAppID, appid string) (string, error) {
	var refreshToken string
	err := c.authorizerInfo(ctx, componentToken, componentAppID, appid, func(received answer) bool {
		var authorization struct {
			RefreshToken string `json:"authorizer_refresh_token"`
		}
		err := json.Unmarshal(received["authorization_info"], &authorization)
		refreshToken = authorization.RefreshToken
		return err == nil
	})
	return refreshToken, err
}

func (c *Client) authorizerInfo(ctx context.Context, componentToken, componentAppID, appid string, read func(answer) bool) error {
	return c.post(ctx, call{
		endpoint:    pathAuthorizerInfo,
		parameter:   componentParameter,
		accessToken: componentToken,
		body:        map[string]string{"component_appid": componentAppID, "authorizer_appid": appid},
		read:        read,
	})
}

// ListedRefreshToken reads an authorizer's refresh token from the list of all authorizers; "" where the list has none for
// it. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerlist
func (c *Client) ListedRefreshToken(ctx context.Context, componentToken, componentAppID, appid string) (string, error) {
	for number := range authorizerListPages {
		var page []struct {
			AppID        string `json:"authorizer_appid"`
			RefreshToken string `json:"refresh_token"`
		}
		err := c.post(ctx, call{
			endpoint:    pathAuthorizerList,
			parameter:   componentParameter,
			accessToken: componentToken,
			body:        map[string]any{"component_appid": componentAppID, "offset": number * authorizerListPage, "count": authorizerListPage},
			read:        func(received answer) bool { return json.Unmarshal(received["list"], &page) == nil },
		})
		if err != nil {
			return "", err
		}
		for _, listed := range page {
			if listed.AppID == appid {
				return listed.RefreshToken, nil
			}
		}
		if len(page) < authorizerListPage {
			break
		}
	}
	return "", nil
}
