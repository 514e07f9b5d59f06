package wechat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// answer holds the members of a JSON object that WeChat answered with. Names are matched exactly, unlike encoding/json
// does for structs: a foreign body that happens to say "ErrCode" is not WeChat's.
type answer map[string]json.RawMessage

// decode reads an answer. errcode decides: not the status, which is 200 for nearly every failure; not the content type,
// which is at times text/plain; and not errmsg, whose tail changes. An answer without errcode is left to the endpoint, for
// some send none on success.
func decode(question call, received *wire.Response) error {
	members, problem := object(received.Body)
	if problem != "" {
		return unexpectedResponse(question, received, problem)
	}
	code, present, err := members.number("errcode")
	switch {
	case err != nil:
		return unexpectedResponse(question, received, "has an errcode that is no number")
	case question.contradiction != nil && question.contradiction(code, members) != "":
		return unexpectedResponse(question, received, question.contradiction(code, members))
	case present && code != 0:
		return codeError(question, code, members.text("errmsg"))
	case !question.read(members):
		return unexpectedResponse(question, received, "holds neither what was asked for nor an error code")
	default:
		return nil
	}
}

const (
	problemEmpty         = "is empty"
	problemCutOff        = "ends in the middle of its JSON"
	problemMore          = "goes on behind its JSON object"
	problemContradiction = "has the same name twice, with different values"
	problemUTF16         = "is written in UTF-16, which JSON is not"
	problemNoJSON        = "is no JSON object"
	problemOtherAccount  = "is about another account than the one that was asked about"
	problemBoundToNone   = "says that the account is bound to none (89002), and names an open platform account"
)

// object reads a JSON object, or says what is wrong with the body.
func object(body []byte) (members answer, problem string) {
	body = escapeControls(body)
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := decoder.Decode(&members)
	rest := bytes.TrimSpace(body[decoder.InputOffset():])
	switch {
	case errors.Is(err, io.EOF):
		return nil, problemEmpty
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, problemCutOff
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		return nil, problemUTF16
	case err != nil || members == nil:
		return nil, problemNoJSON
	case len(rest) > 0:
		return nil, problemMore
	case members.contradict(body):
		return nil, problemContradiction
	default:
		return members, ""
	}
}

// escapeControls escapes control characters that stand raw inside strings, as WeChat sends them in names, and
// encoding/json refuses them. One behind a backslash stays: it would be escaped twice.
func escapeControls(body []byte) []byte {
	if bytes.IndexFunc(body, func(char rune) bool { return char < ' ' }) < 0 {
		return body
	}
	escaped := make([]byte, 0, len(body)+8)
	inString, behindBackslash := false, false
	for _, char := range body {
		if inString && !behindBackslash && char < ' ' {
			escaped = fmt.Appendf(escaped, `\u%04x`, char)
			continue
		}
		if char == '"' && !behindBackslash {
			inString = !inString
		}
		behindBackslash = inString && char == '\\' && !behindBackslash
		escaped = append(escaped, char)
	}
	return escaped
}

// contradict reports whether an object, as it was written, has a name twice with different values. JSON does not say which of
// them counts, and where the name is errcode or open_appid, the one answer is as wrong as the other is right.
func (a answer) contradict(written []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(written))
	_, err := decoder.Token() // the brace
	for err == nil && decoder.More() {
		var name json.Token
		var value json.RawMessage
		if name, err = decoder.Token(); err == nil {
			err = decoder.Decode(&value)
		}
		if kept, isText := name.(string); !isText || !bytes.Equal(a[kept], value) {
			return true
		}
	}
	return err != nil
}

// integer is a whole number, also one that is written as a string.
type integer int

// UnmarshalJSON implements json.Unmarshaler.
func (i *integer) UnmarshalJSON(raw []byte) error {
	written := string(raw)
	var text string
	if json.Unmarshal(raw, &text) == nil && written != "null" {
		written = text
	}
	value, err := strconv.Atoi(written)
	*i = integer(value)
	return err
}

