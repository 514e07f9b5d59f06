package simulator

// apiCreatePreauthcode answers the code that the address of the consent page carries.
// https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/ThirdParty/token/pre_auth_code.html
func apiCreatePreauthcode(*call) (any, *refusal) {
	return struct {
		Code      string `json:"pre_auth_code"`
		ExpiresIn int    `json:"expires_in"`
	}{newPreAuthCode(), int(PreAuthLife.Seconds())}, nil
}
