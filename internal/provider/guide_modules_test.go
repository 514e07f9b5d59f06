package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The tests in this file run the module of docs/guides/modules.md that others call with a provider configuration of
// theirs.

const (
	modulesGuide = "modules"
	gatedCallers = "guides/modules/main.tf"
	gatedAfter   = "guides/modules/after.tf"
)

// callersOfModules are the examples that call the module which module_tests_test.go tests.
var callersOfModules = map[string]func(t *testing.T, wechat *lab){
	gatedCallers: eachCallerHasItsPlatform,
	gatedAfter:   gateAfterARelease,
}

// eachCallerHasItsPlatform reads through a module on two configurations. The tokens that each finds are its own.
func eachCallerHasItsPlatform(t *testing.T, wechat *lab) {
	place := watch(callingTheGatedModule(t, wechat, gatedCallers))
	results := []engine.Result{expectExit(t, place, 0, "apply", "-auto-approve")}
	expectOutputs(t, place, map[string]any{"open_appids": map[string]any{"tea_shop": teaOpen, "books": booksOpen}})
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})

	// Both are astray. The gate of one is off, and so the other stops the plan.
	wechat.move(t, teaShop, booksOpen)
	wechat.move(t, books, teaOpen)
	astray := expectExit(t, place, 1, "plan")
	expectUnwarned(t, engine.Result{Stdout: astray.Stderr}, books+" is bound")
	expectWords(t, astray.Stdout, "Warning: Check block assertion failed")
	expectPrinted(t, "the guide "+modulesGuide, under(t, modulesGuide, "Call it"), astray.Stdout+astray.Stderr)
	wechat.move(t, teaShop, teaOpen)
	warned := expectExit(t, place, 0, "plan")
	expectWords(t, warned.Stdout, books+" is bound to "+teaOpen+", not to "+booksOpen+".")
	expectAsked(t, wechat, map[string]int{pathOpenGet: 6})

	// What is wired to the other platform finds no token there.
	configuration := readExample(t, gatedCallers)
	write(t, filepath.Join(place.Dir, "main.tf"), strings.Replace(configuration, "= wechat.books }", "= wechat.tea }", 1))
	crossed := expectExit(t, place, 1, "plan")
	expectWords(t, crossed.Stderr, books, "tokens/tea/")
	expectAsked(t, wechat, map[string]int{pathOpenGet: 7})

	// What is wired to none is not planned.
	write(t, filepath.Join(place.Dir, "main.tf"), strings.Replace(configuration, "{ wechat.platform = wechat.books }", "{}", 1))
	expectWords(t, expectExit(t, place, 1, "init").Stderr, "wechat.platform")
	if err := os.RemoveAll(filepath.Join(place.Dir, "tokens")); err != nil {
		t.Fatal(err)
	}
	expectNoSecret(t, place, append(results, astray, warned, crossed), []string{wechat.Token(teaShop), wechat.Token(books)})
}

// gateAfterARelease has a module wait for a change. Its gate is asked once the change is made, and only then.
func gateAfterARelease(t *testing.T, wechat *lab) {
	place := callingTheGatedModule(t, wechat, gatedCallers, gatedAfter)
	write(t, filepath.Join(place.Dir, "main.tf"), strings.SplitN(readExample(t, gatedCallers), "\nmodule", 2)[0])
	wechat.move(t, teaShop, booksOpen)
	const refusal = teaShop + " is bound to " + booksOpen + ", not to " + teaOpen + "."

	// The shop is astray, and the plan does not know it.
	planned := expectExit(t, place, 0, "plan", "-out=plan.bin")
	expectPrinted(t, "the guide "+modulesGuide, under(t, modulesGuide, "What depends_on does to a gate"), planned.Stdout)
	expectAsked(t, wechat, map[string]int{})
	expectWords(t, expectExit(t, place, 1, "apply", "plan.bin").Stderr, refusal)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
	expectMade(t, place, "terraform_data.release")

	// Where nothing changes, the module does not wait.
	expectWords(t, expectExit(t, place, 1, "plan").Stderr, refusal)
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	wechat.move(t, teaShop, teaOpen)
	expectExit(t, place, 0, "apply", "-auto-approve")
	expectMade(t, place, "terraform_data.announcement", "terraform_data.release")
	expectExit(t, place, 0, "plan", "-detailed-exitcode")

	// Each release changes what goes by its answer, though the answer is the same.
	expectChanges(t, place, 0, map[string]string{})
	place.Environ = append(place.Environ, "TF_VAR_release=2")
	expectChanges(t, place, 0, map[string]string{
		"terraform_data.release": "update", "terraform_data.announcement": "update",
		"module.shop_after_release.data.wechat_open_account.this": "read",
	})
}

// callingTheGatedModule is a workspace with examples that call the gated module, and with a folder of tokens for each
// of two platforms. That of each has the tokens of its own accounts alone.
func callingTheGatedModule(t *testing.T, wechat *lab, examples ...string) *engine.Workspace {
	t.Helper()
	place := workspace(t, "", baseURL(wechat))
	for name, content := range map[string]string{
		filepath.Join("tokens", "tea", teaShop): wechat.Token(teaShop), filepath.Join("tokens", "books", books): wechat.Token(books),
		filepath.Join("gated", "main.tf"): readExample(t, exampleModule),
	} {
		file := filepath.Join(place.Dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, file, content)
	}
	for _, example := range examples {
		write(t, filepath.Join(place.Dir, filepath.Base(example)), readExample(t, example))
	}
	expectExit(t, place, 0, "init")
	return place
}

// expectMade fails where the state has other resources than these, which are no data sources.
func expectMade(t *testing.T, place *engine.Workspace, want ...string) {
	t.Helper()
	var got []string
	for _, address := range strings.Fields(expectExit(t, place, 0, "state", "list").Stdout) {
		if !strings.Contains(address, "data.wechat_") {
			got = append(got, address)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
