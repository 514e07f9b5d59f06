package simulator

// openGet answers which open account the token's account is bound to.
// https://developers.weixin.qq.com/doc/oplatform/openApi/openplatform-management/api_getopenaccount.html
func openGet(c *call) (any, *refusal) {
	if c.account.OpenAppID == "" {
		return nil, refuse(codeNoOpenAccount)
	}
	return struct {
		OpenAppID string `json:"open_appid"`
		ok
	}{c.account.OpenAppID, success}, nil
}
