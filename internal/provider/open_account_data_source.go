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

var _ datasource.DataSourceWithConfigure = (*OpenAccountDataSource)(nil)

// openAccountReadTimeout is how long a read may take where timeouts.read says nothing.
const openAccountReadTimeout = 2 * time.Minute

// OpenAccountDataSource is wechat_open_account: the open platform account that one authorizer is bound to.
type OpenAccountDataSource struct{ session *session }

// NewOpenAccountDataSource makes one.
func NewOpenAccountDataSource() datasource.DataSource { return &OpenAccountDataSource{} }

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

// Metadata names the data source.
func (d *OpenAccountDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_open_account"
}

// Schema describes the data source.
func (d *OpenAccountDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads the appid of the WeChat open platform account that an authorizer, an official account or mini program that authorized " +
			"a third-party platform, is bound to (`POST cgi-bin/open/get`). Being bound to none is an answer and no error. " +
			"The call needs an authorizer access token with permission set 24 (official account) or 25 (mini program); it changes nothing.",
		Attributes: map[string]schema.Attribute{
			"appid": schema.StringAttribute{
				MarkdownDescription: "The authorizer's appid. It may be left out only where the provider has one token that serves one account; " +
					"given, it makes WeChat refuse a token of another account instead of answering about that one.",
				Optional:   true,
				Validators: []validator.String{appID{}},
			},
			"require_bound": schema.BoolAttribute{
				MarkdownDescription: "Whether being bound to no open platform account is an error. Default: `false`. " +
					"Such an error stops every plan, `plan -destroy` and `plan -refresh-only` included; a `postcondition` on `bound` lets those two go on, and a `check` all.",
				Optional: true,
			},
			"timeouts": readTimeout(ctx, openAccountReadTimeout),
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

// readTimeout is the attribute timeouts of a data source.
func readTimeout(ctx context.Context, standard time.Duration) schema.Attribute {
	description := fmt.Sprintf("How long the whole read may take, retries and waiting for a token and a request slot included, as a duration such as `30s`. "+
		"Default: `%gm`.", standard.Minutes())
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{ReadDescription: description})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Time limits."
		if read, ok := nested.Attributes["read"].(schema.StringAttribute); ok {
			// The module's own validator lets zero and negative durations pass.
			read.Validators = []validator.String{positiveDuration{}}
			nested.Attributes["read"] = read
		}
		return nested
	}
	return attribute
}

// readLimit is how long a read may take. The module's own method would repeat what it cannot read.
func readLimit(written timeouts.Value, otherwise time.Duration) (time.Duration, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	read, _ := written.Attributes()["read"].(types.String)
	checkDuration(&diagnostics, "timeouts.read", read)
	return durationOr(read, otherwise), diagnostics
}

// Configure takes the session that the provider made.
func (d *OpenAccountDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.session = sessionOf(request, response)
}

// Read asks WeChat.
func (d *OpenAccountDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var model openAccountModel
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	if response.Diagnostics.HasError() {
		return
	}
	limit, diagnostics := readLimit(model.Timeouts, openAccountReadTimeout)
	response.Diagnostics.Append(diagnostics...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	about := d.session.aboutAccount("open account", "The binding of", model.AppID.ValueString())
	account, err := d.session.bindings.OpenAccount(ctx, about.appid)
	if err != nil {
		response.Diagnostics.Append(explain(err, about))
		return
	}
	if model.RequireBound.ValueBool() && !account.Bound() {
		response.Diagnostics.AddAttributeError(path.Root("require_bound"), "Account is bound to no open account", fmt.Sprintf(
			"WeChat says that %s is bound to no open platform account (89002), and require_bound asks for one.\n\n"+
				"What to do: Bind the account in WeChat's open platform console, or through the API, to the open account of its siblings; "+
				"a new open account would give its users other unionids than the siblings' users have. "+
				"To go on without it, remove require_bound.%s", about.account, about.inWeChatsPlace()))
		return
	}
	model.fromAPI(account)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}
