// Package engine runs a real Terraform or OpenTofu with a provider built from this module, away from everything its
// user has configured: the demo and the acceptance tests are written on it.
package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Address is the provider's source address. `make rename` changes it here and wherever else it must be written out.
const Address = "terraform.local/wechat/wechat"

// minMajor and minMinor are the oldest engine the configurations here run on: the first with check blocks.
const minMajor, minMinor = 1, 5

// Engine is an installed Terraform or OpenTofu.
type Engine struct {
	Path    string // absolute
	Name    string // "terraform" or "tofu"
	Version string // "1.11.4"

	// keepHome is set where the engine runs only with its user's HOME, as the launchers of version managers do.
	keepHome bool
}

// String names the engine and its version for people.
func (e Engine) String() string {
	name := "Terraform"
	if e.Name == "tofu" {
		name = "OpenTofu"
	}
	return name + " " + e.Version
}

// Find returns the engine that $ENGINE names (a path or a name), else the terraform, else the tofu on the PATH. Its
// errors are one line and say what to do.
func Find(ctx context.Context) (Engine, error) {
	wanted := os.Getenv("ENGINE")
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil && wanted == "" {
			wanted = path
		}
	}
	install := fmt.Sprintf("Terraform or OpenTofu %d.%d or newer", minMajor, minMinor)
	if wanted == "" {
		return Engine{}, fmt.Errorf("neither terraform nor tofu is on the PATH: install %s, "+
			"or set ENGINE to its path", install)
	}
	e, err := at(ctx, wanted)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: set ENGINE to the path of a %s", err, install)
	}
	return e, err
}

// at returns the engine at a path, or on the PATH under a name.
func at(ctx context.Context, wanted string) (Engine, error) {
	var e Engine
	path, err := exec.LookPath(wanted)
	if err != nil {
		return e, fmt.Errorf("%s cannot be run", wanted)
	}
	if e.Path, err = filepath.Abs(path); err != nil {
		return e, fmt.Errorf("finding %s: %w", wanted, err)
	}

	home, err := os.MkdirTemp("", "engine-home-")
	if err != nil {
		return e, fmt.Errorf("making an empty home for %s: %w", e.Path, err)
	}
	defer func() { _ = os.RemoveAll(home) }()
	if err := e.readVersion(ctx, "HOME="+home); err != nil {
		e.keepHome = true
		if err := e.readVersion(ctx); err != nil {
			return e, err
		}
	}
	if e.before(minMajor, minMinor) {
		return e, fmt.Errorf("%s at %s is too old", e, e.Path)
	}
	return e, nil
}

// versionLine is how both engines introduce themselves. Their `version -json` says the same but not who they are.
var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\d+\.\d+\.\d+\S*)`)

func (e *Engine) readVersion(ctx context.Context, extra ...string) error {
	cmd := exec.CommandContext(ctx, e.Path, "version")
	cmd.Env = CleanEnviron(extra...)
	out, err := cmd.Output()
	match := versionLine.FindSubmatch(out)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s does not run (%w)", e.Path, err)
	case match == nil:
		return fmt.Errorf("%s is neither a Terraform nor an OpenTofu", e.Path)
	}
	e.Name = map[string]string{"Terraform": "terraform", "OpenTofu": "tofu"}[string(match[1])]
	e.Version = string(match[2])
	return nil
}

// CleanEnviron returns the caller's environment without what would change an engine's or the provider's behaviour
// behind its back (WECHAT_*, what the engines read, proxies), with the engine's version check switched off, and with
// extra ("NAME=value") added.
func CleanEnviron(extra ...string) []string {
	var environ []string
	for _, variable := range os.Environ() {
		// Windows keeps the working directory of each drive in variables that begin with "=".
		if name, _, _ := strings.Cut(variable, "="); name == "" || !unclean(strings.ToUpper(name)) {
			environ = append(environ, variable)
		}
	}
	return append(append(environ, "CHECKPOINT_DISABLE=1"), extra...)
}

func unclean(name string) bool {
	switch name {
	case "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY":
		return true
	case "TERRAFORM_CONFIG": // the older name of TF_CLI_CONFIG_FILE, which both engines still read
		return true
	}
	// OpenTofu reads TF_*, TF_CLI_CONFIG_FILE among it, and for what it has alone the other two. Launchers keep theirs
	// in TFENV_* and TOFUENV_*, and need them.
	return slices.ContainsFunc([]string{"WECHAT_", "TF_", "TOFU_", "OPENTOFU_"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

// BuildOptions says how to build the provider.
type BuildOptions struct {
	Race bool // with the race detector
}

// BuildProvider builds the provider; the working directory is in its module. It puts the binary where an engine expects
// it in a filesystem mirror rooted at dir, and returns its path.
func BuildProvider(ctx context.Context, dir string, opts BuildOptions) (string, error) {
	const module, version = "terraform.local/wechat/terraform-provider-wechat", "0.1.0"
	platform := runtime.GOOS + "_" + runtime.GOARCH
	path := filepath.Join(dir, filepath.FromSlash(Address), version, platform, "terraform-provider-wechat_v"+version)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=" + version}
	args = append(args, "-o", path)
	cgo := "CGO_ENABLED=0"
	if opts.Race {
		if err := checkCompiler(ctx); err != nil {
			return "", err
		}
		args, cgo = append(args, "-race"), "CGO_ENABLED=1"
	}
	if _, err := goTool(ctx, cgo, append(args, module)...); err != nil {
		return "", fmt.Errorf("building the provider: %w", err)
	}
	return path, nil
}

// checkCompiler says in one line what the linker's failure would say in many.
func checkCompiler(ctx context.Context) error {
	if runtime.GOOS == "darwin" { // the race detector needs none there
		return nil
	}
	compiler, err := goTool(ctx, "", "env", "CC")
	if err != nil {
		return fmt.Errorf("finding the C compiler: %w", err)
	}
	name, _, _ := strings.Cut(compiler, " ")
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("the race detector needs a C compiler and %q is not on the PATH: "+
			"install gcc or clang, or set CC", name)
	}
	return nil
}

// goTool runs go with the caller's own environment: it may have to download modules through the caller's proxy.
func goTool(ctx context.Context, variable string, args ...string) (string, error) {
	cmd := Command(ctx, "go", args...)
	if variable != "" {
		cmd.Env = append(cmd.Environ(), variable)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			killGroup(cmd) // a linker that outlives go would write its output into a directory that is being removed
			return "", ctx.Err()
		}
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(stdout.String()), nil
}
