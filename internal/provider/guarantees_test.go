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

// allTests is the source of all tests.
func allTests(t *testing.T) string {
	t.Helper()
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
	return tests.String()
}

// expectTests fails where a text names a test that is not there, and counts those that it names.
func expectTests(t *testing.T, text, tests string) int {
	t.Helper()
	named := namedTest.FindAllStringSubmatch(text, -1)
	for _, test := range named {
		if !strings.Contains(tests, "\nfunc "+test[1]+"(") {
			t.Errorf("there is no %s, which is named in %s", test[1], text)
		}
	}
	return len(named)
}

// TestGuarantees_areHeld finds each test that the page of promises names, and a test for each promise.
func TestGuarantees_areHeld(t *testing.T) {
	t.Parallel()
	tests := allTests(t)
	promises := 0
	for line := range strings.Lines(readGuide(t, "guarantees")) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise") {
			continue
		}
		promises++
		if expectTests(t, line, tests) == 0 {
			t.Errorf("no test is named for %s", line)
		}
	}
	if promises == 0 {
		t.Error("the page promises nothing")
	}
}
