package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

var (
	markdownLink   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownAnchor = regexp.MustCompile(`(?m)^#+ (.*)$|<a id="([^"]+)">`)
	// notInAnchors is punctuation of any language.
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{M}\p{N} _-]`)
)

func TestPages_linkToWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, match := range markdownLink.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			target, anchor, _ := strings.Cut(match[1], "#")
			file := page
			if target != "" {
				file = path.Join(path.Dir(page), target)
			}
			if _, err := os.Stat(filepath.Join(moduleRoot, file)); err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
			} else if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s links to %s: there is no such heading", page, match[1])
			}
		}
	}
}

var (
	codeBlock = regexp.MustCompile("(?ms)^```(?:hcl|terraform)\n(.*?)^```$")
	// address matches what is written like a provider's source address.
	address = regexp.MustCompile(`[a-z0-9-]+(?:\.[a-z0-9-]+)+/[a-z0-9_-]+/wechat\b`)
)

// TestPages_showWhatRuns finds each configuration that a page shows in an example, all of which run in tests.
func TestPages_showWhatRuns(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, name := range files(t, "examples", ".tf", ".hcl", ".tfrc", ".json", ".sh") {
		all.WriteString(read(t, name) + "\n")
	}
	for _, page := range pages(t) {
		for _, match := range codeBlock.FindAllStringSubmatch(read(t, page), -1) {
			if !strings.Contains(all.String(), match[1]) {
				t.Errorf("%s shows what no example has:\n%s", page, match[1])
			}
		}
	}
}

// TestPages_nameTheAddress holds the pages to the source address, in prose as in configurations.
func TestPages_nameTheAddress(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, found := range address.FindAllString(read(t, page), -1) {
			isOther := strings.Contains(found, "example") || strings.HasPrefix(found, "github.com/")
			if found != engine.Address && !isOther {
				t.Errorf("%s says %s, not %s", page, found, engine.Address)
			}
		}
	}
	for _, page := range []string{"README.md", "README.zh-CN.md", "docs/index.md"} {
		if !strings.Contains(read(t, page), engine.Address) {
			t.Errorf("%s does not say %s", page, engine.Address)
		}
	}
}

// TestPages_showRequestsThatAreTried finds each request to the simulator that another page shows on the pages whose
// commands are run.
func TestPages_showRequestsThatAreTried(t *testing.T) {
	t.Parallel()
	tried := read(t, "README.md") + readGuide(t, "simulator") + readGuide(t, "getting-started")
	for _, page := range pages(t) {
		for line := range strings.Lines(read(t, page)) {
			isRequest := strings.HasPrefix(line, "curl ") && strings.Contains(line, "/_simulator/")
			if isRequest && !strings.Contains(tried, line) {
				t.Errorf("%s shows what neither the README nor the guide to the simulator nor getting started does: %s", page, line)
			}
		}
	}
}

// TestPages_pasteIntoShells finds no comment behind a command: zsh, as it comes, takes its words for arguments. What
// begins with #! is a script, and no commands.
func TestPages_pasteIntoShells(t *testing.T) {
	t.Parallel()
	commands := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	for _, page := range userPages(t) {
		for _, block := range commands.FindAllStringSubmatch(read(t, page), -1) {
			comment := shellComment.FindString(block[1])
			if comment != "" && !strings.HasPrefix(block[1], "#!") {
				t.Errorf("%s has a comment among commands:%s", page, comment)
			}
		}
	}
}

// anchors lists what a link into a page can name, the way hosts of Markdown make it from headings.
func anchors(page string) []string {
	var found []string
	for _, match := range markdownAnchor.FindAllStringSubmatch(page, -1) {
		if match[2] != "" {
			found = append(found, match[2])
			continue
		}
		heading := notInAnchors.ReplaceAllString(strings.ToLower(match[1]), "")
		found = append(found, strings.ReplaceAll(heading, " ", "-"))
	}
	return found
}

// TestLanguages_anchors names headings as hosts of Markdown do.
func TestLanguages_anchors(t *testing.T) {
	t.Parallel()
	got := anchors("# 令牌从哪里来？\n## 拦截，还是警告\n### `plan` 时读取（一次）\n#### 48001：为什么、怎么办\n" +
		"<a id=\"x\"></a>\n## What \"it\" costs: all_of it\n")
	want := []string{"令牌从哪里来", "拦截还是警告", "plan-时读取一次", "48001为什么怎么办", "x", "what-it-costs-all_of-it"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
