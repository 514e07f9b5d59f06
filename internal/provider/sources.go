package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// The attributes that are token sources.
const (
	attributeAccessToken     = "access_token"
	attributeAccessTokens    = "access_tokens"
	attributeAccessTokenFile = "access_token_file"
	attributeExec            = "exec"
	attributeTokenEndpoint   = "token_endpoint"
)

// attributeComponent is the third-party platform, componentAccessToken its own access token. They are no token sources.
const (
	attributeComponent   = "component"
	componentAccessToken = "component.access_token"
)

const (
	summaryToken    = "Not an access token"
	summaryVariable = "Not an environment variable"
	summaryEmpty    = "Empty value"
)

// nested are the token sources that are objects, as they stand in the provider block.
type nested struct {
	exec     execModel
	endpoint tokenEndpointModel
}

func nestedOf(ctx context.Context, config providerModel) (read nested, diagnostics diag.Diagnostics) {
	for _, object := range []struct {
		value  types.Object
		target any
	}{
		{config.Exec, &read.exec},
		{config.TokenEndpoint, &read.endpoint},
	} {
		if isKnown(object.value) {
			diagnostics.Append(object.value.As(ctx, object.target, basetypes.ObjectAsOptions{})...)
		}
	}
	return read, diagnostics
}

// writtenSource is a token source that stands in the provider block.
type writtenSource struct {
	attribute string
	value     attr.Value
}

// writtenSources lists the token sources of a provider block; null is not written.
func writtenSources(config providerModel) []writtenSource {
	var written []writtenSource
	for _, source := range []writtenSource{
		{attributeAccessToken, config.AccessToken},
		{attributeAccessTokens, config.AccessTokens},
		{attributeAccessTokenFile, config.AccessTokenFile},
		{attributeExec, config.Exec},
		{attributeTokenEndpoint, config.TokenEndpoint},
	} {
		if !source.value.IsNull() {
			written = append(written, source)
		}
	}
	return written
}

// validateSources checks the token sources. Its diagnostics carry no attribute path: the engine would print the source
// line, and with it the secret.
func validateSources(ctx context.Context, config providerModel) diag.Diagnostics {
	read, diagnostics := nestedOf(ctx, config)
	var known []string
	for _, source := range writtenSources(config) {
		if !source.value.IsUnknown() {
			known = append(known, source.attribute)
		}
	}
	if len(known) > 1 {
		diagnostics.AddError("More than one token source", fmt.Sprintf(
			"The provider block has %s. Access tokens come from one place: keep one of them and remove the other. "+
				"For another set of accounts write a second provider block with an alias.", and(known)))
	}
	if isKnown(config.AccessTokenFile) && strings.TrimSpace(config.AccessTokenFile.ValueString()) == "" {
		diagnostics.AddAttributeError(path.Root(attributeAccessTokenFile), summaryEmpty, emptyValue(attributeAccessTokenFile))
	}
	checkToken(&diagnostics, attributeAccessToken, config.AccessToken)
	checkTokens(&diagnostics, attributeAccessTokens, config.AccessTokens, token.Clean)
	if isKnown(config.Exec) {
		read.exec.validate(&diagnostics)
	}
	if isKnown(config.TokenEndpoint) {
		read.endpoint.validate(&diagnostics)
	}
	if isKnown(config.Component) {
		var component componentModel
		diagnostics.Append(config.Component.As(ctx, &component, basetypes.ObjectAsOptions{})...)
		component.validate(&diagnostics)
	}
	return diagnostics
}