// number reads a whole number.
func (a answer) number(name string) (value int, present bool, err error) {
	raw, present := a[name]
	if !present {
		return 0, false, nil
	}
	var number integer
	err = number.UnmarshalJSON(raw)
	return int(number), true, err
}

// text reads a string; anything else, and absence, is "".
func (a answer) text(name string) string {
	var text string
	if json.Unmarshal(a[name], &text) != nil {
		return ""
	}
	return text
}

// told reports whether a member is there and says something: null and "" say nothing.
func (a answer) told(name string) bool {
	raw := string(a[name])
	return raw != "" && raw != "null" && raw != `""`
}

// inner reads a member that is an object. Where it is absent or null there are no members; ok is false where it is
// anything else, or contradicts itself.
func (a answer) inner(name string) (members answer, ok bool) {
	if raw := string(a[name]); raw == "" || raw == "null" {
		return nil, true
	}
	members, problem := object(a[name])
	return members, problem == ""
}

var (
	ridTail     = regexp.MustCompile(`,?\s*\brid:\s*([0-9A-Za-z-]*)\s*$`)
	ridAnywhere = regexp.MustCompile(`,?\s*\brid:\s*[0-9A-Za-z-]*`)
	hint        = regexp.MustCompile(`\s*\bhints?:\s*\[[^\]]*\]?`)
	callerIP    = regexp.MustCompile(`(?:requestIP:\s*|invalid ip\s+)([0-9A-Fa-f.:]+)`)
)

// codeError makes an error of WeChat's errcode.
func codeError(question call, code int, message string) *Error {
	failed := &Error{Endpoint: question.endpoint, Class: ClassUnknown, Code: code}
	if known, ok := Codes[code]; ok {
		failed.Class = known.Class
	}
	failed.stable = question.redact(hint.ReplaceAllString(ridAnywhere.ReplaceAllString(message, ""), ""))
	if tail := ridTail.FindStringSubmatchIndex(message); tail != nil {
		failed.RID = question.redact(message[tail[2]:tail[3]])
		message = message[:tail[0]]
	}
	failed.Text = question.redact(message)
	if failed.Class == ClassAddress {
		if match := callerIP.FindStringSubmatch(failed.Text); match != nil {
			failed.CallerIP = match[1]
		}
	}
	return failed
}

// unexpectedResponse makes an error of an answer that is not WeChat's. What a gateway says while WeChat is out of its reach may
// be gone a moment later; a page that answers in WeChat's place will not.
func unexpectedResponse(question call, received *wire.Response, problem string) *Error {
	class := ClassProtocol
	if received.Encoding != "" && problem == problemNoJSON {
		problem = fmt.Sprintf("is encoded in a way that was not asked for (%q)", question.redact(received.Encoding))
	}
	switch status := received.Status; {
	case wire.IsPassingStatus(status),
		status >= http.StatusOK && status < http.StatusMultipleChoices && (problem == problemEmpty || problem == problemCutOff):
		class = ClassTransient
	case status < http.StatusOK:
		problem = "switches to another protocol"
	case status == http.StatusProxyAuthRequired:
		problem = "is of a proxy on the way, which asks for credentials"
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		problem = "redirects to another address, and redirects are not followed"
	}
	return &Error{
		Endpoint: question.endpoint,
		Class:    class,
		Unexpected: &UnexpectedResponse{
			Problem:     problem,
			Status:      received.Status,
			ContentType: question.redact(received.ContentType),
			Size:        len(received.Body),
			Excerpt:     question.excerpt(received.Body),
		},
	}
}

// excerpt is the beginning of an answer, where it may be shown.
func (q call) excerpt(body []byte) string {
	if q.confidential {
		return ""
	}
	return q.redact(string(body))
}

// redact makes a text of the answer fit to be shown.
func (q call) redact(text string) string {
	return wire.Redact(text, q.accessToken)
}
