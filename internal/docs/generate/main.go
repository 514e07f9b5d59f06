// Command generate puts into the pages of docs, as tfplugindocs left them, what is made from the code: the facts and
// when each was last confirmed, the table of WeChat's return codes, and the reference in Chinese. It runs at the root
// of the repository.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate() error {
	if err := fillCodes(); err != nil {
		return err
	}
	records, err := facts.ReadRecords("evidence")
	if err != nil {
		return err
	}
	if err := reference(); err != nil {
		return err
	}
	return fill("docs/guides/verify-wechat.md", "<!-- plan -->\n", plan(), "<!-- facts -->\n", table(records))
}

// fill replaces markers in a page: each marker is followed by what stands in its place.
func fill(path string, markers ...string) error {
	return rewrite(path, strings.NewReplacer(markers...).Replace)
}

// rewrite puts an edited page in its place.
func rewrite(path string, edit func(page string) string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(edit(string(page))), 0o644) //nolint:gosec // It is a page.
}

// readTranslations reads translations into Chinese, as a function that returns what has none as it is.
func readTranslations(path string) (chinese func(english string) string, err error) {
	translations := map[string]string{}
	if err := readJSON(path, &translations); err != nil {
		return nil, err
	}
	return func(english string) string { return cmp.Or(translations[english], english) }, nil
}

func readJSON(path string, value any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
