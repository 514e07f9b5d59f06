package wechat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// UnexpectedResponse describes a response that is not WeChat's, as far as it may be shown.
type UnexpectedResponse struct {
	Problem     Problem
	Status      int
	ContentType string
	Encoding    string // with ProblemEncoding
	Size        int    // of the body, in bytes
	Excerpt     string // the beginning of the body
	// Retryable is set for what a gateway says while WeChat is out of its reach. A page in WeChat's place stays.
	Retryable bool
}

// Problem says what is wrong with a response.
type Problem string

// The problems.
const (
	NoProblem             Problem = ""
	ProblemEmpty          Problem = "empty body"
	ProblemCutOff         Problem = "incomplete JSON"
	ProblemNotJSON        Problem = "no JSON object"
	ProblemUTF16          Problem = "UTF-16"
	ProblemEncoding       Problem = "content encoding"
	ProblemTrailingData   Problem = "data after the JSON object"
	ProblemDuplicate      Problem = "duplicate name with different values"
	ProblemMissing        Problem = "neither result nor errcode"
	ProblemOtherAccount   Problem = "another account's result"
	ProblemUnboundAndOpen Problem = "89002 beside an open_appid"
	ProblemEndlessList    Problem = "list without end"
	ProblemProxyAuth      Problem = "proxy credentials wanted"
	ProblemRedirect       Problem = "redirect"
)

// decode reads a response. errcode decides: not the status, which is 200 for nearly every failure; not the content
// type, which is at times text/plain; and not errmsg, whose tail changes. A response without errcode is left to the
// endpoint: some send none on success.
func (r request) decode(response *wire.Response) error {
	members, problem := parseObject(response.Body)
	var code integer
	switch {
	case problem != NoProblem:
	case !members.read("errcode", &code):
		problem = ProblemMissing
	case code == CodeOpenNotExists && members.holds("open_appid"):
		problem = ProblemUnboundAndOpen
	case code != 0:
		return r.codeError(response, int(code), members.text("errmsg"))
	default:
		problem = r.read(members)
	}
	if problem == NoProblem {
		return nil
	}
	return r.unexpected(response, problem)
}

// unexpected makes an error of a response that is not WeChat's.
func (r request) unexpected(response *wire.Response, problem Problem) *Error {
	status := response.Status
	u := &UnexpectedResponse{
		Problem:     problem,
		Status:      status,
		ContentType: r.redact(response.ContentType),
		Size:        len(response.Body),
		Retryable: wire.IsTransientStatus(status) || status >= http.StatusOK && status < http.StatusMultipleChoices &&
			(problem == ProblemEmpty || problem == ProblemCutOff),
	}
	if !isOfComponent(r.endpoint) {
		u.Excerpt = r.redact(string(response.Body))
	}
	switch {
	case status == http.StatusProxyAuthRequired:
		u.Problem = ProblemProxyAuth
	case wire.IsRedirect(status):
		u.Problem = ProblemRedirect
	case response.Encoding != "" && problem == ProblemNotJSON:
		u.Problem, u.Encoding = ProblemEncoding, r.redact(response.Encoding)
	}
	return &Error{Unexpected: u, RetryAfter: response.RetryAfter}
}

// object holds the members of a JSON object. Names are matched exactly, unlike encoding/json does for structs: a
// foreign body that happens to say "ErrCode" is not WeChat's.
type object map[string]json.RawMessage

// parseObject reads a body that is one JSON object. A name that stands there twice with different values is a problem:
// JSON does not say which of them counts.
func parseObject(body []byte) (object, Problem) {
	body = escapeControls(body)
	decoder := json.NewDecoder(bytes.NewReader(body))
	var whole json.RawMessage
	err := decoder.Decode(&whole)
	switch {
	case errors.Is(err, io.EOF):
		return nil, ProblemEmpty
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, ProblemCutOff
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		return nil, ProblemUTF16
	case err != nil || whole[0] != '{':
		return nil, ProblemNotJSON
	case len(bytes.TrimSpace(body[decoder.InputOffset():])) > 0:
		return nil, ProblemTrailingData
	}
	members, repeated := wire.JSONMembers(whole)
	if repeated != nil {
		return nil, ProblemDuplicate
	}
	return members, NoProblem
}

// escapeControls escapes control characters that stand raw inside strings: WeChat sends them in names, and
// encoding/json refuses them. One after a backslash stays: it would be escaped twice.
func escapeControls(body []byte) []byte {
	escaped := make([]byte, 0, len(body)+8)
	inString, afterBackslash := false, false
	for _, char := range body {
		if inString && !afterBackslash && char < ' ' {
			escaped = fmt.Appendf(escaped, `\u%04x`, char)
			continue
		}
		if char == '"' && !afterBackslash {
			inString = !inString
		}
		afterBackslash = inString && char == '\\' && !afterBackslash
		escaped = append(escaped, char)
	}
	return escaped
}

// integer is a whole number, also one that is written as a string.
type integer int

// UnmarshalJSON implements json.Unmarshaler.
func (i *integer) UnmarshalJSON(raw []byte) error {
	digits := string(raw)
	_ = json.Unmarshal(raw, &digits) // which leaves the digits of a number as they are
	value, err := strconv.Atoi(digits)
	*i = integer(value)
	return err
}

// read decodes a member into a value, and reports whether it could be. Without the member the value stays.
func (o object) read(name string, value any) bool {
	raw, present := o[name]
	return !present || json.Unmarshal(raw, value) == nil
}

// text is a member that is a string; "" where it is absent or anything else.
func (o object) text(name string) (text string) {
	o.read(name, &text)
	return text
}

// holds reports whether a member is there and neither null nor "".
func (o object) holds(name string) bool {
	raw := string(o[name])
	return raw != "" && raw != "null" && raw != `""`
}

// names reports whether a member names another account than appid.
func (o object) names(another, appid string) bool {
	return appid != "" && o.holds(another) && o.text(another) != appid
}

// object is a member that is an object, nil where it is absent or null. ok is false where it is anything else, or has a
// name twice.
func (o object) object(name string) (members object, ok bool) {
	if raw := string(o[name]); raw == "" || raw == "null" {
		return nil, true
	}
	members, problem := parseObject(o[name])
	return members, problem == NoProblem
}
