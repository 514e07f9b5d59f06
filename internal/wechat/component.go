package wechat

import (
	"context"
	"time"
)

// PathAuthorizerList is where a component lists its authorizers, an [Error.Endpoint].
const PathAuthorizerList = "cgi-bin/component/api_get_authorizer_list"

// authorizerListPage is how many authorizers are asked for at once, the most that WeChat gives.
const authorizerListPage = 500

// authorizerListPages bounds a list that never ends: a hundred thousand authorizers.
const authorizerListPages = 200

// authorizerListPasses is how often a list is read at most that changes while it is read.
const authorizerListPasses = 3

// AuthorizerInfo reads what WeChat says of an authorizer. The token is the component's. The refresh token in the
// response is dropped. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
func (c *Client) AuthorizerInfo(ctx context.Context, token Token, componentAppID, appid string) (Authorizer, error) {
	var authorizer Authorizer
	body := map[string]any{"component_appid": componentAppID, "authorizer_appid": appid}
	err := c.call(ctx, request{"cgi-bin/component/api_get_authorizer_info", token, body, func(response object) Problem {
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
	}})
	return authorizer, err
}

// AuthorizerList reads when each authorizer authorized the component, by appid; the zero time where WeChat does not
// say. The token is the component's. The refresh tokens in the responses are dropped. A list whose count changes while
// it is read is read again, since an authorizer that moves over the edge of a page would be missed; complete is false
// where it changed each time, or where fewer came than WeChat counts. The error is a [*Error], or context.Canceled.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerlist
func (c *Client) AuthorizerList(
	ctx context.Context, token Token, componentAppID string,
) (authorized map[string]time.Time, complete bool, err error) {
	for range authorizerListPasses {
		authorized = map[string]time.Time{}
		total, more, changed := 0, true, false
		for page := 0; more && err == nil; page++ {
			before := total
			total, more, err = c.authorizerPage(ctx, token, componentAppID, page, authorized)
			changed = changed || page > 0 && total != before
		}
		switch {
		case err != nil:
			return nil, false, err
		case !changed:
			return authorized, len(authorized) >= total, nil
		}
	}
	return authorized, false, nil
}

// authorizerPage reads one page of the list into authorized. total is how many authorizers WeChat counts; more is set
// where another page follows.
func (c *Client) authorizerPage(
	ctx context.Context, token Token, componentAppID string, page int, authorized map[string]time.Time,
) (total int, more bool, err error) {
	offset := page * authorizerListPage
	body := map[string]any{"component_appid": componentAppID, "offset": offset, "count": authorizerListPage}
	err = c.call(ctx, request{PathAuthorizerList, token, body, func(response object) Problem {
		var counted *integer
		var list []struct {
			AppID    string   `json:"authorizer_appid"`
			AuthTime *integer `json:"auth_time"`
		}
		if !response.read("total_count", &counted) || counted == nil ||
			response["list"] == nil || !response.read("list", &list) {
			return ProblemMissing
		}
		total = int(*counted)
		more = len(list) >= authorizerListPage && offset+len(list) < total
		if more && page == authorizerListPages-1 {
			return ProblemEndlessList
		}
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
	}})
	return total, more, err
}
