package provider

import (
	"fmt"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// waysToGiveTokens lists the token sources.
const waysToGiveTokens = "Set the environment variable " + envAccessToken + " to an authorizer access token, which serves one account, or " + envAccessTokenFile +
	` to the path of a file that holds one ("{appid}" in it is replaced); ` +
	"or write access_token, access_tokens, access_token_file, exec or token_endpoint into the provider block."

// explainRejection is about a token that WeChat refused and that could not be replaced.
func explainRejection(rejected *token.RejectedError) explanation {
	found := explainCode(rejected.Refusal)
	setting := rejected.Source.Setting
	switch {
	case rejected.Renewed:
		found.happened = fmt.Sprintf("WeChat refused the access token from %s (%s), and then the newer one that %s gave in its place",
			setting, known(rejected.Refusal), setting)
		found.causes = []string{
			"another process refreshes the account's token at the same time, and each refresh ends the token before it",
			"the tokens there are another account's, or not authorizer access tokens",
		}
		found.remedy = "Let one program alone refresh the account's token, and take the token from it."
	case rejected.RenewalError != nil:
		found.happened = fmt.Sprintf("WeChat refused the access token from %s (%s), and there was no other: %s",
			setting, known(rejected.Refusal), explainError(rejected.RenewalError).happened)
		found.causes = []string{"the token has expired or was replaced, and whatever hands out tokens has a fault"}
		found.remedy = explainError(rejected.RenewalError).remedy
	case rejected.Source.Static:
		found.happened = fmt.Sprintf("WeChat refused the access token given in %s: %s", setting, known(rejected.Refusal))
		found.causes = []string{
			"the token has expired; one lives for two hours",
			"the platform has refreshed the account's token since, which ends the one before within minutes",
			"the token was not copied whole, or is not an authorizer access token",
		}
		found.remedy = fmt.Sprintf("Give a fresh token in %s; or use a source that always has the latest, such as access_token_file.", setting)
	default:
		found.happened = fmt.Sprintf("WeChat refused the access token from %s (%s), and %s still has the same one",
			setting, known(rejected.Refusal), setting)
		found.causes = []string{
			"whatever keeps the token there has stopped refreshing it",
			"another process refreshes the account's token, which ends the one that is kept there",
		}
		found.remedy = "See why the token there is stale, and let one program alone refresh the account's token."
	}
	return found
}
