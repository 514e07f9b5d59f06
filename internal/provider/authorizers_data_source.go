package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*AuthorizersDataSource)(nil)

// authorizersReadTimeout is how long a read may take where timeouts.read says nothing.
const authorizersReadTimeout = 10 * time.Minute

// AuthorizersDataSource is wechat_authorizers: all accounts that authorized a third-party platform.
type AuthorizersDataSource struct{ session *session }

// NewAuthorizersDataSource makes one.
func NewAuthorizersDataSource() datasource.DataSource { return &AuthorizersDataSource{} }

// authorizersModel is the data source's configuration and state. No credential is part of it.
type authorizersModel struct {
	Timeouts    timeouts.Value                   `tfsdk:"timeouts"`
	Authorizers map[string]listedAuthorizerModel `tfsdk:"authorizers"`
	AppIDs      []string                         `tfsdk:"appids"`
}

// listedAuthorizerModel is one authorizer of it.
type listedAuthorizerModel struct {
	AuthTime types.String `tfsdk:"auth_time"`
}

// fromAPI fills in what WeChat answered.
func (m *authorizersModel) fromAPI(authorized map[string]time.Time) {
	m.Authorizers = make(map[string]listedAuthorizerModel, len(authorized))
	for appid, at := range authorized {
		listed := listedAuthorizerModel{types.StringNull()}
		if !at.IsZero() {
			listed.AuthTime = types.StringValue(at.Format(time.RFC3339))
		}
		m.Authorizers[appid] = listed
	}
	m.AppIDs = append([]string{}, sortedKeys(authorized)...)
}

// Metadata names the data source.
func (d *AuthorizersDataSource) Metadata(_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_authorizers"
}

// Schema describes the data source.
func (d *AuthorizersDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Lists all accounts that authorized the third-party platform (`POST cgi-bin/component/api_get_authorizer_list`, 500 a call). " +
			"Its `appids` feed `wechat_open_accounts`. It needs the provider's `component` with a component access token. " +
			"The refresh tokens that WeChat sends along are dropped where they are decoded.",
		Attributes: map[string]schema.Attribute{
			"timeouts": readTimeout(ctx, authorizersReadTimeout),
			"authorizers": schema.MapNestedAttribute{
				MarkdownDescription: "The authorizers, by appid.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"auth_time": schema.StringAttribute{
							MarkdownDescription: "When the account authorized the platform, in UTC (RFC 3339); " +
								"null where WeChat does not say.",
							Computed: true,
						},
					},
				},
			},
			"appids": schema.ListAttribute{
				MarkdownDescription: "The authorizers' appids, sorted.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		},
	}
}

// Configure takes the session that the provider made.
func (d *AuthorizersDataSource) Configure(_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse) {
	d.session = sessionOf(request, response)
}

// Read asks WeChat.
func (d *AuthorizersDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var model authorizersModel
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	limit, diagnostics := readLimit(model.Timeouts, authorizersReadTimeout)
	response.Diagnostics.Append(diagnostics...)
	if response.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	about := subject{noun: "authorizers", title: "The list of authorizers", otherHost: d.session.otherHost}
	err := d.session.componentError
	var authorized map[string]time.Time
	settled := true
	if err == nil {
		authorized, settled, err = d.session.component.Authorizers(ctx)
	}
	if err != nil {
		response.Diagnostics.Append(explain(err, about))
		return
	}
	if !settled && len(authorized) == 0 {
		response.Diagnostics.AddError("Authorizers not read", "WeChat counts authorizers, or counted some while the list was "+
			"read, and its list named none of them.\n\nWhat to do: Run it again in a quieter moment; if it stays so, see "+
			"whether something on the way to WeChat shortens its answers."+about.inWeChatsPlace())
		return
	}
	if !settled {
		response.Diagnostics.AddWarning("The list of authorizers may be incomplete", "Fewer authorizers came than WeChat counts, "+
			"or accounts came and left each time the list was read, so that one may be missing. Run it again in a quieter moment."+about.inWeChatsPlace())
	}
	model.fromAPI(authorized)
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}
