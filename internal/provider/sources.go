package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// The attributes that are token sources. component is none: it is the third-party platform.
const (
	attributeAccessToken     = "access_token"
	attributeAccessTokens    = "access_tokens"
	attributeAccessTokenFile = "access_token_file"
	attributeExec            = "exec"
	attributeTokenEndpoint   = "token_endpoint"
	attributeComponent       = "component"
	componentAccessToken     = "component.access_token"
)

const summaryTwoSources = "More than one token source"

// sourceAttribute is a token source that stands in the provider block.
type sourceAttribute struct {
	name  string
	value attr.Value
	// check reports what is wrong with it, as far as it is known. No diagnostic carries a path where a secret stands on
	// the line or beside it: the engine prints the line.
	check func()
	// source makes the token source of it, once it is wholly known.
	source func() token.Source
}

// sourceAttributes lists the token sources of a provider block; null is not written.
func (p *parser) sourceAttributes(ctx context.Context, block providerModel, how connection) []sourceAttribute {
	exec := decode[execModel](ctx, p, block.Exec)
	endpoint := decode[tokenEndpointModel](ctx, p, block.TokenEndpoint)
	exec.given, endpoint.given = given(block.Exec), given(block.TokenEndpoint)
	var written []sourceAttribute
	for _, attribute := range []sourceAttribute{
		{
			attributeAccessToken, block.AccessToken,
			func() { p.checkToken(attributeAccessToken, block.AccessToken) },
			func() token.Source { return token.Static(attributeAccessToken, block.AccessToken.ValueString()) },
		},
		{
			attributeAccessTokens, block.AccessTokens,
			func() { p.checkTokens(attributeAccessTokens, block.AccessTokens) },
			func() token.Source {
				return token.PerAppID(attributeAccessTokens, elements[map[string]string](ctx, p, block.AccessTokens))
			},
		},
		{
			attributeAccessTokenFile, block.AccessTokenFile,
			func() { p.checkPath(attributeAccessTokenFile, block.AccessTokenFile) },
			func() token.Source { return token.File(attributeAccessTokenFile, block.AccessTokenFile.ValueString()) },
		},
		{
			attributeExec, block.Exec,
			func() { exec.check(p) },
			func() token.Source { return exec.source(ctx, p) },
		},
		{
			attributeTokenEndpoint, block.TokenEndpoint,
			func() { endpoint.check(p) },
			func() token.Source { return endpoint.source(ctx, p, how) },
		},
	} {
		if !attribute.value.IsNull() {
			written = append(written, attribute)
		}
	}
	return written
}

// checkSources checks the token sources and the component of a provider block.
func (p *parser) checkSources(ctx context.Context, block providerModel) {
	var known []string
	for _, attribute := range p.sourceAttributes(ctx, block, connection{}) {
		if attribute.value.IsUnknown() {
			continue // it may turn out to be null
		}
		known = append(known, attribute.name)
		attribute.check()
	}
	if len(known) > 1 {
		p.diagnostics.AddError(summaryTwoSources, fmt.Sprintf(
			"The provider block has %s. Access tokens come from one place: keep one of them and remove the other. "+
				"For another set of accounts write a second provider block with an alias.", and(known)))
	}
	decode[componentModel](ctx, p, block.Component).check(p)
}

// tokenSource chooses where tokens come from. What cannot be had yet is no error here, but at the first read that needs
// it. What is not known yet never gives way to the environment: the engine would read with that in this very plan, and
// keep the answer.
func (p *parser) tokenSource(ctx context.Context, block providerModel, how connection) token.Source {
	if written := p.sourceAttributes(ctx, block, how); len(written) > 0 {
		if name := p.unknown[written[0].name]; name != "" {
			return token.Unavailable(notYetKnown(name))
		}
		return written[0].source()
	}
	switch value, path := p.variable(envAccessToken), p.variable(envAccessTokenFile); {
	case value != "" && path != "":
		p.diagnostics.AddError(summaryTwoSources, fmt.Sprintf(
			"The environment has %s and %s. Access tokens come from one place: unset one of them, or write the token "+
				"source into the provider block, where the environment does not count.",
			envAccessToken, envAccessTokenFile))
		return nil
	case value != "":
		return token.Static(envAccessToken, value)
	case path != "":
		p.checkPlaceholder(envAccessTokenFile, path, otherPlaceholder)
		return token.File(envAccessTokenFile, path)
	case !block.Component.IsNull():
		return token.Unavailable(errOnlyComponent)
	default:
		return token.Unavailable(errNoTokenSource)
	}
}

// component returns the third-party platform's appid and the source of its own access token. Where there is none, the
// source says why: that is no fault of the configuration until something is read that needs the platform.
func (p *parser) component(ctx context.Context, block providerModel) (appid string, source token.Source) {
	if block.Component.IsNull() {
		return "", token.Unavailable(errNoComponent)
	}
	if name := p.unknown[attributeComponent]; name != "" {
		return "", token.Unavailable(notYetKnown(name))
	}
	component := decode[componentModel](ctx, p, block.Component)
	component.fill(p)
	appid = component.AppID.ValueString()
	if err := wechat.CheckAppID(appid); err != nil && appid != "" {
		p.diagnostics.AddError("No component", "component.appid, or "+envComponentAppID+": "+notAnAppID(appid, err))
	}
	switch {
	case appid == "":
		return "", token.Unavailable(withGiven(errComponentWithoutAppID, block.Component))
	case component.AccessToken.IsNull():
		return "", token.Unavailable(withGiven(errComponentWithoutToken, block.Component))
	default:
		return appid, token.Static(componentAccessToken, component.AccessToken.ValueString())
	}
}

// decode reads a nested attribute, of which nothing is set where it is null or not known yet.
func decode[M any](ctx context.Context, p *parser, object types.Object) (model M) {
	if isKnown(object) {
		p.diagnostics.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
	}
	return model
}

// elements reads a list or a map that is wholly known.
func elements[T any](ctx context.Context, p *parser, value attr.Value) (read T) {
	switch collection := value.(type) {
	case types.Map:
		p.diagnostics.Append(collection.ElementsAs(ctx, &read, false)...)
	case types.List:
		p.diagnostics.Append(collection.ElementsAs(ctx, &read, false)...)
	}
	return read
}
