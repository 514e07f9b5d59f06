package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
)

var _ datasource.DataSourceWithConfigure = (*openAccountStatusDataSource)(nil)

type openAccountStatusDataSource struct{ dataSource }

// NewOpenAccountStatusDataSource returns wechat_open_account_status: whether an authorizer is bound to an open platform
// account of its own legal entity, without which one.
func NewOpenAccountStatusDataSource() datasource.DataSource {
	return &openAccountStatusDataSource{dataSource{name: "open_account_status", timeout: 2 * time.Minute}}
}

// openAccountStatusModel is the data source's configuration and state.
type openAccountStatusModel struct {
	AppID      types.String   `tfsdk:"appid"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
	Bound      types.Bool     `tfsdk:"bound"`
	SameEntity types.Bool     `tfsdk:"same_entity"`
}

// fromAPI fills in what WeChat answered.
func (m *openAccountStatusModel) fromAPI(status binding.Status) {
	m.Bound = types.BoolValue(status.Bound)
	m.SameEntity = types.BoolNull()
	if status.Bound {
		m.SameEntity = types.BoolValue(status.SameEntity)
	}
}

func (d *openAccountStatusDataSource) Schema(
	ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse,
) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads whether an authorizer is bound to an open platform account, and whether that belongs to the same legal entity " +
			"(`GET cgi-bin/open/have` and `GET cgi-bin/open/sameentity`). It does not say which one, but it needs other permission sets than `wechat_open_account`: 3 or 30. " +
			"These calls take no appid and answer for the account whose access token is sent, " +
			"so `POST cgi-bin/account/getaccountbasicinfo` first tells which one that is: " +
			"with the token of another account than `appid` the read fails.",
		Attributes: map[string]schema.Attribute{
			"appid": schema.StringAttribute{
				MarkdownDescription: "The authorizer's appid: its access token is taken. It may be left out only where the provider has one token that serves one account.",
				Optional:            true,
				Validators:          []validator.String{appID},
			},
			"timeouts": d.timeoutsAttribute(ctx),
			"bound": schema.BoolAttribute{
				MarkdownDescription: "Whether the authorizer is bound to an open platform account. Never null.",
				Computed:            true,
			},
			"same_entity": schema.BoolAttribute{
				MarkdownDescription: "Whether the authorizer and its open platform account belong to the same legal entity, as WeChat says; null where it is bound to none.",
				Computed:            true,
			},
		},
	}
}

func (d *openAccountStatusDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	read(ctx, &d.dataSource, request, response,
		func(m openAccountStatusModel) timeouts.Value { return m.Timeouts }, d.ask)
}

func (d *openAccountStatusDataSource) ask(
	ctx context.Context, model *openAccountStatusModel,
) (diagnostics diag.Diagnostics) {
	target := d.account("Open account status", "The status of", model.AppID.ValueString())
	status, err := d.session.bindings.Status(ctx, target.appid)
	if err != nil {
		diagnostics.Append(diagnose(err, target))
	}
	model.fromAPI(status)
	return diagnostics
}
