package wechat

import (
	"encoding/json"
	"slices"
)

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

// Authorizer is what WeChat tells of an account that authorized a component; nil is what it does not tell. No credential
// is among it.
type Authorizer struct {
	NickName      *string
	PrincipalName *string // of the legal entity behind the account
	UserName      *string // the original id, gh_…
	Kind          Kind
	// VerifyType says how the account is verified, AccountStatus whether it is in order; see [VerifyTypes] and
	// [AccountStatuses].
	VerifyType    *int
	AccountStatus *int
	// PermissionSets are the permission sets that the account granted to the component, in order. An empty list may not
	// mean that none is granted.
	PermissionSets []int
}

// VerifyTypes says what WeChat's numbers mean for how an account is verified.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
var VerifyTypes = map[int]string{
	-1: "not verified",
	0:  "verified by WeChat",
	1:  "verified through Sina Weibo",
	2:  "verified through Tencent Weibo",
	3:  "qualification verified, name not yet",
	4:  "qualification verified, name not yet, verified through Sina Weibo",
	5:  "qualification verified, name not yet, verified through Tencent Weibo",
}

// AccountStatuses says what WeChat's numbers mean for the state of an account.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
var AccountStatuses = map[int]string{
	1:  "normal",
	14: "deregistered",
	16: "banned",
	18: "warned",
	19: "frozen",
}

// The permission sets one of which open/get needs.
const (
	PermissionSetOfficialAccount = 24
	PermissionSetMiniProgram     = 25
)

// OpenPermissionSet is the permission set that open/get needs for this kind of account; 0 where none is documented.
func (a Authorizer) OpenPermissionSet() int {
	switch a.Kind {
	case KindOfficialAccount:
		return PermissionSetOfficialAccount
	case KindMiniProgram:
		return PermissionSetMiniProgram
	default:
		return 0
	}
}

// GrantsOpen reports whether the account granted it; known is false where WeChat does not tell the kind or any set.
func (a Authorizer) GrantsOpen() (granted, known bool) {
	needed := a.OpenPermissionSet()
	return slices.Contains(a.PermissionSets, needed), needed != 0 && len(a.PermissionSets) > 0
}

// kindOf tells the kind of account by the member that only this kind has.
func kindOf(account answer) Kind {
	if len(account) == 0 {
		return KindUnknown
	}
	var present, filled []Kind
	for name, kind := range map[string]Kind{
		"MiniProgramInfo": KindMiniProgram, "channels_info": KindChannels, "store_info": KindStore,
		"talent_info": KindTalent, "supplier_info": KindSupplier,
	} {
		members, isObject := account.inner(name)
		switch {
		case account.told(name) && !isObject:
			return KindUnknown
		case members != nil:
			present = append(present, kind)
		}
		if len(members) > 0 {
			filled = append(filled, kind)
		}
	}
	switch {
	case len(present) == 0:
		return KindOfficialAccount
	case len(present) == 1:
		return present[0]
	case len(filled) == 1:
		return filled[0]
	default:
		return KindUnknown
	}
}

// fromAnswer takes what is told, and reports whether all of it could be read.
func (a *Authorizer) fromAnswer(account, authorization answer) bool {
	verification, whole := account.inner("verify_type_info")
	var status, verifyType *integer
	var granted []struct {
		Category struct {
			ID *integer `json:"id"`
		} `json:"funcscope_category"`
	}
	for _, member := range []struct {
		of   answer
		name string
		into any
	}{
		{account, "nick_name", &a.NickName},
		{account, "principal_name", &a.PrincipalName},
		{account, "user_name", &a.UserName},
		{account, "account_status", &status},
		{verification, "id", &verifyType},
		{authorization, "func_info", &granted},
	} {
		if raw, present := member.of[member.name]; present && json.Unmarshal(raw, member.into) != nil {
			return false
		}
	}
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
	return whole
}
