// Package docs has the tests of what is written for people: that it stands in two languages, quotes what is printed,
// shows what runs, links to what is there, and promises what a test holds. `make docs-test` runs them; they need no
// engine.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// moduleRoot is the root of the repository, seen from here.
const moduleRoot = "../.."

// pages lists all pages, relative to the root: those for users, and those for who works on the provider.
func pages(t *testing.T) []string {
	t.Helper()
	return append(userPages(t), "CONTRIBUTING.md", "CHANGELOG.md", "PUBLISHING.md")
}

// userPages lists the pages for users.
func userPages(t *testing.T) []string {
	t.Helper()
	return append(files(t, "docs", ".md"), "README.md", "README.zh-CN.md", "SECURITY.md")
}

// files lists the files below a folder whose names end in one of some ways, relative to the root.
func files(t *testing.T, folder string, endings ...string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(moduleRoot), folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") { // what the engines leave
				return fs.SkipDir
			}
			return nil
		}
		for _, ending := range endings {
			if strings.HasSuffix(name, ending) {
				found = append(found, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(moduleRoot, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func readGuide(t *testing.T, name string) string {
	t.Helper()
	return read(t, "docs/guides/"+name+".md")
}

// quotation is a block of what something printed.
var quotation = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")

// words are a text's, however its lines are broken.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// section is the part of a page below one of its headings.
func section(page, heading string) string {
	found, inBlock := false, false
	var section strings.Builder
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			inBlock = !inBlock
		case !inBlock && strings.HasPrefix(line, "## "):
			found = strings.TrimSpace(line) == "## "+heading
		}
		if found {
			section.WriteString(line)
		}
	}
	return section.String()
}

// TestSection passes over what looks like a heading within a block.
func TestSection(t *testing.T) {
	t.Parallel()
	const first = "## A\na\n```sh\n## no heading\n```\n"
	if got := section(first+"## B\nb\n", "A"); got != first {
		t.Errorf("got %q", got)
	}
}
