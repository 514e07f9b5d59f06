package provider

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The tests in this file hold the documentation: every example runs as it stands, what the pages say about plans is so, and
// links lead somewhere.

// moduleRoot is the root of the repository, seen from here.
const moduleRoot = "../.."

// exampleProvider is the file that the examples of data sources run together with.
const exampleProvider = "provider/provider.tf"

// exampleDemo is run by `make demo`, and only validated here.
const exampleDemo = "demo/main.tf"

// examples are the files under examples/, each with what it must do.
var examples = together(pages, guides, fleets, moduleTests, networks, map[string]func(*testing.T, *lab){exampleAccounts: simulatorAccounts})

// pages are those of the provider's page, the data sources' pages and the README.
var pages = map[string]func(t *testing.T, wechat *lab){
	exampleProvider: func(t *testing.T, _ *lab) {
		place := workspace(t, readExample(t, exampleProvider))
		expectExit(t, place, 0, "plan", "-detailed-exitcode")
	},
	exampleDemo: func(t *testing.T, _ *lab) {
		expectExit(t, workspace(t, readExample(t, exampleDemo)), 0, "validate")
	},
	"first/main.tf": func(t *testing.T, wechat *lab) {
		place := workspace(t, readExample(t, "first/main.tf"), baseURL(wechat), envAccessToken+"="+wechat.Token(books))
		expectExit(t, place, 0, "apply", "-auto-approve")
		mine, _ := outputs(t, place)["mine"].(map[string]any)
		if mine["bound"] != true || mine["open_appid"] != booksOpen {
			t.Errorf("got %v", mine)
		}
	},
	"tokens/file/main.tf": func(t *testing.T, wechat *lab) {
		place := workspace(t, readExample(t, "tokens/file/main.tf"), baseURL(wechat))
		copyTokens(t, wechat, filepath.Join(place.Dir, "tokens"))
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{"shop": teaOpen})
	},
	"tokens/two-sources/main.tf": func(t *testing.T, wechat *lab) {
		place := workspace(t, readExample(t, "tokens/two-sources/main.tf"), baseURL(wechat))
		copyTokens(t, wechat, filepath.Join(place.Dir, "tea"))
		copyTokens(t, wechat, filepath.Join(place.Dir, "books"))
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{"open_appids": map[string]any{"tea": teaOpen, "books": booksOpen}})
	},
	"data-sources/wechat_open_account/data-source.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_account/data-source.tf")
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{"shop_open_appid": teaOpen})
	},
	"data-sources/wechat_open_account/gate.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_account/gate.tf")
		expectExit(t, place, 0, "apply", "-auto-approve")
		wechat.move(t, teaClub, booksOpen)
		result := expectExit(t, place, 1, "apply", "-auto-approve")
		expectWords(t, result.Stderr, "The club is bound to "+booksOpen+", not to "+teaOpen+".")
		wechat.move(t, teaClub, "")
		expectWords(t, expectExit(t, place, 1, "plan").Stderr, "The club is bound to no open account, not to "+teaOpen+".")
		wechat.move(t, teaClub, teaOpen)
		expectExit(t, place, 0, "plan", "-detailed-exitcode")
	},
	"data-sources/wechat_open_account/require_bound.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_account/require_bound.tf")
		expectExit(t, place, 0, "apply", "-auto-approve")
		expectOutputs(t, place, map[string]any{"official_account_open_appid": teaOpen})
		wechat.move(t, tea, "")
		expectWords(t, expectExit(t, place, 1, "plan").Stderr, tea+" is bound to no open platform account")
	},
	"data-sources/wechat_open_account/warn.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_account/warn.tf")
		if result := expectExit(t, place, 0, "plan", "-detailed-exitcode"); strings.Contains(result.Stdout, "Check block") {
			t.Errorf("warns without need:\n%s", result.Stdout)
		}
		for open, said := range map[string]string{teaOpen: teaOpen, "": "no open account"} {
			wechat.move(t, books, open)
			result := expectExit(t, place, 0, "plan", "-detailed-exitcode")
			expectWords(t, result.Stdout, "Warning: Check block assertion failed", "Example Books is bound to "+said+".")
		}
	},
	"data-sources/wechat_open_account/for_each.tf": func(t *testing.T, wechat *lab) {
		place := besideProvider(t, wechat, "data-sources/wechat_open_account/for_each.tf")
		expectExit(t, place, 0, "apply", "-auto-approve")
		// A null within an output is left out of what the engine prints of it, or is there as null: both are nil here.
		open, _ := outputs(t, place)["open_appids"].(map[string]any)
		if open["official_account"] != teaOpen || open["astray"] != teaOpen || open["unbound"] != nil {
			t.Errorf("got %v", open)
		}
		if got := outputs(t, place)["unbound"]; !reflect.DeepEqual(got, []any{"unbound"}) {
			t.Errorf("unbound: got %v", got)
		}
		if got := wechat.Count(pathOpenGet); got != 3 {
			t.Errorf("asked %d times, want 3", got)
		}
	},
}

