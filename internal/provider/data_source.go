package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// dataSource is a data source whose configuration and state is an M. No credential is part of any.
type dataSource[M any] struct {
	name        string // behind "wechat_"
	description string
	attributes  map[string]schema.Attribute // all but timeouts
	timeout     time.Duration               // of a read where timeouts.read says nothing
	// read fills in what WeChat answers. What it filled in becomes the state, unless it reports an error.
	read func(ctx context.Context, s *session, model *M) diag.Diagnostics

	session *session // nil before the provider is configured
}

func (d *dataSource[M]) Metadata(
	_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse,
) {
	response.TypeName = request.ProviderTypeName + "_" + d.name
}

func (d *dataSource[M]) Schema(_ context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse) {
	attributes := maps.Clone(d.attributes)
	attributes["timeouts"] = timeoutsAttribute(d.timeout)
	response.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: attributes}
}

func (d *dataSource[M]) Configure(
	_ context.Context, request datasource.ConfigureRequest, _ *datasource.ConfigureResponse,
) {
	d.session, _ = request.ProviderData.(*session) // nil as long as the provider is not configured
}

func (d *dataSource[M]) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	var model M
	var timeouts types.Object
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	response.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("timeouts"), &timeouts)...)
	if response.Diagnostics.HasError() {
		return
	}
	read, _ := timeouts.Attributes()["read"].(types.String) // null where timeouts is
	timeout, err := parseDuration(read.ValueString())       // which positiveDuration has checked where it is not null
	if err != nil {
		timeout = d.timeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	diagnostics := d.read(limited, d.session, &model)
	if isKnown(timeouts) && read.IsNull() {
		diagnostics = withTimeoutNote(diagnostics, timeout)
	}
	response.Diagnostics.Append(withPageLink(diagnostics...)...)
	if !response.Diagnostics.HasError() {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

// withTimeoutNote adds to what names timeouts.read that timeouts is written without it: the engine drops a mistyped
// name in it without a word.
func withTimeoutNote(diagnostics diag.Diagnostics, timeout time.Duration) diag.Diagnostics {
	return appendDetail(diagnostics, func(each diag.Diagnostic) string {
		if !strings.Contains(each.Detail(), "timeouts.read") {
			return ""
		}
		return fmt.Sprintf("\n\nNote that timeouts is given, and no read in it: the limit was %s.", timeout)
	})
}

// timeoutsAttribute is that of the module terraform-plugin-framework-timeouts, but for the validator: the module's own
// lets zero and negative durations pass and repeats the value, which may be a pasted token.
func timeoutsAttribute(timeout time.Duration) schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Time limits.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"read": optionalString(fmt.Sprintf("How long the whole read may take, retries and waiting for a token and "+
				"a request slot included, as a duration such as `30s`. Default: `%gm`.", timeout.Minutes()),
				positiveDuration),
		},
	}
}

// objectType is the type of one object of a nested attribute. Their values are made by hand: the framework's reflection
// compiles a regular expression for each struct that it meets.
func objectType(object schema.NestedAttributeObject) types.ObjectType {
	attributes := map[string]attr.Type{}
	for name, attribute := range object.Attributes {
		attributes[name] = attribute.GetType()
	}
	return types.ObjectType{AttrTypes: attributes}
}

// The framework has a set of types for attributes of data sources and one for those of the provider. One that is
// optional and no object may come from either.

func optionalBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
}

func computedBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

func computedInt64(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

func computedString(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedList(element attr.Type, description string) schema.ListAttribute {
	return schema.ListAttribute{MarkdownDescription: description, ElementType: element, Computed: true}
}
