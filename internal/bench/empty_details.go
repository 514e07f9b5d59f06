//go:build unix

package main

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	number          = schema.Int64Attribute{Computed: true}
	manyWithDetails = map[string]schema.Attribute{
		"appids": many["appids"], "failed": texts,
		"authorizers": schema.MapNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"auth_time": text, "nick_name": text, "principal_name": text, "user_name": text, "kind": text,
				"verify_type": number, "verify_type_text": text, "account_status": number, "account_status_text": text,
				"permission_sets":         schema.ListAttribute{ElementType: types.Int64Type, Computed: true},
				"open_account_permission": schema.BoolAttribute{Computed: true},
			},
		}},
	}
)

type manyDetails struct {
	AppIDs      []string  `tfsdk:"appids"`
	Failed      []string  `tfsdk:"failed"`
	Authorizers types.Map `tfsdk:"authorizers"`
}

// fillDetails makes the values by hand, as the provider does.
func fillDetails(a *manyDetails) {
	a.Failed = []string{}
	kind, _ := manyWithDetails["authorizers"].GetType().(types.MapType)
	object, _ := kind.ElemType.(types.ObjectType)
	sets := types.ListValueMust(types.Int64Type, []attr.Value{types.Int64Value(1), types.Int64Value(24)})
	all := make(map[string]attr.Value, len(a.AppIDs))
	for _, appid := range a.AppIDs {
		all[appid] = types.ObjectValueMust(object.AttrTypes, map[string]attr.Value{
			"auth_time":      types.StringValue("2023-11-14T22:13:20Z"),
			"nick_name":      types.StringValue("Shop " + appid),
			"principal_name": types.StringValue("Owner " + appid),
			"user_name":      types.StringValue("gh_" + appid[:12]), "kind": types.StringValue("official_account"),
			"verify_type": types.Int64Value(0), "verify_type_text": types.StringValue("verified by WeChat"),
			"account_status": types.Int64Value(1), "account_status_text": types.StringValue("normal"),
			"permission_sets": sets, "open_account_permission": types.BoolValue(true),
		})
	}
	a.Authorizers = types.MapValueMust(object, all)
}
