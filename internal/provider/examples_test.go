package provider

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The tests in this file run every example as it stands, and hold what the pages say about plans.

// moduleRoot is the root of the repository, seen from here.
const moduleRoot = "../.."

// exampleProvider is the file that the examples of data sources run together with.
const exampleProvider = "provider/provider.tf"

// exampleDemo is run by `make demo`, and only validated here.
const exampleDemo = "demo/main.tf"

// examples are files under examples/ of which more is expected than that they can be applied.
var examples = together(pages, guides, fleets, moduleTests, callersOfModules, networks,
	map[string]func(*testing.T, *lab){exampleAccounts: simulatorAccounts})

// pages are those of the provider's page, the data sources' pages and the README.
var pages = map[string]func(t *testing.T, wechat *lab){
	exampleProvider: func(t *testing.T, _ *lab) {
		place := workspace(t, readExample(t, exampleProvider))
		expectExit(t, place, 0, "plan", "-detailed-exitcode")
	},
	exampleDemo: func(t *testing.T, _ *lab) {
		expectExit(t, workspace(t, readExample(t, exampleDemo)), 0, "validate")
	},
	"first/main.tf": firstConfiguration,
	"first/warn.tf": warnsBesideTheFirst,
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

// ranByOthers are files that are no configurations, and run in tests of their own.
var ranByOthers = []string{rotateScript, refreshScript, redisScript, exampleTofu}

// TestAccExamples runs each file under examples/ as it stands. A configuration without an entry in examples must be one
// that can be applied, and then leaves nothing to change.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	found := exampleFiles(t)
	for name := range examples {
		if !slices.Contains(found, name) {
			t.Errorf("there is no example %s", name)
		}
	}
	for _, name := range found {
		play, special := examples[name]
		switch {
		case !special && strings.HasSuffix(name, ".tf"):
			play = func(t *testing.T, wechat *lab) { staysApplied(t, wechat, name) }
		case !special && !slices.Contains(ranByOthers, name):
			t.Errorf("no test runs %s", name)
			continue
		case !special:
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, newLab(t, nil))
		})
	}
}

// staysApplied applies an example, after which nothing is left to change.
func staysApplied(t *testing.T, wechat *lab, name string) {
	t.Helper()
	place := examplesWorkspace(t, wechat, name)
	expectExit(t, place, 0, "apply", "-auto-approve")
	expectExit(t, place, 0, "plan", "-detailed-exitcode")
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

// exampleFiles lists the examples, relative to their folder.
func exampleFiles(t *testing.T) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(filepath.Join(moduleRoot, "examples")), ".", func(name string, entry fs.DirEntry, err error) error {
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
	return found
}

// TestAccExamples_standTogether loads all examples of a data source at once, as somebody does who copies the whole
// folder.
func TestAccExamples_standTogether(t *testing.T) {
	t.Parallel()
	folders := map[string][]string{}
	for _, name := range exampleFiles(t) {
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
			expectExit(t, examplesWorkspace(t, newLab(t, nil), names...), 0, "apply", "-auto-approve")
		})
	}
}

// examplesWorkspace is a workspace with examples, beside the provider's own unless they have a provider themselves, with all that
// they may need in the environment.
func examplesWorkspace(t *testing.T, wechat *lab, names ...string) *engine.Workspace {
	t.Helper()
	configuration := ""
	for _, name := range names {
		configuration += readExample(t, name) + "\n"
	}
	if !strings.Contains(configuration, "required_providers") {
		configuration += readExample(t, exampleProvider)
	}
	environment := append(ofComponent(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	return workspace(t, configuration, environment...)
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
