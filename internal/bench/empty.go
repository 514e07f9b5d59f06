//go:build unix

package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// empty is a provider that asks nobody: what a provider costs before it does anything. It answers with the same data in
// the same shape as wechat_open_account, wechat_open_accounts and wechat_authorizers.
type empty struct{}

func (empty) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "empty"
}
func (empty) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (empty) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (empty) Resources(context.Context) []func() resource.Resource                              { return nil }

func (empty) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return answers[oneAccount]{"empty_account", one, fillOne} },
		func() datasource.DataSource { return answers[manyAccounts]{"empty_accounts", many, fillMany} },
		func() datasource.DataSource {
			return answers[manyDetails]{"empty_authorizers", manyWithDetails, fillDetails}
		},
	}
}

type answers[T any] struct {
	name       string
	attributes map[string]schema.Attribute
	fill       func(*T)
}

func (a answers[T]) Metadata(_ context.Context, _ datasource.MetadataRequest, response *datasource.MetadataResponse) {
	response.TypeName = a.name
}

func (a answers[T]) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	response.Schema.Attributes = a.attributes
}

func (a answers[T]) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var data T
	response.Diagnostics.Append(request.Config.Get(ctx, &data)...)
	a.fill(&data)
	response.Diagnostics.Append(response.State.Set(ctx, &data)...)
}

var (
	text  = schema.StringAttribute{Computed: true}
	texts = schema.ListAttribute{ElementType: types.StringType, Computed: true}
	one   = map[string]schema.Attribute{
		"appid": schema.StringAttribute{Required: true}, "open_appid": text,
		"bound": schema.BoolAttribute{Computed: true},
	}
	many = map[string]schema.Attribute{
		"appids":        schema.ListAttribute{ElementType: types.StringType, Required: true},
		"by_open_appid": schema.MapAttribute{ElementType: texts.GetType(), Computed: true},
		"accounts": schema.MapNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"status": text, "open_appid": text, "errcode": schema.Int64Attribute{Computed: true}, "errmsg": text,
			},
		}},
		"unbound": texts, "failed": texts,
	}
)

type oneAccount struct {
	AppID     string  `tfsdk:"appid"`
	OpenAppID *string `tfsdk:"open_appid"`
	Bound     *bool   `tfsdk:"bound"`
}

func fillOne(a *oneAccount) {
	a.OpenAppID = openAppID(a.AppID)
	bound := a.OpenAppID != nil
	a.Bound = &bound
}

type manyAccounts struct {
	AppIDs      []string            `tfsdk:"appids"`
	Unbound     []string            `tfsdk:"unbound"`
	Failed      []string            `tfsdk:"failed"`
	ByOpenAppID map[string][]string `tfsdk:"by_open_appid"`
	Accounts    map[string]account  `tfsdk:"accounts"`
}

type account struct {
	Status    string  `tfsdk:"status"`
	OpenAppID *string `tfsdk:"open_appid"`
	ErrCode   *int64  `tfsdk:"errcode"`
	ErrMsg    *string `tfsdk:"errmsg"`
}

func fillMany(a *manyAccounts) {
	a.ByOpenAppID, a.Accounts, a.Unbound, a.Failed = map[string][]string{}, map[string]account{}, []string{}, []string{}
	for _, appid := range a.AppIDs {
		if bound := openAppID(appid); bound == nil {
			a.Accounts[appid] = account{Status: "unbound"}
			a.Unbound = append(a.Unbound, appid)
		} else {
			a.Accounts[appid] = account{Status: "bound", OpenAppID: bound}
			a.ByOpenAppID[*bound] = append(a.ByOpenAppID[*bound], appid)
		}
	}
}
