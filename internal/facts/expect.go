package facts

import (
	"crypto/tls"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// verdict is an outcome and what came.
type verdict struct {
	outcome Outcome
	came    string
}

// expectation decides about a fact by the answers to its requests, of which there is at least one unless it has none.
type expectation func(v *verification, got []*exchange) verdict

func confirmed(came string) verdict  { return verdict{Confirmed, came} }
func differs(came string) verdict    { return verdict{Differs, came} }
func notAsked(reason string) verdict { return verdict{NotAsked, reason} }

func (e *exchange) is(code int) bool { return e.isOne(code) }

func (e *exchange) isOne(codes ...int) bool {
	return e.answer.Errcode != nil && slices.Contains(codes, *e.answer.Errcode)
}

func (e *exchange) text(name string) string { text, _ := e.object[name].(string); return text }

func (e *exchange) member(name string) map[string]any {
	object, _ := e.object[name].(map[string]any)
	return object
}

// succeeded says that there is an answer without an errcode other than 0.
func (e *exchange) succeeded() bool { return e.object != nil && (e.answer.Errcode == nil || e.is(0)) }

// isOK says that a success has errcode 0 and a text, as those of open/* have.
func (e *exchange) isOK() bool {
	return e.is(0) && e.isType("errcode", "number") && e.isType("errmsg", "string")
}

// isType says whether a member is of one of these types; "" is one that is not there. A string may be empty, or an
// appid.
func (e *exchange) isType(path string, allowed ...string) bool {
	for found := range strings.SplitSeq(e.answer.Members[path], "|") {
		if !slices.Contains(allowed, plainType(found)) {
			return false
		}
	}
	return true
}

// isTypeOrNone is isType for a member that may be missing.
func (e *exchange) isTypeOrNone(path, kind string) bool { return e.isType(path, kind, "", "null") }

func plainType(kind string) string {
	switch {
	case kind == "empty", strings.HasPrefix(kind, "wx"):
		return "string"
	case kind == "true", kind == "false":
		return "boolean"
	}
	return kind
}

// came describes an answer: its code, the types of its members, or what there is in place of one.
func (e *exchange) came() string {
	a := e.answer
	switch {
	case e.failure != "":
		return e.failure
	case a.Errcode != nil && *a.Errcode != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", *a.Errcode, a.Errmsg))
	case a.Body == bodyJSON:
		return e.types()
	default:
		return fmt.Sprintf("status %d, body %s, content type %q", a.Status, a.Body, a.Headers["Content-Type"])
	}
}

func (e *exchange) types() string {
	var all []string
	for _, path := range slices.Sorted(maps.Keys(e.answer.Members)) {
		all = append(all, path+" "+e.answer.Members[path])
	}
	return strings.Join(all, ", ")
}

// of wants something of every answer.
func of(holds func(v *verification, e *exchange) bool) expectation {
	return func(v *verification, got []*exchange) verdict {
		var all []string
		for _, e := range got {
			if !holds(v, e) {
				return differs(e.came())
			}
			all = append(all, e.came())
		}
		return confirmed(strings.Join(slices.Compact(all), "; "))
	}
}

// code wants an errcode, one of these.
func code(codes ...int) expectation {
	return of(func(_ *verification, e *exchange) bool { return e.isOne(codes...) })
}

// each wants something of every answer, which first must be a success.
func each(holds func(*exchange) bool) expectation {
	return of(func(_ *verification, e *exchange) bool { return e.succeeded() && holds(e) })
}

// question takes any answer, of which it tells something; nil tells what came.
func question(tell func(*exchange) string) expectation {
	return func(_ *verification, got []*exchange) verdict {
		var all []string
		for _, e := range got {
			text := e.came()
			if tell != nil && e.failure == "" {
				text = tell(e)
			}
			all = append(all, text)
		}
		return confirmed(strings.Join(slices.Compact(all), "; "))
	}
}

var openAppIDShape = regexp.MustCompile(`^[!-~]{1,64}$`)

// whereBound wants something of answers that name an open account, if the first account is bound.
func whereBound(holds func(v *verification, e *exchange) bool) expectation {
	return func(v *verification, got []*exchange) verdict {
		if v.exchange(read(first)).is(89002) && got[0].is(89002) {
			return notAsked("the account is bound to no open account")
		}
		return of(func(v *verification, e *exchange) bool {
			return e.isOK() && openAppIDShape.MatchString(e.text("open_appid")) && holds(v, e)
		})(v, got)
	}
}

// unboundOrDenied wants 89002 or 48001 of a second account that its user chose well.
func unboundOrDenied(v *verification, got []*exchange) verdict {
	if got[0].isOK() && openAppIDShape.MatchString(got[0].text("open_appid")) {
		return notAsked("the second account is bound, and its token may ask: give one that is unbound or lacks the set")
	}
	return code(89002, 48001)(v, got)
}

// whereSecond is for a second account of this kind: 89002 or 48001.
func whereSecond(kind int, inner expectation) expectation {
	return func(v *verification, got []*exchange) verdict {
		if !v.exchange(read(second)).is(kind) {
			return notAsked(fmt.Sprintf("the second account is another kind: open/get does not answer %d", kind))
		}
		return inner(v, got)
	}
}

// granted is for endpoints that take permission set 3 or 30. Where the account grants neither, all of them refuse.
func granted(holds func(v *verification, e *exchange) bool) expectation {
	return func(v *verification, got []*exchange) verdict {
		t := got[0].request.token
		if got[0].is(48001) && v.exchange(ask(basicInfo).with(t)).is(48001) &&
			v.exchange(ask(openHave).with(t)).is(48001) {
			return notAsked("the account granted neither permission set 3 nor 30")
		}
		return of(holds)(v, got)
	}
}

// everywhere wants something of all answers of the run. wrong says what is wrong with one, or "". Answers to a
// chunked body come from somewhere before the API.
func everywhere(wrong func(*exchange) string) expectation {
	return func(v *verification, _ []*exchange) verdict {
		count := 0
		for _, e := range v.exchanges {
			if e.failure != "" || e.request.chunked {
				continue
			}
			count++
			if problem := wrong(e); problem != "" {
				return differs(fmt.Sprintf("%s: %s", e.request, problem))
			}
		}
		return confirmed(fmt.Sprintf("so in %d answers", count))
	}
}

// unless says what is wrong, where something does not hold.
func unless(holds bool, wrong string) string {
	if holds {
		return ""
	}
	return wrong
}

// alike compares the other hosts with the first: status, content type, code, words, names and types.
func alike(v *verification, got []*exchange) verdict {
	for _, e := range got {
		at0 := e.request
		at0.host = 0
		at := v.exchange(at0)
		if e.came() != at.came() || e.types() != at.types() || e.answer.Status != at.answer.Status ||
			e.answer.Headers["Content-Type"] != at.answer.Headers["Content-Type"] {
			return differs(hosts[e.request.host] + ": " + e.came())
		}
	}
	return confirmed(fmt.Sprintf("%d other hosts: %s", len(got), got[0].came()))
}

// handshakes tries TLS alone, each time with something else to offer, and tells what the server took.
func handshakes(tell func(tls.ConnectionState) string, offers ...*tls.Config) expectation {
	return func(v *verification, _ []*exchange) verdict {
		if v.BaseURL != nil && v.BaseURL.Scheme != "https" {
			return notAsked("the address is plain http")
		}
		var taken []string
		for _, offer := range offers {
			if state := v.client.handshake(v.ctx, offer.Clone()); state != nil {
				taken = append(taken, tell(*state))
			}
		}
		if len(taken) == 0 {
			return notAsked("there was no handshake")
		}
		return confirmed(strings.Join(taken, ", "))
	}
}

func only(version uint16) *tls.Config { return &tls.Config{MinVersion: version, MaxVersion: version} }

// keepsAlive wants that some request went over the connection of an earlier one.
func keepsAlive(v *verification, _ []*exchange) verdict {
	reused := 0
	for _, e := range v.exchanges {
		if e.reused {
			reused++
		}
	}
	came := fmt.Sprintf("%d of %d requests went over a connection that was there", reused, len(v.exchanges))
	if reused == 0 {
		return differs(came)
	}
	return confirmed(came)
}
