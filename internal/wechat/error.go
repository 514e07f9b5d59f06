package wechat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// The return codes that something here or above decides by.
//
// https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html
const (
	CodeSystemBusy             = -1
	CodeInvalidToken           = 40001
	CodeInvalidAppID           = 40013
	CodeMalformedToken         = 40014
	CodeIPNotAllowedByAccount  = 40164
	CodeTokenExpired           = 42001
	CodeComponentTokenExpired  = 42006
	CodeDailyQuota             = 45009
	CodeMinuteQuota            = 45011
	CodeAPIUnauthorized        = 48001
	CodeComponentNotAuthorized = 61003
	CodeIPNotAllowedByPlatform = 61004
	CodeInvalidComponent       = 61011
	CodeOpenNotExists          = 89002
)

// Error is a call without a result. It is one of three: WeChat refused (Code is not 0), something answered that is not
// WeChat's (Unexpected), or nothing did (Failure). All its texts are redacted.
type Error struct {
	// Endpoint is the path that was called, such as cgi-bin/open/get.
	Endpoint string
	// Host is that of the base URL, with its port where one is written.
	Host string

	// Code is WeChat's errcode, Text its errmsg without the request id, and RID that id.
	Code      int
	Text, RID string
	// Stable is Text without what differs from one request to the next: hints and IP addresses.
	Stable string
	// CallerIP is the address WeChat saw the request come from, or "" where the text does not say.
	CallerIP string

	Unexpected *UnexpectedResponse
	Failure    *wire.Failure
	// RetryAfter is the wait that the response asks for; 0 where it does not.
	RetryAfter time.Duration

	wire.Outcome
}

// Error implements error.
func (e *Error) Error() string {
	switch {
	case e.Failure != nil:
		return e.Endpoint + ": " + e.Failure.Error()
	case e.Unexpected != nil:
		return fmt.Sprintf("%s: status %d: %s", e.Endpoint, e.Unexpected.Status, e.Unexpected.Problem)
	default:
		return fmt.Sprintf("%s: errcode %d: %s (rid %q)", e.Endpoint, e.Code, e.Text, e.RID)
	}
}

// OfComponent reports whether it is of a call with a component's own access token.
func (e *Error) OfComponent() bool { return isOfComponent(e.Endpoint) }

// TokenRejected reports whether WeChat refused the access token itself, so that a newer one may help.
func (e *Error) TokenRejected() bool {
	return slices.Contains([]int{
		CodeInvalidToken, CodeMalformedToken, CodeTokenExpired, CodeComponentTokenExpired,
	}, e.Code)
}

// Retryable reports whether the same call may succeed a little later without anybody doing anything.
func (e *Error) Retryable() bool {
	return e.Code == CodeSystemBusy || e.Code == CodeMinuteQuota ||
		e.Unexpected != nil && e.Unexpected.Retryable || e.Failure != nil && e.Failure.Retryable()
}

var (
	requestID = regexp.MustCompile(`,?\s*\brid:\s*([0-9A-Za-z-]*)`)
	hint      = regexp.MustCompile(`\s*\bhints?:\s*\[[^\]]*\]?`)
	callerIP  = regexp.MustCompile(`(?:requestIP:\s*|invalid ip\s+)([0-9A-Fa-f.:]+)`)
	ipAddress = regexp.MustCompile(`(?:[0-9A-Fa-f]*:){2,}[0-9A-Fa-f.:]*|\b\d{1,3}(?:\.\d{1,3}){3}\b`)
)

// codeError makes an error of WeChat's errcode and errmsg.
func (r request) codeError(response *wire.Response, code int, message string) *Error {
	text := requestID.ReplaceAllString(message, "")
	stable := ipAddress.ReplaceAllString(r.redact(hint.ReplaceAllString(text, "")), "")
	failed := &Error{
		Code:       code,
		Text:       r.redact(text),
		Stable:     strings.Trim(strings.Join(strings.Fields(stable), " "), " ,"),
		RetryAfter: response.RetryAfter,
	}
	if id := requestID.FindStringSubmatch(message); id != nil {
		failed.RID = r.redact(id[1])
	}
	if address := callerIP.FindStringSubmatch(failed.Text); address != nil {
		failed.CallerIP = address[1]
	}
	return failed
}

// redact removes the access token, and whatever else looks like a secret, from a text of the response.
func (r request) redact(text string) string { return wire.Redact(text, r.token.Value) }
