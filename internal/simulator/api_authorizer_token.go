package simulator

const statusDeregistered = 14

// apiAuthorizerToken issues an authorizer access token for a refresh token, which stays the same.
// https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getauthorizeraccesstoken.html
func apiAuthorizerToken(c *call) (any, *refusal) {
	a, refused := c.authorizer()
	if refused != nil {
		return nil, refused
	}
	refreshToken, refused := c.body.text("authorizer_refresh_token")
	if refused == nil {
		refused = a.refuseRefresh(refreshToken)
	}
	if refused != nil {
		return nil, refused
	}
	return struct {
		Token        string `json:"authorizer_access_token"`
		ExpiresIn    int    `json:"expires_in"`
		RefreshToken string `json:"authorizer_refresh_token"`
	}{c.simulator.issue(&a.tokens, newAccessToken(), c.now).value, int(TokenLife.Seconds()), a.refreshToken}, nil
}

// refuseRefresh says why a refresh token gets no access token; nil if it gets one.
func (a *account) refuseRefresh(refreshToken string) *refusal {
	switch {
	case a.AccountStatus == statusDeregistered:
		return refuse(codeUserLimited)
	case refreshToken != a.refreshToken:
		return refuse(codeRefreshToken)
	}
	return nil
}
