package wechat

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAuthorizerIsWhatWeChatSays has answers that leave things out, and names what each kind of account is told by.
// What is left out is null, and never a default.
func TestAuthorizerIsWhatWeChatSays(t *testing.T) {
	t.Parallel()
	told := func(account, authorization string) string {
		return `{"authorizer_info":` + account + `,"authorization_info":` + authorization + `}`
	}
	const official = `{"service_type_info":{"id":2}}`
	of := func(kind Kind, sets ...int) Authorizer { return Authorizer{Kind: kind, PermissionSets: sets} }
	for name, test := range map[string]struct {
		answered string
		want     Authorizer
	}{
		"all": {
			told(`{"nick_name":"Tea","principal_name":"Tea Co.","user_name":"gh_1","verify_type_info":{"id":"-1"},"account_status":"14"}`,
				`{"authorizer_appid":"`+someAppID+`","func_info":[{"funcscope_category":{"id":"24"}},{"funcscope_category":{"id":3}},{"funcscope_category":{"id":24}}]}`),
			Authorizer{new("Tea"), new("Tea Co."), new("gh_1"), KindOfficialAccount, new(-1), new(14), []int{3, 24}},
		},
		"an official account, and nothing more":     {told(official, `{}`), of(KindOfficialAccount)},
		"no kind of verification":                   {told(`{"verify_type_info":{},"account_status":null,"nick_name":null}`, `{}`), of(KindOfficialAccount)},
		"a verification of null":                    {told(`{"verify_type_info":null}`, `{}`), of(KindOfficialAccount)},
		"a mini program":                            {told(`{"MiniProgramInfo":{}}`, `{}`), of(KindMiniProgram)},
		"no mini program":                           {told(`{"MiniProgramInfo":null}`, `{}`), of(KindOfficialAccount)},
		"a Channels account":                        {told(`{"channels_info":{"x":1}}`, `{}`), of(KindChannels)},
		"a store":                                   {told(`{"store_info":{}}`, `{}`), of(KindStore)},
		"a talent account":                          {told(`{"talent_info":{}}`, `{}`), of(KindTalent)},
		"a supplier":                                {told(`{"supplier_info":{}}`, `{"func_info":[{"funcscope_category":{"id":192}}]}`), of(KindSupplier, 192)},
		"a mini program beside empty others":        {told(`{"MiniProgramInfo":{"visit_status":0},"channels_info":{},"store_info":{}}`, `{}`), of(KindMiniProgram)},
		"two kinds at once":                         {told(`{"MiniProgramInfo":{"visit_status":0},"channels_info":{"x":1}}`, `{}`), of(KindUnknown)},
		"a kind that cannot be read":                {told(`{"channels_info":[]}`, `{}`), of(KindUnknown)},
		"an account of which nothing is said":       {told(`{}`, `{}`), of(KindUnknown)},
		"names in another's capitals are not names": {told(`{"Nick_Name":"Tea","miniprograminfo":{}}`, `{"Func_Info":[]}`), of(KindOfficialAccount)},
		"sets of null":                              {told(official, `{"func_info":null}`), of(KindOfficialAccount)},
		"an authorization of null":                  {told(official, `null`), of(KindOfficialAccount)},
		"no authorization":                          {`{"authorizer_info":` + official + `}`, of(KindOfficialAccount)},
		"a list of no set":                          {told(official, `{"func_info":[]}`), of(KindOfficialAccount, []int{}...)},
		"control characters in names":               {told("{\"nick_name\":\"T\x00e\na\"}", `{}`), Authorizer{NickName: new("T\x00e\na"), Kind: KindOfficialAccount}},
		"the account, as older answers name it":     {told(official, `{"appid":"`+someAppID+`"}`), of(KindOfficialAccount)},
	} {
		got, err := newClient(t, body(200, test.answered), nil).AuthorizerInfo(t.Context(), Token{Value: someToken}, platformAppID, someAppID)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, -want +got:\n%s", name, err, diff)
		}
	}

	for name, test := range map[string]struct {
		answered string
		problem  Problem
	}{
		"no account":                    {`{"authorization_info":{}}`, ProblemMissing},
		"an account of null":            {told(`null`, `{}`), ProblemMissing},
		"an account that is none":       {told(`"Tea"`, `{}`), ProblemMissing},
		"an authorization that is none": {told(official, `[]`), ProblemMissing},
		"sets that are none":            {told(official, `{"func_info":{}}`), ProblemMissing},
		"a set without a number":        {told(official, `{"func_info":[{"funcscope_category":{}}]}`), ProblemMissing},
		"sets that are told twice":      {told(official, `{"func_info":[{"funcscope_category":{"id":24}}],"func_info":[]}`), ProblemMissing},
		"another account":               {told(official, `{"authorizer_appid":"wx1000000000000009"}`), ProblemOtherAccount},
		"another account, of old":       {told(official, `{"appid":"wx1000000000000009"}`), ProblemOtherAccount},
	} {
		_, err := newClient(t, body(200, test.answered), nil).AuthorizerInfo(t.Context(), Token{Value: someToken}, platformAppID, someAppID)
		var failed *Error
		if !errors.As(err, &failed) || failed.Unexpected == nil || failed.Unexpected.Problem != test.problem {
			t.Errorf("%s: got %v, want %q", name, err, test.problem)
		}
	}
}

func TestOpenPermissionIsKnownOrNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		of             Authorizer
		granted, known bool
	}{
		"an official account with 24":    {Authorizer{Kind: KindOfficialAccount, PermissionSets: []int{3, 24}}, true, true},
		"an official account with 25":    {Authorizer{Kind: KindOfficialAccount, PermissionSets: []int{25}}, false, true},
		"a mini program with 25":         {Authorizer{Kind: KindMiniProgram, PermissionSets: []int{25}}, true, true},
		"a mini program with 24":         {Authorizer{Kind: KindMiniProgram, PermissionSets: []int{24}}, false, true},
		"a mini program of no list":      {Authorizer{Kind: KindMiniProgram}, false, false},
		"a mini program of an empty one": {Authorizer{Kind: KindMiniProgram, PermissionSets: []int{}}, false, false},
		"a store":                        {Authorizer{Kind: KindStore, PermissionSets: []int{24, 25}}, false, false},
		"a kind that is not known":       {Authorizer{Kind: KindUnknown, PermissionSets: []int{24, 25}}, false, false},
	} {
		if granted, known := test.of.GrantsOpen(); granted != test.granted || known != test.known {
			t.Errorf("%s: granted %t, known %t", name, granted, known)
		}
	}
}
