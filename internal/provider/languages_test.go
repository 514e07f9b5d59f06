package provider

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

// The README and the guides stand in English and in Chinese. The tests in this file hold the two together: a page that changes in
// one language has to change in the other.

// chinesePage names the Chinese version of an English page, both relative to the root. Other pages have none.
func chinesePage(page string) (string, bool) {
	switch {
	case page == "docs/guides/slow-networks.md": // in English so far
		return "", false
	case page == "README.md":
		return "README.zh-CN.md", true
	case path.Dir(page) == "docs/guides" && !strings.HasSuffix(page, "-zh.md"):
		return strings.TrimSuffix(page, ".md") + "-zh.md", true
	default:
		return "", false
	}
}

func TestLanguages_sayTheSame(t *testing.T) {
	t.Parallel()
	pages := documentation(t)
	var chinese []string
	groups := map[string]string{}
	for _, page := range pages {
		translated, ok := chinesePage(page)
		if !ok {
			continue
		}
		chinese = append(chinese, translated)
		if !slices.Contains(pages, translated) {
			t.Errorf("%s has no Chinese version: %s", page, translated)
			continue
		}
		english, translation := readDocument(t, page), readDocument(t, translated)
		for _, difference := range differences(page, english, translation) {
			t.Errorf("%s and %s differ. %s", page, translated, difference)
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
`
	for name, test := range map[string]struct{ from, to, finds string }{
		"nothing":                  {},
		"a heading's level":        {"# 茶\n", "## 茶\n", "headings"},
		"a heading more":           {"- 红茶", "## 红茶\n\n- 红茶", "headings"},
		"a title left in English":  {`"茶"`, `"Tea"`, "page_title"},
		"no subcategory":           {`subcategory: "饮料"`, "", "subcategory"},
		"no way to the other":      {"[English](tea.md)\n\n", "", "[English](tea.md)"},
		"a paragraph more":         {"- 红茶", "另外：\n\n- 红茶", "paragraph"},
		"an item less":             {"- 绿茶\n", "", "item"},
		"a row less":               {"| 红茶 | 95 |\n", "", "table"},
		"a column less":            {"| 红茶 | 95 |", "| 红茶 95 |", "table"},
		"a link to the English":    {"pot-zh.md#盖子", "pot.md#lid", "pot"},
		"another link":             {"pot-zh.md", "cup-zh.md", "cup"},
		"another name in code":     {"`pour`", "`倒`", "倒"},
		"another figure":           {"48001", "40001", "40001"},
		"a figure in a cell":       {"| 95 |", "| 80 |", "95"},
		"another command":          {`pour "#1"`, `pour "#2"`, "#2"},
		"a quotation in Chinese":   {"no tea", "没有茶", "没有茶"},
		"a block of another kind":  {"```text", "```json", "json"},
		"a line break":             {"48001 表示太烫：用", "48001 表示太烫：\n用", "line"},
		"two blocks changed about": {"```sh\npour \"#1\"   # 慢慢倒\n```\n\n```text\nno tea\n```", "```text\nno tea\n```\n\n```sh\npour \"#1\"\n```", "no tea"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := differences("docs/guides/tea.md", english, strings.Replace(chinese, test.from, test.to, 1))
			if test.from == "" {
				if len(found) != 0 {
					t.Errorf("found %q", found)
				}
			} else if !strings.Contains(strings.Join(found, "\n"), test.finds) {
				t.Errorf("found %q, want something about %q", found, test.finds)
			}
		})
	}
}

// passage is a heading and what stands under it.
type passage struct {
	Title   string   // which a translation changes
	Level   string   // of the heading
	Outline []string // paragraphs, items, tables and blocks, in order
	Blocks  []string // what stands in blocks of code
	Links   []string // where they lead; in which order is for the language to say
	Code    []string // names in code font
	Figures []string
}

// differences lists what parts an English page from its translation.
func differences(page, english, translation string) []string {
	var found []string
	report := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
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

	toChinese := func(link string) string { return chineseLink(page, link) }
	want := passages(english, toChinese)
	got := passages(translation, func(link string) string { return link })
	levels := func(of []passage) (levels []string) {
		for _, passage := range of {
			levels = append(levels, passage.Level)
		}
		return levels
	}
	if diff := cmp.Diff(levels(want), levels(got)); diff != "" {
		report("The headings do (-English +Chinese):\n%s", diff)
		return found // what stands under which heading cannot be told
	}
	for i := range want {
		got[i].Figures = slices.DeleteFunc(got[i].Figures, func(figure string) bool {
			return len(figure) < 3 && !slices.Contains(want[i].Figures, figure) // English writes these as words
		})
		if diff := cmp.Diff(want[i], got[i], cmpopts.IgnoreFields(passage{}, "Title")); diff != "" {
			report("Under %q they do (-English +Chinese):\n%s", got[i].Title, diff)
		}
	}
	return found
}

