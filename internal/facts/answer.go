package facts

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Answer is all that is kept of an answer, and all that is ever shown of one. What stands in it is chosen from
// lists in this file: a name, a word or a value that is on none of them becomes "*".
type Answer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body"` // json, empty, or other
	Errcode *int              `json:"errcode,omitempty"`
	Errmsg  string            `json:"errmsg,omitempty"`
	// Members maps the path of each member to its type: string, empty, number, true, false, boolean, null, object
	// or array; a string that is an appid to what the record calls it, wxA for instance.
	Members map[string]string `json:"members,omitempty"`
}

// Kinds of body.
const (
	bodyJSON  = "json"
	bodyEmpty = "empty"
	bodyOther = "other"
)

const (
	anything = "*"
	maxDepth = 8 // of members
)

// memberNames are the names that are documented or were published, for the six endpoints.
var memberNames = set(`
	errcode errmsg open_appid have_open same_entity appid account_type principal_type principal_name nickname
	credential realname_status wx_verify_info qualification_verify naming_verify annual_review
	annual_review_begin_time annual_review_end_time signature_info signature modify_used_count modify_quota
	head_image_info head_image_url nickname_info registered_country customer_type total_count list
	authorizer_appid refresh_token auth_time authorizer_info authorization_info nick_name head_img
	service_type_info verify_type_info id user_name alias qrcode_url business_info open_pay open_shake open_scan
	open_card open_store idc MiniProgramInfo network RequestDomain WsRequestDomain UploadDomain DownloadDomain
	BizDomain UDPDomain TCPDomain PrefetchDNSDomain NewRequestDomain NewWsRequestDomain NewUploadDomain
	NewDownloadDomain NewBizDomain NewUDPDomain NewTCPDomain NewPrefetchDNSDomain categories visit_status first
	second register_type account_status basic_config is_phone_configured is_email_configured channels_info
	store_info talent_info supplier_info authorizer_refresh_token authorizer_access_token func_info
	funcscope_category confirm_info need_confirm already_confirm can_confirm type name desc expires_in`)

// plainWords are the words that a text, or the name of a member that nobody knows yet, may be made of: those of
// WeChat's published texts, and some that names of members are often made of. None can be a name of anybody or hold
// a value.
var plainWords = set(`
	ok system error invalid credential access_token is or not latest could get by getstableaccesstoken more
	details at appid url args appsecret count exceed limit missing component_appid component_access_token
	expired require method post empty data reach max api daily quota minute-quota must slower retry next minute
	format unauthorized user limited component authorized this account access clientip registered requestip
	ticket refresh_token open exists hint hints request token the a an of to for and in no with https need needs
	http ip whitelist freq out authorized_info code message msg result results status state time create created
	update updated begin end start total number size info list type version level flag scope sign region seq
	index page offset next has have same bind bound unbound entity owner limit used remain mode kind trace
	source target extra ext value values errors warning risk`)

func set(text string) map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(text) {
		names[name] = true
	}
	return names
}

// headerValues are what may be kept of each header that is looked at.
var headerValues = map[string][]string{
	"Content-Type": {
		"application/json; encoding=utf-8", "application/json; charset=utf-8", "application/json", "text/plain",
		"text/plain; charset=utf-8", "text/html", "text/html; charset=utf-8", "text/html; charset=gbk", "text/xml",
	},
	"Content-Encoding":  {"gzip", "deflate", "br", "identity"},
	"Transfer-Encoding": {"chunked"},
	"Connection":        {"close", "keep-alive"},
}

func maskedHeaders(header http.Header) map[string]string {
	kept := map[string]string{}
	for name, allowed := range headerValues {
		value := strings.ToLower(header.Get(name))
		switch {
		case value == "":
		case slices.Contains(allowed, value):
			kept[name] = value
		default:
			kept[name] = anything
		}
	}
	return kept
}

// aliases call the appids wxA, wxB and so on, in the order in which they were met.
type aliases struct{ appids []string }

