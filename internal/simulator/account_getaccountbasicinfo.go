package simulator

// The account types that are documented.
const (
	accountTypeService     = 2
	accountTypeMiniProgram = 3
)

// accountBasicInfo answers which account the token is of, and a little more.
// https://developers.weixin.qq.com/doc/oplatform/openApi/miniprogram-management/basic-info-management/api_getaccountbasicinfo.html
func accountBasicInfo(c *call) (any, *refusal) {
	accountType := accountTypeService
	if c.account.Kind == MiniProgram {
		accountType = accountTypeMiniProgram
	}
	return struct {
		ok
		AppID         string `json:"appid"`
		AccountType   int    `json:"account_type"`
		PrincipalName string `json:"principal_name"`
		Nickname      string `json:"nickname"`
	}{success, c.account.AppID, accountType, c.account.Owner, c.account.Name}, nil
}
