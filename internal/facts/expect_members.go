package facts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
