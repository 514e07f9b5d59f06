package simulator

// openHave answers whether the token's account is bound to an open account.
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccount
func openHave(c *call) (any, *refusal) {
	return struct {
		HaveOpen bool `json:"have_open"`
		ok
	}{c.account.OpenAppID != "", success}, nil
}
