package provider

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// The attributes that are token sources.
const (
	attributeAccessToken     = "access_token"
	attributeAccessTokens    = "access_tokens"
	attributeAccessTokenFile = "access_token_file"
)

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
	} {
		if !source.value.IsNull() {
			written = append(written, source)
		}
	}
	return written
}

// validateSources checks the token sources. Its diagnostics carry no attribute path: the engine would print the source
// line, and with it the secret.
func validateSources(config providerModel) diag.Diagnostics {
	var diagnostics diag.Diagnostics
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
	if isKnown(config.AccessToken) {
		if problem := token.Check(config.AccessToken.ValueString()); problem != "" {
			diagnostics.AddError("Not an access token", fmt.Sprintf(
				"The value of %s %s. Leave the attribute out, or set it to null, where there is no token to give.", attributeAccessToken, problem))
		}
	}
	if isKnown(config.AccessTokens) {
		for _, appid := range sortedKeys(config.AccessTokens.Elements()) {
			if err := wechat.CheckAppID(appid); err != nil {
				diagnostics.AddError("Not an appid", fmt.Sprintf("A key of %s: %s", attributeAccessTokens, notAnAppID(appid, err)))
			}
			value, isString := config.AccessTokens.Elements()[appid].(types.String)
			if !isString || value.IsUnknown() {
				continue
			}
			if problem := token.Check(value.ValueString()); problem != "" {
				diagnostics.AddError("Not an access token", fmt.Sprintf("The entry of %s for %s %s.", attributeAccessTokens, appid, problem))
			}
		}
	}
	return diagnostics
}

// tokenSource chooses where tokens come from. What cannot be had yet is no error here, but at the first read that needs it.
func tokenSource(config providerModel, getenv func(string) string) (token.Source, diag.Diagnostics) {
	written := writtenSources(config)
	for _, source := range written {
		if source.value.IsUnknown() {
			// Never the environment's instead: the engine would read with that in this very plan, and keep the answer.
			return token.Unavailable(&notYetKnownError{source.attribute}), nil
		}
	}
	if len(written) > 0 {
		return writtenTokenSource(written[0].attribute, config), nil
	}
	return environmentTokenSource(getenv)
}

func writtenTokenSource(attribute string, config providerModel) token.Source {
	switch attribute {
	case attributeAccessToken:
		return token.Static(attribute, config.AccessToken.ValueString())
	case attributeAccessTokenFile:
		return token.File(attribute, config.AccessTokenFile.ValueString())
	default:
		values := map[string]string{}
		unknown := map[string]bool{}
		for appid, element := range config.AccessTokens.Elements() {
			if value, isString := element.(types.String); isString && !value.IsUnknown() {
				values[appid] = value.ValueString()
			} else {
				unknown[appid] = true
			}
		}
		return &partlyKnown{token.PerAppID(attribute, values), unknown}
	}
}

// environmentTokenSource is the token source that the environment names.
func environmentTokenSource(getenv func(string) string) (token.Source, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	value, path := getenv(envAccessToken), getenv(envAccessTokenFile)
	switch {
	case value != "" && path != "":
		diagnostics.AddError("More than one token source", fmt.Sprintf(
			"The environment has %s and %s. Access tokens come from one place: unset one of them, "+
				"or write the token source into the provider block, where the environment does not count.", envAccessToken, envAccessTokenFile))
		return nil, diagnostics
	case value != "":
		return token.Static(envAccessToken, value), nil
	case path != "":
		return token.File(envAccessTokenFile, path), nil
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
		return token.Token{}, &notYetKnownError{attributeAccessTokens}
	}
	return p.Source.Fetch(ctx, request)
}

func isKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

func sortedKeys[V any](values map[string]V) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
