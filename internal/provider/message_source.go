package provider

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

func invalidReason(err error) token.Reason {
	if invalid, isInvalid := errors.AsType[*token.InvalidError](err); isInvalid {
		return invalid.Reason
	}
	return ""
}

// invalidText says what is wrong with a text that is no token.
func invalidText(err error) string {
	var invalid *token.InvalidError
	if !errors.As(err, &invalid) {
		return ""
	}
	return strings.ReplaceAll(invalidTexts[invalid.Reason], "{word}", invalid.Word)
}

// sourceMessage is about a token source that has no token to give.
func sourceMessage(failed *token.Error) message {
	m := message{summary: "No access token"}
	row := sourceTexts[failed.Reason]
	if failed.Host != "" {
		row = serviceTexts[failed.Reason]
	}
	var redirect, encoding, said, failure string
	row.remedy = sourceRemedy(failed, row.remedy)
	if failed.Failure != nil {
		onTheWay := tokenServiceRoute.message(failed.Failure)
		failure, m.causes, row.remedy = onTheWay.text, onTheWay.causes, onTheWay.remedy
	}
	gives := "gives no access token for it"
	switch {
	case isOfComponent(failed.Source.Setting):
		gives = "gives no component access token"
		row.text, row.remedy = inComponent(row.text), inComponent(row.remedy)
	case failed.Source.Batch && failed.Shared:
		gives = "gives no access tokens"
	}
	m.remedy = row.remedy
	if wire.IsRedirect(failed.Status) {
		redirect = " (it redirects to another address, and redirects are not followed)"
	}
	if failed.Encoding != "" {
		encoding = fmt.Sprintf(" (it is encoded in a way that was not asked for, %q)", failed.Encoding)
	}
	switch {
	case failed.Quote != "":
		said = "; it says: " + failed.Quote
	case failed.Names != "":
		said = "; the names in its answer are: " + failed.Names
	}
	m.text = failed.Source.Setting + " " + gives + ": " + strings.NewReplacer(
		"{detail}", failed.Detail, "{invalid}", invalidText(failed.Invalid), "{program}", programName(failed.Name),
		"{from}", pathHint(failed.Name, failed.Source.Setting),
		"{file}", nameOr(failed.Name, "the file %q", "the file that it names"),
		"{path}", nameOr(failed.Name, "%q", "that path"),
		"{host}", failed.Host, "{status}", strconv.Itoa(failed.Status), "{failure}", failure,
		"{redirect}", redirect, "{encoding}", encoding, "{quote}", said,
	).Replace(row.text)
	if failed.Host == "" && failed.Quote != "" {
		m.text += fmt.Sprintf("; the end of its standard error: %q", failed.Quote)
	}
	if failed.Attempts > 1 {
		m.text += fmt.Sprintf(", after %d attempts", failed.Attempts)
	}
	if failed.OutOfTime && failed.RetryAfter > 0 {
		m.text += ", and asks for a longer wait (Retry-After) than timeouts.read leaves"
	}
	if failed.Source.Given != "" {
		m.quote = fmt.Sprintf("Given in %s: %s.", failed.Source.Setting, failed.Source.Given)
	}
	return m
}

// sourceRemedy is what to do where that depends on more than the reason; otherwise is what it says alone.
func sourceRemedy(failed *token.Error, otherwise string) string {
	switch {
	case failed.Status == http.StatusUnauthorized, failed.Status == http.StatusForbidden:
		if strings.Contains(strings.ReplaceAll(failed.Source.Given, "headers (0)", ""), "headers") {
			return "Check token_endpoint.headers: the service wants credentials, or others than those."
		}
		return "Give credentials in token_endpoint.headers: the service wants them, and no header is given."
	case failed.Status == http.StatusMethodNotAllowed:
		return "The service does not take GET: ask it " + curlWithExec
	case failed.Reason == token.FileNotFound && (failed.Source.Batch || isOfComponent(failed.Source.Setting)):
		return "Check the path, of which a relative one starts at the working directory, " +
			"and that whatever writes the file has run."
	case failed.Reason == token.FileUnreadable && failed.Source.Batch:
		return "Check that the path names a plain file with a JSON object from appid to token, which the user that " +
			"runs the plan may read."
	case failed.Source.Batch && otherwise == runByHand:
		return runBatchByHand
	case isOfComponent(failed.Source.Setting):
		return otherwise
	case failed.Reason == token.FileUnreadable,
		failed.Reason == token.InvalidFile && invalidReason(failed.Invalid) == token.TokenJSON:
		return otherwise + mapOfTokens
	case failed.Host == "":
		return otherwise
	case failed.Reason == token.NoToken, failed.Reason == token.NoBatch, failed.Reason == token.NotJSON:
		return serviceRemedy(failed, otherwise)
	default:
		return otherwise
	}
}

// serviceRemedy is for an answer without a token: what the service says of it, or where it was asked, is likelier to
// blame than where the token was looked for.
func serviceRemedy(failed *token.Error, otherwise string) string {
	switch {
	case wire.IsRedirect(failed.Status):
		return "Check token_endpoint.url: it must be where the token is, not what redirects there."
	case failed.Status == http.StatusNotFound && failed.Source.Batch:
		return "Check token_endpoint.url."
	case failed.Status == http.StatusNotFound:
		return "Check token_endpoint.url, and whether the service knows this appid."
	case failed.Quote != "" && failed.Reason != token.NotJSON:
		return "Take what it says to whoever runs the service; where its answer does hold a token, " +
			"check token_endpoint.token_path."
	default:
		return otherwise
	}
}

// inComponent is a text about settings of token sources where they are those of component.
func inComponent(text string) string {
	text = strings.ReplaceAll(text, " with WECHAT_APPID set to this appid", "")
	return settingOfSource.ReplaceAllString(text, "component.$0")
}

var settingOfSource = regexp.MustCompile(`\b(?:exec|token_endpoint)\.[a-z_]+`)

// rejectionMessage is about a token that WeChat refused and that could not be replaced.
func rejectionMessage(rejected *token.RejectedError) message {
	m := codeMessage(rejected.Refusal)
	setting := rejected.Source.Setting
	switch {
	case rejected.Renewed:
		m.text = fmt.Sprintf("WeChat refused the access token from %s (%s), and then the newer one that %s gave in "+
			"its place", setting, known(rejected.Refusal), setting)
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
		m.remedy = fmt.Sprintf("Give a fresh token in %s; or use a source that always has the latest, "+
			"such as access_token_file.", setting)
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
