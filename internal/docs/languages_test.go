package docs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README and the guides stand in English and in Chinese. The tests in this file hold the headings and the blocks of
// code of the two together. What stands in English alone is listed, and is no failure, so that nobody needs both
// languages. A section that stands in Chinese alone is marked.

const (
	// chineseGroup is the subcategory of all pages in Chinese.
	chineseGroup = "中文文档"
	// englishGroups is how many subcategories the others may have.
	englishGroups = 5
	// chineseOnly stands by itself under the heading of a section that the English page does not have, between empty
	// lines, or in the line before a block of code that it does not have.
	chineseOnly = "<!-- 仅中文 -->"
)

// chinesePage names the Chinese version of an English page, both relative to the root. Other pages have none.
func chinesePage(page string) (string, bool) {
	switch {
	case page == "README.md":
		return "README.zh-CN.md", true
	case path.Dir(page) == "docs/guides" && !isChinese(page):
		return strings.TrimSuffix(page, ".md") + "-zh.md", true
	default:
		return "", false
	}
}

func isChinese(page string) bool {
	return strings.HasSuffix(page, "-zh.md") || strings.HasSuffix(page, ".zh-CN.md")
}

// TestLanguages_sayTheSame compares each page with its Chinese version.
func TestLanguages_sayTheSame(t *testing.T) {
	t.Parallel()
	pages := pages(t)
	var missing []string
	for _, page := range pages {
		english := strings.TrimSuffix(page, "-zh.md") + ".md"
		if isChinese(page) && path.Dir(page) == "docs/guides" && page != chineseReference && !slices.Contains(pages, english) {
			t.Errorf("%s is there, and %s is not", page, english)
		}
		translated, ok := chinesePage(page)
		switch {
		case !ok:
		case !slices.Contains(pages, translated):
			missing = append(missing, translated)
		default:
			contradictions, untranslated := differences(page, read(t, page), read(t, translated), pages)
			for _, difference := range contradictions {
				t.Errorf("%s and %s differ. %s", page, translated, difference)
			}
			for _, difference := range untranslated {
				missing = append(missing, translated+": "+difference)
			}
		}
	}
	if len(missing) > 0 {
		fmt.Printf("In English alone, and welcome in Chinese:\n%s\n", strings.Join(missing, "\n"))
	}
}

