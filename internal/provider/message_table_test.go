package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
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
	for number := -1; number < 20; number++ { // of an authorizer, which nothing here decides by
		fmt.Fprintf(&source, "%q", fmt.Sprint(number))
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
		for _, reason := range regexp.MustCompile(`(?:add|attribute)(?:Error|(?:Plan)?Warning)\("([^"]+)"`).
			FindAllStringSubmatch(string(content), -1) {
			if templates[templateKey{"configuration", reason[1]}].summary == "" {
				t.Errorf("%s: messages.csv has no summary for the configuration's %q", file, reason[1])
			}
		}
	}
	if named < 10 {
		t.Errorf("found %d", named)
	}
}

// TestTemplates_ofWeChat holds that every problem of an answer, and every kind of account, has words.
func TestTemplates_ofWeChat(t *testing.T) {
	t.Parallel()
	for section, in := range map[string]struct{ file, pattern string }{
		"response problem": {"response.go", `Problem += "(.+?)"`},
		"kind":             {"authorizer.go", `Kind += "(.+?)"`},
	} {
		declared, err := os.ReadFile("../wechat/" + in.file)
		if err != nil {
			t.Fatal(err)
		}
		reasons := regexp.MustCompile(in.pattern).FindAllStringSubmatch(string(declared), -1)
		if len(reasons) < 6 {
			t.Errorf("found %d, want all", len(reasons))
		}
		for _, reason := range reasons {
			if templates[templateKey{section, reason[1]}].text == "" && reason[1] != string(wechat.KindUnknown) {
				t.Errorf("no words for the %s %q", section, reason[1])
			}
		}
	}
}

// TestTemplates_ofCases holds that no two cases of the same kind have the same message, as they have where one has no
// row of its own.
func TestTemplates_ofCases(t *testing.T) {
	t.Parallel()
	refusal := &wechat.Error{Code: wechat.CodeInvalidToken, Endpoint: wechat.PathOpenGet}
	unauthorized := &wechat.Error{Code: wechat.CodeAPIUnauthorized, Endpoint: wechat.PathOpenGet}
	cases := map[string][]error{}
	for _, setting := range []string{"exec", "component.exec"} {
		source := token.Description{Setting: setting}
		cases["rejected "+setting] = []error{
			refusal,
			&token.RejectedError{Source: source, Refusal: refusal},
			&token.RejectedError{Source: source, Refusal: refusal, Renewed: true},
			&token.RejectedError{Source: source, Refusal: refusal, RenewalError: token.ErrAppIDNeeded},
			&token.RejectedError{Source: token.Description{Setting: setting, Static: true}, Refusal: refusal},
		}
	}
	cases["permission"] = []error{unauthorized}
	for _, authorizer := range []wechat.Authorizer{
		{Kind: wechat.KindUnknown},
		{Kind: wechat.KindStore},
		{Kind: wechat.KindMiniProgram},
		{Kind: wechat.KindMiniProgram, PermissionSets: []int{}},
		{Kind: wechat.KindMiniProgram, PermissionSets: []int{25}},
		{Kind: wechat.KindMiniProgram, PermissionSets: []int{24}},
	} {
		denied := &binding.PermissionError{Err: unauthorized, Authorizer: &authorizer}
		cases["permission"] = append(cases["permission"], denied)
	}
	for _, answer := range []token.Error{
		{Status: http.StatusOK},
		{Status: http.StatusOK, Quote: "no such account"},
		{Status: http.StatusFound},
		{Status: http.StatusNotFound},
		{Status: http.StatusNotFound, Source: token.Description{Batch: true}},
		{Status: http.StatusMethodNotAllowed},
		{Status: http.StatusForbidden},
		{Status: http.StatusForbidden, Source: token.Description{Given: "headers (1), url"}},
	} {
		answer.Reason, answer.Host = token.NoToken, "tokens.example"
		cases["service"] = append(cases["service"], &answer)
	}
	for name, errs := range cases {
		seen := map[string]bool{}
		for _, err := range errs {
			m := messageFor(err)
			distinct := m.text + m.advice()
			if name == "service" { // whose text has the status
				distinct = m.remedy
			}
			if seen[distinct] {
				t.Errorf("%s: twice: %s", name, distinct)
			}
			seen[distinct] = true
		}
	}
}
