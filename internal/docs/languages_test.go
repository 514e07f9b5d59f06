package docs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The README and the guides stand in English and in Chinese. The tests in this file hold the two together: what stands
// in both must agree. What stands in English alone is listed, and is no failure, so that nobody needs both languages.

// chinesePage names the Chinese version of an English page, both relative to the root. Other pages have none.
func chinesePage(page string) (string, bool) {
	switch {
	case page == "README.md":
		return "README.zh-CN.md", true
	case path.Dir(page) == "docs/guides" && !strings.HasSuffix(page, "-zh.md"):
		return strings.TrimSuffix(page, ".md") + "-zh.md", true
	default:
		return "", false
	}
}

// TestLanguages_sayTheSame compares each page with its Chinese version.
func TestLanguages_sayTheSame(t *testing.T) {
	t.Parallel()
	pages := pages(t)
	var chinese, missing []string
	groups := map[string]string{}
	for _, page := range pages {
		translated, ok := chinesePage(page)
		if !ok {
			continue
		}
		chinese = append(chinese, translated)
		if !slices.Contains(pages, translated) {
			missing = append(missing, translated)
			continue
		}
		english, translation := read(t, page), read(t, translated)
		contradictions, untranslated := differences(page, english, translation, pages)
		for _, difference := range contradictions {
			t.Errorf("%s and %s differ. %s", page, translated, difference)
		}
		for _, difference := range untranslated {
			missing = append(missing, translated+": "+difference)
		}
		// The registry lists guides by subcategory, so one subcategory must not become two.
		of, is := frontMatter(english, "subcategory"), frontMatter(translation, "subcategory")
		if before, known := groups[of]; known && before != is {
			t.Errorf("%s calls the subcategory %s %s, and another page %s", translated, of, is, before)
		}
		groups[of] = is
	}
	for _, page := range pages {
		if (strings.HasSuffix(page, "-zh.md") || strings.Contains(page, ".zh-CN.")) && !slices.Contains(chinese, page) {
			t.Errorf("%s has no English version", page)
		}
	}
	if len(missing) > 0 {
		fmt.Printf("In English alone, and welcome in Chinese:\n%s\n", strings.Join(missing, "\n"))
	}
}

// TestLanguages_noticeEachDifference shows what the comparison finds.
func TestLanguages_noticeEachDifference(t *testing.T) {
	t.Parallel()
	const english = `---
page_title: "Tea"
subcategory: "Drinks"
---

# Tea

[中文](tea-zh.md)

Ask [the pot](pot.md#lid) with ` + "`pour`" + `; 48001 is too hot.

- black
- green

| tea | water |
|---|---|
| black | 95 |

` + "```sh" + `
pour "#1"   # slowly
` + "```" + `

` + "```text" + `
no tea
` + "```" + `

## More

No.
`
	const chinese = `---
page_title: "茶"
subcategory: "饮料"
---

# 茶

[English](tea.md)

48001 表示太烫：用 ` + "`pour`" + ` 问[茶壶](pot-zh.md#盖子)。

- 红茶
- 绿茶

| 茶 | 水 |
|---|---|
| 红茶 | 95 |

` + "```sh" + `
pour "#1"   # 慢慢倒
` + "```" + `

` + "```text" + `
no tea
` + "```" + `

## 更多

没有。
`
	translatedPages := []string{"docs/guides/tea-zh.md", "docs/guides/pot-zh.md"}
	for name, test := range map[string]struct {
		from, to, finds string
		missing         bool
	}{
		"nothing":                 {},
		"a heading's level":       {"# 茶\n", "## 茶\n", "headings", false},
		"a heading more":          {"- 红茶", "## 红茶\n\n- 红茶", "headings", false},
		"a title left in English": {`"茶"`, `"Tea"`, "page_title", false},
		"no subcategory":          {`subcategory: "饮料"`, "", "subcategory", false},
		"no way to the other":     {"[English](tea.md)\n\n", "", "[English](tea.md)", false},
		"a paragraph more":        {"- 红茶", "另外：\n\n- 红茶", "paragraph", false},
		"an item less":            {"- 绿茶\n", "", "item", true},
		"a row less":              {"| 红茶 | 95 |\n", "", "row", true},
		"a block less":            {"```text\nno tea\n```\n", "", "no tea", true},
		"a section less":          {"\n## 更多\n\n没有。\n", "", "headings", true},
		"a column less":           {"| 红茶 | 95 |", "| 红茶 95 |", "row", false},
		"a link to the English":   {"pot-zh.md#盖子", "pot.md#lid", "pot", false},
		"another link":            {"pot-zh.md", "cup-zh.md", "cup", false},
		"another name in code":    {"`pour`", "`倒`", "倒", false},
		"another figure":          {"48001", "40001", "40001", false},
		"a figure in a cell":      {"| 95 |", "| 80 |", "95", false},
		"another command":         {`pour "#1"`, `pour "#2"`, "#2", false},
		"a quotation in Chinese":  {"no tea", "没有茶", "没有茶", false},
		"a block of another kind": {"```text", "```json", "json", false},
		"a line break":            {"48001 表示太烫：用", "48001 表示太烫：\n用", "line", false},
		"two blocks changed about": {
			"```sh\npour \"#1\"   # 慢慢倒\n```\n\n```text\nno tea\n```",
			"```text\nno tea\n```\n\n```sh\npour \"#1\"\n```", "no tea", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(chinese, test.from, test.to, 1)
			found, missing := differences("docs/guides/tea.md", english, changed, translatedPages)
			if test.missing {
				found, missing = missing, found
			}
			if len(missing) != 0 && test.missing || test.from == "" && len(found)+len(missing) != 0 {
				t.Errorf("found %q and %q", found, missing)
			}
			if test.from != "" && !strings.Contains(strings.Join(found, "\n"), test.finds) {
				t.Errorf("found %q, want something about %q", found, test.finds)
			}
		})
	}
}