// tokenSource chooses where tokens come from. What cannot be had yet is no error here, but at the first read that needs
// it.
func tokenSource(
	ctx context.Context, config providerModel, getenv func(string) string, how reach,
) (token.Source, diag.Diagnostics) {
	read, diagnostics := nestedOf(ctx, config)
	written := writtenSources(config)
	for _, source := range written {
		name := unknownWithin(ctx, source.attribute, source.value)
		// Of a map of tokens, the entries that are known can be used.
		usable := source.attribute == attributeAccessTokens && !source.value.IsUnknown()
		if name != "" && !usable {
			// Never the environment's instead: the engine would read with that in this very plan, and keep the answer.
			return token.Unavailable(notYetKnown(name)), diagnostics
		}
	}
	if len(written) == 0 {
		source, found := environmentTokenSource(getenv, !config.Component.IsNull())
		diagnostics.Append(found...)
		return source, diagnostics
	}
	switch attribute := written[0].attribute; attribute {
	case attributeAccessToken:
		return token.Static(attribute, config.AccessToken.ValueString()), diagnostics
	case attributeAccessTokens:
		return tokensOf(config.AccessTokens), diagnostics
	case attributeAccessTokenFile:
		return token.File(attribute, config.AccessTokenFile.ValueString()), diagnostics
	case attributeExec:
		return read.exec.source(ctx, &diagnostics), diagnostics
	default:
		return read.endpoint.source(ctx, how, &diagnostics), diagnostics
	}
}

// unknownWithin names the value, or the first attribute within it, that is not known yet; "" where all is.
func unknownWithin(ctx context.Context, name string, value attr.Value) string {
	if value.IsUnknown() {
		return name
	}
	object, isObject := value.(types.Object)
	attributes := object.Attributes()
	for _, inner := range sortedKeys(attributes) {
		if found := unknownWithin(ctx, name+"."+inner, attributes[inner]); found != "" {
			return found
		}
	}
	if isObject {
		return ""
	}
	if written, err := value.ToTerraformValue(ctx); err == nil && !written.IsFullyKnown() {
		return name
	}
	return ""
}

// tokensOf is the token source of a map, of which some may be known only after apply.
func tokensOf(written types.Map) token.Source {
	values := map[string]string{}
	unknown := map[string]bool{}
	for appid, element := range written.Elements() {
		if value, isString := element.(types.String); isString && !value.IsUnknown() {
			values[appid] = value.ValueString()
		} else {
			unknown[appid] = true
		}
	}
	return &partlyKnown{token.PerAppID(attributeAccessTokens, values), unknown}
}

// environmentTokenSource is the token source that the environment names.
func environmentTokenSource(getenv func(string) string, besideComponent bool) (token.Source, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	value, path := getenv(envAccessToken), getenv(envAccessTokenFile)
	switch {
	case diagnostics.HasError():
		return nil, diagnostics
	case value != "" && path != "":
		diagnostics.AddError("More than one token source", fmt.Sprintf(
			"The environment has %s and %s. Access tokens come from one place: unset one of them, "+
				"or write the token source into the provider block, where the environment does not count.", envAccessToken, envAccessTokenFile))
		return nil, diagnostics
	case value != "":
		return token.Static(envAccessToken, value), nil
	case path != "":
		return token.File(envAccessTokenFile, path), nil
	case besideComponent:
		return token.Unavailable(errOnlyComponent), nil
	default:
		return token.Unavailable(errNoTokenSource), nil
	}
}

// partlyKnown is a map of tokens of which some are known only after apply.
type partlyKnown struct {
	token.Source
	unknown map[string]bool
}

// Fetch implements [token.Source].
func (p *partlyKnown) Fetch(ctx context.Context, request token.Request) (token.Token, error) {
	if p.unknown[request.AppID] {
		return token.Token{}, &token.UnavailableError{Err: notYetKnown(attributeAccessTokens)}
	}
	return p.Source.Fetch(ctx, request)
}

// The checks below report without a path, and without the value: a secret stands in it, or beside it.

func checkToken(diagnostics *diag.Diagnostics, name string, value types.String) {
	if !isKnown(value) {
		return
	}
	if _, err := token.Clean(value.ValueString()); err != nil {
		diagnostics.AddError(summaryToken, fmt.Sprintf(
			"The value of %s %s. Leave the attribute out, or set it to null, where there is none to give.", name, invalidText(err)))
	}
}

