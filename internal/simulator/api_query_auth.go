package simulator

// apiQueryAuth exchanges the authorization code that was pushed when an owner authorized the platform, once, for the
// account's tokens.
// https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getauthorizerrefreshtoken
func apiQueryAuth(c *call) (any, *refusal) {
	text, refused := c.body.text("authorization_code")
	code := c.simulator.codes[text]
	switch {
	case refused != nil:
		return nil, refused
	case code == nil:
		return nil, refuse(codeCodeInvalid) // also for a pre-auth code
	case code.used, !c.now.Before(code.end):
		return nil, refuse(codeCodeExpired)
	case !code.account.Authorized:
		return nil, refuse(codeNotAuthorized)
	}
	code.used, code.account.CodePending = true, false
	type authorization struct {
		AppID        string    `json:"authorizer_appid"`
		Token        string    `json:"authorizer_access_token"`
		ExpiresIn    int       `json:"expires_in"`
		RefreshToken string    `json:"authorizer_refresh_token"`
		FuncInfo     []funcSet `json:"func_info"`
	}
	token := c.simulator.issue(&code.account.tokens, newAccessToken(), c.now)
	return struct {
		Info authorization `json:"authorization_info"`
	}{authorization{
		code.account.AppID, token.value, int(TokenLife.Seconds()), code.account.refreshToken, code.account.funcInfo(),
	}}, nil
}
