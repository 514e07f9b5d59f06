package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
)

var _ datasource.DataSourceWithConfigure = (*OpenAccountStatusDataSource)(nil)

// openAccountStatusReadTimeout is how long a read may take where timeouts.read says nothing.
const openAccountStatusReadTimeout = 2 * time.Minute

// OpenAccountStatusDataSource is wechat_open_account_status: whether an authorizer is bound to an open platform account of
// its own legal entity, without which one.
type OpenAccountStatusDataSource struct{ session *session }

// NewOpenAccountStatusDataSource makes one.
func NewOpenAccountStatusDataSource() datasource.DataSource { return &OpenAccountStatusDataSource{} }

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

// Metadata names the data source.
func (d *OpenAccountStatusDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_open_account_status"
}

// Schema describes the data source.
func (d *OpenAccountStatusDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
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
				Validators:          []validator.String{appID{}},
			},
			"timeouts": readTimeout(ctx, openAccountStatusReadTimeout),
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

// Configure takes the session that the provider made.
func (d *OpenAccountStatusDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.session = sessionOf(request, response)
}

// Read asks WeChat.
func (d *OpenAccountStatusDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var model openAccountStatusModel
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	limit, diagnostics := readLimit(model.Timeouts, openAccountStatusReadTimeout)
	response.Diagnostics.Append(diagnostics...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	about := d.session.aboutAccount("open account status", "The status of", model.AppID.ValueString())
	status, err := d.session.bindings.Status(ctx, about.appid)
	if err != nil {
		response.Diagnostics.Append(explain(err, about))
		return
	}
	model.fromAPI(status)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}
