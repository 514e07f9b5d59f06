package simulator

import "cmp"

// apiComponentToken issues a component access token for the platform's appsecret and verify ticket.
// https://developers.weixin.qq.com/doc/oplatform/openApi/ticket-token/api_getcomponentaccesstoken
func apiComponentToken(c *call) (any, *refusal) {
	appid, badAppID := c.body.text("component_appid")
	secret, badSecret := c.body.text("component_appsecret")
	ticket, badTicket := c.body.text("component_verify_ticket")
	s := c.simulator
	pushed, known := s.tickets[ticket]
	switch refused := cmp.Or(badAppID, badSecret, badTicket); {
	case refused != nil:
		return nil, refused
	case appid == "":
		return nil, refuse(codeNoComponentAppID)
	case appid != s.component.AppID:
		return nil, refuse(codeInvalidComponent)
	case secret == "":
		return nil, refuse(codeSecretMissing)
	case secret != s.secret:
		return nil, refuse(codeInvalidSecret)
	case !known:
		return nil, refuse(codeTicketInvalid)
	case !c.now.Before(pushed.Add(TicketLife)):
		return nil, refuse(codeTicketExpired)
	}
	return struct {
		Token     string `json:"component_access_token"`
		ExpiresIn int    `json:"expires_in"`
	}{s.issue(&s.componentTokens, newAccessToken(), c.now).value, int(TokenLife.Seconds())}, nil
}
