package wechat

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// The endpoints of a third-party platform, the component. They take its own access token; where WeChat's newer pages call
// the query parameter access_token, the older ones and all software in the field say component_access_token.
const (
	pathAuthorizerInfo = "cgi-bin/component/api_get_authorizer_info"
	pathAuthorizerList = "cgi-bin/component/api_get_authorizer_list"

	componentParameter = "component_access_token"
)

const (
	// authorizerListPage is how many authorizers are asked for at once, the most that WeChat gives.
	authorizerListPage = 500
	// authorizerListPages bounds a list that never ends: a hundred thousand authorizers.
	authorizerListPages = 200
)

// AuthorizerInfo reads what WeChat tells of an authorizer. The refresh token that WeChat sends along is dropped. The error
// is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
func (c *Client) AuthorizerInfo(ctx context.Context, componentToken, componentAppID, appid string) (Authorizer, error) {
	var authorizer Authorizer
	err := c.authorizerInfo(ctx, componentToken, componentAppID, appid, func(received answer) bool {
		account, whole := received.inner("authorizer_info")
		authorization, wholeToo := received.inner("authorization_info")
		if !whole || !wholeToo || account == nil {
			return false
		}
		return authorizer.fromAnswer(account, authorization)
	})
	return authorizer, err
}

func (c *Client) authorizerInfo(ctx context.Context, componentToken, componentAppID, appid string, read func(answer) bool) error {
	return c.ask(ctx, call{
		endpoint:     pathAuthorizerInfo,
		confidential: true,
		parameter:    componentParameter,
		accessToken:  componentToken,
		body:         map[string]string{"component_appid": componentAppID, "authorizer_appid": appid},
		contradiction: func(code int, received answer) string {
			// Older answers say appid.
			authorization, _ := received.inner("authorization_info")
			other := isOther(authorization, "authorizer_appid", appid) || isOther(authorization, "appid", appid)
			if code == 0 && other {
				return problemOtherAccount
			}
			return ""
		},
		read: read,
	})
}

// listPasses is how often the list is read at the most where it changes while it is read.
const listPasses = 3

// AuthorizerList reads when each authorizer authorized the component, by appid; the zero time where WeChat does not say.
// The refresh tokens that WeChat sends along are dropped. The list is read again where it changed in between, since an
// authorizer that moves over the edge of a page would be missed; settled is false where it changed each time, or where
// fewer came than WeChat counts. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerlist
func (c *Client) AuthorizerList(ctx context.Context, componentToken, componentAppID string) (authorized map[string]time.Time, settled bool, err error) {
	for pass := 1; ; pass++ {
		authorized := map[string]time.Time{}
		total, changed, err := c.authorizerPages(ctx, componentToken, componentAppID, func(listed listedAuthorizer) {
			authorized[listed.AppID] = time.Time{}
			if listed.AuthTime != nil {
				authorized[listed.AppID] = time.Unix(int64(*listed.AuthTime), 0).UTC()
			}
		})
		if err != nil {
			return nil, false, err
		}
		if !changed || pass == listPasses {
			return authorized, !changed && len(authorized) >= total, nil
		}
	}
}

// listedAuthorizer is one entry of the list.
type listedAuthorizer struct {
	AppID    string   `json:"authorizer_appid"`
	AuthTime *integer `json:"auth_time"`
}

// authorizerPages reads the list page by page until the total is reached or a page is short. It tells WeChat's last total,
// and whether that changed in between.
func (c *Client) authorizerPages(ctx context.Context, componentToken, componentAppID string, visit func(listedAuthorizer)) (total int, changed bool, err error) {
	first := -1
	for offset := 0; offset < authorizerListPages*authorizerListPage; offset += authorizerListPage {
		var page []listedAuthorizer
		err := c.ask(ctx, call{
			endpoint:     pathAuthorizerList,
			confidential: true,
			parameter:    componentParameter,
			accessToken:  componentToken,
			body:         map[string]any{"component_appid": componentAppID, "offset": offset, "count": authorizerListPage},
			read: func(received answer) bool {
				var present bool
				var err error
				page = nil
				total, present, err = received.number("total_count")
				return present && err == nil && json.Unmarshal(received["list"], &page) == nil
			},
		})
		if err != nil {
			return 0, false, err
		}
		if first < 0 {
			first = total
		}
		changed = changed || total != first
		for _, listed := range page {
			if listed.AppID != "" {
				visit(listed)
			}
		}
		if len(page) < authorizerListPage || offset+len(page) >= total {
			return total, changed, nil
		}
	}
	return 0, false, &Error{
		Endpoint: pathAuthorizerList, Host: c.config.BaseURL.Host, Class: ClassProtocol,
		Unexpected: &UnexpectedResponse{Problem: "is a list without end", Status: http.StatusOK},
	}
}
