package provider

import (
	"errors"
	"fmt"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// permissionMessage is about 48001 where the component could be asked what the account has granted.
func permissionMessage(refused *binding.PermissionError) message {
	m := codeMessage(refused.Err)
	authorizer := refused.Authorizer
	if authorizer == nil {
		m.quote += "\n\nWhat the account has granted was asked for and could not be read: " +
			messageFor(refused.AuthorizerErr).text + "."
		return m
	}
	needed := authorizer.OpenPermissionSet()
	account := "; the account is " + kindNames[authorizer.Kind]
	set := fmt.Sprintf("the platform permission set %d, which is the one that is needed", needed)
	granted, known := authorizer.GrantsOpen()
	switch {
	case authorizer.Kind == wechat.KindUnknown:
		m.text += "; what kind of account it is, WeChat did not say when it was asked"
	case needed == 0:
		m.text += account + ", and WeChat documents this call for official accounts and mini programs alone"
		m.causes = []string{"WeChat does not answer this question about such an account, whatever its owner grants"}
		m.remedy = "See in WeChat's own console for this account what it is bound to, and leave it out here."
	case authorizer.PermissionSets == nil:
		m.text += account + ", and whether it has granted " + set +
			", could not be found out: WeChat did not tell what is granted"
	case !known:
		m.text += account + ", and whether it has granted " + set +
			", could not be found out: WeChat's list of what is granted is empty, which may not mean that nothing is"
	case granted:
		m.text += account + " and has granted " + set
		m.causes = []string{
			"the token is not this platform's authorizer access token for this account: it is another platform's, " +
				"a component access token, or one made from the account's own appid and secret",
			"the token is older than the permission",
		}
		m.remedy = "Check where the token comes from; it must be the authorizer_access_token of this account and " +
			"this platform."
	default:
		m.text += account + " and has not granted " + set + " (granted are: " + list(authorizer.PermissionSets) + ")"
		m.causes = []string{
			"the platform did not offer the set when the owner scanned: it is chosen in " + permissionSetConsole,
			"the account's owner did not grant the set",
			"another third-party platform holds the set, which only one may hold",
		}
		m.remedy = fmt.Sprintf("Have the account's owner authorize the platform again with permission set %d, "+
			"once the platform offers it; where another platform holds it, take the token from that platform. %s",
			needed, scanningAgain)
	}
	return m
}

// kindNames are kinds of account in a sentence.
var kindNames = map[wechat.Kind]string{
	wechat.KindOfficialAccount: "an official account",
	wechat.KindMiniProgram:     "a mini program",
	wechat.KindChannels:        "a Channels account (视频号)",
	wechat.KindStore:           "a store (微信小店)",
	wechat.KindTalent:          "a talent account (带货助手)",
	wechat.KindSupplier:        "a supplier account",
}

func list(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// componentMessage is about a call with the component's own access token.
func componentMessage(failed error, refused *wechat.Error) message {
	m := wechatMessage(refused)
	m.onAppID = false
	switch refused.Code {
	case wechat.CodeInvalidAppID:
		m.causes = []string{
			"component.appid is mistyped, or is not the platform that the component access token was made for",
			"the account's appid is mistyped",
		}
		m.remedy = "Check component.appid and its access token, which belong together, and the account's appid."
		if refused.Endpoint == wechat.PathAuthorizerList { // which is about no account
			m.text = "the component's appid is invalid, or the component access token is another platform's"
			m.causes = m.causes[:1]
			m.remedy = "Check component.appid and its access token, which belong together."
		}
	case wechat.CodeDailyQuota, wechat.CodeMinuteQuota:
		m.text = strings.Replace(m.text, "the account's quota", "the platform's quota", 1)
		m.causes = []string{
			"calls with the component's token spend the platform's own quota, which all who make such calls share",
		}
		m.remedy = strings.Replace(m.remedy, "the account's console", "the platform's console", 1)
	case wechat.CodeInvalidComponent:
		m.causes = []string{
			"component.appid is not a third-party platform's: an authorizer's appid may stand in its place",
		}
	}
	if rejected, isRejected := errors.AsType[*token.RejectedError](failed); isRejected {
		m.text = fmt.Sprintf("WeChat refused the component's own access token, given in %s: %s",
			rejected.Source.Setting, known(refused))
		if !rejected.Source.Static {
			m.text = fmt.Sprintf("WeChat refused the component's own access token from %s (%s), and %s",
				rejected.Source.Setting, known(refused), withoutAnother(rejected))
		}
		m.causes = []string{
			"the component access token has expired; one lives for two hours",
			"the platform has a newer one, which ends the one before within minutes",
			"an authorizer's access token was given in the component's place",
		}
		m.remedy = "Give the component access token that whatever runs the platform uses now."
		switch {
		case rejected.RenewalError != nil:
			m.remedy = messageFor(rejected.RenewalError).remedy
		case !rejected.Source.Static:
			m.remedy = "See why " + rejected.Source.Setting + " has no newer one: whatever keeps the token there " +
				"must hold the one that the platform uses now."
		}
	}
	return m
}

// withoutAnother says why there was no other token, behind a sentence that one was refused.
func withoutAnother(rejected *token.RejectedError) string {
	switch {
	case rejected.Renewed:
		return "then the newer one that came in its place"
	case rejected.RenewalError != nil:
		return "there was no other: " + messageFor(rejected.RenewalError).text
	default:
		return "there is still the same one"
	}
}
