// Package facts is what this project believes of WeChat, a row for each thing that the code or the simulator relies
// on, and the means to ask WeChat whether it is so. What it keeps and shows of an answer is chosen from lists: no
// token, appid or name is among it.
package facts

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Grade is on what ground something is believed.
type Grade string

// The grades.
const (
	Documented Grade = "documented" // by WeChat
	Published  Grade = "published"  // an answer that somebody published
	Inferred   Grade = "inferred"   // from other facts
)

// Fact is a row. What one must hold to ask it follows from its requests: see [Fact.Tier].
type Fact struct {
	ID     string
	Claim  string    // one sentence; a question, which any answer confirms, ends in a question mark
	Ask    []request // none: all answers of the run, or a TLS handshake
	Expect expectation
	Grade  Grade
	Source string // address of a page, or a few words
}

// IsQuestion says that nothing is expected yet.
func (f Fact) IsQuestion() bool { return strings.HasSuffix(f.Claim, "?") }

// Where what is claimed can be read.
const (
	site      = "https://developers.weixin.qq.com/"
	community = site + "community/develop/doc/"
	getPage   = site + "doc/oplatform/openApi/openplatform-management/api_getopenaccount.html"
	basics    = site + "doc/oplatform/openApi/miniprogram-management/basic-info-management/"
	havePage  = basics + "api_getbindopenaccount"
	ownPage   = basics + "api_getaccountbasicinfo.html"
	listPage  = site + "doc/oplatform/openApi/authorization-management/api_getauthorizerlist"
	infoPage  = site + "doc/oplatform/openApi/authorization-management/api_getauthorizerinfo"
	codesPage = site + "doc/oplatform/developers/errCode/errCode.html"
	namesPage = site + "doc/oplatform/Third-party_Platforms/2.0/api/ThirdParty/token/component_access_token.html"
	hostsPage = site + "doc/service/Basic_Information/Interface_field_description.html"
	compPage  = community + "0004a4591989c851d70dd6dc254c00"
	probe     = "a probe of 2026-09-17"
	reports   = "texts of errors that users published"
	nobody    = "nobody has said"
)

// read asks open/get about a token's own account, and named with its appid.
func read(t token) request  { return ask(openGet).with(t) }
func named(t token) request { return read(t).sending(fmt.Sprintf(`{"appid":"$%d"}`, t)) }

type asks = []request

func row(id, claim string, ask asks, expect expectation, grade Grade, source string) Fact {
	return Fact{id, claim, ask, expect, grade, source}
}

