package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*authorizersDataSource)(nil)

type authorizersDataSource struct{ dataSource }

// NewAuthorizersDataSource returns wechat_authorizers: all accounts that authorized a third-party platform.
func NewAuthorizersDataSource() datasource.DataSource {
	return &authorizersDataSource{dataSource{name: "authorizers", timeout: 10 * time.Minute}}
}

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

func (d *authorizersDataSource) Schema(
	ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse,
) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Lists all accounts that authorized the third-party platform (`POST cgi-bin/component/api_get_authorizer_list`, 500 a call). " +
			"Its `appids` feed `wechat_open_accounts`. It needs the provider's `component` with a component access token. " +
			"The refresh tokens that WeChat sends along are dropped where they are decoded.",
		Attributes: map[string]schema.Attribute{
			"timeouts": d.timeoutsAttribute(ctx),
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

func (d *authorizersDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	read(ctx, &d.dataSource, request, response,
		func(m authorizersModel) timeouts.Value { return m.Timeouts }, d.ask)
}

func (d *authorizersDataSource) ask(ctx context.Context, model *authorizersModel) (diagnostics diag.Diagnostics) {
	target := target{noun: "Authorizers", title: "The list of authorizers", host: d.session.otherHost}
	authorized, settled, err := d.session.component.Authorizers(ctx)
	switch {
	case err != nil:
		diagnostics.Append(diagnose(err, target))
	case !settled && len(authorized) == 0:
		diagnostics.AddError("Authorizers not read", "WeChat counts authorizers, or counted some while the list was "+
			"read, and its list named none of them.\n\nWhat to do: Run it again in a quieter moment; if it stays so, see "+
			"whether something on the way to WeChat shortens its answers."+target.hostNote())
	case !settled:
		diagnostics.AddWarning("The list of authorizers may be incomplete", "Fewer authorizers came than WeChat "+
			"counts, or accounts came and left each time the list was read, so that one may be missing. "+
			"Run it again in a quieter moment."+target.hostNote())
	}
	model.fromAPI(authorized)
	return diagnostics
}
