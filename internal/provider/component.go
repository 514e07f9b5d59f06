package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

// check checks what is known.
func (m componentModel) check(p *parser) {
	if err := wechat.CheckAppID(m.AppID.ValueString()); err != nil && isKnown(m.AppID) {
		p.diagnostics.AddError("Not an appid", "component.appid: "+notAnAppID(m.AppID.ValueString(), err))
	}
	p.checkToken(componentAccessToken, m.AccessToken)
}

// fill adds what the environment says of the same component.
func (m *componentModel) fill(p *parser) {
	if appid := p.variable(envComponentAppID); m.AppID.IsNull() && appid != "" {
		m.AppID = types.StringValue(appid)
	} else if m.AppID.ValueString() != appid {
		return // the variables speak of another one
	}
	if accessToken := p.variable(envComponentAccessToken); m.AccessToken.IsNull() && accessToken != "" {
		m.AccessToken = types.StringValue(accessToken)
	}
}
