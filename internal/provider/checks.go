package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// The checks in this file report without a path, and without the value: a secret stands in it, or beside it.

func (p *parser) checkToken(name string, value types.String) {
	if _, err := token.Parse(value.ValueString()); err != nil && isKnown(value) {
		p.addError("no token", "{name}", name, "{problem}", invalidText(err))
	}
}

// checkTokens checks a map from appid to token, and says each thing that is wrong once: a map may have tens of
// thousands of entries, and the framework compares each diagnostic with all before it.
func (p *parser) checkTokens(name string, tokens types.Map) {
	noAppIDs := map[string]int{}      // by what is wrong with the key
	noTokens := map[string][]string{} // the keys, by what is wrong with the token
	unusual := 0
	elements := tokens.Elements() // a copy of the whole map, each time
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
		if _, err := token.Parse(value.ValueString()); err != nil && isString && !value.IsUnknown() {
			noTokens[invalidText(err)] = append(noTokens[invalidText(err)], key)
		}
	}
	for _, problem := range sortedKeys(noAppIDs) {
		p.addError("no appid in key", "{name}", name, "{problem}", problem, "{count}", keyCount(noAppIDs[problem]))
	}
	if unusual > 0 {
		p.addWarning("unusual key", "{name}", name, "{count}", keyCount(unusual))
	}
	for _, problem := range sortedKeys(noTokens) {
		p.addError("no token in entry", "{name}", name, "{appids}", firstFew(noTokens[problem]), "{problem}", problem)
	}
}

// keyCount ends a message that speaks of one and stands for several.
func keyCount(count int) string {
	if count < 2 {
		return ""
	}
	return fmt.Sprintf(" So it is with %d keys.", count)
}

// checkPath checks the path of a file, which is no secret. {appid} does not belong where one file holds all tokens, or
// the component's own.
func (p *parser) checkPath(name string, value types.String, isForAll bool) {
	if isOfComponent(name) {
		p.checkNotEmpty(name, value)
	} else if isEmpty(value) {
		p.diagnostics.Append(attributeError("empty value", path.Root(name), "{name}", name))
	}
	p.checkPlaceholder(name, value.ValueString(), otherPlaceholder)
	p.checkAllAtOnce(name, name, value.ValueString(), types.BoolValue(isForAll))
}

// checkBatch reports a batch where there is one token alone.
func (p *parser) checkBatch(source string, batch types.Bool) {
	if isOfComponent(source) && batch.ValueBool() {
		p.addError("batch in component", "{source}", source)
	}
}

// checkAllAtOnce reports {appid} in a setting of a source that has one token, or hands out those of all accounts at
// once.
func (p *parser) checkAllAtOnce(source, name, value string, batch types.Bool) {
	switch {
	case !token.HasPlaceholder(value):
	case isOfComponent(source):
		p.addError("appid in component", "{name}", name)
	case batch.ValueBool():
		p.addError("appid in batch", "{name}", name)
	}
}

var (
	// otherPlaceholder is a word in braces; "{appid}" is found, too.
	otherPlaceholder = regexp.MustCompile(`\{+\s*[\pL\d_.-]+\s*\}+`)
	// nearPlaceholder is one that may be meant for the appid. In programs' own languages another character leads.
	nearPlaceholder = regexp.MustCompile(`(?i)(?:^|[^$%#{])(\{\s*[\w.-]*app[_.-]?id\s*\})`)
)

// checkPlaceholder looks for what is meant for "{appid}" and is not. The word is not repeated: it may be a secret.
func (p *parser) checkPlaceholder(name, value string, pattern *regexp.Regexp) {
	for _, match := range pattern.FindAllStringSubmatch(value, -1) {
		if match[len(match)-1] != "{appid}" {
			p.addError("other placeholder", "{name}", name)
			return
		}
	}
}

func (p *parser) checkNotEmpty(name string, value types.String) {
	if isEmpty(value) {
		p.addError("empty value", "{name}", name)
	}
}

// checkGiven takes the place of a required attribute: for one that is missing the engine would print the whole object,
// and with it the secrets beside.
func (p *parser) checkGiven(name string, value types.String, given string) {
	if value.IsNull() {
		p.addError("missing value", "{name}", name, "{given}", given)
	}
	p.checkNotEmpty(name, value)
}

func (p *parser) checkDuration(name string, value types.String) {
	if _, err := parseDuration(value.ValueString()); err != nil && isKnown(value) {
		p.addError("duration",
			"{attribute}", name, "{value}", safeQuote(value.ValueString()), "{problem}", err.Error())
	}
}

func (p *parser) checkProxy(name string, value types.String) {
	if _, err := parseProxyURL(value.ValueString()); err != nil && isKnown(value) {
		p.addError("proxy URL", "{name}", name, "{problem}", err.Error())
	}
}

func isKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

func isEmpty(value types.String) bool {
	return isKnown(value) && strings.TrimSpace(value.ValueString()) == ""
}

func sortedKeys[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }

// joinWords joins words as a sentence does.
func joinWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
