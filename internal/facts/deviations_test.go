package facts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

var deviations = []deviation{
	{"another code without a token", 0, "open_get.no_token", on(openGet, "none", code(41002))},
	{"a token rejected in the place of a missing one", 0, "open_get.no_token", on(openGet, "none", code(40001))},
	{"another code without a token at open/have", 0, "others.no_token", on(openHave, "none", code(40001))},
	{"another code without a token at open/sameentity", 0, "others.no_token", on(sameness, "none", code(48001))},
	{"another code without a token at getaccountbasicinfo", 0, "others.no_token", on(basic, "none", code(44002))},
	{"a code of its own without a component's token", 0, "component.no_token", on(list, "none", code(41021))},
	{"the same for the info", 0, "component.no_token", on(info, "none", code(41021))},
	{"40014 for a false token", 0, "open_get.false_token", on(openGet, "invented", code(40014))},
	{"42001 for a false token", 0, "open_get.false_token", on(openGet, "invented", code(42001))},
	{
		"the body is looked at first", 0, "open_get.token_before_body",
		when(func(q asked) bool { return q.body == "{" && q.token == "invented" }, code(47001)),
	},
	{"GET is taken for POST", 0, "open_get.method_before_token", when(isGET("none"), code(41001))},
	{"GET is an invalid url", 0, "open_get.method_before_token", when(isGET("none"), code(40066))},
	{
		"chunked is accepted", 0, "open_get.chunked",
		when(isChunked, func(q asked, a *answer) { a.status = 200; code(41001)(q, a) }),
	},
	{"chunked is 411", 0, "open_get.chunked", when(isChunked, status(411))},
	{"chunked is 503", 0, "open_get.chunked", when(isChunked, status(503))},
	{"chunked is 412 with a page", 0, "open_get.chunked", when(isChunked, raw("<html>Precondition Failed</html>"))},
	{"chunked is cut off", 0, "open_get.chunked", when(isChunked, func(_ asked, a *answer) { a.cut = true })},
	{"401 without a token", 0, "answers.status", on(openGet, "none", status(401))},
	{"403 for a false token", 0, "answers.status", on(openGet, "invented", status(403))},
	{"500 at one endpoint", 0, "answers.status", on(basic, "none", status(500))},
	{"text/plain", 0, "answers.content_type", when(all, label("text/plain"))},
	{"text/html at one endpoint", 0, "answers.content_type", on(sameness, "none", label("text/html"))},
	{"JSON in another encoding", 0, "answers.content_type", when(all, label("application/json; encoding=gbk"))},
	{"no content type", 0, "answers.content_type", on(openHave, "none", label(""))},
	{"no rid", 0, "errors.rid", ridIs(constant(""))},
	{"an empty rid", 0, "errors.rid", ridIs(constant(" rid: "))},
	{
		"a rid of two groups", 0, "errors.rid",
		ridIs(func() string { return fmt.Sprintf(" rid: %08x-00000001", now()) }),
	},
	{
		"a rid in capitals", 0, "errors.rid",
		ridIs(func() string { return fmt.Sprintf(" rid: %08X-0000000A-0000000B", now()) }),
	},
	{
		"a rid of another day", 0, "errors.rid_form",
		ridIs(func() string { return fmt.Sprintf(" rid: %08x-00000001-00000002", now()-86_400) }),
	},
	{
		"a rid with a large number", 0, "errors.rid_form",
		ridIs(func() string { return fmt.Sprintf(" rid: %08x-80000000-00000002", now()) }),
	},
	{"errcode as a text", 0, "answers.json", on(openGet, "none", set("errcode", "41001"))},
	{"a refusal without a text", 0, "answers.json", on(openHave, "none", remove("errmsg"))},
	{"errmsg as an object", 0, "answers.json", on(list, "none", set("errmsg", map[string]any{"text": "x"}))},
	{"an array in the answer's place", 0, "answers.json", on(info, "none", raw(`[{"errcode":41001,"errmsg":"x"}]`))},
	{"a page in the place of one answer", 0, "others.no_token", on(basic, "none", raw("<html></html>"))},
	{"an empty answer at one endpoint", 0, "component.no_token", on(info, "none", raw(" "))},
	{"two answers in one", 0, "answers.json", on(openHave, "none", raw(`{"errcode":41001,"errmsg":"x"}{}`))},
	{"half an answer", 0, "answers.json", on(sameness, "none", raw(`{"errcode":41001,"errm`))},
	{
		"a cut connection at one endpoint", 0, "component.no_token",
		on(list, "none", func(_ asked, a *answer) { a.cut = true }),
	},
	{
		"connections that are closed", 0, "answers.keep_alive",
		when(all, func(_ asked, a *answer) { a.header.Set("Connection", "close") }),
	},
	{"HTTP/1.0", 0, "answers.http11", when(all, func(_ asked, a *answer) { a.http1_0 = true })},

	{"no open_appid", 1, "open_get.bound", on(openGet, official, remove("open_appid"))},
	{"open_appid is a number", 1, "open_get.bound", on(openGet, official, set("open_appid", 12))},
	{"open_appid is empty", 1, "open_get.bound", on(openGet, official, set("open_appid", ""))},
	{
		"open_appid is too long", 1, "open_get.bound",
		on(openGet, official, set("open_appid", strings.Repeat("x", 65))),
	},
	{"open_appid has another name", 1, "open_get.bound", on(openGet, official, func(_ asked, a *answer) {
		a.object["openAppid"] = a.object["open_appid"]
		delete(a.object, "open_appid")
	})},
	{"a success without errcode", 1, "open_get.bound", on(openGet, official, remove("errcode"))},
	{"a success with errcode as a text", 1, "open_get.bound", on(openGet, official, set("errcode", "0"))},
	{"a success without errmsg", 1, "open_get.bound", on(openGet, official, remove("errmsg"))},
	{"another code for a bound account", 1, "open_get.bound", on(openGet, official, named("{}", code(89000)))},
	{"48001 for an account with the set", 1, "open_get.bound", on(openGet, official, code(48001))},
	{
		"another open account for the named account", 1, "open_get.bound_named",
		on(openGet, official, named(official, set("open_appid", open+"x"))),
	},
	{
		"the account's own appid is refused", 1, "open_get.bound_named",
		on(openGet, official, named(official, code(40013))),
	},
	{"89002 for a bound account", 1, "open_have.agrees", on(openGet, official, code(89002))},
	{
		"an invented appid is answered", 1, "open_get.invented_appid",
		on(openGet, official, named("wx0000000000000000", success)),
	},
	{
		"48001 for an invented appid", 1, "open_get.invented_appid",
		on(openGet, official, named("wx0000000000000000", code(48001))),
	},
	{"GET is answered", 1, "open_get.get", when(isGET(official), success)},
	{
		"a broken body is answered", 1, "open_get.broken_body",
		when(func(q asked) bool { return q.body == "{" && q.token == official }, success),
	},
	{"a truncated token is taken", 1, "token.truncated", on(openGet, "half", success)},
	{"48001 for a truncated token", 1, "token.truncated", on(openGet, "half", code(48001))},
	{"getaccountbasicinfo names another account", 1, "basic_info.appid", on(basic, official, set("appid", mini))},
	{"getaccountbasicinfo names no account", 1, "basic_info.appid", on(basic, official, remove("appid"))},
	{"account_type is a text", 1, "basic_info.types", on(basic, official, set("account_type", "2"))},
	{"nickname is an object", 1, "basic_info.types", on(basic, official, set("nickname", map[string]any{}))},
	{"have_open is a number", 1, "open_have.boolean", on(openHave, official, set("have_open", 1))},
	{"no have_open", 1, "open_have.boolean", on(openHave, official, remove("have_open"))},
	{"open/have takes another set", 1, "open_have.boolean", on(openHave, official, code(48001))},
	{"open/have contradicts open/get", 1, "open_have.agrees", on(openHave, official, set("have_open", false))},
	{"same_entity is a text", 1, "open_sameentity.boolean", on(sameness, official, set("same_entity", "true"))},
	{"no same_entity", 1, "open_sameentity.boolean", on(sameness, official, remove("same_entity"))},

	{"another code for an unbound account", 2, "open_get.second", on(openGet, mini, code(89003))},
	{"unbound is a success with an empty open_appid", 2, "open_get.second", on(openGet, mini, func(q asked, a *answer) {
		success(q, a)
		a.object["open_appid"] = ""
	})},
	{"open_appid beside 89002", 2, "open_get.unbound_open_appid", on(openGet, mini, set("open_appid", open))},
	{
		"an unbound account's own appid is refused", 2, "open_get.unbound_named",
		on(openGet, mini, named(mini, code(40013))),
	},
	{"61007 for a missing set", 2, "open_get.second", on(openGet, restricted, code(61007))},
	{
		"a missing set is looked at after the appid", 2, "open_get.refused_named",
		on(openGet, restricted, named(restricted, code(40013))),
	},
	{"another account's appid is answered", 2, "open_get.foreign_appid", on(openGet, official, named(mini, success))},
	{
		"48001 for another account's appid", 2, "open_get.foreign_appid",
		on(openGet, official, named(mini, code(48001))),
	},
	{"open/have says true of an unbound account", 2, "open_have.second", on(openHave, mini, set("have_open", true))},
	{"getaccountbasicinfo names the first account", 2, "basic_info.second", on(basic, mini, set("appid", official))},

	{"no total_count", 3, "list.types", on(list, platform, remove("total_count"))},
	{"total_count is a text", 3, "list.types", on(list, platform, set("total_count", "7"))},
	{"the list has another name", 3, "list.types", on(list, platform, func(_ asked, a *answer) {
		a.object["authorizer_list"] = a.object["list"]
		delete(a.object, "list")
	})},
	{"elements without authorizer_appid", 3, "list.types", on(list, platform, remove("list.authorizer_appid"))},
	{"auth_time is a text", 3, "list.types", on(list, platform, set("list.auth_time", "1558000607"))},
	{
		"offset is not heeded", 3, "list.paging",
		on(list, platform, named(`"offset":1`, set("list",
			[]any{map[string]any{"authorizer_appid": official, "auth_time": 1}}))),
	},
	{"count is not heeded", 3, "list.paging", on(list, platform, named(`"count":1}`, func(_ asked, a *answer) {
		elements, _ := a.object["list"].([]any)
		a.object["list"] = append(elements, elements[0])
	}))},
	{
		"a count of 501 is answered", 3, "list.limit",
		on(list, platform, named(`"count":501`, func(_ asked,
			a *answer,
		) {
			a.object = map[string]any{"total_count": 0, "list": []any{}}
		})),
	},
	{"40097 for a count of 501", 3, "list.limit", on(list, platform, named(`"count":501`, code(40097)))},
	{
		"access_token is no name on component paths", 3, "list.both_names",
		when(func(q asked) bool { return q.path == list && q.parameter == "access_token" }, code(41001)),
	},
	{
		"component_access_token is no name any more", 3, "list.both_names",
		when(func(q asked) bool { return q.path == list && q.parameter == "component_access_token" }, code(41001)),
	},
	{"61014 for an authorizer's token", 3, "list.authorizer_token", on(list, official, code(61014))},
	{
		"an authorizer's token is taken", 3, "list.authorizer_token",
		on(list, official, func(_ asked, a *answer) { a.object = map[string]any{"total_count": 0, "list": []any{}} }),
	},
	{
		"the info names another account", 3, "info.asked_about",
		on(info, platform, set("authorization_info.authorizer_appid", "wx1000000000000009")),
	},
	{"the info names no account", 3, "info.asked_about", on(info, platform, remove("authorization_info"))},
	{"no authorizer_info", 3, "info.asked_about", on(info, platform, remove("authorizer_info"))},
	{"nick_name is a number", 3, "info.types", on(info, platform, set("authorizer_info.nick_name", 7))},
	{"no principal_name", 3, "info.types", on(info, platform, remove("authorizer_info.principal_name"))},
	{"account_status is a text", 3, "info.types", on(info, platform, set("authorizer_info.account_status", "1"))},
	{
		"verify_type_info is a number", 3, "info.verify_type",
		on(info, platform, set("authorizer_info.verify_type_info", 0)),
	},
	{
		"the id of verify_type_info is a text", 3, "info.verify_type",
		on(info, platform, set("authorizer_info.verify_type_info.id", "-1")),
	},
	{
		"func_info is an object", 3, "info.func_info",
		on(info, platform, set("authorization_info.func_info", map[string]any{"24": true})),
	},
	{
		"ids of sets are texts", 3, "info.func_info",
		on(info, platform, set("authorization_info.func_info.funcscope_category.id", "24")),
	},
	{
		"sets without ids", 3, "info.func_info",
		on(info, platform, remove("authorization_info.func_info.funcscope_category.id")),
	},
	{
		"an access token in the info", 3, "info.no_access_token",
		on(info, platform, set("authorization_info.authorizer_access_token", "61_x")),
	},
	{
		"a mini program without MiniProgramInfo", 3, "info.kind_agrees",
		on(info, platform, named(mini, remove("authorizer_info.MiniProgramInfo"))),
	},
	{
		"an official account with MiniProgramInfo", 3, "info.kind_agrees",
		on(info, platform, named(official, set("authorizer_info.MiniProgramInfo", map[string]any{}))),
	},
	{
		"an account of two kinds", 3, "info.one_kind",
		on(info, platform, named("wx1000000000000005", set("authorizer_info.channels_info", map[string]any{}))),
	},
	{
		"a kind that is told by a number", 3, "info.one_kind",
		on(info, platform, named("wx1000000000000005", set("authorizer_info.store_info", 1))),
	},
	{
		"open/get takes another set", 3, "info.permission",
		on(info, platform, named(official, set("authorization_info.func_info",
			[]any{map[string]any{"funcscope_category": map[string]any{"id": 60}}}))),
	},
	{"61003 for an authorizer that is listed", 3, "info.asked_about", on(info, platform, code(61003))},
}

