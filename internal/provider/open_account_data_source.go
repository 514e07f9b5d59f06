package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

var _ datasource.DataSourceWithConfigure = (*openAccountDataSource)(nil)

type openAccountDataSource struct{ dataSource }

// NewOpenAccountDataSource returns wechat_open_account: the open platform account that an authorizer is bound to.
func NewOpenAccountDataSource() datasource.DataSource {
	return &openAccountDataSource{dataSource{name: "open_account", timeout: 2 * time.Minute}}
}

// openAccountModel is the data source's configuration and state.
type openAccountModel struct {
	AppID        types.String   `tfsdk:"appid"`
	RequireBound types.Bool     `tfsdk:"require_bound"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
	OpenAppID    types.String   `tfsdk:"open_appid"`
	Bound        types.Bool     `tfsdk:"bound"`
}

// fromAPI fills in what WeChat answered.
func (m *openAccountModel) fromAPI(account wechat.OpenAccount) {
	m.Bound = types.BoolValue(account.Bound())
	m.OpenAppID = types.StringNull()
	if account.Bound() {
		m.OpenAppID = types.StringValue(account.AppID)
	}
}

func (d *openAccountDataSource) Schema(
	ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse,
) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads the appid of the WeChat open platform account that an authorizer, an official account or mini program that authorized " +
			"a third-party platform, is bound to (`POST cgi-bin/open/get`). Being bound to none is an answer and no error. " +
			"The call needs an authorizer access token with permission set 24 (official account) or 25 (mini program); it changes nothing.",
		Attributes: map[string]schema.Attribute{
			"appid": schema.StringAttribute{
				MarkdownDescription: "The authorizer's appid. It may be left out only where the provider has one token that serves one account; " +
					"given, it makes WeChat refuse a token of another account instead of answering about that one.",
				Optional:   true,
				Validators: []validator.String{appID},
			},
			"require_bound": schema.BoolAttribute{
				MarkdownDescription: "Whether being bound to no open platform account is an error. Default: `false`. " +
					"Such an error stops every plan, `plan -destroy` and `plan -refresh-only` included; a `postcondition` on `bound` lets those two go on, and a `check` all.",
				Optional: true,
			},
			"timeouts": d.timeoutsAttribute(ctx),
			"open_appid": schema.StringAttribute{
				MarkdownDescription: "The open platform account's appid; null where the authorizer is bound to none.",
				Computed:            true,
			},
			"bound": schema.BoolAttribute{
				MarkdownDescription: "Whether the authorizer is bound to an open platform account. Never null.",
				Computed:            true,
			},
		},
	}
}

func (d *openAccountDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	read(ctx, &d.dataSource, request, response,
		func(m openAccountModel) timeouts.Value { return m.Timeouts }, d.ask)
}

func (d *openAccountDataSource) ask(ctx context.Context, model *openAccountModel) (diagnostics diag.Diagnostics) {
	target := d.account("Open account", "The binding of", model.AppID.ValueString())
	account, err := d.session.bindings.OpenAccount(ctx, target.appid)
	switch {
	case err != nil:
		diagnostics.Append(diagnose(err, target))
	case model.RequireBound.ValueBool() && !account.Bound():
		diagnostics.AddAttributeError(path.Root("require_bound"), "Account is bound to no open account", fmt.Sprintf(
			"WeChat says that %s is bound to no open platform account (89002), and require_bound asks for one.\n\n"+
				"What to do: Bind the account in WeChat's open platform console, or through the API, to the open "+
				"account of its siblings; a new open account would give its users other unionids than the siblings' "+
				"users have. To go on without it, remove require_bound.%s", target.account, target.hostNote()))
	}
	model.fromAPI(account)
	return diagnostics
}
