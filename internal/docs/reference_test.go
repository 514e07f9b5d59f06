package docs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The reference in Chinese is made from the schema, as make generate writes it, and from translations of what the
// English pages say of each attribute. The tests in this file hold the three together.

const (
	// chineseReference has no English version: it is that of the provider's page and of the data sources' pages.
	chineseReference = "docs/guides/reference-zh.md"
	translationsFile = "internal/docs/chinese/schema.json"
)

var (
	// describedAttribute is a line of the schema on an English page.
	describedAttribute = regexp.MustCompile("(?m)^- `\\w+` \\([^)]*\\) (.*?)(?: \\(see \\[below for nested schema\\].*)?$")
	// chineseLink is the first line below the title of these pages; a description of the whole follows.
	chineseLink = regexp.MustCompile(`\A---\n(?s:.*?)\n# .*\n\n\[中文\]\((.*)\)\n\n(.+)\n`)
)

// descriptions are what a page says of a part of the schema and of its attributes.
func descriptions(page string) (found []string) {
	if match := chineseLink.FindStringSubmatch(page); match != nil {
		found = append(found, match[2])
	}
	for _, match := range describedAttribute.FindAllStringSubmatch(page, -1) {
		found = append(found, match[1])
	}
	return found
}

// TestReference_isTheEnglishPages finds each description of the English pages in the Chinese reference, translated, or
// in English where nobody has translated it yet. That is listed, and is no failure.
func TestReference_isTheEnglishPages(t *testing.T) {
	t.Parallel()
	translations := translations(t, translationsFile)
	reference := read(t, chineseReference)
	descriptionsOfAll := map[string]bool{}
	for _, page := range referencePages(t) {
		name := referencePart(page)
		part := section(reference, name)
		link := chineseLink.FindStringSubmatch(read(t, page))
		if want := strings.Repeat("../", strings.Count(page, "/")-1) + "guides/reference-zh.md#" + name; link == nil ||
			link[1] != want {
			t.Errorf("%s does not begin with a link to %s", page, want)
		}
		for _, english := range descriptions(read(t, page)) {
			descriptionsOfAll[english] = true
			chinese := cmp.Or(translations[english], english)
			if !strings.Contains(part, chinese) {
				t.Errorf("%s, under %s, does not have %q: run make generate", chineseReference, name, chinese)
			}
		}
	}
	expectTranslated(t, translationsFile, translations, descriptionsOfAll)
	for _, broken := range brokenLine.FindAllString(reference, -1) {
		t.Errorf("A line break that readers see as a space: %q", broken)
	}
}

// translations reads translations, from English texts to Chinese ones.
func translations(t *testing.T, file string) map[string]string {
	t.Helper()
	read, translations := read(t, file), map[string]string{}
	if err := json.Unmarshal([]byte(read), &translations); err != nil {
		t.Fatal(err)
	}
	return translations
}

// expectTranslated fails on a translation of what no English text says any more. What lacks one is listed, and is no
// failure.
func expectTranslated(t *testing.T, file string, translations map[string]string, english map[string]bool) {
	t.Helper()
	for text := range translations {
		if !english[text] {
			t.Errorf("%s translates what nothing says any more: %q", file, text)
		}
	}
	var missing []string
	for _, text := range slices.Sorted(maps.Keys(english)) {
		if translations[text] == "" {
			missing = append(missing, text)
		}
	}
	if len(missing) > 0 {
		fmt.Printf("In English alone, and welcome in %s:\n%s\n", file, strings.Join(missing, "\n"))
	}
}

// referencePages are the pages that the reference is of.
func referencePages(t *testing.T) []string {
	t.Helper()
	return append(files(t, "docs/data-sources", ".md"), "docs/index.md")
}

// referencePart is the heading of a page's part in the reference, and its anchor.
func referencePart(page string) string {
	if page == "docs/index.md" {
		return "provider"
	}
	return "wechat_" + strings.TrimSuffix(path.Base(page), ".md")
}

// TestDescriptions reads the schema as it stands on a page.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	const page = "---\npage_title: \"x\"\n---\n\n# Tea\n\n[中文](x.md#tea)\n\nBoils water.\n\n## Schema\n\n### Optional\n\n" +
		"- `pot` (String, Sensitive) Which pot (if any).\n" +
		"- `lid` (Attributes) Its lid. (see [below for nested schema](#nestedatt--lid))\n"
	want := []string{"Boils water.", "Which pot (if any).", "Its lid."}
	if got := descriptions(page); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
