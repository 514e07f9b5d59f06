package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPromises finds in promises.txt each promise of the page, and nothing else, and each test that is named there.
func TestPromises(t *testing.T) {
	t.Parallel()
	var written []string
	var tests strings.Builder
	for _, file := range slices.Concat(files(t, "internal", "_test.go"), files(t, "cmd", "_test.go")) {
		tests.WriteString(read(t, file))
	}
	for line := range strings.Lines(read(t, "internal/docs/promises.txt")) {
		line = strings.TrimSuffix(line, "\n")
		named, isNames := strings.CutPrefix(line, "\t")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !isNames:
			written = append(written, line)
		default:
			for _, test := range strings.Fields(named) {
				if !strings.Contains(tests.String(), "\nfunc "+test+"(") {
					t.Errorf("there is no %s, which holds %q", test, written[len(written)-1])
				}
			}
		}
	}
	if named := strings.Count(read(t, "internal/docs/promises.txt"), "\n\tTest"); named != len(written) {
		t.Errorf("%d promises have tests, of %d", named, len(written))
	}

	page := readGuide(t, "security")
	promised := []string{words(inBold.FindStringSubmatch(page)[1])}
	page, _, _ = strings.Cut(page, "\n## What is not promised\n")
	for _, item := range itemOf.FindAllStringSubmatch(page, -1) {
		promised = append(promised, words(item[1]))
	}
	for _, promise := range promised {
		if !slices.Contains(written, promise) {
			t.Errorf("promises.txt has no tests of what the page promises: %s", promise)
		}
	}
	for _, promise := range written {
		if !slices.Contains(promised, promise) {
			t.Errorf("promises.txt has what the page does not promise: %s", promise)
		}
	}
}

var (
	inBold = regexp.MustCompile(`(?s)\n\*\*(.*?)\*\*`)
	itemOf = regexp.MustCompile(`(?m)^- (.*(?:\n  .+)*)`)
)

// nameOfTest matches the name of a test, and of a file of tests.
var nameOfTest = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w+|\w+_test\.go`)

// TestPages_nameNoTest holds that pages for users speak of what the provider does, and not of how it is tested.
func TestPages_nameNoTest(t *testing.T) {
	t.Parallel()
	for _, page := range userPages(t) {
		if named := nameOfTest.FindString(read(t, page)); named != "" {
			t.Errorf("%s names %s", page, named)
		}
	}
}
