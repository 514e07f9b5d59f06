package docs

import (
	"encoding/csv"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tests in this file hold the page about errors, in both languages: it has an anchor for the last line of each
// message, a row for each summary, and what it quotes was printed.

// pagesOfErrors name the page in each language, with the heading of its table of summaries.
var pagesOfErrors = map[string]string{"reading-errors": "First lines", "reading-errors-zh": "首行"}

// section48001 has quotations of its own, which the test of its example compares with what the engine prints.
const section48001 = "48001"

// TestErrorPages_haveEachAnchor finds once on the page what messages lead to: each of WeChat's codes, each summary, and
// whatever stands in the messages that are kept.
func TestErrorPages_haveEachAnchor(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{"unknown-code": true}
	for _, row := range codes(t) {
		wanted[row[0]] = true
	}
	for summary := range summaries(t) {
		if summary != anyCode {
			wanted[anchorOf(summary)] = true
		}
	}
	for _, file := range files(t, "internal/provider/testdata/messages", ".txt") {
		for _, match := range keptAddress.FindAllStringSubmatch(read(t, file), -1) {
			wanted[match[1]] = true
		}
	}
	for page := range pagesOfErrors {
		count := map[string]int{}
		for _, anchor := range anchors(readGuide(t, page)) {
			count[anchor]++
		}
		for anchor := range wanted {
			if count[anchor] != 1 {
				t.Errorf("%s has the anchor %s %d times", page, anchor, count[anchor])
			}
		}
	}
}

// keptAddress is where a message that is kept leads.
var keptAddress = regexp.MustCompile(`(?m)^More: PAGE#(.*)$`)

// codes are the rows of the table of codes: code, section, meaning, who acts, and what only messages say.
func codes(t *testing.T) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(read(t, "internal/provider/codes.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// anchorOf is the anchor that a message with this summary leads to.
func anchorOf(summary string) string {
	_, reason, isRead := strings.Cut(summary, " not read: ")
	if !isRead {
		reason = summary
	}
	return strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(reason), ""), " ", "-")
}

var (
	// writtenSummary is a diagnostic's summary in the source code.
	writtenSummary = regexp.MustCompile(`(?:(?P<reason>reason(?:: +| = ))(?:fmt\.Sprintf\()?|summary: +|summary[A-Z]\w* += +|` +
		`Add(?:Error|Warning)\(|NewErrorDiagnostic\(|AddAttribute(?:Error|Warning)\([^,\n]*, )"([^"]+)"`)
	// shownSummary is a summary in the table of the page, behind its anchor.
	shownSummary = regexp.MustCompile("(?m)^\\| (?:<a id=\"([^\"]+)\"></a>)?`([^`]+)`")
)

// anyCode is the one summary that has no anchor of its own: its codes have.
const anyCode = "… not read: WeChat error N"

// summaries are all that the provider can print.
func summaries(t *testing.T) map[string]bool {
	t.Helper()
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
	rows, err := csv.NewReader(strings.NewReader(read(t, "internal/provider/messages.csv"))).ReadAll()
	if err != nil || rows[0][2] != "summary" {
		t.Fatal("messages.csv has no summaries", err)
	}
	for _, row := range rows[1:] {
		if row[2] != "" {
			written[row[2]] = true
		}
	}
	return written
}

// TestErrorPages_haveEachSummary finds every summary that the provider can print in the page's table, at its anchor.
func TestErrorPages_haveEachSummary(t *testing.T) {
	t.Parallel()
	want := slices.Sorted(maps.Keys(summaries(t)))
	for page, heading := range pagesOfErrors {
		var got []string
		for _, match := range shownSummary.FindAllStringSubmatch(section(readGuide(t, page), heading), -1) {
			got = append(got, match[2])
			if match[2] != anyCode && match[1] != anchorOf(match[2]) {
				t.Errorf("%s has %q at the anchor %q", page, match[2], match[1])
			}
		}
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("the provider can print\n%s\nand %s has\n%s",
				strings.Join(want, "\n"), page, strings.Join(got, "\n"))
		}
	}
}

// TestErrorPages_inChinese finds no translation of a text that the table of codes does not have any more. What lacks
// one is listed, and is no failure.
func TestErrorPages_inChinese(t *testing.T) {
	t.Parallel()
	english := map[string]bool{}
	for _, row := range codes(t) {
		for _, text := range row[1:4] {
			if text != row[0] && text != section48001 {
				english[text] = true
			}
		}
	}
	const file = "internal/docs/chinese/codes.json"
	expectTranslated(t, file, translations(t, file), english)
}

// TestErrorPages_quoteMessages finds each quotation on the page about errors in one of the messages that are kept
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
	for page := range pagesOfErrors {
		text := readGuide(t, page)
		quoted := quotation.FindAllStringSubmatch(strings.Replace(text, section(text, section48001), "", 1), -1)
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
