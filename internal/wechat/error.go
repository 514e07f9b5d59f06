package wechat

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// Class groups errors by what can be done about them.
type Class int

// The classes of errors.
const (
	// ClassUnknown is a code that no table lists.
	ClassUnknown Class = iota
	// ClassTransient passes by itself.
	ClassTransient
	// ClassToken is a refused access token: another one is needed.
	ClassToken
	// ClassPermission is a permission that the authorizer has not granted.
	ClassPermission
	// ClassQuota is a quota that is used up.
	ClassQuota
	// ClassAddress is a caller's IP address that is on no allow-list.
	ClassAddress
	// ClassConfiguration is a wrong value or a wrong call.
	ClassConfiguration
	// ClassAccount is an account that WeChat or its owner has closed, frozen or withdrawn.
	ClassAccount
	// ClassProtocol is an answer that is not WeChat's.
	ClassProtocol
	// ClassConnection is no answer at all.
	ClassConnection
)

// Error is a question that got no usable answer. It is one of three: WeChat refused (Code is not 0), something else
// answered (Foreign), or nothing did (Failure).
type Error struct {
	// Endpoint is the path that was asked, such as cgi-bin/open/get.
	Endpoint string
	// Host is the host, with its port where one is written, that base URL names.
	Host  string
	Class Class

	// Code is WeChat's errcode, Text its errmsg without the request id, RID that id. All that may be shown as it is.
	Code int
	Text string
	RID  string
	// stable is the text without what differs from one request to the next.
	stable string
	// CallerIP is the address WeChat saw the request come from, where it said so.
	CallerIP string

	Unexpected *UnexpectedResponse
	Failure    *wire.Failure
	// RetryAfter is how long what answered asks to be left alone; 0 where it does not.
	RetryAfter time.Duration

	// Attempts is how often it was asked.
	Attempts int
	// OutOfTime is set where the caller's deadline left no room for another attempt.
	OutOfTime bool
}

// Error implements error.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.Endpoint + ": ")
	switch {
	case e.Unexpected != nil:
		fmt.Fprintf(&text, "the answer %s (%s)", e.Unexpected.Problem, e.Unexpected)
	case e.Failure != nil:
		text.WriteString(e.Failure.Error())
	default:
		fmt.Fprintf(&text, "errcode %d: %s", e.Code, e.Text)
		if e.RID != "" {
			text.WriteString(" rid: " + e.RID)
		}
	}
	return text.String()
}

// UnexpectedResponse describes an answer that is not WeChat's, as far as it may be shown.
type UnexpectedResponse struct {
	Problem     string // what is wrong with it, as the rest of a sentence about the answer
	Status      int
	ContentType string
	Size        int    // bytes
	Excerpt     string // its first words, without anything token-like
}

// String says what came.
func (f *UnexpectedResponse) String() string {
	text := fmt.Sprintf("status %d, %d bytes", f.Status, f.Size)
	if f.ContentType != "" {
		text += " of " + f.ContentType
	}
	if f.Excerpt != "" {
		text += ", beginning with: " + f.Excerpt
	}
	return text
}

// TokenRejected reports whether WeChat refused the access token itself, so that a newer one may help.
func (e *Error) TokenRejected() bool { return e.Class == ClassToken }

var (
	ipAddress = regexp.MustCompile(`(?:[0-9A-Fa-f]*:){2,}[0-9A-Fa-f.:]*|\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	spaces    = regexp.MustCompile(`\s+`)
)

// NoAnswerInTime is the stable text of a question that there was no time to hear the answer to, whoever was asked.
const NoAnswerInTime = "no answer in time"

// StableText is what went wrong, in words that are the same whenever the same goes wrong: WeChat's text without request id,
// hint and addresses, and without such a text a fixed phrase.
func (e *Error) StableText() string {
	switch {
	case e.Failure != nil && e.Failure.Timeout():
		return NoAnswerInTime
	case e.Failure != nil:
		return "no answer: " + string(e.Failure.Reason)
	case e.Unexpected != nil && e.Class == ClassTransient:
		return "no usable answer"
	case e.Unexpected != nil:
		return "the answer was not WeChat's"
	}
	text := ipAddress.ReplaceAllString(e.stable, "")
	return strings.Trim(spaces.ReplaceAllString(text, " "), " ,")
}