func TestAccExamples(t *testing.T) {
	t.Parallel()
	for name, play := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, newLab(t, nil))
		})
	}
}

// together joins maps.
func together[K comparable, V any](parts ...map[K]V) map[K]V {
	joined := map[K]V{}
	for _, part := range parts {
		maps.Copy(joined, part)
	}
	return joined
}

// exampleEndings are those of the files that are examples: configurations, tests of them, mocks, data and scripts.
var exampleEndings = []string{".tf", ".tftest.hcl", ".tofutest.hcl", ".tfmock.hcl", ".tfrc", ".json", ".sh"}

// TestExamples_areAllRun fails where somebody adds an example that no test runs.
func TestExamples_areAllRun(t *testing.T) {
	t.Parallel()
	var found []string
	root := filepath.Join(moduleRoot, "examples")
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(entry.Name(), ".") { // what the engines leave
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if slices.ContainsFunc(exampleEndings, func(end string) bool { return strings.HasSuffix(name, end) }) {
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if tested := slices.Sorted(maps.Keys(together(examples, map[string]func(*testing.T, *lab){rotateScript: nil, refreshScript: nil}))); !slices.Equal(found, tested) {
		t.Errorf("the examples are\n%s\nand the tests run\n%s", strings.Join(found, "\n"), strings.Join(tested, "\n"))
	}
}

// TestAccExamples_standTogether loads all examples of a data source at once, as somebody does who copies the whole folder.
func TestAccExamples_standTogether(t *testing.T) {
	t.Parallel()
	folders := map[string][]string{}
	for name := range examples {
		if strings.HasPrefix(name, "data-sources/") {
			folders[path.Dir(name)] = append(folders[path.Dir(name)], name)
		}
	}
	for folder, names := range folders {
		if len(names) == 1 {
			continue // it runs alone anyway
		}
		t.Run(path.Base(folder), func(t *testing.T) {
			t.Parallel()
			expectExit(t, besideProvider(t, newLab(t, nil), names...), 0, "apply", "-auto-approve")
		})
	}
}

// TestAccExamples_savedPlan shows what applying a saved plan reads again.
func TestAccExamples_savedPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rest  string
		reads int // during apply
		exit  int
	}{
		"an account by itself": {exit: 0},
		"an account that depends on a change": {
			rest: `
  depends_on = [terraform_data.changes]
}

resource "terraform_data" "changes" {
  input = timestamp()
`,
			reads: 1, exit: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			place := workspace(t, wechat.config("", `
data "wechat_open_account" "club" {
  appid = "wx1000000000000003"

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000001"
      error_message = "The club is elsewhere."
    }
  }
`+test.rest+"\n}\n"))
			expectExit(t, place, 0, "plan", "-out=plan.bin")
			asked := wechat.Count(pathOpenGet)
			wechat.move(t, teaClub, booksOpen)
			expectExit(t, place, test.exit, "apply", "plan.bin")
			if got := wechat.Count(pathOpenGet) - asked; got != test.reads {
				t.Errorf("asked %d times during apply, want %d", got, test.reads)
			}
		})
	}
}

