package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests in this file hold the pages about errors: what they quote was printed, each code has its page, and each summary
// stands in the table where somebody looks it up.

const (
	// pageOfErrors is the page that leads to all others.
	pageOfErrors = "reading-errors"
	// pageOfConfiguration quotes what `validate` says, and under one heading what a plan says; pageOfAppIDs the other way round.
	pageOfConfiguration = "errors-configuration"
	headingNotKnownYet  = "Known only after apply"
	pageOfAppIDs        = "errors-appid"
	headingAppID        = "What an appid is"
)

// errorPages are all of them.
var errorPages = []string{
	pageOfErrors, "errors-tokens", "errors-permission", pageOfAppIDs, "errors-address", "errors-quota", "errors-network", "errors-requests",
	pageOfConfiguration,
}

var (
	// codeRow is a row of a family's table: a code, and what it means.
	codeRow = regexp.MustCompile(`(?m)^\| (-?\d+) \| ([^|]+) \|`)
	// lookupRow is a row of the table that leads from codes to a page.
	lookupRow = regexp.MustCompile(`(?m)^\| (-?\d+(?:, -?\d+)*) \| [^|]*\]\(([^)#]+)\.md[^)]*\)`)
)

// TestErrorPages_haveEachCode holds the tables of codes to what the provider knows and says of them.
func TestErrorPages_haveEachCode(t *testing.T) {
	t.Parallel()
	listed := map[int][]string{} // the pages that a code has a row on
	for _, page := range errorPages {
		for _, row := range codeRow.FindAllStringSubmatch(readGuide(t, page), -1) {
			code, _ := strconv.Atoi(row[1])
			known, isKnown := codes[code]
			if !isKnown {
				t.Errorf("%s lists %d, which the provider does not know", page, code)
			}
			if page != pageOfErrors && row[2] != known.meaning {
				t.Errorf("%s says of %d %q, and the provider says %q", page, code, row[2], known.meaning)
			}
			if page != pageOfErrors {
				listed[code] = append(listed[code], page)
			}
		}
	}
	looked := map[int]string{}
	for _, row := range lookupRow.FindAllStringSubmatch(readGuide(t, pageOfErrors), -1) {
		for written := range strings.SplitSeq(row[1], ", ") {
			code, _ := strconv.Atoi(written)
			looked[code] = row[2]
			if strings.HasPrefix(row[2], "errors-") && !slices.Contains(listed[code], row[2]) {
				t.Errorf("%s leads from %d to %s, which has no row for it", pageOfErrors, code, row[2])
			}
			if _, isKnown := codes[code]; !isKnown {
				t.Errorf("%s leads from %d, which the provider does not know", pageOfErrors, code)
			}
		}
	}
	for code := range codes {
		if looked[code] == "" {
			t.Errorf("%s leads nowhere from %d", pageOfErrors, code)
		}
	}
	for code, pages := range listed {
		if looked[code] == "" {
			t.Errorf("%d has a row on %v, and %s does not lead there", code, pages, pageOfErrors)
		}
	}
}

var (
	// writtenSummary is a diagnostic's summary in the source code.
	writtenSummary = regexp.MustCompile(`(?:(?P<reason>reason: +)(?:fmt\.Sprintf\()?|summary: +|summary[A-Z]\w* += +|Add(?:Error|Warning)\(|NewErrorDiagnostic\(|AddAttribute(?:Error|Warning)\([^,\n]*, )"([^"]+)"`)
	// shownSummary is a summary in the table of the page.
	shownSummary = regexp.MustCompile("(?m)^\\| `([^`]+)`")
)

// TestErrorPages_haveEachSummary finds every summary that the provider can print in the table that leads from it.
func TestErrorPages_haveEachSummary(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range writtenSummary.FindAllStringSubmatch(string(source), -1) {
			summary := strings.ReplaceAll(match[2], "%d", "N")
			if match[1] != "" { // behind the noun
				summary = "… not read: " + summary
			}
			written[summary] = true
		}
	}
	shown := map[string]bool{}
	for _, match := range shownSummary.FindAllStringSubmatch(sectionOf(readGuide(t, pageOfErrors), "From the first line to a page"), -1) {
		shown[match[1]] = true
	}
	if want, got := slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(shown)); !slices.Equal(want, got) {
		t.Errorf("the provider can print\n%s\nand the page has\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// quotesOf parts a page into what quotes plans and what quotes `validate`.
func quotesOf(t *testing.T, page string) (plan, validate string) {
	t.Helper()
	text := readGuide(t, page)
	switch page {
	case pageOfConfiguration:
		plan = sectionOf(text, headingNotKnownYet)
		return plan, strings.Replace(text, plan, "", 1)
	case pageOfAppIDs:
		validate = sectionOf(text, headingAppID)
		return strings.Replace(text, validate, "", 1), validate
	default:
		return text, ""
	}
}

func readGuide(t *testing.T, name string) string {
	t.Helper()
	return readDocument(t, "docs/guides/"+name+".md")
}

// expectQuotedTogether fails where a page, or a part of it, quotes something that no single message says in this order.
func expectQuotedTogether(t *testing.T, where, page string, messages []string) {
	t.Helper()
	quoted := quotation.FindAllStringSubmatch(page, -1)
	if len(quoted) == 0 {
		t.Errorf("%s quotes nothing", where)
	}
	for _, quotation := range quoted {
		if !slices.ContainsFunc(messages, func(message string) bool { return saysInOrder(words("Error: "+message), quotation[1]) }) {
			t.Errorf("%s quotes what no message says:\n%s", where, quotation[1])
		}
	}
}

// saysInOrder reports whether a message holds all parts of a quotation, an ellipsis between them, one after another.
func saysInOrder(message, quoted string) bool {
	for part := range strings.SplitSeq(quoted, "…") {
		_, rest, found := strings.Cut(message, words(part))
		if !found {
			return false
		}
		message = rest
	}
	return true
}

// TestErrorPages_areHeldToOneMessage holds the comparison itself.
func TestErrorPages_areHeldToOneMessage(t *testing.T) {
	t.Parallel()
	const message = "Error: Open account not read with wx1 on line 7 The binding of wx1 could not be read"
	for quoted, want := range map[string]bool{
		"Error: Open account\nnot read\n…\nThe binding of … could not": true,
		"The binding of … Open account":                                false,
		"Error: No access token":                                       false,
	} {
		if got := saysInOrder(message, quoted); got != want {
			t.Errorf("%q: got %t, want %t", quoted, got, want)
		}
	}
	if got := sectionOf("## A\na\n```sh\n## no heading\n```\n## B\nb\n", "A"); got != fmt.Sprintf("## A\na\n%s\n## no heading\n%s\n", "```sh", "```") {
		t.Errorf("got %q", got)
	}
}
