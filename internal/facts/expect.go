package facts

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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

func ridWrong(e *exchange) string {
	return unless(e.succeeded() || e.answer.Errcode == nil || ridShape.MatchString(e.text("errmsg")),
		"no rid: "+e.answer.Errmsg)
}

// clocksApart is how far the clocks of WeChat and of this machine may be apart. The answer's date is as good as the
// latter.
const clocksApart = 10 * time.Minute

func ridFormWrong(e *exchange) string {
	match := ridShape.FindStringSubmatch(e.text("errmsg"))
	if match == nil {
		return "" // which is another fact's concern
	}
	var groups [3]int64
	for i := range groups {
		groups[i], _ = strconv.ParseInt(match[i+1], 16, 64) // the pattern holds digits only
	}
	at := time.Unix(groups[0], 0)
	if at.Sub(e.at).Abs() > clocksApart && at.Sub(e.date).Abs() > clocksApart {
		return "a rid that tells another time"
	}
	return unless(max(groups[1], groups[2]) < 1<<31, "a rid with a number from 2^31 on")
}

// collected tells what stands in the answers of the run, each once.
func collected(tell func(*exchange) []string) expectation {
	return func(v *verification, _ []*exchange) verdict {
		var all []string
		for _, e := range v.exchanges {
			all = append(all, tell(e)...)
		}
		slices.Sort(all)
		return confirmed(cmp.Or(strings.Join(slices.Compact(all), ", "), "nothing"))
	}
}

func unknownMembers(e *exchange) []string {
	var found []string
	for path := range e.answer.Members {
		name := strings.TrimRight(path[strings.LastIndex(path, ".")+1:], "[]")
		if !memberNames[name] {
			found = append(found, e.request.endpoint.String()+": "+path)
		}
	}
	return found
}

// elements wants something of each element of an array.
func elements(array any, holds func(map[string]any) bool) bool {
	all, _ := array.([]any)
	return !slices.ContainsFunc(all, func(element any) bool {
		object, _ := element.(map[string]any)
		return !holds(object)
	})
}

// authorizers are the appids of a list, in its order.
func authorizers(e *exchange) (appids []string) {
	elements(e.object["list"], func(element map[string]any) bool {
		if appid, _ := element["authorizer_appid"].(string); appid != "" {
			appids = append(appids, appid)
		}
		return true
	})
	return appids
}

// setID is the number of a permission set in func_info; "" where there is none.
func setID(set map[string]any) string {
	category, _ := set["funcscope_category"].(map[string]any)
	id, _ := category["id"].(json.Number)
	return id.String()
}

// paged wants the page to begin where the list has its second authorizer.
func paged(v *verification, e *exchange) bool {
	whole, page := authorizers(v.exchange(listing(0, 500))), authorizers(e)
	return e.succeeded() && (len(whole) < 2 || len(page) == 1 && page[0] == whole[1])
}

// kinds are the members that tell the kind of an account; an official account has none of them.
func (e *exchange) kinds() []string {
	return slices.DeleteFunc(slices.Clone(markers), func(marker string) bool {
		return e.answer.Members["authorizer_info."+marker] == ""
	})
}

var markers = []string{"MiniProgramInfo", "channels_info", "store_info", "talent_info", "supplier_info"}

// told compares what the component is told of the two accounts with what their own tokens bring. compare tells what
// it saw, "" for nothing to compare, and whether it is so.
func told(compare func(v *verification, info *exchange, t token) (came string, held bool)) expectation {
	return func(v *verification, got []*exchange) verdict {
		result := notAsked(cmp.Or(v.obstacle(infos()[0]), "neither account can be compared"))
		for _, t := range []token{first, second} {
			for _, e := range got {
				name := e.member("authorization_info")["authorizer_appid"]
				if name == nil || name != v.Credentials[t].AppID || v.obstacle(read(t)) != "" {
					continue
				}
				came, held := compare(v, e, t)
				if !held {
					return differs(came)
				}
				if came != "" {
					result = confirmed(came)
				}
			}
		}
		return result
	}
}

// kindAgrees wants MiniProgramInfo where account_type is 3, and no member of another kind where it is 1 or 2.
func kindAgrees(v *verification, info *exchange, t token) (string, bool) {
	number, _ := v.exchange(ask(basicInfo).with(t)).object["account_type"].(json.Number)
	came := fmt.Sprintf("account_type %s and %v", map[string]string{"1": "1", "2": "2", "3": "3"}[number.String()],
		info.kinds())
	switch number {
	case "1", "2":
		return came, len(info.kinds()) == 0
	case "3":
		return came, slices.Equal(info.kinds(), markers[:1])
	default:
		return "", true
	}
}

// permitted wants open/get to answer where func_info holds 24 or 25, and 48001 where not. An empty list may not
// mean none.
func permitted(v *verification, info *exchange, t token) (string, bool) {
	needed, has, empty := "24", false, true
	if slices.Equal(info.kinds(), markers[:1]) {
		needed = "25"
	}
	elements(info.member("authorization_info")["func_info"], func(set map[string]any) bool {
		has, empty = has || setID(set) == needed, false
		return true
	})
	answer := v.exchange(read(t))
	answered := answer.is(89002) || answer.succeeded()
	if empty || needed == "24" && len(info.kinds()) > 0 || !answered && !answer.is(48001) {
		return "", true
	}
	return fmt.Sprintf("set %s granted: %t; %s", needed, has, answer.came()), has == answered
}

// throughProvider compares what the provider made of the first account with WeChat's own answer.
func throughProvider(v *verification, got []*exchange) verdict {
	plain := got[0]
	switch {
	case !plain.is(89002) && !plain.succeeded():
		return notAsked("the plain answer is no binding: " + plain.came())
	case v.Provider == nil || v.ctx.Err() != nil:
		return notAsked(interrupted)
	}
	reading, err := v.Provider(v.ctx)
	switch {
	case err != nil:
		return notAsked(err.Error())
	case reading.Failed:
		return differs("the provider ends with an error")
	case reading.OpenAppID != plain.text("open_appid") || reading.Bound != plain.succeeded():
		return differs(fmt.Sprintf("bound = %t by the provider, %t by the plain answer", reading.Bound,
			plain.succeeded()))
	}
	return confirmed(fmt.Sprintf("bound = %t", reading.Bound))
}
