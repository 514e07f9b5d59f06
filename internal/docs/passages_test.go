package docs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

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

// isWithin reports whether a passage says nothing that another does not say in the same order.
func (p passage) isWithin(other passage) bool {
	return isWithin(p.Outline, other.Outline) && isWithin(p.Blocks, other.Blocks) && isWithin(p.Links, other.Links) &&
		isWithin(p.Code, other.Code) && isWithin(p.Figures, other.Figures)
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

var (
	han             = regexp.MustCompile(`\p{Han}`)
	brokenLine      = regexp.MustCompile(`(?m)^.*[\p{Han}，。；：、）”]\n[\p{Han}（“]`)
	markdownHeading = regexp.MustCompile(`(?m)^#+ .*$`)
	markdownItem    = regexp.MustCompile(`^(?:-|\d+\.) `)
	inlineCode      = regexp.MustCompile("`([^`]+)`")
	figure          = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	shellComment    = regexp.MustCompile(`(?m)(?:^|[ \t]+)#.*$`)
)

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
			for _, number := range cells {
				now.Outline = append(now.Outline, fmt.Sprintf("row of %d", number))
			}
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
