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
	MarkdownDescription: "A program that prints an access token. It is run without a shell, once for each account, " +
		"at most 8 at once, and finds the appid in `WECHAT_APPID`. It prints the token alone on one line, or JSON " +
		"with `access_token` and, if known, `expires_in` in seconds or `expires_at`, a time in RFC 3339 or Unix " +
		"seconds; at most 64 KiB. It inherits the environment without `WECHAT_*`, `TF_VAR_*` and `TF_CLI_ARGS*`, " +
		"which may hold secrets. A run that fails is not repeated; where WeChat rejects the token, the program is " +
		"run once more, with `WECHAT_TOKEN_REJECTED=true`.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"command": optionalString("The program: a path, or a name on the `PATH`. It must be given."),
		"args": schema.ListAttribute{
			MarkdownDescription: "Its arguments; `{appid}` in them is replaced. Messages show them: secrets " +
				"belong in `env`.",
			ElementType: types.StringType,
			Optional:    true,
		},
		"env": secretMap("Environment variables to add, also such as are not inherited."),
		"timeout": optionalString("How long one run may take, as a duration such as `30s`; then it is killed. " +
			"Default: `30s`. On Unix all that it started is ended with it, also after a good run, but for what " +
			"leaves its process group, as with `setsid`. On Windows the program alone is killed."),
		"batch": optionalBool("Whether one run prints the tokens of all accounts, as JSON with `access_tokens`, " +
			"an object from appid to token, and, if known, one `expires_in` or `expires_at`; at most 64 MiB. It " +
			"is run once, and once more if WeChat rejects a token. `{appid}` is an error then, and there is no " +
			"`WECHAT_APPID`. Default: `false`."),
	},
}

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// execModel is the attribute exec.
type execModel struct {
	Command types.String `tfsdk:"command"`
	Args    types.List   `tfsdk:"args"`
	Env     types.Map    `tfsdk:"env"`
	Timeout types.String `tfsdk:"timeout"`
	Batch   types.Bool   `tfsdk:"batch"`

	setNames string // see [setNames]
}

// check checks what is known.
func (m execModel) check(p *parser, name string) {
	p.checkGiven(name+".command", m.Command, m.setNames)
	p.checkDuration(name+".timeout", m.Timeout)
	p.checkBatch(name, m.Batch)
	var nulls []string
	for number, arg := range m.Args.Elements() {
		place := fmt.Sprintf("%s.args[%d]", name, number)
		if arg.IsNull() {
			nulls = append(nulls, place)
		}
		text, _ := arg.(types.String)
		p.checkAllAtOnce(name, name+".args", text.ValueString(), m.Batch)
		p.checkPlaceholder(place, text.ValueString(), nearPlaceholder)
	}
	if len(nulls) == 1 {
		p.addError("null argument", "{names}", nulls[0])
	} else if len(nulls) > 1 {
		p.addError("null arguments", "{names}", firstFew(nulls))
	}
	var wrong []string
	nameless := false
	env := m.Env.Elements()
	for _, variable := range sortedKeys(env) {
		text, _ := env[variable].(types.String)
		switch {
		case !environmentName.MatchString(variable):
			nameless = true
		case text.IsNull(), strings.Contains(text.ValueString(), "\x00"):
			wrong = append(wrong, variable)
		}
	}
	if nameless {
		p.addError("environment name", "{source}", name)
	}
	if len(wrong) > 0 {
		p.addError("environment value", "{source}", name, "{names}", firstFew(wrong))
	}
}

// source is the token source of a block that is known.
func (m execModel) source(ctx context.Context, p *parser, name string) token.Source {
	description := token.Description{
		Setting: name, PerAppID: !isOfComponent(name), Batch: m.Batch.ValueBool(), Given: m.setNames,
	}
	return token.Exec(description, token.ExecConfig{
		Command: m.Command.ValueString(),
		Args:    decode[[]string](ctx, p, m.Args),
		Env:     decode[map[string]string](ctx, p, m.Env),
		Timeout: setting(p, name+".timeout", "", m.Timeout, sourceTimeout, parseDuration),
	})
}
