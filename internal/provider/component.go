package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// componentAttribute is the third-party platform itself.
var componentAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "The third-party platform that the accounts authorized. It answers read-only questions: " +
		"who its authorizers are, what WeChat tells of them, and why WeChat refused a permission (48001). " +
		"It is no token source, and stands beside any. Its two variables fill what is left out, as long as `appid` " +
		"is left out too or is the variable's: those of one platform never complete another.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"appid": optionalString("The platform's appid. Environment variable: `" + envComponentAppID + "`."),
		"access_token": secretString("The platform's component access token, as whatever runs the platform keeps it. " +
			"At most one of `access_token`, `access_token_file`, `exec` and `token_endpoint` may be given. " +
			"Environment variable: `" + envComponentAccessToken + "`, which counts where none of them is given."),
		"access_token_file": optionalString("Path of a file that holds the component access token. It is read at the " +
			"first question, and once more if WeChat rejects the token."),
		"exec":           forComponent(execAttribute, attributeExec),
		"token_endpoint": forComponent(tokenEndpointAttribute, attributeTokenEndpoint),
	},
}

// forComponent is the attribute of a token source that stands in component.
func forComponent(source schema.SingleNestedAttribute, name string) schema.SingleNestedAttribute {
	source.MarkdownDescription = "As the provider's `" + name + "`, for the component's own access token: it is " +
		"asked for no account, so that there is no `{appid}`, no `WECHAT_APPID` and no `batch`."
	return source
}

// componentModel is the attribute component.
type componentModel struct {
	AppID types.String `tfsdk:"appid"`
	oneTokenModel
}

func (m componentModel) sources() sourceModel { return sourceModel{oneTokenModel: m.oneTokenModel} }
