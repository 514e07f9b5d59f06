// Command matrix runs the acceptance tests and the demo on each engine it is given, one engine after another, and prints
// what came of it as a table. It fails where a test failed on any of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// limit is what one engine may take; its tests get a minute less, to say where they are stuck.
const limit = 30 * time.Minute

// enginePackage is what every test that runs an engine imports.
const enginePackage = "terraform.local/wechat/terraform-provider-wechat/internal/engine"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "matrix: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, wanted []string, out io.Writer) error {
	engines, err := find(ctx, wanted)
	if err != nil {
		return err
	}
	root, err := engine.ModuleRoot(ctx)
	if err != nil {
		return err
	}
	packages, err := testedPackages(ctx, root, enginePackage)
	if err != nil {
		return err
	}

	var results []result
	for _, e := range engines {
		fmt.Fprintf(out, "=== %s at %s\n", e, e.Path)
		r := runOn(ctx, e, root, packages, out)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		results = append(results, r)
	}
	fmt.Fprint(out, "\n", table(results))
	for _, r := range results {
		if len(r.failed) > 0 {
			return errors.New("there are failures")
		}
	}
	return nil
}

// find returns the engines that are wanted, each once: what is built here may be on the PATH as well.
func find(ctx context.Context, wanted []string) ([]engine.Engine, error) {
	if len(wanted) == 0 {
		return nil, errors.New("there is no engine to run: name some in ENGINES, as paths or as names on the PATH")
	}
	var engines []engine.Engine
	seen := map[string]bool{}
	for _, name := range wanted {
		e, err := engine.At(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%w: name those that are to run in ENGINES", err)
		}
		resolved, err := filepath.EvalSymlinks(e.Path)
		if err != nil {
			return nil, fmt.Errorf("finding %s: %w", name, err)
		}
		if !seen[resolved] {
			seen[resolved] = true
			engines = append(engines, e)
		}
	}
	return engines, nil
}

// testedPackages lists the packages whose tests need an engine: the engine's own, and those that import it.
func testedPackages(ctx context.Context, root, needs string) ([]string, error) {
	const format = `{{.ImportPath}}{{if .TestGoFiles}} {{join .Imports " "}} {{join .TestImports " "}}{{end}}{{if .XTestGoFiles}} {{join .XTestImports " "}}{{end}}`
	cmd := engine.Command(ctx, "go", "list", "-f", format, "./...")
	cmd.Dir = root
	listed, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages with tests: %w", err)
	}
	var packages []string
	for line := range strings.Lines(string(listed)) {
		fields := strings.Fields(line)
		for _, imported := range fields[1:] {
			if imported == needs || fields[0] == needs {
				packages = append(packages, fields[0])
				break
			}
		}
	}
	if len(packages) == 0 {
		return nil, errors.New("no package has tests that need an engine")
	}
	return packages, nil
}

// runOn runs all there is on one engine, and tells of failures at once.
func runOn(ctx context.Context, e engine.Engine, root string, packages []string, out io.Writer) result {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	environ := engine.CleanEnviron("ENGINE=" + e.Path)

	args := []string{"-race", "-count=1", "-timeout=" + (limit - time.Minute).String()}
	r := goTest(ctx, root, environ, append(args, packages...), out)
	if said, err := demo(ctx, root, environ); err != nil {
		r.failed = append(r.failed, test{"make demo", fmt.Sprintf("%s%v\n", said, err)})
	} else {
		r.passed++
	}
	for _, failed := range r.failed {
		fmt.Fprintf(out, "--- %s failed on %s:\n%s", failed.name, e, failed.said)
	}
	r.engine, r.took = e.String(), time.Since(begun)
	return r
}

// demo plays the demo, which checks what it shows.
func demo(ctx context.Context, root string, environ []string) (string, error) {
	cmd := engine.Command(ctx, "go", "run", "./internal/demo")
	cmd.Dir, cmd.Env = root, environ
	said, err := cmd.CombinedOutput()
	return string(said), err
}
