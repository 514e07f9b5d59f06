package provider

import (
	"fmt"
	"strconv"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// permissionMessage is about 48001 where the component could be asked what the account has granted.
func permissionMessage(refused *binding.PermissionError) message {
	m := codeMessage(refused.Refusal)
	if refused.Authorizer == nil {
		m.quote += "\n\nWhat the account has granted was asked for and could not be read: " + messageFor(refused.AuthorizerErr).text + "."
		return m
	}
	account := "; the account is " + namesOfKinds[refused.Authorizer.Kind]
	set := fmt.Sprintf("the platform permission set %d, which is the one that is needed", refused.Authorizer.OpenPermissionSet())
	granted, known := refused.Authorizer.GrantsOpen()
	switch {
	case refused.Authorizer.Kind == wechat.KindUnknown:
		m.text += "; what kind of account it is, WeChat did not say when it was asked"
	case refused.Authorizer.OpenPermissionSet() == 0:
		m.text += account + ", and WeChat documents this call for official accounts and mini programs alone"
		m.causes = []string{
			"WeChat does not answer this question about such an account, whatever its owner grants",
		}
		m.remedy = "See in WeChat's own console for this account what it is bound to, and leave it out here."
	case refused.Authorizer.PermissionSets == nil:
		m.text += account + ", and whether it has granted " + set +
			", could not be found out: WeChat did not tell what is granted"
	case !known:
		m.text += account + ", and whether it has granted " + set +
			", could not be found out: WeChat's list of what is granted is empty, which may not mean that nothing is"
	case granted:
		m.text += account + " and has granted " + set
		m.causes = []string{
			"the token is not this platform's authorizer access token for this account: it is another platform's, a component access token, " +
				"or one made from the account's own appid and secret",
			"the token is older than the permission",
		}
		m.remedy = "Check where the token comes from; it must be the authorizer_access_token of this account and this platform."
	default:
		m.text += account + " and has not granted " + set + " (granted are: " + numbers(refused.Authorizer.PermissionSets) + ")"
		m.causes = []string{
			"the account's owner did not grant the set",
			"another third-party platform holds the set, which only one may hold",
		}
		m.remedy = fmt.Sprintf("Have the account's owner authorize the platform again with permission set %d; "+
			"where another platform holds it, take the token from that platform.", refused.Authorizer.OpenPermissionSet())
	}
	return m
}

// namesOfKinds names kinds of account in a sentence.
var namesOfKinds = map[wechat.Kind]string{
	wechat.KindOfficialAccount: "an official account",
	wechat.KindMiniProgram:     "a mini program",
	wechat.KindChannels:        "a Channels account (视频号)",
	wechat.KindStore:           "a store (微信小店)",
	wechat.KindTalent:          "a talent account (带货助手)",
	wechat.KindSupplier:        "a supplier account",
}

func numbers(of []int) string {
	written := make([]string, 0, len(of))
	for _, number := range of {
		written = append(written, strconv.Itoa(number))
	}
	return strings.Join(written, ", ")
}

// componentMessage is about a question to the component that WeChat refused.
func componentMessage(refused *binding.ComponentError) message {
	m := wechatMessage(refused.Refusal)
	if causes := componentCausesOf[refused.Refusal.Code]; causes != nil {
		m.causes = causes
	}
	m.onAppID = false
	if refused.Rejected != nil {
		m.text = fmt.Sprintf("WeChat refused the component's own access token, given in %s: %s",
			refused.Rejected.Source.Setting, known(refused.Refusal))
		m.causes = []string{
			"the component access token has expired; one lives for two hours",
			"the platform has a newer one, which ends the one before within minutes",
			"an authorizer's access token was given in the component's place",
		}
		m.remedy = "Give the component access token that whatever runs the platform uses now."
	}
	return m
}

// componentCausesOf lists, for the codes that people meet while the component is asked, what is behind them.
var componentCausesOf = map[int][]string{
	wechat.CodeInvalidAppID: {"component.appid or the account's appid is mistyped"},
	61011:                   {"component.appid is not a third-party platform's: an authorizer's appid may stand in its place"},
}