var appidShape = regexp.MustCompile(`^wx[0-9a-f]{16}$`)

func (a *aliases) of(appid string) string {
	i := slices.Index(a.appids, appid)
	if i < 0 {
		i = len(a.appids)
		a.appids = append(a.appids, appid)
	}
	name := "wx" + string(rune('A'+i%26))
	if i >= 26 {
		name += strconv.Itoa(i / 26)
	}
	return name
}

// decoded is a body as JSON. WeChat's texts may hold raw control characters:
// https://github.com/w7corp/easywechat/issues/1625
func decoded(body []byte) (object map[string]any, kind string) {
	body = bytes.Map(func(r rune) rune { return max(r, ' ') }, bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, bodyEmpty
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil || object == nil {
		return nil, bodyOther
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, bodyOther
	}
	return object, bodyJSON
}

// masked keeps of an answer what may be kept.
func masked(status int, header http.Header, body []byte, names *aliases) (Answer, map[string]any) {
	a := Answer{Status: status, Headers: maskedHeaders(header)}
	object, kind := decoded(body)
	a.Body = kind
	if object == nil {
		return a, nil
	}
	a.Errcode = errcode(object["errcode"])
	if text, is := object["errmsg"].(string); is {
		a.Errmsg = maskedText(text)
	}
	a.Members = map[string]string{}
	a.addMembers("", object, names)
	return a, object
}

// errcode reads a code that is a number, or a number as a text. Codes have at most six digits; what has more is none.
func errcode(value any) *int {
	text := ""
	switch value := value.(type) {
	case json.Number:
		text = value.String()
	case string:
		text = value
	}
	if code, err := strconv.Atoi(text); err == nil && code > -1_000_000 && code < 1_000_000 {
		return &code
	}
	return nil
}

// addMembers keeps names and types. Elements of an array are taken together, and tell no values.
func (a *Answer) addMembers(path string, value any, names *aliases) {
	inArray := strings.Contains(path, "[]")
	if strings.Count(path, "[]")+strings.Count(path, ".") > maxDepth {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			masked := maskedName(name)
			inner := strings.TrimPrefix(path+"."+masked, ".")
			a.addType(inner, typeOf(name, member, inArray, names))
			if masked != anything {
				a.addMembers(inner, member, names)
			}
		}
	case []any:
		for _, element := range value {
			a.addType(path+"[]", typeOf("", element, true, names))
			a.addMembers(path+"[]", element, names)
		}
	}
}

func (a *Answer) addType(path, name string) {
	if before := a.Members[path]; before != "" && before != name {
		both := append(strings.Split(before, "|"), name)
		slices.Sort(both)
		name = strings.Join(slices.Compact(both), "|")
	}
	a.Members[path] = name
}

func typeOf(name string, value any, inArray bool, names *aliases) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		if inArray {
			return "boolean"
		}
		return strconv.FormatBool(value)
	case json.Number:
		return "number"
	case string:
		switch {
		case value == "":
			return "empty"
		case !inArray && strings.HasSuffix(name, "appid") && appidShape.MatchString(value):
			return names.of(value)
		}
		return "string"
	case []any:
		return "array"
	default:
		return "object"
	}
}

func maskedName(name string) string {
	if memberNames[name] {
		return name
	}
	for word := range strings.SplitSeq(name, "_") {
		if !plainWords[word] {
			return anything
		}
	}
	return name
}

var ridShape = regexp.MustCompile(`,? rid: ([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})$`)

// maskedText keeps the words of a text that can hold nothing personal, and that there was a rid.
func maskedText(text string) string {
	end := ""
	if at := ridShape.FindStringIndex(text); at != nil {
		text, end = text[:at[0]], " rid: *"
	}
	var kept []string
	for field := range strings.FieldsSeq(text) {
		word := strings.Trim(field, ",.:;")
		if !plainWords[strings.ToLower(word)] && !memberNames[word] {
			word = anything
		}
		if word != anything || len(kept) == 0 || kept[len(kept)-1] != anything {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ") + end
}
