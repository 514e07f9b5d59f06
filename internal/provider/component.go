package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// componentAttribute is the third-party platform itself.
var componentAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "The third-party platform that the accounts authorized. It answers read-only questions: " +
		"who its authorizers are, what WeChat tells of them, and why WeChat refused a permission (48001). " +
		"It is no token source, and stands beside any.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"appid": schema.StringAttribute{
			MarkdownDescription: "The platform's appid. Environment variable: `" + envComponentAppID + "`; " +
				"this and the other variable fill what a written `component` leaves out, " +
				"as long as its `appid` is left out too or is the variable's.",
			Optional: true,
		},
		"access_token": schema.StringAttribute{
			MarkdownDescription: "The platform's component access token, as whatever runs the platform keeps it. " +
				"Environment variable: `" + envComponentAccessToken + "`.",
			Optional:  true,
			Sensitive: true,
		},
	},
}

// componentModel is a block of it.
type componentModel struct {
	AppID       types.String `tfsdk:"appid"`
	AccessToken types.String `tfsdk:"access_token"`
}

// validate checks what is known. No diagnostic carries a path: the engine may print the line, and in it a secret.
func (m componentModel) validate(diagnostics *diag.Diagnostics) {
	if isKnown(m.AppID) {
		if err := wechat.CheckAppID(m.AppID.ValueString()); err != nil {
			diagnostics.AddError("Not an appid", "component.appid: "+notAnAppID(m.AppID.ValueString(), err))
		}
	}
	checkToken(diagnostics, componentAccessToken, m.AccessToken)
}

// filled is the block with what the environment adds to it.
func (m componentModel) filled(getenv func(string) string) componentModel {
	if appid := getenv(envComponentAppID); !m.AppID.IsNull() && m.AppID.ValueString() != appid {
		return m
	}
	for variable, value := range map[string]*types.String{
		envComponentAppID:       &m.AppID,
		envComponentAccessToken: &m.AccessToken,
	} {
		if !value.IsNull() {
			continue
		}
		if set := getenv(variable); set != "" {
			*value = types.StringValue(set)
		}
	}
	return m
}

// newComponent returns the platform that can be asked about its authorizers, or the reason why there is none. Such a
// reason is no fault of the configuration until something is read that needs the platform.
func newComponent(
	ctx context.Context, config providerModel, getenv func(string) string, api binding.ComponentAPI,
	diagnostics *diag.Diagnostics,
) (*binding.Component, error) {
	if config.Component.IsNull() {
		return nil, errNoComponent
	}
	if name := unknownWithin(ctx, attributeComponent, config.Component); name != "" {
		return nil, notYetKnown(name)
	}
	var written componentModel
	diagnostics.Append(config.Component.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	platform := written.filled(getenv)
	appid := platform.AppID.ValueString()
	switch err := wechat.CheckAppID(appid); {
	case appid == "":
		return nil, errComponentWithoutAppID
	case err != nil:
		diagnostics.AddError("No component", "component.appid, or "+envComponentAppID+": "+notAnAppID(appid, err))
		return nil, err
	case platform.AccessToken.IsNull():
		return nil, errComponentWithoutToken
	}
	source := token.Static(componentAccessToken, platform.AccessToken.ValueString())
	return binding.NewComponent(api, appid, token.NewCache(source, logFetch(source.Describe()))), nil
}
