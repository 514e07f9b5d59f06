package provider

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")

// TestGuarantees_areHeld finds each test that the page of promises names, and a test for each promise.
func TestGuarantees_areHeld(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	err := fs.WalkDir(os.DirFS(moduleRoot), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != ".":
			return fs.SkipDir
		case strings.HasSuffix(name, "_test.go"):
			content, err := os.ReadFile(filepath.Join(moduleRoot, name))
			tests.Write(content)
			return err
		default:
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	promises := 0
	for line := range strings.Lines(readDocument(t, "docs/guides/guarantees.md")) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise") {
			continue
		}
		promises++
		named := namedTest.FindAllStringSubmatch(line, -1)
		if len(named) == 0 {
			t.Errorf("no test is named for %s", line)
		}
		for _, test := range named {
			if !strings.Contains(tests.String(), "\nfunc "+test[1]+"(") {
				t.Errorf("there is no %s, which is to hold %s", test[1], line)
			}
		}
	}
	if promises == 0 {
		t.Error("the page promises nothing")
	}
}
