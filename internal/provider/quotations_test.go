package provider

import (
	"flag"
	"regexp"
	"strings"
	"testing"
)

var quotation = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")

// expectQuoted fails where a guide quotes something that the engine did not print.
func expectQuoted(t *testing.T, guide, printed string) {
	t.Helper()
	expectPrinted(t, "the guide "+guide, readDocument(t, "docs/guides/"+guide+".md"), printed)
}

// quotations is set by make docs-test: make test runs what the pages show, and leaves aside how they quote it.
var quotations = flag.Bool("quotations", false, "hold what the pages quote to what was printed")

// expectPrinted fails where a page, or a part of it, quotes something that the engine did not print, or nothing.
func expectPrinted(t *testing.T, where, page, printed string) {
	t.Helper()
	if !*quotations {
		return
	}
	quoted := quotation.FindAllStringSubmatch(page, -1)
	if len(quoted) == 0 {
		t.Errorf("%s quotes nothing", where)
	}
	for _, quotation := range quoted {
		for _, part := range strings.Split(quotation[1], "…") {
			expectWords(t, printed, words(part))
		}
	}
}

// expectQuotedUnder fails where the guide quotes, under one heading, something that the engine did not print.
func expectQuotedUnder(t *testing.T, heading, printed string) {
	t.Helper()
	expectPrinted(t, "the guide fleets, under "+heading, under(t, "fleets", heading), printed)
}

// under is the part of a guide below one of its headings.
func under(t *testing.T, guide, heading string) string {
	t.Helper()
	return sectionOf(readDocument(t, "docs/guides/"+guide+".md"), heading)
}

// sectionOf is the part of a page below one of its headings.
func sectionOf(page, heading string) string {
	found, within := false, false
	var section strings.Builder
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			within = !within
		case !within && strings.HasPrefix(line, "## "):
			found = strings.TrimSpace(line) == "## "+heading
		}
		if found {
			section.WriteString(line)
		}
	}
	return section.String()
}
