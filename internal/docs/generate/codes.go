package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// codesMarker stands where a page has the rows of WeChat's codes.
const codesMarker = "<!-- codes -->\n"

// code is a row of codes.csv, as far as the pages have it: the return code, the section that says more, what it means
// and who acts.
type code struct {
	number                    int
	section, meaning, whoActs string
}

// fillCodes writes the table of codes into the page about errors, in both languages.
func fillCodes() error {
	codes, chinese, err := readCodes(".")
	if err != nil {
		return err
	}
	inEnglish := func(text string) string { return text }
	return errors.Join(
		fill("docs/guides/reading-errors.md", codesMarker, codeRows(codes, inEnglish)),
		fill("docs/guides/reading-errors-zh.md", codesMarker, codeRows(codes, chinese)),
	)
}

// readCodes reads the codes, in their order, and a translation into Chinese, which returns what has none as it is. root
// is that of the repository.
func readCodes(root string) (codes []code, chinese func(string) string, err error) {
	file, err := os.ReadFile(filepath.Join(root, "internal/provider/codes.csv"))
	if err != nil {
		return nil, nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows[1:] {
		number, err := strconv.Atoi(row[0])
		if err != nil {
			return nil, nil, err
		}
		codes = append(codes, code{number, row[1], row[2], row[3]})
	}
	slices.SortFunc(codes, func(a, b code) int { return cmp.Compare(a.number, b.number) })

	chinese, err = readTranslations(filepath.Join(root, "internal/docs/chinese/codes.json"))
	return codes, chinese, err
}

// codeRows are the rows of a table of codes, each with its anchor. Neighbours of which the same is said share a row.
func codeRows(codes []code, translate func(string) string) string {
	var rows strings.Builder
	for at := 0; at < len(codes); {
		first, named := codes[at], []string{}
		for ; at < len(codes) && codes[at].section == first.section && codes[at].meaning == first.meaning &&
			codes[at].whoActs == first.whoActs; at++ {
			named = append(named, withAnchor(codes[at]))
		}
		section := translate(first.section)
		fmt.Fprintf(&rows, "| %s | %s | %s | [%s](#%s) |\n", strings.Join(named, ", "), translate(first.meaning),
			translate(first.whoActs), section, strings.ReplaceAll(strings.ToLower(section), " ", "-"))
	}
	return rows.String()
}

// withAnchor is a code with the anchor that messages lead to, unless the heading of a section is that anchor.
func withAnchor(c code) string {
	number := strconv.Itoa(c.number)
	if c.section == number {
		return number
	}
	return fmt.Sprintf(`<a id="%s"></a>%s`, number, number)
}