func all(asked) bool { return true }

// permitted are answers that the contract allows: they are no difference.
var permitted = []deviation{
	{"no func_info", 3, "", on(info, platform, remove("authorization_info.func_info"))},
	{"func_info is null", 3, "", on(info, platform, set("authorization_info.func_info", nil))},
	{"func_info is empty", 3, "", on(info, platform, set("authorization_info.func_info", []any{}))},
	{"no verify_type_info", 3, "", on(info, platform, remove("authorizer_info.verify_type_info"))},
	{
		"nothing is told of an account", 3, "",
		on(info, platform, named(official, set("authorizer_info", map[string]any{}))),
	},
	{"members that nobody reads", 3, "", when(all, func(_ asked, a *answer) {
		if a.object != nil {
			a.object["remarks"], a.object["size_limit"] = "x", map[string]any{"张三": 1}
		}
	})},
	{"another order of members", 3, "", when(all, func(asked, *answer) {})}, // a map is written in the order of names
	{"no refresh token in the list", 3, "", on(list, platform, remove("list.refresh_token"))},
	{"an empty open_appid beside 89002", 3, "", on(openGet, mini, set("open_appid", ""))},
	{"an open_appid of another form", 3, "", on(openGet, official, func(_ asked, a *answer) {
		if _, is := a.object["open_appid"]; is {
			a.object["open_appid"] = "o123"
		}
	})},
	{"40014 for a truncated token", 3, "", on(openGet, "half", code(40014))},
	{"a comma before the rid", 3, "", ridIs(func() string { return "," + rid() })},
	{"raw control characters", 3, "", on(basic, official, func(_ asked, a *answer) {
		content, _ := json.Marshal(a.object)
		a.raw = strings.Replace(string(content), "Example", "Exa\x01\x1fmple", 1)
	})},
	{"a busy moment", 3, "", busyOnce()},
	{"a quota that is used up", 3, "", on(sameness, official, code(45009))},
	{"an account without sets 3 and 30", 1, "", func(q asked, a *answer) {
		if q.token == official && slices.Contains([]string{openHave, sameness, basic}, q.path) {
			code(48001)(q, a)
		}
	}},
}
