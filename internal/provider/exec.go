package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// sourceTimeout is how long a program may run, and an attempt to ask a token service take, where nothing is said.
const sourceTimeout = 30 * time.Second

// execAttribute is a program that prints a token.
var execAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "A program that prints an access token: run for each account, without a shell, at most 8 at once. A run that fails is not repeated; where WeChat rejects the token, the program is run once more. " +
		"It prints the token alone on one line, or JSON with `access_token` and, if known, `expires_in` in seconds. " +
		"It inherits the environment but for `WECHAT_*`, `TF_VAR_*` and `TF_CLI_ARGS*`, " +
		"and finds the appid in `WECHAT_APPID`; " +
		"where WeChat has rejected the token it printed before, `WECHAT_TOKEN_REJECTED` is `true`.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"command": schema.StringAttribute{
			MarkdownDescription: "The program: a path, or a name on the `PATH`. It must be given.",
			Optional:            true,
		},
		"args": schema.ListAttribute{
			MarkdownDescription: "Its arguments; `{appid}` in them is replaced.",
			ElementType:         types.StringType,
			Optional:            true,
		},
		"env": schema.MapAttribute{
			MarkdownDescription: "Environment variables to add.",
			ElementType:         types.StringType,
			Optional:            true,
			Sensitive:           true,
		},
		"timeout": schema.StringAttribute{
			MarkdownDescription: "How long one run may take, as a duration such as `30s`; then it is killed. Default: `30s`. " +
				"On Unix all it started is ended with it, also after a good run, but for what leaves its process group, " +
				"with `setsid` for instance. On Windows the program alone is killed.",
			Optional: true,
		},
	},
}

// execModel is a block of it.
type execModel struct {
	Command types.String `tfsdk:"command"`
	Args    types.List   `tfsdk:"args"`
	Env     types.Map    `tfsdk:"env"`
	Timeout types.String `tfsdk:"timeout"`
}

// validate checks what is known. No diagnostic carries a path: the engine may print the line, and env stands beside.
func (m execModel) validate(diagnostics *diag.Diagnostics) {
	checkGiven(diagnostics, "exec.command", m.Command)
	checkDuration(diagnostics, "exec.timeout", m.Timeout)
	checkNoNulls(diagnostics, "exec.args", m.Args.Elements())
	var wrong []string
	nameless := false
	env := m.Env.Elements()
	for _, name := range sortedKeys(env) {
		text, isString := env[name].(types.String)
		switch {
		case !environmentName.MatchString(name):
			nameless = true
		case env[name].IsNull(), isString && strings.Contains(text.ValueString(), "\x00"):
			wrong = append(wrong, name)
		}
	}
	if nameless {
		diagnostics.AddError(summaryVariable, "A key of exec.env is not the name of an environment variable.")
	}
	if len(wrong) > 0 {
		diagnostics.AddError(summaryVariable,
			"The entry of exec.env for "+someOf(wrong)+" is null or holds a zero byte.")
	}
}

// source is the token source of a block that is known.
func (m execModel) source(ctx context.Context, diagnostics *diag.Diagnostics) token.Source {
	config := token.ExecConfig{
		Command: m.Command.ValueString(),
		Timeout: durationOr(m.Timeout, sourceTimeout),
	}
	diagnostics.Append(m.Args.ElementsAs(ctx, &config.Args, false)...)
	diagnostics.Append(m.Env.ElementsAs(ctx, &config.Env, false)...)
	return token.Exec(attributeExec, config)
}
