package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// sourceTimeout is how long a program may run, and an attempt to ask a token service take, where nothing is said.
const sourceTimeout = 30 * time.Second

// execAttribute is a program that prints a token.
var execAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "A program that prints an access token: run without a shell, for each account where there " +
		"are several, at most 8 at once. A run that fails is not repeated; where WeChat rejects the token, the " +
		"program is run once more. It prints the token alone on one line, or JSON with `access_token` and, if known, " +
		"`expires_in` in seconds or `expires_at`, a time in RFC 3339 or Unix seconds. It inherits the environment " +
		"but for `WECHAT_*`, `TF_VAR_*` and `TF_CLI_ARGS*`, and finds the appid in `WECHAT_APPID`; where WeChat has " +
		"rejected the token it printed before, `WECHAT_TOKEN_REJECTED` is `true`.",
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
			MarkdownDescription: "How long one run may take, as a duration such as `30s`; then it is killed. " +
				"Default: `30s`. On Unix all it started is ended with it, also after a good run, but for what leaves " +
				"its process group, with `setsid` for instance. On Windows the program alone is killed.",
			Optional: true,
		},
		"batch": schema.BoolAttribute{
			MarkdownDescription: "Whether one run prints the tokens of all accounts, as JSON with `access_tokens`, " +
				"an object from appid to token, and, if known, one `expires_in`. It is run once, and once more if " +
				"WeChat rejects a token; `{appid}` and `WECHAT_APPID` are not there. Default: `false`.",
			Optional: true,
		},
	},
}

const summaryVariable = "Not an environment variable"

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// execModel is the attribute exec.
type execModel struct {
	Command types.String `tfsdk:"command"`
	Args    types.List   `tfsdk:"args"`
	Env     types.Map    `tfsdk:"env"`
	Timeout types.String `tfsdk:"timeout"`
	Batch   types.Bool   `tfsdk:"batch"`

	given string // see [given]
}

// check checks what is known.
func (m execModel) check(p *parser, name string) {
	p.checkGiven(name+".command", m.Command, m.given)
	p.checkDuration(name+".timeout", m.Timeout)
	p.checkBatch(name, m.Batch)
	args := m.Args.Elements()
	p.checkNoNulls(name+".args", args)
	for number, arg := range args {
		if text, isString := arg.(types.String); isString {
			p.checkAllAtOnce(name, name+".args", text.ValueString(), m.Batch)
			p.checkPlaceholder(fmt.Sprintf("%s.args[%d]", name, number), text.ValueString(), nearPlaceholder)
		}
	}
	var wrong []string
	nameless := false
	env := m.Env.Elements()
	for _, variable := range sortedKeys(env) {
		text, isString := env[variable].(types.String)
		switch {
		case !environmentName.MatchString(variable):
			nameless = true
		case env[variable].IsNull(), isString && strings.Contains(text.ValueString(), "\x00"):
			wrong = append(wrong, variable)
		}
	}
	if nameless {
		p.diagnostics.AddError(summaryVariable, "A key of "+name+".env is not the name of an environment variable.")
	}
	if len(wrong) > 0 {
		p.diagnostics.AddError(summaryVariable,
			"The entry of "+name+".env for "+someOf(wrong)+" is null or holds a zero byte.")
	}
}

// source is the token source of a block that is known.
func (m execModel) source(ctx context.Context, p *parser, name string) token.Source {
	description := token.Description{
		Setting: name, PerAppID: !isOfComponent(name), Batch: m.Batch.ValueBool(), Given: m.given,
	}
	return token.Exec(description, token.ExecConfig{
		Command: m.Command.ValueString(),
		Args:    elements[[]string](ctx, p, m.Args),
		Env:     elements[map[string]string](ctx, p, m.Env),
		Timeout: setting(p, name+".timeout", "", m.Timeout, sourceTimeout, parseDuration),
	})
}
