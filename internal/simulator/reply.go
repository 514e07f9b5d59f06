package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reply is what goes over the wire.
type reply struct {
	status      int // 0: none, the connection is cut
	contentType string
	body        []byte
	errcode     int
	truncated   bool // cut the connection half way through the body
}

// reply decides how a call is answered. A status other than 0 was decided before. The caller holds the lock.
func (s *Simulator) reply(c *call, status int, fault *Fault) reply {
	if status != 0 {
		return reply{status: status}
	}
	if fault != nil && fault.Kind != FaultSlow && fault.Kind != FaultTruncated {
		return s.faultyReply(c, fault)
	}
	var a reply
	if answer, refused := c.answer(); refused != nil {
		a = s.refusal(c, refused)
	} else {
		a = s.json(0, answer)
	}
	a.truncated = fault != nil && fault.Kind == FaultTruncated
	return a
}

// refusal ends the text with the rid, unless it brings its own or is none of WeChat's.
func (s *Simulator) refusal(c *call, refused *refusal) reply {
	text := refused.text
	if !strings.Contains(text, " rid:") && refused.code != codeLacking {
		text += " rid: " + newRequestID(c.now)
	}
	return s.json(refused.code, ok{refused.code, text})
}

func (s *Simulator) json(errcode int, answer any) reply {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(answer) // plain structs into memory
	return reply{http.StatusOK, s.contentType, bytes.TrimSpace(rawControls(body.Bytes())), errcode, false}
}

var escape = regexp.MustCompile(`\\(?:u00[01][0-9a-f]|.)`)

// rawControls puts control characters into strings as they are, as WeChat does:
// https://github.com/w7corp/easywechat/issues/1625
func rawControls(document []byte) []byte {
	return escape.ReplaceAllFunc(document, func(escaped []byte) []byte {
		var text string
		if json.Unmarshal(slices.Concat([]byte{'"'}, escaped, []byte{'"'}), &text) == nil && text < " " {
			return []byte(text)
		}
		return escaped
	})
}

func htmlReply(status int, page string) reply {
	return reply{status: status, contentType: "text/html", body: []byte(page)}
}

func (a reply) write(w http.ResponseWriter) {
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.truncated {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body)
}
