package simulator

// openSameEntity answers whether the token's account and its open account have the same owner. The World tells no owner
// of an open account, so it is that of the first account bound to it.
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getbindopenaccountentity.html
func openSameEntity(c *call) (any, *refusal) {
	same := false
	if c.account.OpenAppID != "" {
		for _, a := range c.simulator.order {
			if a.OpenAppID == c.account.OpenAppID {
				same = a.Owner == c.account.Owner
				break
			}
		}
	}
	return struct {
		SameEntity bool `json:"same_entity"`
		ok
	}{same, success}, nil
}
