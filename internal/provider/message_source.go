package provider

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// invalidText says what is wrong with a text that is no token: it completes "the token …".
func invalidText(err error) string {
	invalid, isInvalid := errors.AsType[*token.InvalidError](err)
	if !isInvalid {
		return ""
	}
	return message{}.with("invalid", string(invalid.Reason), "{word}", invalid.Word).text
}

// sourceSection is the section of messages.csv that has a row for each reason of a failed token source.
func sourceSection(failed *token.Error) string {
	if failed.Host != "" {
		return "service"
	}
	return "source"
}

// sourceMessage is about a token source that has no token to give.
func sourceMessage(failed *token.Error) message {
	m := message{summary: "No access token"}
	source, reason, values := failed.Source, string(failed.Reason), sourceValues(failed)
	if failed.Failure != nil {
		way := failureMessage(failed.Failure, tokenServiceRoute(source.Setting))
		m.causes, m.remedy = way.causes, way.remedy
		values = append(values, "{failure}", way.text)
	}
	gives, special := "gives no access token for it", ""
	switch {
	case isOfComponent(source.Setting):
		gives, special = "gives no component access token", "component source"
	case source.Batch && failed.Shared:
		gives, special = "gives no access tokens", "batch"
	case source.Batch:
		special = "batch"
	}
	m = m.with(sourceSection(failed), reason, values...).with(special, reason, values...).
		with("service response", responseCase(failed), values...)
	m.text = source.Setting + " " + gives + ": " + m.text
	if failed.Host == "" && failed.Quote != "" {
		m.text += fmt.Sprintf("; the end of its standard error: %q", failed.Quote)
	}
	if failed.Attempts > 1 {
		m.text += fmt.Sprintf(", after %d attempts", failed.Attempts)
	}
	if failed.OutOfTime && failed.RetryAfter > 0 {
		m.text += ", and asks for a longer wait (Retry-After) than timeouts.read leaves"
	}
	if source.Given != "" {
		m.quote = fmt.Sprintf("Given in %s: %s.", source.Setting, source.Given)
	}
	return m
}

// sourceValues are the placeholders in the rows about token sources, and what stands in their place. {file}, {program}
// and {path} are the failure's Name, unless that could be a pasted token.
func sourceValues(failed *token.Error) []string {
	setting := failed.Source.Setting
	must := `the access token alone on one line or JSON with "access_token"`
	withAppID := " with WECHAT_APPID set to this appid"
	switch {
	case isOfComponent(setting):
		withAppID = ""
	case failed.Source.Batch:
		must, withAppID = `JSON with "access_tokens", an object from appid to token`, ""
	}
	var tokenMap, redirect, encoding, quote string
	invalid, isInvalid := errors.AsType[*token.InvalidError](failed.Invalid)
	if isInvalid && invalid.Reason == token.TokenJSON && !isOfComponent(setting) {
		tokenMap = " A JSON object from appid to token is for access_tokens_file, or for access_tokens = " +
			"jsondecode(file(…))."
	}
	if wire.IsRedirect(failed.Status) {
		redirect = " (it redirects to another address, and redirects are not followed)"
	}
	if failed.Encoding != "" {
		encoding = fmt.Sprintf(" (it is encoded in a way that was not asked for, %q)", failed.Encoding)
	}
	switch {
	case failed.Quote != "":
		quote = "; it says: " + failed.Quote
	case failed.Names != "":
		quote = "; the names in its answer are: " + failed.Names
	}
	return []string{
		"{source}", setting, "{detail}", failed.Detail, "{invalid}", invalidText(failed.Invalid), "{map}", tokenMap,
		"{program}", programName(failed.Name), "{with appid}", withAppID, "{must print}", must,
		"{file}", safeFormat(failed.Name, "the file %q", "the file that it names"),
		"{path}", safeFormat(failed.Name, "%q", "that path"), "{from}", pathHint(failed.Name, setting),
		"{host}", failed.Host, "{status}", strconv.Itoa(failed.Status),
		"{redirect}", redirect, "{encoding}", encoding, "{quote}", quote,
	}
}

// responseCase is the reason of a remedy that a token service's answer calls for, whatever was looked for in it: what
// the service says of it, or where it was asked, is likelier to blame than where the token was looked for.
func responseCase(failed *token.Error) string {
	switch {
	case failed.Status == http.StatusUnauthorized, failed.Status == http.StatusForbidden:
		if strings.Contains(strings.ReplaceAll(failed.Source.Given, "headers (0)", ""), "headers") {
			return "credentials refused"
		}
		return "credentials missing"
	case failed.Status == http.StatusMethodNotAllowed:
		return "method not allowed"
	case failed.Reason != token.NoToken && failed.Reason != token.NoBatch && failed.Reason != token.NotJSON:
		return ""
	case wire.IsRedirect(failed.Status):
		return "redirect"
	case failed.Status == http.StatusNotFound && (failed.Source.Batch || isOfComponent(failed.Source.Setting)):
		return "not found for all"
	case failed.Status == http.StatusNotFound:
		return "not found"
	case failed.Host != "" && failed.Quote != "" && failed.Reason != token.NotJSON:
		return "explained"
	default:
		return ""
	}
}

// rejectionMessage is about a token that WeChat refused and that could not be replaced.
func rejectionMessage(rejected *token.RejectedError) message {
	var renewal message
	number := strconv.Itoa(rejected.Refusal.Code)
	section, kind, row := "rejected", "static token", "same token"
	if isOfComponent(rejected.Source.Setting) {
		section, kind = "component rejected", "static component token"
	}
	switch {
	case rejected.Renewed:
		row = "renewed"
	case rejected.RenewalError != nil:
		row, renewal = "not renewed", messageFor(rejected.RenewalError)
	case rejected.Source.Static:
		row = "static"
	}
	m := codeMessage(rejected.Refusal).with(section, row,
		"{source}", rejected.Source.Setting, "{meaning}", codes[number].text,
		"{renewal}", renewal.text, "{renewal remedy}", renewal.remedy)
	if row == "static" {
		return m.with(kind, number)
	}
	return m
}
