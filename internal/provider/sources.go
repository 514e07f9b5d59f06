package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// The attributes that are token sources. component is none: it is the third-party platform.
const (
	attributeAccessToken      = "access_token"
	attributeAccessTokens     = "access_tokens"
	attributeAccessTokenFile  = "access_token_file"
	attributeAccessTokensFile = "access_tokens_file"
	attributeExec             = "exec"
	attributeTokenEndpoint    = "token_endpoint"
	attributeComponent        = "component"
)

// oneTokenModel are the token sources that the provider block and component have in common.
type oneTokenModel struct {
	AccessToken     types.String `tfsdk:"access_token"`
	AccessTokenFile types.String `tfsdk:"access_token_file"`
	Exec            types.Object `tfsdk:"exec"`
	TokenEndpoint   types.Object `tfsdk:"token_endpoint"`
}

// sourceModel are the token sources of the provider block. Those of component are these, without the ones that hold the
// tokens of many accounts.
type sourceModel struct {
	oneTokenModel
	AccessTokens     types.Map    `tfsdk:"access_tokens"`
	AccessTokensFile types.String `tfsdk:"access_tokens_file"`
}

// sourceAttribute is a token source that is written.
type sourceAttribute struct {
	name  string
	value attr.Value
	// check reports what is wrong with it, as far as it is known. No diagnostic carries a path where a secret stands on
	// the line or beside it: the engine prints the line.
	check func(name string)
	// source makes the token source of it, once it is wholly known.
	source func(name string) token.Source
}

// isOfComponent reports whether a setting is one of component, or the variable in its place.
func isOfComponent(name string) bool {
	return strings.HasPrefix(name, attributeComponent+".") || name == envComponentAccessToken
}

// sourceAttributes lists the token sources that are written; null is not. prefix stands before their names.
func (p *parser) sourceAttributes(
	ctx context.Context, prefix string, m sourceModel, conn connection,
) (sources []sourceAttribute) {
	exec := decode[execModel](ctx, p, m.Exec)
	endpoint := decode[tokenEndpointModel](ctx, p, m.TokenEndpoint)
	exec.setNames, endpoint.setNames = setNames(m.Exec), setNames(m.TokenEndpoint)
	add := func(name string, value attr.Value, check func(name string), source func(name string) token.Source) {
		if !value.IsNull() {
			sources = append(sources, sourceAttribute{prefix + name, value, check, source})
		}
	}
	add(attributeAccessToken, m.AccessToken,
		func(name string) { p.checkToken(name, m.AccessToken) },
		func(name string) token.Source { return token.Static(name, m.AccessToken.ValueString()) })
	add(attributeAccessTokens, m.AccessTokens,
		func(name string) { p.checkTokens(name, m.AccessTokens) },
		func(name string) token.Source {
			return token.PerAppID(name, decode[map[string]string](ctx, p, m.AccessTokens))
		})
	add(attributeAccessTokenFile, m.AccessTokenFile,
		func(name string) { p.checkPath(name, m.AccessTokenFile, false) },
		func(name string) token.Source { return token.File(name, m.AccessTokenFile.ValueString()) })
	add(attributeAccessTokensFile, m.AccessTokensFile,
		func(name string) { p.checkPath(name, m.AccessTokensFile, true) },
		func(name string) token.Source { return token.BatchFile(name, m.AccessTokensFile.ValueString()) })
	add(attributeExec, m.Exec,
		func(name string) { exec.check(p, name) },
		func(name string) token.Source { return exec.source(ctx, p, name) })
	add(attributeTokenEndpoint, m.TokenEndpoint,
		func(name string) { endpoint.check(p, name) },
		func(name string) token.Source { return endpoint.source(ctx, p, name, conn) })
	return sources
}

// checkSources checks the token sources and the component of a provider block.
func (p *parser) checkSources(ctx context.Context, block providerModel) {
	p.checkAttributes(p.sourceAttributes(ctx, "", block.sourceModel, connection{}), "two sources")
	component := decode[componentModel](ctx, p, block.Component)
	appid := component.AppID.ValueString()
	if err := wechat.CheckAppID(appid); err != nil && isKnown(component.AppID) {
		p.addError("component appid", "{problem}", appIDProblem(appid, err))
	}
	p.checkAttributes(
		p.sourceAttributes(ctx, attributeComponent+".", component.sources(), connection{}), "two component sources")
}

