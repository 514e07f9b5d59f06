package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// schema is a provider's schema as an engine prints it, as far as the reference in Chinese shows it.
type schema struct {
	Providers map[string]struct {
		Provider    struct{ Block block }
		DataSources map[string]struct{ Block block } `json:"data_source_schemas"`
	} `json:"provider_schemas"`
}

type block struct {
	Description string
	Attributes  map[string]attribute
}

type attribute struct {
	Type        json.RawMessage
	Nested      *nested `json:"nested_type"`
	Description string
	Required    bool
	Optional    bool
	Sensitive   bool
}

type nested struct {
	Attributes map[string]attribute
	Mode       string `json:"nesting_mode"`
}

// exampleOfReference is the example that the reference shows, as the English page does.
func exampleOfReference(part string) string {
	if part == "provider" {
		return "examples/provider/provider.tf"
	}
	return "examples/data-sources/" + part + "/data-source.tf"
}

// reference fills the reference in Chinese, in which a marker such as <!-- wechat_open_account --> stands for each part
// of the schema; a part without one comes last. What has no translation stands in English. It shortens the provider's
// page, too.
func reference() error {
	const page, index = "docs/guides/reference-zh.md", "docs/index.md"
	if err := rewrite(index, withoutRepetitions); err != nil {
		return err
	}
	var schemas schema
	if err := readJSON(".cache/schema.json", &schemas); err != nil {
		return err
	}
	chinese, err := readTranslations("internal/docs/chinese/schema.json")
	if err != nil {
		return err
	}
	provider := schemas.Providers["wechat"]
	parts := map[string]block{"provider": provider.Provider.Block}
	for name, dataSource := range provider.DataSources {
		parts[name] = dataSource.Block
	}
	described := map[string]string{}
	for part, block := range parts {
		example, err := os.ReadFile(exampleOfReference(part))
		if err != nil {
			return err
		}
		described[part] = describe(part, block, string(example), chinese)
	}
	return rewrite(page, func(text string) string {
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			marker := "<!-- " + part + " -->\n"
			if !strings.Contains(text, marker) {
				text += "\n## " + part + "\n\n" + marker
			}
			text = strings.Replace(text, marker, described[part], 1)
		}
		return text
	})
}

// describe writes one part of the reference. Nested attributes come behind those that they are nested in, each under an
// anchor that begins with the part; the same ones again are not repeated, and linked to.
func describe(part string, described block, example string, translate func(string) string) string {
	type group struct {
		name       string
		attributes map[string]attribute
	}
	anchors := map[string]string{} // of nested attributes, by what they are
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\n```terraform\n%s```\n", translate(described.Description), example)
	for groups := []group{{"", described.Attributes}}; len(groups) > 0; groups = groups[1:] {
		current := groups[0]
		if current.name != "" {
			anchor := anchorOf(part, current.name)
			fmt.Fprintf(&text, "\n<a id=\"%s\"></a>\n\n### `%s` 的属性\n", anchor, current.name)
		}
		for _, kind := range []string{"必填", "可选", "只读"} {
			title := "\n**" + kind + "**\n\n"
			for _, name := range slices.Sorted(maps.Keys(current.attributes)) {
				each := current.attributes[name]
				if each.kind() != kind {
					continue
				}
				link := ""
				if each.Nested != nil {
					path := strings.TrimPrefix(current.name+"."+name, ".")
					what, _ := json.Marshal(each.Nested) //nolint:errchkjson // It was read from JSON.
					if anchors[string(what)] == "" {
						anchors[string(what)] = anchorOf(part, path)
						groups = append(groups, group{path, each.Nested.Attributes})
					}
					link = "（属性见[下文](#" + anchors[string(what)] + ")）"
				}
				says := translate(each.Description)
				fmt.Fprintf(&text, "%s- `%s`（%s）%s%s\n", title, name, each.typeName(), says, link)
				title = ""
			}
		}
	}
	return text.String()
}

func anchorOf(part, path string) string { return part + "--" + strings.ReplaceAll(path, ".", "--") }

func (a attribute) kind() string {
	switch {
	case a.Required:
		return "必填"
	case a.Optional:
		return "可选"
	default:
		return "只读"
	}
}

func (a attribute) typeName() string {
	name := "对象"
	switch {
	case a.Nested == nil:
		name = typeName(a.Type)
	case a.Nested.Mode != "single":
		name += collections[a.Nested.Mode]
	}
	if a.Sensitive {
		name += "，敏感"
	}
	return name
}

var (
	primitives  = map[string]string{"string": "字符串", "number": "数字", "bool": "布尔值"}
	collections = map[string]string{"list": "列表", "map": "映射", "set": "集合"}
)

// typeName names a type that is "string", or ["list", "string"], or such with another in it.
func typeName(encoded json.RawMessage) string {
	var name string
	if json.Unmarshal(encoded, &name) == nil {
		return primitives[name]
	}
	var collection []json.RawMessage
	if json.Unmarshal(encoded, &collection) != nil || len(collection) != 2 ||
		json.Unmarshal(collection[0], &name) != nil {
		return string(encoded)
	}
	return typeName(collection[1]) + collections[name]
}

// withoutRepetitions leaves out of a page each nested schema that stands there under a shorter name as well, and leads
// its links there.
func withoutRepetitions(page string) string {
	const anchor = "<a id=\"nestedatt--"
	parts := strings.Split(page, anchor)
	split := func(part string) (name, attributes string) {
		name, _, _ = strings.Cut(part, `"`)
		_, attributes, _ = strings.Cut(part, "\n\n") // behind the heading
		return name, strings.TrimSpace(attributes)
	}
	shortest := map[string]string{}
	for _, part := range parts[1:] {
		name, attributes := split(part)
		if kept := shortest[attributes]; kept == "" || len(name) < len(kept) {
			shortest[attributes] = name
		}
	}
	page = strings.TrimSpace(parts[0])
	var links []string
	for _, part := range parts[1:] {
		name, attributes := split(part)
		if kept := shortest[attributes]; kept != name {
			links = append(links, "(#nestedatt--"+name+")", "(#nestedatt--"+kept+")")
			continue
		}
		page += "\n\n" + anchor + strings.TrimSpace(part)
	}
	return strings.NewReplacer(links...).Replace(page) + "\n"
}
