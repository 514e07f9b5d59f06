package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// newAuthorizers returns wechat_authorizers: all accounts that authorized a third-party platform.
func newAuthorizers() datasource.DataSource {
	return &dataSource[authorizersModel]{
		name: "authorizers", timeout: 10 * time.Minute, read: readAuthorizers,
		description: "Lists all accounts that authorized the third-party platform (`POST " +
			"cgi-bin/component/api_get_authorizer_list`, 500 a call). Its `appids` feed `wechat_open_accounts`. It " +
			"needs the provider's `component` with a component access token. The refresh tokens that WeChat sends " +
			"along are dropped.",
		attributes: map[string]schema.Attribute{
			"details": optionalBool("Whether to read what WeChat tells of each authorizer, too, with one `POST " +
				"cgi-bin/component/api_get_authorizer_info` each. Default: `false`, and all but `auth_time` is null."),
			"fail_on_error": optionalBool("Whether an authorizer whose details could not be read fails the whole " +
				"read. Default: `true`. With `false` it stands in `failed`, with nulls in `authorizers`, and one " +
				"warning names all of them. A failure that all would meet fails the read in any case, and so it is " +
				"where none of several could be read."),
			"authorizers": schema.MapNestedAttribute{
				MarkdownDescription: "The authorizers, by appid.",
				Computed:            true,
				NestedObject:        listedAuthorizer(),
			},
			"appids": computedList(types.StringType, "The authorizers' appids, sorted."),
			"failed": computedList(types.StringType,
				"The authorizers whose details could not be read, sorted; empty without `details`."),
		},
	}
}

// authorizersModel is the data source's configuration and state.
type authorizersModel struct {
	Details     types.Bool   `tfsdk:"details"`
	FailOnError types.Bool   `tfsdk:"fail_on_error"`
	Timeouts    types.Object `tfsdk:"timeouts"`
	Authorizers types.Map    `tfsdk:"authorizers"`
	AppIDs      []string     `tfsdk:"appids"`
	Failed      []string     `tfsdk:"failed"`
}

// listedAuthorizer is one authorizer of it.
func listedAuthorizer() schema.NestedAttributeObject {
	attributes := authorizerAttributes()
	attributes["auth_time"] = computedString("When the account authorized the platform, in UTC (RFC 3339); " +
		"null where WeChat does not say.")
	return schema.NestedAttributeObject{Attributes: attributes}
}

// fromAPI fills in what WeChat answered; infos are of those whose details were read.
func (m *authorizersModel) fromAPI(
	ctx context.Context, authorized map[string]time.Time, infos []binding.Result[wechat.Authorizer],
) {
	details := map[string]wechat.Authorizer{}
	m.Failed = []string{}
	for _, result := range infos {
		if result.Err != nil {
			m.Failed = append(m.Failed, result.AppID)
		} else {
			details[result.AppID] = result.Value
		}
	}
	authorizerType := objectType(listedAuthorizer())
	authorizers := make(map[string]attr.Value, len(authorized))
	for appid, at := range authorized {
		authTime := types.StringNull()
		if !at.IsZero() {
			authTime = types.StringValue(at.Format(time.RFC3339))
		}
		info := authorizerInfo{PermissionSets: types.ListNull(types.Int64Type)}
		if authorizer, isRead := details[appid]; isRead {
			info.fromAPI(ctx, authorizer)
		}
		authorizers[appid] = types.ObjectValueMust(authorizerType.AttrTypes, map[string]attr.Value{
			"auth_time": authTime, "nick_name": info.NickName, "principal_name": info.PrincipalName,
			"user_name": info.UserName, "kind": info.Kind, "verify_type": info.VerifyType,
			"verify_type_text": info.VerifyTypeText, "account_status": info.AccountStatus,
			"account_status_text": info.AccountStatusText, "permission_sets": info.PermissionSets,
			"open_account_permission": info.OpenPermission,
		})
	}
	m.Authorizers = types.MapValueMust(authorizerType, authorizers)
	m.AppIDs = append([]string{}, sortedKeys(authorized)...)
}

func readAuthorizers(ctx context.Context, s *session, model *authorizersModel) (diagnostics diag.Diagnostics) {
	target := target{noun: "Authorizers", title: "The list of authorizers", host: s.otherHost}
	authorized, complete, err := s.component.Authorizers(ctx)
	switch {
	case err != nil:
		diagnostics.Append(diagnose(err, target))
	case !complete && len(authorized) == 0:
		m := message{}.with("read", "empty list")
		diagnostics.AddError(m.summary, m.text+m.advice()+target.hostNote())
	case !complete:
		m := message{}.with("read", "incomplete list")
		diagnostics.AddWarning(m.summary, m.text+m.advice()+target.hostNote())
	}
	var infos []binding.Result[wechat.Authorizer]
	if model.Details.ValueBool() && !diagnostics.HasError() {
		infos, err = s.component.AuthorizersInfo(ctx, sortedKeys(authorized), logProgress(ctx, "reading authorizers"))
		target.title = "What WeChat tells of the authorizers"
		if err != nil {
			diagnostics.Append(diagnose(err, target))
		}
		diagnostics.Append(reportFailed(infos, target, model.FailOnError)...)
	}
	model.fromAPI(ctx, authorized, infos)
	return diagnostics
}
