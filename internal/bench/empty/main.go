// Command empty is a provider that asks nobody: what a provider costs before it does anything.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/bench/fleet"
)

type empty struct{}

func (empty) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "empty"
}
func (empty) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (empty) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (empty) Resources(context.Context) []func() resource.Resource                              { return nil }

func (empty) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return one{} },
		func() datasource.DataSource { return many{} },
	}
}

// one answers as wechat_open_account does.
type one struct{}

type oneModel struct {
	AppID     string       `tfsdk:"appid"`
	OpenAppID types.String `tfsdk:"open_appid"`
	Bound     types.Bool   `tfsdk:"bound"`
}

func (one) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = "empty_answer"
}

func (one) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"appid":      schema.StringAttribute{Required: true},
		"open_appid": schema.StringAttribute{Computed: true},
		"bound":      schema.BoolAttribute{Computed: true},
	}}
}

func (one) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var model oneModel
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	model.OpenAppID = openAppID(model.AppID)
	model.Bound = types.BoolValue(!model.OpenAppID.IsNull())
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func openAppID(appid string) types.String {
	if bound := fleet.OpenAppID(appid); bound != "" {
		return types.StringValue(bound)
	}
	return types.StringNull()
}

// many answers as wechat_open_accounts does, with the same data in the same shape.
type many struct{}

type manyModel struct {
	AppIDs      []string                `tfsdk:"appids"`
	Accounts    map[string]accountModel `tfsdk:"accounts"`
	ByOpenAppID map[string][]string     `tfsdk:"by_open_appid"`
	Unbound     []string                `tfsdk:"unbound"`
	Failed      []string                `tfsdk:"failed"`
}

type accountModel struct {
	Status    types.String `tfsdk:"status"`
	OpenAppID types.String `tfsdk:"open_appid"`
	ErrCode   types.Int64  `tfsdk:"errcode"`
	ErrMsg    types.String `tfsdk:"errmsg"`
}

func (many) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = "empty_answers"
}

func (many) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	appids := types.ListType{ElemType: types.StringType}
	response.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"appids": schema.ListAttribute{ElementType: types.StringType, Required: true},
		"accounts": schema.MapNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"status":     schema.StringAttribute{Computed: true},
				"open_appid": schema.StringAttribute{Computed: true},
				"errcode":    schema.Int64Attribute{Computed: true},
				"errmsg":     schema.StringAttribute{Computed: true},
			},
		}},
		"by_open_appid": schema.MapAttribute{ElementType: appids, Computed: true},
		"unbound":       schema.ListAttribute{ElementType: types.StringType, Computed: true},
		"failed":        schema.ListAttribute{ElementType: types.StringType, Computed: true},
	}}
}

func (many) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var model manyModel
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	model.Accounts = make(map[string]accountModel, len(model.AppIDs))
	model.ByOpenAppID, model.Unbound, model.Failed = map[string][]string{}, []string{}, []string{}
	for _, appid := range model.AppIDs {
		account := accountModel{Status: types.StringValue("unbound"), OpenAppID: openAppID(appid)}
		if account.OpenAppID.IsNull() {
			model.Unbound = append(model.Unbound, appid)
		} else {
			account.Status = types.StringValue("bound")
			bound := account.OpenAppID.ValueString()
			model.ByOpenAppID[bound] = append(model.ByOpenAppID[bound], appid)
		}
		model.Accounts[appid] = account
	}
	response.Diagnostics.Append(response.State.Set(ctx, &model)...)
}

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return empty{} }, providerserver.ServeOpts{
		Address: "terraform.local/wechat/empty",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
