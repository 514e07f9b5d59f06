package wechat

import (
	"errors"
	"testing"
)

// TestAnswerThatSaysTwoThings has answers to open/get that cannot be true as a whole, and some that only look so.
func TestAnswerThatSaysTwoThings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answered string
		problem  Problem
		want     OpenAccount
	}{
		"unbound, and an open account":         {`{"errcode":89002,"open_appid":"wx2000000000000001"}`, ProblemUnboundAndOpen, OpenAccount{}},
		"unbound, and something odd":           {`{"errcode":"89002","open_appid":{"appid":"wx2"}}`, ProblemUnboundAndOpen, OpenAccount{}},
		"unbound, and an open account of none": {`{"errcode":89002,"errmsg":"open not exists","open_appid":""}`, "", OpenAccount{}},
		"unbound, and an open account of null": {`{"errcode":89002,"open_appid":null}`, "", OpenAccount{}},
		"another account's":                    {`{"errcode":0,"appid":"wx1000000000000009","open_appid":"wx2000000000000001"}`, ProblemOtherAccount, OpenAccount{}},
		"this account's":                       {`{"errcode":0,"appid":"` + someAppID + `","open_appid":"wx2000000000000001"}`, "", OpenAccount{AppID: "wx2000000000000001"}},
		"an open account, and a text of doubt": {`{"open_appid":"wx2000000000000001","errmsg":"open not exists"}`, "", OpenAccount{AppID: "wx2000000000000001"}},
	} {
		got, err := newClient(t, body(200, test.answered), nil).OpenGet(t.Context(), Token{Value: someToken}, someAppID)
		var failed *Error
		if test.problem == "" && err != nil || test.problem != "" && (!errors.As(err, &failed) || failed.Unexpected == nil || failed.Unexpected.Problem != test.problem) {
			t.Errorf("%s: got %v, want %q", name, err, test.problem)
		}
		if got != test.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestListOfNobodyThatCountsSome(t *testing.T) {
	t.Parallel()
	for _, answered := range []string{`{"total_count":5,"list":[]}`, `{"total_count":5,"list":null}`} {
		got, complete, err := newClient(t, body(200, answered), nil).AuthorizerList(t.Context(), Token{Value: someToken}, platformAppID)
		if err != nil || complete || len(got) != 0 {
			t.Errorf("%s: got %v, %t, %v, want nobody, and that this is not all", answered, got, complete, err)
		}
	}
}

func TestListLeavesOutWhenItWas(t *testing.T) {
	t.Parallel()
	answered := `{"total_count":2,"list":[{"authorizer_appid":"wx1"},{"authorizer_appid":"wx2","auth_time":null}]}`
	got, complete, err := newClient(t, body(200, answered), nil).AuthorizerList(t.Context(), Token{Value: someToken}, platformAppID)
	if err != nil || !complete || len(got) != 2 || !got["wx1"].IsZero() || !got["wx2"].IsZero() {
		t.Errorf("got %v, %t, %v", got, complete, err)
	}
}

func TestTokenOwner(t *testing.T) {
	t.Parallel()
	world := newSimulator(t)
	if got, err := newClient(t, world, nil).TokenOwner(t.Context(), Token{Value: world.Token(someAppID)}); err != nil || got != someAppID {
		t.Errorf("got %q, %v", got, err)
	}
	for _, answered := range []string{`{"errcode":0}`, `{"errcode":0,"appid":""}`, `{"errcode":0,"appid":"a page"}`, `{"errcode":0,"appid":7}`} {
		_, err := newClient(t, body(200, answered), nil).TokenOwner(t.Context(), Token{Value: someToken})
		var failed *Error
		if !errors.As(err, &failed) || failed.Unexpected == nil || failed.Retryable() {
			t.Errorf("%s: got %v, want a protocol error", answered, err)
		}
	}
}

// TestControlCharactersAreRead has them where WeChat puts them, and where JSON has no place for them.
func TestControlCharactersAreRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ written, want string }{
		"none":                        {`{"a":"b\n"}`, `{"a":"b\n"}`},
		"between members":             {"{\n\t\"a\":\r\n1}", "{\n\t\"a\":\r\n1}"},
		"within a string":             {"{\"a\":\"\x00b\n\x1f\"}", `{"a":"\u0000b\u000a\u001f"}`},
		"within a name":               {"{\"a\t\":1}", `{"a\u0009":1}`},
		"behind an escaped quote":     {"{\"a\":\"\\\"\n\"}", `{"a":"\"\u000a"}`},
		"behind an escaped backslash": {"{\"a\":\"\\\\\n\"}", `{"a":"\\\u000a"}`},
		"escaped themselves":          {"{\"a\":\"\\\n\"}", "{\"a\":\"\\\n\"}"},
		"behind a string":             {"{\"a\":\"\\\\\"\n}", "{\"a\":\"\\\\\"\n}"},
	} {
		if got := string(escapeControls([]byte(test.written))); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