// TestLanguages_sidebar holds what the registry makes its list of pages from: few groups, and one for all that is in
// Chinese.
func TestLanguages_sidebar(t *testing.T) {
	t.Parallel()
	var groups []string
	for _, page := range files(t, "docs/guides", ".md") {
		group, title := frontMatter(read(t, page), "subcategory"), frontMatter(read(t, page), "page_title")
		if group == "" || title == "" {
			t.Errorf("%s has the subcategory %q and the page_title %q", page, group, title)
		}
		if isChinese(page) != (group == chineseGroup) || isChinese(page) != han.MatchString(title) {
			t.Errorf("%s has the subcategory %q and the page_title %q, which is another language's", page, group, title)
		}
		if !isChinese(page) && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	if len(groups) > englishGroups {
		t.Errorf("%d groups of English pages, of at most %d: %q", len(groups), englishGroups, groups)
	}
}

// TestLanguages_noticeEachDifference shows what the comparison finds.
func TestLanguages_noticeEachDifference(t *testing.T) {
	t.Parallel()
	const english = "# Tea\n\n[中文](tea-zh.md)\n\nAsk [the pot](pot.md#lid).\n\n" +
		"```sh\npour \"#1\"   # slowly\n```\n\n## More\n\nNo.\n\n```text\nno tea\n```\n"
	const chinese = "# 茶\n\n[English](tea.md)\n\n问[茶壶](pot-zh.md#盖子)。\n\n" +
		"```sh\npour \"#1\"   # 慢慢倒\n```\n\n## 更多\n\n没有。\n\n```text\nno tea\n```\n"
	translatedPages := []string{"docs/guides/tea-zh.md", "docs/guides/pot-zh.md"}
	for name, test := range map[string]struct {
		from, to, finds string
		missing         bool
	}{
		"nothing":                  {},
		"a heading's level":        {"## 更多", "### 更多", "headings", false},
		"a heading more":           {"## 更多", "## 红茶\n\n好。\n\n## 更多", "headings", false},
		"a heading marked":         {"## 更多", "## 红茶\n\n" + chineseOnly + "\n\n```sh\ncha\n```\n\n## 更多", "", false},
		"a section less":           {"\n## 更多\n\n没有。\n\n```text\nno tea\n```\n", "", "headings", true},
		"a block less":             {"```text\nno tea\n```\n", "", "no tea", true},
		"a block marked":           {"没有。", chineseOnly + "\n```sh\ncha\n```\n\n没有。", "", false},
		"another command":          {`pour "#1"`, `pour "#2"`, "#2", false},
		"a quotation in Chinese":   {"no tea", "没有茶", "没有茶", false},
		"a block of another kind":  {"```text", "```json", "json", false},
		"no way to the other page": {"[English](tea.md)\n\n", "", "[English](tea.md)", false},
		"a link to the English":    {"pot-zh.md#盖子", "pot.md#lid", "pot", false},
		"a line break":             {"没有。", "没有\n红茶。", "line", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(chinese, test.from, test.to, 1)
			found, missing := differences("docs/guides/tea.md", english, changed, translatedPages)
			if test.missing {
				found, missing = missing, found
			}
			if len(missing) != 0 || test.finds == "" && len(found) != 0 {
				t.Errorf("found %q and %q", found, missing)
			}
			if !strings.Contains(strings.Join(found, "\n"), test.finds) {
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
	for text, line := range map[string]string{
		english: "[中文](" + path.Base(translated) + ")", translation: "[English](" + path.Base(page) + ")",
	} {
		if title := markdownHeading.FindString(text); !strings.Contains(text, title+"\n\n"+line+"\n\n") {
			report("There is no %s under the title %s", line, title)
		}
	}
	for _, broken := range brokenLine.FindAllString(translation, -1) {
		report("A line break that readers see as a space: %q", broken)
	}
	for _, link := range markdownLink.FindAllStringSubmatch(translation, -1) {
		target, _, _ := strings.Cut(link[1], "#")
		other, ok := chinesePage(path.Join(path.Dir(page), target))
		if ok && slices.Contains(pages, other) && path.Base(target) != path.Base(page) {
			report("The translation links to %s, which is there in Chinese", target)
		}
	}
	want, got := outline(english), outline(translation)
	switch diff := cmp.Diff(want, got); {
	case diff == "":
	case isWithin(got, want):
		missing = append(missing, "some headings or blocks (-English +Chinese):\n"+diff)
	default:
		report("The headings or blocks do (-English +Chinese):\n%s", diff)
	}
	return contradictions, missing
}

var (
	han             = regexp.MustCompile(`\p{Han}`)
	brokenLine      = regexp.MustCompile(`(?m)^.*[\p{Han}，。；：、）”]\n[\p{Han}（“]`)
	markdownHeading = regexp.MustCompile(`(?m)^#+ .*$`)
	shellComment    = regexp.MustCompile(`(?m)(?:^|[ \t]+)#.*$`)
)

// outline lists the levels of a page's headings and its blocks of code, in order, but for what is marked as Chinese.
func outline(page string) (found []string) {
	inBlock, isMarked, block := false, false, ""
	skipped := 0 // the level of the heading whose section is marked
	lines := strings.Split(page, "\n")
	for number, line := range lines {
		isFence := strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && inBlock:
			if strings.HasPrefix(block, "```sh\n") {
				block = shellComment.ReplaceAllString(block, "")
			}
			if !isMarked && skipped == 0 {
				found = append(found, block)
			}
			inBlock = false
		case isFence:
			inBlock, block = true, strings.TrimSpace(line)+"\n"
			isMarked = number > 0 && lines[number-1] == chineseOnly
		case inBlock:
			block += line + "\n"
		case markdownHeading.MatchString(line):
			level, _, _ := strings.Cut(line, " ")
			if skipped > 0 && len(level) > skipped {
				continue
			}
			skipped = 0
			if number+3 < len(lines) && lines[number+2] == chineseOnly && lines[number+3] == "" {
				skipped = len(level)
				continue
			}
			found = append(found, level)
		}
	}
	return found
}

// isWithin reports whether a list is what remains of another when some of it is left out.
func isWithin(part, whole []string) bool {
	for _, each := range part {
		at := slices.Index(whole, each)
		if at < 0 {
			return false
		}
		whole = whole[at+1:]
	}
	return true
}

// frontMatter returns a value from the lines that the registry reads, or nothing.
func frontMatter(page, key string) string {
	if match := regexp.MustCompile(`(?m)\A---\n(?s:.*?)^` + key + `: "(.*)"$`).FindStringSubmatch(page); match != nil {
		return match[1]
	}
	return ""
}