// checkTokens checks a map from appid to token, and says each thing that is wrong once: a map may have tens of thousands
// of entries, and the framework compares each diagnostic with all before it.
func checkTokens(diagnostics *diag.Diagnostics, name string, tokens types.Map, clean func(string) (string, error)) {
	elements := tokens.Elements() // a copy of the whole map, each time
	noAppIDs := map[string]int{}  // by what is wrong with the key
	unusual := 0
	noTokens := map[string][]string{} // the keys, by what is wrong with the token
	for _, appid := range sortedKeys(elements) {
		if err := wechat.CheckAppID(appid); err != nil {
			noAppIDs[err.Error()]++
			continue
		}
		key := appid
		if !wechat.IsUsualAppID(appid) {
			unusual++
			key = "that key" // which may be a token, in an appid's place
		}
		value, isString := elements[appid].(types.String)
		if _, err := clean(value.ValueString()); err != nil && isString && !value.IsUnknown() {
			problem := invalidText(err)
			noTokens[problem] = append(noTokens[problem], key)
		}
	}
	for _, problem := range sortedKeys(noAppIDs) {
		diagnostics.AddError("Not an appid", fmt.Sprintf(
			"A key of %s cannot be an appid: %s.%s", name, problem, asMany(noAppIDs[problem])))
	}
	if unusual > 0 {
		diagnostics.AddWarning(summaryUnusualAppID, fmt.Sprintf(
			"A key of %s is not wx and 16 lower-case hexadecimal digits, "+
				"as the appids of official accounts and mini programs are.%s", name, asMany(unusual)))
	}
	for _, problem := range sortedKeys(noTokens) {
		diagnostics.AddError(summaryToken, fmt.Sprintf(
			"The entry of %s for %s %s.", name, someOf(noTokens[problem]), problem))
	}
}

// asMany ends a message that speaks of one and stands for several.
func asMany(count int) string {
	if count < 2 {
		return ""
	}
	return fmt.Sprintf(" So it is with %d keys.", count)
}

func checkNotEmpty(diagnostics *diag.Diagnostics, name string, value types.String) {
	if isKnown(value) && strings.TrimSpace(value.ValueString()) == "" {
		diagnostics.AddError(summaryEmpty, emptyValue(name))
	}
}

// checkGiven takes the place of a required attribute: for one that is missing the engine would print the whole object, and
// with it the secrets beside.
func checkGiven(diagnostics *diag.Diagnostics, name string, value types.String) {
	if value.IsNull() {
		diagnostics.AddError("Missing value", name+" must be given.")
	}
	checkNotEmpty(diagnostics, name, value)
}

func emptyValue(name string) string {
	return fmt.Sprintf("The value of %s is empty. Leave it out where there is none to give.", name)
}

func checkNoNulls(diagnostics *diag.Diagnostics, name string, elements []attr.Value) {
	var nulls []string
	for number, element := range elements {
		if element.IsNull() {
			nulls = append(nulls, fmt.Sprintf("%s[%d]", name, number))
		}
	}
	switch len(nulls) {
	case 0:
	case 1:
		diagnostics.AddError(summaryEmpty, nulls[0]+" is null.")
	default:
		diagnostics.AddError(summaryEmpty, someOf(nulls)+" are null.")
	}
}

func checkDuration(diagnostics *diag.Diagnostics, name string, value types.String) {
	if !isKnown(value) {
		return
	}
	if _, err := parseDuration(value.ValueString()); err != nil {
		diagnostics.AddError(summaryDuration, notADuration(name, value.ValueString()))
	}
}

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func hasControl(text string) bool { return strings.IndexFunc(text, unicode.IsControl) >= 0 }

func durationOr(written types.String, otherwise time.Duration) time.Duration {
	if duration, err := parseDuration(written.ValueString()); err == nil {
		return duration
	}
	return otherwise
}

func isKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

func sortedKeys[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
