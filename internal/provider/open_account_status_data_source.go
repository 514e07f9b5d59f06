package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
)

// newOpenAccountStatus returns wechat_open_account_status: whether an authorizer is bound to an open platform account,
// and to one of its own legal entity, without which one.
func newOpenAccountStatus() datasource.DataSource {
	return &dataSource[openAccountStatusModel]{
		name: "open_account_status", timeout: 2 * time.Minute, read: readOpenAccountStatus,
		description: "Reads whether an authorizer is bound to an open platform account, and whether that belongs to " +
			"the same legal entity (`GET cgi-bin/open/have` and `GET cgi-bin/open/sameentity`). It does not say " +
			"which, but needs other permission sets than `wechat_open_account`: 3 (账号服务) of an official account, " +
			"30 (小程序基本信息管理) of a mini program. These calls take no appid and answer for the account whose " +
			"access token is sent, so `POST cgi-bin/account/getaccountbasicinfo` first tells which one that is: with " +
			"the token of another account than `appid` the read fails.",
		attributes: map[string]schema.Attribute{
			"appid": optionalString("The authorizer's appid: its access token is taken. It may be left out only where "+
				"the provider has one token that serves one account.", appID),
			"bound": computedBool("Whether the authorizer is bound to an open platform account. Never null."),
			"same_entity": computedBool("Whether the authorizer and its open platform account belong to the same " +
				"legal entity, as WeChat says; null where it is bound to none."),
		},
	}
}

// openAccountStatusModel is the data source's configuration and state.
type openAccountStatusModel struct {
	AppID      types.String `tfsdk:"appid"`
	Timeouts   types.Object `tfsdk:"timeouts"`
	Bound      types.Bool   `tfsdk:"bound"`
	SameEntity types.Bool   `tfsdk:"same_entity"`
}

// fromAPI fills in what WeChat answered.
func (m *openAccountStatusModel) fromAPI(status binding.Status) {
	m.Bound = types.BoolValue(status.Bound)
	if status.Bound {
		m.SameEntity = types.BoolValue(status.SameEntity)
	}
}

func readOpenAccountStatus(ctx context.Context, s *session, model *openAccountStatusModel) diag.Diagnostics {
	target := s.account("Open account status", "The status of", model.AppID.ValueString())
	status, err := s.bindings.Status(ctx, target.appid)
	if err != nil {
		return diag.Diagnostics{diagnose(err, target)}
	}
	model.fromAPI(status)
	return nil
}