var (
	han             = regexp.MustCompile(`\p{Han}`)
	brokenLine      = regexp.MustCompile(`(?m)^.*[\p{Han}，。；：、）”]\n[\p{Han}（“]`)
	markdownHeading = regexp.MustCompile(`(?m)^#+ .*$`)
	markdownItem    = regexp.MustCompile(`^(?:-|\d+\.) `)
	inlineCode      = regexp.MustCompile("`([^`]+)`")
	figure          = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	shellComment    = regexp.MustCompile(`(?m)(?:^|[ \t]+)#.*$`)
)

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

// chineseLink is where a Chinese page leads in place of a link of the English one.
func chineseLink(page, link string) string {
	target, _, _ := strings.Cut(link, "#")
	if strings.Contains(link, "://") || target == "" {
		return link
	}
	if translated, ok := chinesePage(path.Join(path.Dir(page), target)); ok {
		return path.Join(path.Dir(target), path.Base(translated))
	}
	return link
}

// passages takes a page apart, with its links as a function has them.
func passages(page string, link func(string) string) []passage {
	if rest, ok := strings.CutPrefix(page, "---\n"); ok {
		_, page, _ = strings.Cut(rest, "\n---\n")
	}
	var found []passage
	var now passage
	var prose, block strings.Builder
	var info string // of the block that is being read
	var cells []int // in the rows of the table that is being read
	inBlock, inParagraph := false, false

	stands := func(what string) { // whatever comes next begins anew
		if cells != nil {
			now.Outline = append(now.Outline, fmt.Sprintf("table with rows of %d", cells))
			cells = nil
		}
		if what != "" {
			now.Outline = append(now.Outline, what)
		}
		inParagraph = what == "paragraph" || what == "item"
	}
	end := func() {
		stands("")
		now.takeProse(prose.String(), link)
		found = append(found, now)
		prose.Reset()
	}
	for line := range strings.Lines(page) {
		trimmed := strings.TrimSpace(line)
		rest, isFence := strings.CutPrefix(trimmed, "```")
		switch {
		case inBlock && isFence:
			text := block.String()
			if info == "sh" {
				text = shellComment.ReplaceAllString(text, "")
			}
			now.Blocks = append(now.Blocks, text)
			inBlock = false
			continue
		case inBlock:
			block.WriteString(line)
			continue
		case isFence:
			stands("block of " + rest)
			inBlock, info = true, rest
			block.Reset()
			continue
		case strings.HasPrefix(trimmed, "|"):
			inParagraph = false
			cells = append(cells, strings.Count(trimmed, "|")-strings.Count(trimmed, `\|`)-1)
		case markdownHeading.MatchString(line):
			end()
			level, title, _ := strings.Cut(trimmed, " ")
			now = passage{Title: title, Level: level}
		case trimmed == "":
			stands("")
		case markdownItem.MatchString(trimmed):
			stands("item")
		case !inParagraph:
			stands("paragraph")
		}
		prose.WriteString(line)
	}
	end()
	return found
}

// takeProse finds what stands in sentences and cells. How often a name or a figure is said is for the language to say.
func (p *passage) takeProse(text string, link func(string) string) {
	for _, match := range markdownLink.FindAllStringSubmatch(text, -1) {
		target, _, _ := strings.Cut(link(match[1]), "#")
		p.Links = append(p.Links, target)
	}
	text = markdownLink.ReplaceAllString(text, "]")
	for _, match := range inlineCode.FindAllStringSubmatch(text, -1) {
		p.Code = append(p.Code, words(match[1]))
	}
	p.Figures = figure.FindAllString(inlineCode.ReplaceAllString(text, ""), -1)
	slices.Sort(p.Links)
	slices.Sort(p.Code)
	slices.Sort(p.Figures)
	p.Code, p.Figures = slices.Compact(p.Code), slices.Compact(p.Figures)
}

// TestLanguages_anchors names headings as hosts of Markdown do.
func TestLanguages_anchors(t *testing.T) {
	t.Parallel()
	got := anchors("# 令牌从哪里来？\n## 拦截，还是警告\n### `plan` 时读取（一次）\n#### 48001：为什么、怎么办\n<a id=\"x\"></a>\n## What \"it\" costs: all_of it\n")
	want := []string{"令牌从哪里来", "拦截还是警告", "plan-时读取一次", "48001为什么怎么办", "x", "what-it-costs-all_of-it"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
