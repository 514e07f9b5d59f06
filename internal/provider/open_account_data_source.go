package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// newOpenAccount returns wechat_open_account: the open platform account that an authorizer is bound to.
func newOpenAccount() datasource.DataSource {
	return &dataSource[openAccountModel]{
		name: "open_account", timeout: 2 * time.Minute, read: readOpenAccount,
		description: "Reads the appid of the WeChat open platform account that an authorizer (an official account or " +
			"mini program that authorized a third-party platform) is bound to, with `POST cgi-bin/open/get`. " +
			"Being bound to none is an answer and no error. The authorizer access token needs permission set 24 " +
			"(official account) or 25 (mini program), which are both called 开放平台账号管理.",
		attributes: map[string]schema.Attribute{
			"appid": optionalString("The authorizer's appid. It may be left out only where the provider has one token "+
				"that serves one account; given, it makes WeChat refuse the token of another account.", appID),
			"require_bound": optionalBool("Whether being bound to no open platform account is an error. Default: " +
				"`false`. Such an error stops every plan, `plan -destroy` and `plan -refresh-only` included; " +
				"a `postcondition` on `bound` lets those two go on, and a `check` all."),
			"open_appid": computedString("The open platform account's appid; null where there is none."),
			"bound":      computedBool("Whether the authorizer is bound to an open platform account. Never null."),
		},
	}
}

// openAccountModel is the data source's configuration and state.
type openAccountModel struct {
	AppID        types.String `tfsdk:"appid"`
	RequireBound types.Bool   `tfsdk:"require_bound"`
	Timeouts     types.Object `tfsdk:"timeouts"`
	OpenAppID    types.String `tfsdk:"open_appid"`
	Bound        types.Bool   `tfsdk:"bound"`
}

// fromAPI fills in what WeChat answered.
func (m *openAccountModel) fromAPI(account wechat.OpenAccount) {
	m.Bound = types.BoolValue(account.Bound())
	if account.Bound() {
		m.OpenAppID = types.StringValue(account.AppID)
	}
}

func readOpenAccount(ctx context.Context, s *session, model *openAccountModel) (diagnostics diag.Diagnostics) {
	target := s.account("Open account", "The binding of", model.AppID.ValueString())
	account, err := s.bindings.OpenAccount(ctx, target.appid)
	switch {
	case err != nil:
		diagnostics.Append(diagnose(err, target))
	case model.RequireBound.ValueBool() && !account.Bound():
		m := message{}.with("read", "bound to none", "{account}", target.account)
		diagnostics.AddAttributeError(path.Root("require_bound"), m.summary, m.text+m.advice()+target.hostNote())
	}
	model.fromAPI(account)
	return diagnostics
}
