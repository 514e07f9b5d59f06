package provider

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// componentAttribute is the third-party platform itself.
var componentAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "The third-party platform that the accounts authorized. With its `access_token` it answers read-only questions, such as why WeChat refused a permission (48001); " +
		"it stands beside any token source. With `mint_tokens = true` it is a token source itself.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"appid": schema.StringAttribute{
			MarkdownDescription: "The platform's appid. Environment variable: `" + envComponentAppID + "`; this and the other variables fill what a written `component` leaves out, " +
				"as long as its `appid` is left out too or is the variable's.",
			Optional: true,
		},
		"access_token": schema.StringAttribute{
			MarkdownDescription: "The platform's component access token, as whatever runs the platform keeps it. Environment variable: `" + envComponentAccessToken + "`.",
			Optional:            true,
			Sensitive:           true,
		},
		"mint_tokens": schema.BoolAttribute{
			MarkdownDescription: "Whether to make new authorizer access tokens, and a component access token where none is given. Default: `false`. " +
				"**Each new token ends, within minutes, the one that your running service uses**, unless the service renews it: " +
				"prefer a source that takes the token from that service.",
			Optional: true,
		},
		"appsecret": schema.StringAttribute{
			MarkdownDescription: "The platform's appsecret; only with `mint_tokens = true`. Environment variable: `" + envComponentAppSecret + "`.",
			Optional:            true,
			Sensitive:           true,
		},
		"verify_ticket": schema.StringAttribute{
			MarkdownDescription: "The latest `component_verify_ticket` that WeChat pushed; only with `mint_tokens = true`. Environment variable: `" + envComponentVerifyTicket + "`.",
			Optional:            true,
			Sensitive:           true,
		},
		"refresh_tokens": schema.MapAttribute{
			MarkdownDescription: "Authorizers' refresh tokens, as a map from appid to token; only with `mint_tokens = true`. " +
				"For an appid that is not there WeChat is asked for it.",
			ElementType: types.StringType,
			Optional:    true,
			Sensitive:   true,
		},
	},
}

// componentModel is a block of it.
type componentModel struct {
	AppID         types.String `tfsdk:"appid"`
	AccessToken   types.String `tfsdk:"access_token"`
	MintTokens    types.Bool   `tfsdk:"mint_tokens"`
	AppSecret     types.String `tfsdk:"appsecret"`
	VerifyTicket  types.String `tfsdk:"verify_ticket"`
	RefreshTokens types.Map    `tfsdk:"refresh_tokens"`
}

// validate checks what is known. No diagnostic carries a path: the engine may print the line, and secrets stand beside.
func (m componentModel) validate(diagnostics *diag.Diagnostics) {
	if isKnown(m.AppID) {
		if err := wechat.CheckAppID(m.AppID.ValueString()); err != nil {
			diagnostics.AddError("Not an appid", "component.appid: "+notAnAppID(m.AppID.ValueString(), err))
		}
	}
	checkToken(diagnostics, "component.access_token", m.AccessToken)
	checkNotEmpty(diagnostics, "component.appsecret", m.AppSecret)
	checkNotEmpty(diagnostics, "component.verify_ticket", m.VerifyTicket)
	checkTokens(diagnostics, "component.refresh_tokens", m.RefreshTokens, func(refreshToken string) (string, error) {
		// It is no access token: WeChat's have an @ in them.
		if strings.TrimSpace(refreshToken) == "" {
			return "", errors.New("is empty")
		}
		return refreshToken, nil
	})

	var mintOnly []string
	for name, isNull := range map[string]bool{
		"component.appsecret":      m.AppSecret.IsNull(),
		"component.verify_ticket":  m.VerifyTicket.IsNull(),
		"component.refresh_tokens": m.RefreshTokens.IsNull(),
	} {
		if !isNull {
			mintOnly = append(mintOnly, name)
		}
	}
	if len(mintOnly) > 0 && !m.MintTokens.IsUnknown() && !m.MintTokens.ValueBool() {
		diagnostics.AddError("Secrets that nothing uses", and(slices.Sorted(slices.Values(mintOnly)))+" would be used only to make new tokens, and component.mint_tokens is not true. "+
			"Remove what is not needed, so that no secret lies around; or set mint_tokens = true, "+
			"if this run may end the access tokens that your running service uses.")
	}
}

// filled is the block with what the environment adds to it.
func (m componentModel) filled(getenv func(string) string, diagnostics *diag.Diagnostics) componentModel {
	if appid := trimmed(getenv, envComponentAppID, diagnostics); !m.AppID.IsNull() && m.AppID.ValueString() != appid {
		return m
	}
	for variable, value := range map[string]*types.String{
		envComponentAppID:        &m.AppID,
		envComponentAccessToken:  &m.AccessToken,
		envComponentAppSecret:    &m.AppSecret,
		envComponentVerifyTicket: &m.VerifyTicket,
	} {
		if !value.IsNull() {
			continue
		}
		if set := trimmed(getenv, variable, diagnostics); set != "" {
			*value = types.StringValue(set)
		}
	}
	return m
}

// tokens is the platform with its access token, and what it may mint from; nil where no platform is named.
func (m componentModel) tokens(ctx context.Context, api token.ComponentAPI, diagnostics *diag.Diagnostics) *token.Component {
	if m.AppID.ValueString() == "" {
		return nil
	}
	if err := wechat.CheckAppID(m.AppID.ValueString()); err != nil {
		diagnostics.AddError("No component", "component.appid, or "+envComponentAppID+": "+notAnAppID(m.AppID.ValueString(), err))
	}
	config := token.ComponentConfig{AppID: m.AppID.ValueString(), AccessToken: m.AccessToken.ValueString(), Mint: m.MintTokens.ValueBool()}
	if config.Mint {
		config.AppSecret, config.VerifyTicket = m.AppSecret.ValueString(), m.VerifyTicket.ValueString()
		diagnostics.Append(m.RefreshTokens.ElementsAs(ctx, &config.RefreshTokens, false)...)
	}
	return token.NewComponent(attributeComponent, config, api)
}

// warnMinting says what minting does to others.
func warnMinting(diagnostics *diag.Diagnostics) {
	diagnostics.AddWarning("New access tokens end the old ones", "component.mint_tokens is true: each account that is read gets a new access token, "+
		"and the one that your running service uses for it ends within minutes. A service that does not renew its token then fails with 40001. "+
		"To do without, take the tokens from that service: with token_endpoint, exec or access_token_file.")
}