// TestAccExamples_whatStops is the table of the data source's page: what an unbound account stops, by what looks at it.
func TestAccExamples_whatStops(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		within, beside string
		stops          []string
	}{
		"require_bound": {
			within: "require_bound = true",
			stops:  []string{"", "-refresh=false", "-refresh-only", "-destroy"},
		},
		"postcondition": {
			within: "lifecycle {\n postcondition {\n condition = self.bound\n error_message = \"unbound\"\n }\n }",
			stops:  []string{"", "-refresh=false"},
		},
		"precondition": {
			beside: "resource \"terraform_data\" \"z\" {\n lifecycle {\n precondition {\n condition = data.wechat_open_account.x.bound\n error_message = \"unbound\"\n }\n }\n }",
			stops:  []string{"", "-refresh=false"},
		},
		"check": {
			beside: "check \"bound\" {\n assert {\n condition = data.wechat_open_account.x.bound\n error_message = \"unbound\"\n }\n }",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			place := workspace(t, wechat.config("", fmt.Sprintf(`
data "wechat_open_account" "x" {
  appid = "wx1000000000000004"
  %s
}

resource "terraform_data" "y" { input = data.wechat_open_account.x.bound }

%s
`, test.within, test.beside)))
			expectExit(t, place, 0, "apply", "-auto-approve")
			wechat.move(t, books, "")
			for _, mode := range []string{"", "-refresh=false", "-refresh-only", "-destroy"} {
				args := []string{"plan"}
				if mode != "" {
					args = append(args, mode)
				}
				want := 0
				if slices.Contains(test.stops, mode) {
					want = 1
				}
				asked := wechat.Count(pathOpenGet)
				expectExit(t, place, want, args...)
				if got := wechat.Count(pathOpenGet) - asked; got != 1 {
					t.Errorf("plan %s asked %d times, want once", mode, got)
				}
			}
		})
	}
}

var (
	markdownLink   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownAnchor = regexp.MustCompile(`(?m)^#+ (.*)$|<a id="([^"]+)">`)
	// notInAnchors is punctuation of any language.
	notInAnchors = regexp.MustCompile(`[^\p{L}\p{M}\p{N} _-]`)
)

func TestDocumentation_linksResolve(t *testing.T) {
	t.Parallel()
	for _, page := range documentation(t) {
		for _, match := range markdownLink.FindAllStringSubmatch(readDocument(t, page), -1) {
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
			} else if anchor != "" && !slices.Contains(anchors(readDocument(t, file)), anchor) {
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

// TestDocumentation_showsWhatRuns finds each configuration that a page shows in a file that a test runs.
func TestDocumentation_showsWhatRuns(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for name := range examples {
		all.WriteString(readExample(t, name) + "\n")
	}
	for _, page := range documentation(t) {
		for _, match := range codeBlock.FindAllStringSubmatch(readDocument(t, page), -1) {
			if !strings.Contains(all.String(), match[1]) {
				t.Errorf("%s shows what no example has:\n%s", page, match[1])
			}
		}
	}
}

// TestDocumentation_namesTheAddress holds the pages to the source address, in prose as in configurations.
func TestDocumentation_namesTheAddress(t *testing.T) {
	t.Parallel()
	for _, page := range documentation(t) {
		for _, found := range address.FindAllString(readDocument(t, page), -1) {
			if found != engine.Address && !strings.Contains(found, "example") && !strings.HasPrefix(found, "github.com/") {
				t.Errorf("%s says %s, not %s", page, found, engine.Address)
			}
		}
	}
	for _, page := range []string{"README.md", "README.zh-CN.md", "docs/index.md"} {
		if !strings.Contains(readDocument(t, page), engine.Address) {
			t.Errorf("%s does not say %s", page, engine.Address)
		}
	}
}

// besideProvider is a workspace with examples that stand beside the provider's own, settings in the environment.
func besideProvider(t *testing.T, wechat *lab, names ...string) *engine.Workspace {
	t.Helper()
	place := workspace(t, readExample(t, exampleProvider), baseURL(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	for _, name := range names {
		write(t, filepath.Join(place.Dir, path.Base(name)), readExample(t, name))
	}
	return place
}

func baseURL(wechat *lab) string { return envBaseURL + "=" + wechat.server.URL() }

func copyTokens(t *testing.T, wechat *lab, directory string) {
	t.Helper()
	if err := os.CopyFS(directory, os.DirFS(wechat.tokens)); err != nil {
		t.Fatal(err)
	}
}

// expectExit runs the engine and fails where it ends with another exit code.
func expectExit(t *testing.T, place *engine.Workspace, want int, args ...string) engine.Result {
	t.Helper()
	result := run(t, place, append(args, "-no-color")...)
	if result.ExitCode != want {
		t.Fatalf("%s: exit code %d, want %d:\n%s%s", args, result.ExitCode, want, result.Stdout, result.Stderr)
	}
	return result
}

func expectOutputs(t *testing.T, place *engine.Workspace, want map[string]any) {
	t.Helper()
	if got := outputs(t, place); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func readExample(t *testing.T, name string) string {
	t.Helper()
	return readDocument(t, path.Join("examples", name))
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(moduleRoot, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// documentation lists the pages, relative to the root.
func documentation(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "PUBLISHING.md"}
	err := fs.WalkDir(os.DirFS(moduleRoot), "docs", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			pages = append(pages, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
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
