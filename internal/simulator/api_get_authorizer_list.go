package simulator

const maxListCount = 500

// listItem is one authorizer; the refresh token is absent while its authorization code was never exchanged.
type listItem struct {
	AppID        string `json:"authorizer_appid"`
	RefreshToken string `json:"refresh_token,omitempty"`
	AuthTime     int64  `json:"auth_time"`
}

// apiGetAuthorizerList answers one page of the accounts that authorize the platform.
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerlist
func apiGetAuthorizerList(c *call) (any, *refusal) {
	offset, refused := c.body.number("offset")
	if refused != nil {
		return nil, refused
	}
	count, refused := c.body.number("count")
	switch {
	case refused != nil:
		return nil, refused
	case count > maxListCount:
		return nil, refuse(codeCountLimit)
	case offset < 0 || count < 0:
		return nil, refuse(codeInvalidArgs)
	}
	total, page := 0, []listItem{}
	for _, a := range c.simulator.order {
		if !a.Authorized {
			continue
		}
		if total >= offset && len(page) < count {
			page = append(page, listItem{a.AppID, a.toldRefreshToken(), a.AuthTime})
		}
		total++
	}
	return struct {
		TotalCount int        `json:"total_count"`
		List       []listItem `json:"list"`
	}{total, page}, nil
}

// toldRefreshToken is the refresh token as far as WeChat tells it.
func (a *account) toldRefreshToken() string {
	if a.CodePending {
		return ""
	}
	return a.refreshToken
}
