package provider

import (
	"context"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// newAuthorizer returns wechat_authorizer: what WeChat tells a third-party platform of one authorizer.
func newAuthorizer() datasource.DataSource {
	attributes := authorizerAttributes()
	attributes["appid"] = schema.StringAttribute{
		MarkdownDescription: "The authorizer's appid.",
		Required:            true,
		Validators:          []validator.String{appID},
	}
	return &dataSource[authorizerModel]{
		name: "authorizer", timeout: 2 * time.Minute, read: readAuthorizer, attributes: attributes,
		description: "Reads what WeChat tells a third-party platform of an account that authorized it (`POST " +
			"cgi-bin/component/api_get_authorizer_info`). It needs the provider's `component` with a component " +
			"access token. What WeChat leaves out is null. The refresh token that it sends along is dropped.",
	}
}

// authorizerModel is the data source's configuration and state.
type authorizerModel struct {
	AppID    types.String `tfsdk:"appid"`
	Timeouts types.Object `tfsdk:"timeouts"`
	authorizerInfo
}

// authorizerInfo is what WeChat says of an authorizer.
type authorizerInfo struct {
	NickName          types.String `tfsdk:"nick_name"`
	PrincipalName     types.String `tfsdk:"principal_name"`
	UserName          types.String `tfsdk:"user_name"`
	Kind              types.String `tfsdk:"kind"`
	VerifyType        types.Int64  `tfsdk:"verify_type"`
	VerifyTypeText    types.String `tfsdk:"verify_type_text"`
	AccountStatus     types.Int64  `tfsdk:"account_status"`
	AccountStatusText types.String `tfsdk:"account_status_text"`
	PermissionSets    types.List   `tfsdk:"permission_sets"`
	OpenPermission    types.Bool   `tfsdk:"open_account_permission"`
}

// fromAPI fills in what WeChat answered.
func (m *authorizerInfo) fromAPI(ctx context.Context, authorizer wechat.Authorizer) {
	m.NickName = types.StringPointerValue(authorizer.NickName)
	m.PrincipalName = types.StringPointerValue(authorizer.PrincipalName)
	m.UserName = types.StringPointerValue(authorizer.UserName)
	m.Kind = types.StringValue(string(authorizer.Kind))
	m.VerifyType, m.VerifyTypeText = numberAndText(authorizer.VerifyType, "verify type")
	m.AccountStatus, m.AccountStatusText = numberAndText(authorizer.AccountStatus, "account status")
	m.PermissionSets, _ = types.ListValueFrom(ctx, types.Int64Type, authorizer.PermissionSets) // nil is null
	if granted, known := authorizer.GrantsOpen(); known {
		m.OpenPermission = types.BoolValue(granted)
	}
}

// numberAndText are a number of WeChat's and what it means, as this section of messages.csv has it; null where it is
// not told, or WeChat's documentation does not say.
//
// https://developers.weixin.qq.com/doc/oplatform/openApi/authorization-management/api_getauthorizerinfo
func numberAndText(number *int, section string) (types.Int64, types.String) {
	if number == nil {
		return types.Int64Null(), types.StringNull()
	}
	meaning, known := templates[templateKey{section, strconv.Itoa(*number)}]
	if !known {
		return types.Int64Value(int64(*number)), types.StringNull()
	}
	return types.Int64Value(int64(*number)), types.StringValue(meaning.text)
}

// authorizerAttributes are the attributes of an authorizerInfo.
func authorizerAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"nick_name":      computedString("The account's name."),
		"principal_name": computedString("The name of the legal entity behind the account."),
		"user_name":      computedString("The account's original id (`gh_…`)."),
		"kind": computedString("`official_account`, `mini_program`, `channels` (视频号), `store` (微信小店), " +
			"`talent` (带货助手), `supplier`; or `unknown` where WeChat does not say."),
		"verify_type": computedInt64("How the account is verified, as WeChat's number: `-1` is not verified, " +
			"`0` is verified by WeChat."),
		"verify_type_text": computedString("The same in words; null also where WeChat's tables do not list it."),
		"account_status": computedInt64("The state of the account, as WeChat's number: `1` is normal, " +
			"`14` deregistered, `16` banned, `18` warned, `19` frozen."),
		"account_status_text": computedString("The same in words; null also where WeChat's tables do not list it."),
		"permission_sets": computedList(types.Int64Type, "The numbers of the permission sets that the account granted "+
			"to the platform, sorted. Null where WeChat does not tell them, and empty where its list is empty, "+
			"which may not mean that none is granted."),
		"open_account_permission": computedBool("Whether the permission set is granted that `wechat_open_account` " +
			"needs: 24 of an official account, 25 of a mini program. Null for other kinds, and where WeChat tells no " +
			"permission set."),
	}
}

func readAuthorizer(ctx context.Context, s *session, model *authorizerModel) diag.Diagnostics {
	target := s.account("Authorizer", "What WeChat tells of", model.AppID.ValueString())
	authorizer, err := s.component.Authorizer(ctx, target.appid)
	if err != nil {
		return diag.Diagnostics{diagnose(err, target)}
	}
	model.fromAPI(ctx, authorizer)
	return nil
}
