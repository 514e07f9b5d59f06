package wechat

import "slices"

// Kind is a kind of account that can authorize a component.
type Kind string

// The kinds of account.
const (
	KindOfficialAccount Kind = "official_account"
	KindMiniProgram     Kind = "mini_program"
	KindChannels        Kind = "channels"
	KindStore           Kind = "store"
	KindTalent          Kind = "talent"
	KindSupplier        Kind = "supplier"
	KindUnknown         Kind = "unknown" // WeChat does not say, or says two
)

// Authorizer is what WeChat says of an account that authorized a component; nil is what it leaves out. No credential is
// among it.
type Authorizer struct {
	NickName      *string
	PrincipalName *string // of the legal entity behind the account
	UserName      *string // the original id, gh_…
	Kind          Kind

	VerifyType    *int // how it is verified: -1 to 5
	AccountStatus *int // its state: 1, 14, 16, 18, 19
	// PermissionSets are the permission sets that the account granted to the component, in order. An empty list may not
	// mean that none is granted.
	PermissionSets []int
}

// openPermissionSets are the permission sets that open/get needs, by kind of account. It is documented for these alone.
var openPermissionSets = map[Kind]int{KindOfficialAccount: 24, KindMiniProgram: 25}

// OpenPermissionSet is the permission set that open/get needs for this kind of account; 0 where none is documented.
func (a Authorizer) OpenPermissionSet() int { return openPermissionSets[a.Kind] }

// GrantsOpen reports whether the account granted it; known is false where WeChat leaves out the kind or names no set.
func (a Authorizer) GrantsOpen() (granted, known bool) {
	needed := a.OpenPermissionSet()
	return slices.Contains(a.PermissionSets, needed), needed != 0 && len(a.PermissionSets) > 0
}

// kindMembers are the members of authorizer_info that accounts of one kind alone have. An official account has none.
var kindMembers = map[string]Kind{
	"MiniProgramInfo": KindMiniProgram,
	"channels_info":   KindChannels,
	"store_info":      KindStore,
	"talent_info":     KindTalent,
	"supplier_info":   KindSupplier,
}

func kindOf(account object) Kind {
	kinds := map[bool][]Kind{} // by whether the member is an object with members of its own
	for name, kind := range kindMembers {
		members, isObject := account.object(name)
		if account.holds(name) && !isObject {
			return KindUnknown
		}
		if members != nil {
			kinds[len(members) > 0] = append(kinds[len(members) > 0], kind)
		}
	}
	switch filled, empty := kinds[true], kinds[false]; {
	case len(filled) == 1:
		return filled[0]
	case len(filled) == 0 && len(empty) == 1:
		return empty[0]
	case len(filled)+len(empty) == 0 && len(account) > 0:
		return KindOfficialAccount
	default:
		return KindUnknown
	}
}

// decode takes what is there, and reports whether all of it could be read.
func (a *Authorizer) decode(account, authorization object) bool {
	var status, verifyType *integer
	var granted []struct {
		Category struct {
			ID *integer `json:"id"`
		} `json:"funcscope_category"`
	}
	verification, ok := account.object("verify_type_info")
	ok = ok && account.read("nick_name", &a.NickName) &&
		account.read("principal_name", &a.PrincipalName) &&
		account.read("user_name", &a.UserName) &&
		account.read("account_status", &status) &&
		verification.read("id", &verifyType) &&
		authorization.read("func_info", &granted)
	a.Kind, a.AccountStatus, a.VerifyType = kindOf(account), (*int)(status), (*int)(verifyType)
	if granted != nil {
		a.PermissionSets = []int{}
	}
	for _, set := range granted {
		if set.Category.ID == nil {
			return false
		}
		a.PermissionSets = append(a.PermissionSets, int(*set.Category.ID))
	}
	slices.Sort(a.PermissionSets)
	a.PermissionSets = slices.Compact(a.PermissionSets)
	return ok
}