// differences lists what contradicts between an English page and its translation, among these pages, and what the
// translation does not have.
func differences(page, english, translation string, pages []string) (contradictions, missing []string) {
	report := func(format string, args ...any) {
		contradictions = append(contradictions, fmt.Sprintf(format, args...))
	}
	translated, _ := chinesePage(page)
	for _, key := range []string{"page_title", "subcategory"} {
		if value := frontMatter(translation, key); (frontMatter(english, key) == "") != (value == "") {
			report("Only one has a %s", key)
		} else if value != "" && !han.MatchString(value) {
			report("The %s is not Chinese: %s", key, value)
		}
	}
	english = withoutLanguageLine(english, "[中文]("+path.Base(translated)+")", report)
	translation = withoutLanguageLine(translation, "[English]("+path.Base(page)+")", report)

	for _, broken := range brokenLine.FindAllString(translation, -1) {
		report("A line break that readers see as a space: %q", broken)
	}

	toChinese := func(link string) string { return chineseLink(page, link, pages) }
	want := passages(english, toChinese)
	got := passages(translation, func(link string) string { return link })
	levels := func(of []passage) (levels []string) {
		for _, passage := range of {
			levels = append(levels, passage.Level)
		}
		return levels
	}
	if diff := cmp.Diff(levels(want), levels(got)); diff != "" {
		if isWithin(levels(got), levels(want)) {
			missing = append(missing, fmt.Sprintf("%d of %d headings", len(want)-len(got), len(want)))
		} else {
			report("The headings do (-English +Chinese):\n%s", diff)
		}
		return contradictions, missing // what stands under which heading cannot be told
	}
	for i := range want {
		isShort := func(figure string) bool { return len(figure) < 3 }
		lacksShort := func(figure string) bool { return isShort(figure) && !slices.Contains(got[i].Figures, figure) }
		if !slices.ContainsFunc(want[i].Figures, lacksShort) {
			got[i].Figures = slices.DeleteFunc(got[i].Figures, func(figure string) bool {
				return isShort(figure) && !slices.Contains(want[i].Figures, figure) // English writes these as words
			})
		}
		diff := cmp.Diff(want[i], got[i], cmpopts.IgnoreFields(passage{}, "Title"))
		switch {
		case diff == "":
		case got[i].isWithin(want[i]):
			missing = append(missing, fmt.Sprintf("under %q (-English +Chinese):\n%s", got[i].Title, diff))
		default:
			report("Under %q they do (-English +Chinese):\n%s", got[i].Title, diff)
		}
	}
	return contradictions, missing
}

// frontMatter returns a value from the lines that the registry reads, or nothing.
func frontMatter(page, key string) string {
	if match := regexp.MustCompile(`(?m)\A---\n(?s:.*?)^` + key + `: "(.*)"$`).FindStringSubmatch(page); match != nil {
		return match[1]
	}
	return ""
}

// withoutLanguageLine takes the line out that leads to the other language. It stands under the title.
func withoutLanguageLine(page, line string, report func(string, ...any)) string {
	title := markdownHeading.FindString(page)
	if !strings.Contains(page, title+"\n\n"+line+"\n\n") {
		report("There is no %s under the title %s", line, title)
	}
	return strings.Replace(page, "\n"+line+"\n", "", 1)
}

// chineseLink is where a Chinese page leads in place of a link of the English one: to the English page as long as there
// is no other.
func chineseLink(page, link string, pages []string) string {
	target, _, _ := strings.Cut(link, "#")
	if strings.Contains(link, "://") || target == "" {
		return link
	}
	if translated, ok := chinesePage(path.Join(path.Dir(page), target)); ok && slices.Contains(pages, translated) {
		return path.Join(path.Dir(target), path.Base(translated))
	}
	return link
}
