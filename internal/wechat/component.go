package wechat

import (
	"context"
	"time"
)

const (
	pathAuthorizerInfo = "cgi-bin/component/api_get_authorizer_info"
	// PathAuthorizerList is where a component lists its authorizers, an [Error.Endpoint].
	PathAuthorizerList = "cgi-bin/component/api_get_authorizer_list"

	// authorizerListPage is how many authorizers are asked for at once, the most that WeChat gives.
	authorizerListPage = 500
	// authorizerListPages bounds a list that never ends: a hundred thousand authorizers.
	authorizerListPages = 200
	// authorizerListPasses is how often a list is read at most that changes while it is read.
	authorizerListPasses = 3
)

// AuthorizerInfo reads what WeChat says of an authorizer. The token is the component's. The refresh token in the
// response is dropped. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
func (c *Client) AuthorizerInfo(ctx context.Context, token Token, componentAppID, appid string) (Authorizer, error) {
	var authorizer Authorizer
	err := c.call(ctx, request{
		endpoint:  pathAuthorizerInfo,
		component: true,
		token:     token,
		body:      map[string]any{"component_appid": componentAppID, "authorizer_appid": appid},
		read: func(response object) Problem {
			account, accountRead := response.object("authorizer_info")
			authorization, authorizationRead := response.object("authorization_info")
			switch {
			// Older responses say appid.
			case authorization.names("authorizer_appid", appid), authorization.names("appid", appid):
				return ProblemOtherAccount
			case !accountRead, !authorizationRead, account == nil, !authorizer.decode(account, authorization):
				return ProblemMissing
			default:
				return NoProblem
			}
		},
	})
	return authorizer, err
}

// AuthorizerList reads when each authorizer authorized the component, by appid; the zero time where WeChat does not
// say. The token is the component's. The refresh tokens in the responses are dropped. A list that changes while it is
// read is read again, since an authorizer that moves over the edge of a page would be missed; settled is false where
// it changed each time, or where fewer came than WeChat counts. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerlist
func (c *Client) AuthorizerList(
	ctx context.Context, token Token, componentAppID string,
) (authorized map[string]time.Time, settled bool, err error) {
	for range authorizerListPasses {
		authorized = map[string]time.Time{}
		total, changed, err := c.authorizerPages(ctx, token, componentAppID, authorized)
		if err != nil {
			return nil, false, err
		}
		if !changed {
			return authorized, len(authorized) >= total, nil
		}
	}
	return authorized, false, nil
}

// authorizerPages reads the list once into authorized. It returns the last total, and whether that changed in between.
func (c *Client) authorizerPages(
	ctx context.Context, token Token, componentAppID string, authorized map[string]time.Time,
) (total int, changed bool, err error) {
	for page, more := 0, true; more; page++ {
		offset := page * authorizerListPage
		read := func(response object) Problem {
			var counted *integer
			var list []struct {
				AppID    string   `json:"authorizer_appid"`
				AuthTime *integer `json:"auth_time"`
			}
			if !response.read("total_count", &counted) || counted == nil ||
				response["list"] == nil || !response.read("list", &list) {
				return ProblemMissing
			}
			isFull := len(list) >= authorizerListPage && offset+len(list) < int(*counted)
			if isFull && page == authorizerListPages-1 {
				return ProblemEndlessList
			}
			changed = changed || page > 0 && int(*counted) != total
			total, more = int(*counted), isFull
			for _, authorizer := range list {
				switch {
				case authorizer.AppID == "":
				case authorizer.AuthTime == nil:
					authorized[authorizer.AppID] = time.Time{}
				default:
					authorized[authorizer.AppID] = time.Unix(int64(*authorizer.AuthTime), 0).UTC()
				}
			}
			return NoProblem
		}
		if err = c.call(ctx, request{
			endpoint:  PathAuthorizerList,
			component: true,
			token:     token,
			body:      map[string]any{"component_appid": componentAppID, "offset": offset, "count": authorizerListPage},
			read:      read,
		}); err != nil {
			return 0, false, err
		}
	}
	return total, changed, nil
}
