package main

import (
	"os"
	"strings"
	"testing"
)

// TestPage_hasTheCodes fails where the codes or their translations changed and the pages did not: run make generate.
func TestPage_hasTheCodes(t *testing.T) {
	t.Parallel()
	codes, chinese, err := readCodes("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, translate := range map[string]func(string) string{
		"reading-errors": func(text string) string { return text }, "reading-errors-zh": chinese,
	} {
		page, err := os.ReadFile("../../../docs/guides/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), codeRows(codes, translate)) {
			t.Errorf("%s does not have the codes as they are", name)
		}
	}
}

// TestCodeRows has codes of which the same is said in one row, and no anchor where a section is the code's own.
func TestCodeRows(t *testing.T) {
	t.Parallel()
	codes := []code{
		{1, "Much tea", "cold", "you"},
		{2, "Much tea", "cold", "you"},
		{3, "Much tea", "hot", "you"},
		{4, "4", "hot", "nobody"},
	}
	translate := func(text string) string { return strings.ReplaceAll(text, "tea", "茶") }
	want := `| <a id="1"></a>1, <a id="2"></a>2 | cold | you | [Much 茶](#much-茶) |
| <a id="3"></a>3 | hot | you | [Much 茶](#much-茶) |
| 4 | hot | nobody | [4](#4) |
`
	if got := codeRows(codes, translate); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