// Facts are all, in the order in which they are asked.
var Facts = []Fact{
	// Without a credential.
	row("open_get.no_token", "open/get without a token answers 41001.",
		asks{ask(openGet)}, code(41001), Published, probe),
	row("open_get.false_token", "open/get with a token that never was one answers 40001.",
		asks{read(invented)}, code(40001), Published, probe),
	row("open_get.token_before_body",
		"A bad token is refused before the body is looked at, so a broken body changes nothing.",
		asks{read(invented).sending("{")}, code(40001), Published, probe),
	row("open_get.method_before_token", "GET of open/get without a token answers 43002: the method is looked at first.",
		asks{ask(openGet).by(http.MethodGet)}, code(43002), Inferred, "how the simulator orders its checks"),
	row("open_get.chunked", "A body without Content-Length gets status 412, and no body.",
		asks{ask(openGet).inChunks()}, of(func(_ *verification, e *exchange) bool {
			return e.answer.Status == http.StatusPreconditionFailed && e.answer.Body == bodyEmpty
		}), Published, "https://github.com/spring-projects/spring-framework/issues/31797"),
	row("others.no_token", "The other endpoints for an account answer 41001 without a token, too.",
		asks{ask(openHave), ask(openSameEntity), ask(basicInfo)}, code(41001), Documented, codesPage),
	row("component.no_token", "So do the component's.",
		asks{ask(authorizerList), ask(authorizerInfo)}, code(41001), Published, compPage),
	row("hosts.alike", "The five hosts of WeChat give the same answer.",
		otherHosts(read(firstOrNo)), alike, Documented, hostsPage),
	row("transport.http2", "Does WeChat speak HTTP/2: what does it take, where h2 and http/1.1 are offered?",
		nil, handshakes(func(state tls.ConnectionState) string {
			return cmp.Or(map[string]string{"h2": "h2", "http/1.1": "http/1.1"}[state.NegotiatedProtocol], "neither")
		}, &tls.Config{NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}), Inferred, nobody),
	row("transport.tls", "Which versions of TLS does WeChat speak?",
		nil, handshakes(func(state tls.ConnectionState) string { return tls.VersionName(state.Version) },
			only(tls.VersionTLS10), only(tls.VersionTLS11), only(tls.VersionTLS12), only(tls.VersionTLS13)),
		Inferred, nobody),

	// With an account's token.
	row("open_get.bound",
		"For a bound account, open/get answers open_appid (1 to 64 printable ASCII characters), errcode 0 and errmsg.",
		asks{read(first)}, whereBound(func(*verification, *exchange) bool { return true }), Documented, getPage),
	row("open_get.bound_named", "With the account's own appid in the body the answer is the same.",
		asks{named(first)}, whereBound(func(v *verification, e *exchange) bool {
			return e.text("open_appid") == v.exchange(read(first)).text("open_appid")
		}), Documented, getPage),
	row("open_get.open_appid_form", "Is open_appid wx and 16 hexadecimal digits?",
		asks{read(first)}, question(func(e *exchange) string {
			return fmt.Sprint(appidShape.MatchString(e.text("open_appid")))
		}), Published, community+"00026cbb268ad8706c8bf865f5b400"),
	row("open_get.invented_appid", "An appid that is nobody's is refused with 40013.",
		asks{read(first).sending(`{"appid":"$invented"}`)}, code(40013), Documented, getPage),
	row("open_get.get", "GET of open/get answers 43002, also with a good token.",
		asks{read(first).by(http.MethodGet)}, code(43002), Documented, codesPage),
	row("open_get.broken_body", "A body that is no JSON answers 47001.",
		asks{read(first).sending("{")}, code(47001), Documented, codesPage),
	row("token.truncated", "A truncated token is refused as a token: with 40001, 40014 or 42001.",
		asks{read(truncated)}, code(40001, 40014, 42001), Documented, codesPage),
	row("token.truncated_code", "Is a truncated token 40014 or 40001?",
		asks{read(truncated)}, question(nil), Inferred, nobody),
	row("basic_info.appid", "account/getaccountbasicinfo names the appid of the token's own account.",
		asks{ask(basicInfo).with(first)}, granted(func(v *verification, e *exchange) bool {
			return e.succeeded() && e.text("appid") == v.Credentials[First].AppID
		}), Documented, ownPage),
	row("basic_info.types",
		"Beside it stand errcode 0, the number account_type, and the texts principal_name and nickname.",
		asks{ask(basicInfo).with(first)}, granted(func(_ *verification, e *exchange) bool {
			return e.isOK() && e.isType("account_type", "number") && e.isType("principal_name", "string") &&
				e.isType("nickname", "string")
		}), Documented, ownPage),
	row("open_have.boolean", "open/have answers have_open, true or false, with errcode 0 and errmsg.",
		asks{ask(openHave).with(first)}, granted(func(_ *verification, e *exchange) bool {
			return e.isOK() && e.isType("have_open", "boolean")
		}), Documented, havePage),
	row("open_have.agrees", "open/have says of an account what open/get says.",
		asks{ask(openHave).with(first)}, granted(func(v *verification, e *exchange) bool {
			answer := v.exchange(read(first))
			return e.object["have_open"] == answer.succeeded() || !answer.succeeded() && !answer.is(89002)
		}), Documented, havePage),
	row("open_sameentity.boolean", "open/sameentity answers same_entity, true or false, with errcode 0 and errmsg.",
		asks{ask(openSameEntity).with(first)}, granted(func(_ *verification, e *exchange) bool {
			return e.isOK() && e.isType("same_entity", "boolean")
		}), Documented, basics+"api_getbindopenaccountentity.html"),
	row("hosts.address", "Which of the other hosts take this machine's address, where the first does?",
		otherHosts(read(first)), func(_ *verification, got []*exchange) verdict {
			return confirmed(fmt.Sprintf("%d of %d", len(got), len(hosts)-1)) // the others told nothing
		}, Inferred, nobody),

	// With a second account's token.
	row("open_get.second", "A second account is unbound (89002) or without permission set 24 or 25 (48001).",
		asks{read(second)}, unboundOrDenied, Documented, getPage),
	row("open_get.unbound_named", "An unbound account is 89002 with its appid in the body as well.",
		asks{named(second)}, whereSecond(89002, code(89002)), Documented, getPage),
	row("open_get.unbound_open_appid", "Beside 89002 there is no open_appid, or an empty one.",
		asks{read(second), named(second)}, whereSecond(89002, of(func(_ *verification, e *exchange) bool {
			return e.text("open_appid") == "" && e.isTypeOrNone("open_appid", "string")
		})), Inferred, getPage),
	row("open_get.unbound_which", "What stands beside 89002: which text, and is open_appid empty or absent?",
		asks{read(second)}, whereSecond(89002, question(func(e *exchange) string {
			return e.came() + ", " + e.types()
		})), Inferred, nobody),
	row("open_get.refused_named",
		"Without the permission set it is 48001 with the account's appid in the body as well.",
		asks{named(second)}, whereSecond(48001, code(48001)), Published, community+"0004c6c39fc6e0d9787faed895b400"),
	row("open_get.foreign_appid", "The appid of another account is refused with 40013.",
		asks{read(first).sending(`{"appid":"$1"}`)}, code(40013), Documented, getPage),
	row("open_have.second", "open/have answers for the second account, and says false where it is unbound.",
		asks{ask(openHave).with(second)}, granted(func(v *verification, e *exchange) bool {
			return e.isOK() && e.isType("have_open", "boolean") &&
				(e.object["have_open"] == false || !v.exchange(read(second)).is(89002))
		}), Documented, havePage),
	row("basic_info.second", "account/getaccountbasicinfo names the appid of the second account with its token.",
		asks{ask(basicInfo).with(second)}, granted(func(v *verification, e *exchange) bool {
			return e.succeeded() && e.text("appid") == v.Credentials[Second].AppID
		}), Documented, ownPage),

	// With the component's token.
	row("list.types",
		"The list has the number total_count, and elements with the text authorizer_appid and the number auth_time.",
		asks{listing(0, 500)}, each(func(e *exchange) bool {
			return e.isType("total_count", "number") && e.isType("list", "array") &&
				e.isTypeOrNone("list[].refresh_token", "string") &&
				elements(e.object["list"], func(element map[string]any) bool {
					appid, _ := element["authorizer_appid"].(string)
					_, isNumber := element["auth_time"].(json.Number)
					return appid != "" && isNumber
				})
		}), Documented, listPage),
	row("list.paging", "offset and count choose a part of the list, which keeps its order.",
		asks{listing(1, 1).underNewName()}, of(paged), Documented, listPage),
	row("list.both_names", "The token may be called component_access_token or access_token in the query.",
		asks{listing(0, 500), listing(1, 1).underNewName()}, each(func(*exchange) bool { return true }),
		Documented, namesPage),
	row("list.limit", "A count above 500 answers 40170.",
		asks{listing(0, 501)}, code(40170), Documented, listPage),
	row("list.authorizer_token", "A token of another kind, an authorizer's, answers 48001 there.",
		asks{listing(0, 1).with(first)}, code(48001), Published, community+"000e0ecb3880907ec36bce15351400"),
	row("info.asked_about", "authorizer_info is an object, and authorization_info names the account asked about.",
		infos(), of(func(v *verification, e *exchange) bool {
			name, _ := e.member("authorization_info")["authorizer_appid"].(string)
			return e.succeeded() && e.isType("authorizer_info", "object") && name != "" &&
				strings.HasSuffix(v.filled(e.request.body), `:"`+name+`"}`)
		}), Documented, infoPage),
	row("info.types",
		"Unless it is empty, authorizer_info has three names, which are texts, and account_status, a number.",
		infos(), each(func(e *exchange) bool {
			return len(e.member("authorizer_info")) == 0 || e.isType("authorizer_info.nick_name", "string") &&
				e.isType("authorizer_info.principal_name", "string") &&
				e.isType("authorizer_info.user_name", "string") &&
				e.isType("authorizer_info.account_status", "number")
		}), Documented, infoPage),
	row("info.verify_type", "Where verify_type_info stands, it has a number as id.",
		infos(), each(func(e *exchange) bool {
			return e.isTypeOrNone("authorizer_info.verify_type_info", "object") &&
				(e.member("authorizer_info")["verify_type_info"] == nil ||
					e.isType("authorizer_info.verify_type_info.id", "number"))
		}), Documented, infoPage),
	row("info.func_info",
		"Where func_info stands, it is an array, and each element has a number at funcscope_category.id.",
		infos(), each(func(e *exchange) bool {
			return e.isTypeOrNone("authorization_info.func_info", "array") &&
				elements(e.member("authorization_info")["func_info"],
					func(set map[string]any) bool { return setID(set) != "" })
		}), Documented, infoPage),
	row("info.no_access_token", "No access token stands in it.",
		infos(), each(func(e *exchange) bool { return e.isType("authorization_info.authorizer_access_token", "") }),
		Documented, infoPage),
	row("info.refresh_token", "Does a refresh token stand in it?",
		infos(), question(func(e *exchange) string {
			return cmp.Or(e.answer.Members["authorization_info.authorizer_refresh_token"], "absent")
		}), Published, community+"00046620d84dc00f435e818b454400"),
	row("info.one_kind",
		"It has at most one of MiniProgramInfo, channels_info, store_info, talent_info, supplier_info, an object.",
		infos(), each(func(e *exchange) bool {
			return len(e.kinds()) == 0 || len(e.kinds()) == 1 && e.isType("authorizer_info."+e.kinds()[0], "object")
		}), Documented, infoPage),
	row("info.kinds", "Which of these kinds were among those asked about?",
		infos(), question(func(e *exchange) string { return cmp.Or(strings.Join(e.kinds(), " "), "none of them") }),
		Documented, infoPage),
	row("info.kind_agrees",
		"A mini program (account_type 3) has MiniProgramInfo; an official account (1 or 2) has none of the five.",
		infos(ask(basicInfo).with(first), ask(basicInfo).with(second)), told(kindAgrees), Documented, infoPage),
	row("info.permission",
		"open/get answers where func_info holds set 24 (official account) or 25 (mini program), else 48001.",
		infos(read(first), read(second)), told(permitted), Documented, getPage),

	// What all answers of the run have in common.
	row("answers.status", "Every answer of the API has HTTP status 200, also one that refuses.",
		nil, everywhere(func(e *exchange) string {
			return unless(e.answer.Status == http.StatusOK, fmt.Sprintf("status %d", e.answer.Status))
		}), Published, probe),
	row("answers.content_type", "Every answer is called application/json, in UTF-8.",
		nil, everywhere(func(e *exchange) string {
			label := e.answer.Headers["Content-Type"]
			return unless(strings.HasPrefix(label, "application/json"), "content type "+label)
		}), Published, "https://github.com/Eric-Guo/wechat/issues/184"),
	row("answers.json",
		"Every answer is one JSON object; errcode, if any, is a number, and a refusal brings a text, errmsg.",
		nil, everywhere(func(e *exchange) string {
			return unless(e.answer.Body == bodyJSON && e.isTypeOrNone("errcode", "number") &&
				e.isTypeOrNone("errmsg", "string") &&
				(e.succeeded() || e.text("errmsg") != ""), e.came()+" "+e.types())
		}), Documented, codesPage),
	row("answers.http11", "Every answer to HTTP/1.1 is HTTP/1.1, and ALPN settles on that or on nothing.",
		nil, everywhere(func(e *exchange) string {
			return unless(e.proto == "HTTP/1.1" && (e.alpn == "" || e.alpn == "http/1.1"), "another protocol")
		}), Inferred, nobody),
	row("answers.keep_alive", "A connection serves more than one request.", nil, keepsAlive, Inferred, nobody),
	row("answers.gzip", "Are answers compressed, where gzip is offered?",
		nil, collected(func(e *exchange) []string {
			return []string{cmp.Or(e.answer.Headers["Content-Encoding"], "not compressed")}
		}), Inferred, nobody),
	row("answers.other", "What else stands in the answers?", nil, collected(unknownMembers), Inferred, nobody),
	row("errors.rid", "The text of a refusal ends in a rid: three groups of eight hexadecimal digits.",
		nil, everywhere(ridWrong), Published, reports),
	row("errors.rid_form",
		"The first group of a rid is the time of the request, in Unix seconds; the others are below 2^31.",
		nil, everywhere(ridFormWrong), Inferred, reports),

	// The whole way.
	row("provider.same", "The provider, run by an engine on the same account, says what WeChat's own answer says.",
		asks{read(first)}, throughProvider, Inferred, "the provider's own tests"),
}
