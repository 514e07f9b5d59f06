package provider

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// permissionMessage is about 48001 where the component could be asked what the account has granted.
func permissionMessage(denied *binding.PermissionError) message {
	m := codeMessage(denied.Err)
	authorizer := denied.Authorizer
	if authorizer == nil {
		m.quote += "\n\nWhat the account has granted was asked for and could not be read: " +
			messageFor(denied.AuthorizerErr).text + "."
		return m
	}
	needed := authorizer.OpenPermissionSet()
	granted, known := authorizer.GrantsOpen()
	row := "not granted"
	switch {
	case authorizer.Kind == wechat.KindUnknown:
		row = "unknown kind"
	case needed == 0:
		row = "undocumented kind"
	case authorizer.PermissionSets == nil:
		row = "sets not told"
	case !known:
		row = "no sets"
	case granted:
		row = "granted"
	}
	sets := strings.Trim(strings.ReplaceAll(fmt.Sprint(authorizer.PermissionSets), " ", ", "), "[]")
	return m.with("permission", row, "{refusal}", m.text, "{set}", strconv.Itoa(needed), "{granted}", sets,
		"{kind}", templates[templateKey{"kind", string(authorizer.Kind)}].text)
}

// componentMessage is about a call with the component's own access token.
func componentMessage(failed *binding.ComponentError) (m message) {
	if rejected, isRejected := errors.AsType[*token.RejectedError](failed); isRejected {
		m = rejectionMessage(rejected, "component rejected")
	} else if refused, isRefused := errors.AsType[*wechat.Error](failed); isRefused {
		m = wechatMessage(refused)
	}
	m.onAppID = false
	return m
}
