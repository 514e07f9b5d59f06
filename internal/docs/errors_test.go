package docs

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests in this file hold the pages about errors: what they quote was printed, each code has its page, and each
// summary stands in the table where somebody looks it up.

// pageOfErrors is the page that leads to all others.
const pageOfErrors = "reading-errors"

// errorPages are all of them.
var errorPages = []string{
	pageOfErrors, "errors-tokens", "errors-permission", "errors-appid", "errors-address", "errors-quota",
	"errors-network", "errors-requests", "errors-configuration",
}

var (
	// codeRow is a row of a family's table: a code, and what it means.
	codeRow = regexp.MustCompile(`(?m)^\| (-?\d+) \| ([^|]+) \|`)
	// lookupRow is a row of the table that leads from codes to a page.
	lookupRow = regexp.MustCompile(`(?m)^\| (-?\d+(?:, -?\d+)*) \| [^|]*\]\(([^)#]+)\.md[^)]*\)`)
)

// keptCode is what the provider says of a code, as it is kept beside its tests.
var keptCode = regexp.MustCompile(`(?m)^=== (-?\d+)\n+(.+)$`)

// TestErrorPages_haveEachCode holds the tables of codes to what the provider knows and says of them.
func TestErrorPages_haveEachCode(t *testing.T) {
	t.Parallel()
	codes := map[int]string{} // what the provider says of each
	for _, entry := range keptCode.FindAllStringSubmatch(read(t, "internal/provider/testdata/messages/codes.txt"), -1) {
		code, _ := strconv.Atoi(entry[1])
		codes[code] = entry[2]
	}
	listed := map[int][]string{} // the pages that a code has a row on
	for _, page := range errorPages {
		for _, row := range codeRow.FindAllStringSubmatch(readGuide(t, page), -1) {
			code, _ := strconv.Atoi(row[1])
			meaning, isKnown := codes[code]
			if !isKnown {
				t.Errorf("%s lists %d, which the provider does not know", page, code)
			}
			if page != pageOfErrors && row[2] != meaning {
				t.Errorf("%s says of %d %q, and the provider says %q", page, code, row[2], meaning)
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
	writtenSummary = regexp.MustCompile(`(?:(?P<reason>reason(?:: +| = ))(?:fmt\.Sprintf\()?|summary: +|summary[A-Z]\w* += +|` +
		`Add(?:Error|Warning)\(|NewErrorDiagnostic\(|AddAttribute(?:Error|Warning)\([^,\n]*, )"([^"]+)"`)
	// shownSummary is a summary in the table of the page.
	shownSummary = regexp.MustCompile("(?m)^\\| `([^`]+)`")
)

// TestErrorPages_haveEachSummary finds every summary that the provider can print in the table that leads from it.
func TestErrorPages_haveEachSummary(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	for _, file := range files(t, "internal/provider", ".go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, match := range writtenSummary.FindAllStringSubmatch(read(t, file), -1) {
			summary := strings.ReplaceAll(match[2], "%d", "N")
			if match[1] != "" { // behind the noun
				summary = "… not read: " + summary
			}
			written[summary] = true
		}
	}
	shown := map[string]bool{}
	table := section(readGuide(t, pageOfErrors), "From the first line to a page")
	for _, match := range shownSummary.FindAllStringSubmatch(table, -1) {
		shown[match[1]] = true
	}
	if want, got := slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(shown)); !slices.Equal(want, got) {
		t.Errorf("the provider can print\n%s\nand the page has\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// TestErrorPages_quoteMessages finds each quotation on the pages about errors in one of the messages that are kept
// beside the provider's tests, where its parts, an ellipsis between them, must follow one another.
func TestErrorPages_quoteMessages(t *testing.T) {
	t.Parallel()
	var messages []string
	for _, file := range files(t, "internal/provider/testdata/messages", ".txt") {
		for _, message := range strings.Split("\n"+read(t, file), "\n=== ") {
			_, message, _ = strings.Cut(message, "\n")
			messages = append(messages, words(message))
		}
	}
	for _, page := range errorPages {
		quoted := quotation.FindAllStringSubmatch(readGuide(t, page), -1)
		if len(quoted) == 0 {
			t.Errorf("%s quotes nothing", page)
		}
		for _, quotation := range quoted {
			says := func(message string) bool { return saysInOrder(message, quotation[1]) }
			if !slices.ContainsFunc(messages, says) {
				t.Errorf("%s quotes what no message says:\n%s", page, quotation[1])
			}
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
}