// checkAttributes checks the token sources that are known: others may turn out to be null. moreThanOne is the reason
// of the error where there are several.
func (p *parser) checkAttributes(sources []sourceAttribute, moreThanOne string) {
	var known []string
	for _, attribute := range sources {
		if !attribute.value.IsUnknown() {
			known = append(known, attribute.name)
			attribute.check(attribute.name)
		}
	}
	if len(known) > 1 {
		p.addError(moreThanOne, "{names}", joinWords(known))
	}
}

// tokenSource chooses where tokens come from. What cannot be had yet is no error here, but at the first read that needs
// it. What is not known yet never gives way to the environment: the engine would read with that in this very plan, and
// keep the answer.
func (p *parser) tokenSource(ctx context.Context, block providerModel, conn connection) token.Source {
	if sources := p.sourceAttributes(ctx, "", block.sourceModel, conn); len(sources) > 0 {
		if name := p.unknown[sources[0].name]; name != "" {
			return token.Unavailable(notYetKnown(name))
		}
		return sources[0].source(sources[0].name)
	}
	source := token.Unavailable(errNoTokenSource)
	if !block.Component.IsNull() {
		source = token.Unavailable(errComponentAlone)
	}
	var set []string
	if value := p.variable(envAccessToken); value != "" {
		set = append(set, envAccessToken)
		source = token.Static(envAccessToken, value)
	}
	if path := p.variable(envAccessTokensFile); path != "" {
		set = append(set, envAccessTokensFile)
		p.checkAllAtOnce(envAccessTokensFile, envAccessTokensFile, path, types.BoolValue(true))
		source = token.BatchFile(envAccessTokensFile, path)
	}
	if path := p.variable(envAccessTokenFile); path != "" {
		set = append(set, envAccessTokenFile)
		p.checkPlaceholder(envAccessTokenFile, path, otherPlaceholder)
		source = token.File(envAccessTokenFile, path)
	}
	if len(set) > 1 {
		p.addError("two variables", "{names}", joinWords(set))
	}
	return source
}

// component returns the third-party platform's appid and the source of its own access token. Where there is none, the
// source says why: that is no fault of the configuration until something is read that needs the platform.
func (p *parser) component(
	ctx context.Context, block providerModel, conn connection,
) (appid string, source token.Source) {
	if block.Component.IsNull() {
		return "", token.Unavailable(errNoComponent)
	}
	if name := p.unknown[attributeComponent]; name != "" {
		return "", token.Unavailable(notYetKnown(name))
	}
	component := decode[componentModel](ctx, p, block.Component)
	sources := p.sourceAttributes(ctx, attributeComponent+".", component.sources(), conn)
	source = token.Unavailable(withSetNames(errComponentWithoutToken, block.Component))
	if len(sources) > 0 {
		source = sources[0].source(sources[0].name)
	}
	appid = component.AppID.ValueString()
	if variable := p.variable(envComponentAppID); component.AppID.IsNull() || appid == variable {
		// The variables speak of this component.
		appid = variable
		if accessToken := p.variable(envComponentAccessToken); len(sources) == 0 && accessToken != "" {
			source = token.Static(envComponentAccessToken, accessToken)
		}
	}
	switch err := wechat.CheckAppID(appid); {
	case appid == "":
		return "", token.Unavailable(withSetNames(errComponentWithoutAppID, block.Component))
	case err != nil:
		p.addError("configured component appid", "{problem}", appIDProblem(appid, err))
	}
	return appid, source
}

// decode reads a value into Go's types. What is null, or not known yet, is their zero value.
func decode[T any](ctx context.Context, p *parser, value attr.Value) (target T) {
	if isKnown(value) {
		p.diagnostics.Append(tfsdk.ValueAs(ctx, value, &target)...)
	}
	return target
}
