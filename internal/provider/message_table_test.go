package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTemplates_areEachUsed finds the reason of each row where the packages below declare it, among WeChat's codes, or
// in this package, and no row twice.
func TestTemplates_areEachUsed(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, pattern := range []string{"*.go", "../token/error.go", "../wire/failure.go", "../wechat/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				source.Write(content)
			}
		}
	}
	for code := range codes {
		fmt.Fprintf(&source, "%q", fmt.Sprint(code))
	}
	for _, row := range readTable(messagesFile) {
		if !strings.Contains(source.String(), `"`+row[0]+`"`) || !strings.Contains(source.String(), `"`+row[1]+`"`) {
			t.Errorf("nothing says %q for the reason %q", row[0], row[1])
		}
	}
	if rows := len(readTable(messagesFile)); rows != len(templates) {
		t.Errorf("%d rows have %d keys", rows, len(templates))
	}
}

// TestTemplates_areThere finds a row for each that is named in this package.
func TestTemplates_areThere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range regexp.MustCompile(`(?:with\(\s*|templateKey\{)"([^"]+)", "([^"]+)"`).
			FindAllStringSubmatch(string(content), -1) {
			named++
			if _, isThere := templates[templateKey{key[1], key[2]}]; !isThere {
				t.Errorf("%s: messages.csv has no row %q, %q", file, key[1], key[2])
			}
		}
	}
	if named < 10 {
		t.Errorf("found %d", named)
	}
}

// TestTemplates_ofResponses holds that every problem of an answer has words.
func TestTemplates_ofResponses(t *testing.T) {
	t.Parallel()
	declared, err := os.ReadFile("../wechat/response.go")
	if err != nil {
		t.Fatal(err)
	}
	problems := regexp.MustCompile(`Problem = "(.+?)"`).FindAllStringSubmatch(string(declared), -1)
	if len(problems) < 10 {
		t.Errorf("found %d problems, want all", len(problems))
	}
	for _, problem := range problems {
		if templates[templateKey{"response problem", problem[1]}].text == "" {
			t.Errorf("no words for %q", problem[1])
		}
	}
}
