package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// dataSource is what all data sources have in common.
type dataSource struct {
	name    string        // behind "wechat_"
	timeout time.Duration // of a read where timeouts.read says nothing
	session *session      // nil before the provider is configured
}

func (d *dataSource) Metadata(
	_ context.Context, request datasource.MetadataRequest, response *datasource.MetadataResponse,
) {
	response.TypeName = request.ProviderTypeName + "_" + d.name
}

func (d *dataSource) Configure(
	_ context.Context, request datasource.ConfigureRequest, response *datasource.ConfigureResponse,
) {
	if request.ProviderData == nil {
		return
	}
	configured, ok := request.ProviderData.(*session)
	if !ok {
		response.Diagnostics.AddError("Unexpected provider data", fmt.Sprintf("The provider handed its data source "+
			"a %T. That is a fault of the provider: please report it.", request.ProviderData))
	}
	d.session = configured
}

// timeoutsAttribute is the attribute timeouts. It has a validator of ours, since the module's own lets zero and negative
// durations pass and repeats the value, which may be a pasted token.
func (d *dataSource) timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{})
	nested, ok := attribute.(schema.SingleNestedAttribute)
	if !ok {
		return attribute
	}
	nested.MarkdownDescription = "Time limits."
	nested.Attributes["read"] = schema.StringAttribute{
		MarkdownDescription: fmt.Sprintf("How long the whole read may take, retries and waiting for a token and a "+
			"request slot included, as a duration such as `30s`. Default: `%gm`.", d.timeout.Minutes()),
		Optional:   true,
		Validators: []validator.String{positiveDuration},
	}
	return nested
}

// read decodes a configuration into model, and calls ask within the time that the configuration allows. What ask filled
// in becomes the state, unless it reported an error.
func read[M any](
	ctx context.Context, d *dataSource, request datasource.ReadRequest, response *datasource.ReadResponse,
	limit func(M) timeouts.Value, ask func(ctx context.Context, model *M) diag.Diagnostics,
) {
	var model M
	response.Diagnostics.Append(request.Config.Get(ctx, &model)...)
	if response.Diagnostics.HasError() {
		return
	}
	timeout := d.timeout
	if written, ok := limit(model).Attributes()["read"].(types.String); ok && isKnown(written) {
		parsed, err := parseDuration(written.ValueString())
		if err != nil {
			response.Diagnostics.AddError(summaryDuration, notADuration("timeouts.read", written.ValueString()))
			return
		}
		timeout = parsed
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	response.Diagnostics.Append(ask(limited, &model)...)
	if !response.Diagnostics.HasError() {
		response.Diagnostics.Append(response.State.Set(ctx, &model)...)
	}
}

// account is the target of a read about one account.
func (d *dataSource) account(noun, title, appid string) target {
	named := appid
	if appid == "" {
		named = "the token's account"
	}
	return target{noun: noun, title: title + " " + named, account: named, appid: appid, host: d.session.otherHost}
}
