package facts_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// asked is a request as a deviation sees it.
type asked struct {
	method, path, body string
	token              string // of whom: none, invented, half, or an appid
	parameter          string // that carried it
	chunked            bool
}

// answer is what a deviation changes.
type answer struct {
	status  int
	header  http.Header
	object  map[string]any // the body, unless raw is set
	raw     string
	cut     bool // closes the connection
	http1_0 bool
}

// change alters the answers to some requests.
type change func(asked, *answer)

// deviation is one way in which WeChat could be other than is believed.
type deviation struct {
	name   string
	tier   int    // the lowest that can see it
	fact   string // that must differ
	change change
}

const (
	openGet  = "/cgi-bin/open/get"
	openHave = "/cgi-bin/open/have"
	sameness = "/cgi-bin/open/sameentity"
	basic    = "/cgi-bin/account/getaccountbasicinfo"
	list     = "/cgi-bin/component/api_get_authorizer_list"
	info     = "/cgi-bin/component/api_get_authorizer_info"
)

// on alters the answers to requests of one endpoint with one token.
func on(path, token string, alter func(asked, *answer)) change {
	return func(q asked, a *answer) {
		if q.path == path && q.token == token {
			alter(q, a)
		}
	}
}

// named alters only those whose body holds a text.
func named(text string, alter func(asked, *answer)) func(asked, *answer) {
	return func(q asked, a *answer) {
		if strings.Contains(q.body, text) {
			alter(q, a)
		}
	}
}

// code gives an errcode in the answer's place.
func code(number int) func(asked, *answer) {
	return func(_ asked, a *answer) {
		a.object = map[string]any{"errcode": number, "errmsg": "another error" + rid()}
	}
}

func rid() string { return fmt.Sprintf(" rid: %08x-00000001-00000002", now()) }

// set sets a member, and remove removes it; a dot leads into an object.
func set(path string, value any) func(asked, *answer) {
	return func(_ asked, a *answer) {
		within(a.object, path, func(o map[string]any, name string) { o[name] = value })
	}
}

func remove(path string) func(asked, *answer) {
	return func(_ asked, a *answer) {
		within(a.object, path, func(o map[string]any, name string) { delete(o, name) })
	}
}

// within does something to the object that holds a member, also in each element of an array.
func within(object map[string]any, path string, do func(map[string]any, string)) {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		do(object, name)
		return
	}
	switch inner := object[name].(type) {
	case map[string]any:
		within(inner, rest, do)
	case []any:
		for _, element := range inner {
			if inner, is := element.(map[string]any); is {
				within(inner, rest, do)
			}
		}
	}
}

// success is a whole answer of open/get.
func success(q asked, a *answer) {
	a.status, a.object = 200, map[string]any{"open_appid": open, "errcode": 0, "errmsg": "ok"}
}

// like answers as if something else had been asked, for which a condition holds.
func when(holds func(asked) bool, alter func(asked, *answer)) change {
	return func(q asked, a *answer) {
		if holds(q) {
			alter(q, a)
		}
	}
}

func isGET(token string) func(asked) bool {
	return func(q asked) bool { return q.path == openGet && q.method == http.MethodGet && q.token == token }
}

func isChunked(q asked) bool { return q.chunked }

func raw(text string) func(asked, *answer) { return func(_ asked, a *answer) { a.raw = text } }
func status(code int) func(asked, *answer) { return func(_ asked, a *answer) { a.status = code } }
func label(text string) func(asked, *answer) {
	return func(_ asked, a *answer) { a.header.Set("Content-Type", text) }
}

var ridPattern = regexp.MustCompile(` rid: .*`)

// ridIs puts another rid in the place of each, or nothing.
func ridIs(text func() string) change {
	return func(_ asked, a *answer) {
		if errmsg, is := a.object["errmsg"].(string); is {
			a.object["errmsg"] = ridPattern.ReplaceAllString(errmsg, text())
		}
	}
}

func constant(text string) func() string { return func() string { return text } }
