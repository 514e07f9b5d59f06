package provider

import (
	"fmt"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// sourceMessage is about a token source that has no token to give.
func sourceMessage(source *token.Error) message {
	m := message{
		summary: "No access token",
		text:    fmt.Sprintf("%s gives no access token for it: %s", source.Source.Setting, source.Problem),
		remedy:  source.Advice,
	}
	if source.Failure != nil {
		way := tokenServiceRoute.message(source.Failure)
		m.text += ": " + way.text
		m.causes, m.remedy = way.causes, way.remedy
	}
	return m
}

// rejectionMessage is about a token that WeChat refused and that could not be replaced.
func rejectionMessage(rejected *token.RejectedError) message {
	m := codeMessage(rejected.Refusal)
	setting := rejected.Source.Setting
	switch {
	case rejected.Renewed:
		m.text = fmt.Sprintf("WeChat refused the access token from %s (%s), and then the newer one that %s gave in its place",
			setting, known(rejected.Refusal), setting)
		m.causes = []string{
			"another process refreshes the account's token at the same time, and each refresh ends the token before it",
			"the tokens there are another account's, or not authorizer access tokens",
		}
		m.remedy = "Let one program alone refresh the account's token, and take the token from it."
	case rejected.RenewalError != nil:
		m.text = fmt.Sprintf("WeChat refused the access token from %s (%s), and there was no other: %s",
			setting, known(rejected.Refusal), messageFor(rejected.RenewalError).text)
		m.causes = []string{"the token has expired or was replaced, and whatever hands out tokens has a fault"}
		m.remedy = messageFor(rejected.RenewalError).remedy
	case rejected.Source.Static:
		m.text = fmt.Sprintf("WeChat refused the access token given in %s: %s", setting, known(rejected.Refusal))
		m.causes = []string{
			"the token has expired; one lives for two hours",
			"the platform has refreshed the account's token since, which ends the one before within minutes",
			"the token was not copied whole, or is not an authorizer access token",
		}
		m.remedy = fmt.Sprintf("Give a fresh token in %s; or use a source that always has the latest, such as access_token_file.", setting)
	default:
		m.text = fmt.Sprintf("WeChat refused the access token from %s (%s), and %s still has the same one",
			setting, known(rejected.Refusal), setting)
		m.causes = []string{
			"whatever keeps the token there has stopped refreshing it",
			"another process refreshes the account's token, which ends the one that is kept there",
		}
		m.remedy = "See why the token there is stale, and let one program alone refresh the account's token."
	}
	return m
}
