// Command release rehearses a release: it builds all that one is made of, twice and in different surroundings, compares
// the two byte by byte, and publishes nothing. `make snapshot` runs it, with GoReleaser built from tools/release.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "snapshot: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "snapshot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root, err := engine.ModuleRoot(ctx)
	if err != nil {
		return err
	}
	committed, err := commitTime(ctx, root)
	if err != nil {
		return err
	}
	scratch := filepath.Join(root, ".cache", "snapshot")
	if err := os.RemoveAll(scratch); err != nil {
		return err
	}
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return err
	}

	here := build{tree: root, log: filepath.Join(scratch, "here.log"), umask: "022"}
	if err := here.goreleaser(ctx, "check"); err != nil {
		return err
	}
	fmt.Printf("Building here, into dist/ (what GoReleaser says is in %s)\n", within(root, here.log))
	if err := here.snapshot(ctx); err != nil {
		return err
	}
	elsewhere := build{tree: filepath.Join(scratch, "another folder"), log: filepath.Join(scratch, "elsewhere.log"), umask: "077"}
	if err := copyTree(ctx, root, elsewhere.tree); err != nil {
		return err
	}
	fmt.Println("Building again, from a clone in another folder, with another umask")
	if err := elsewhere.snapshot(ctx); err != nil {
		return err
	}

	release, err := readDist(root, committed)
	if err != nil {
		return err
	}
	again, err := readDist(elsewhere.tree, committed)
	if err != nil {
		return err
	}
	problems := append(release.problems, compare(release, again)...)
	alone, err := buildAlone(ctx, root, scratch, release)
	if err != nil {
		return err
	}
	problems = append(problems, alone...)
	fmt.Print(release.table(again))
	if len(problems) > 0 {
		return errors.New("this would be no release:\n  " + strings.Join(problems, "\n  "))
	}
	fmt.Printf(`
Both builds gave the same bytes: %d archives, the binary in each, a bill of materials for each, and the checksums.
go build alone gives the binary for %s as well. All is in dist/.
Not signed, not attested, not published: only the release workflow does that, with the owner's key. See PUBLISHING.md.
`, len(release.archives), hostPlatform())
	return os.RemoveAll(scratch)
}

// build is one run of GoReleaser, and what surrounds it.
type build struct {
	tree  string // the working copy, which gets a folder dist
	log   string
	umask string
}

// snapshot builds a release of no version. Signing is left out: it takes the owner's key.
func (b build) snapshot(ctx context.Context) error {
	return b.goreleaser(ctx, "release", "--snapshot", "--clean", "--skip=sign")
}

func (b build) goreleaser(ctx context.Context, args ...string) error {
	log, err := os.OpenFile(b.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", `umask "$0"; exec goreleaser "$@"`, b.umask}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.tree, log, log
	cmd.Env = append(os.Environ(), "TZ=UTC")
	if !hasRemote(ctx, b.tree) {
		// GoReleaser forgets the commit and its time where no remote tells whose release it is.
		cmd.Env = append(cmd.Env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=remote.origin.url",
			"GIT_CONFIG_VALUE_0=https://git.example/nobody/terraform-provider-wechat")
	}
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(b.log)
		return fmt.Errorf("goreleaser %s: %w\n%s", args[0], err, said)
	}
	return nil
}

func hasRemote(ctx context.Context, tree string) bool {
	_, err := git(ctx, tree, "ls-remote", "--get-url")
	return err == nil
}

// commitTime is the time that everything in a release bears.
func commitTime(ctx context.Context, root string) (time.Time, error) {
	said, err := git(ctx, root, "log", "-1", "--format=%ct")
	if err != nil {
		return time.Time{}, fmt.Errorf("a release is built from a commit, and here is none: clone the repository, or commit: %w", err)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(said), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("git says that the commit was made at %q: %w", said, err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// copyTree clones root, and lays over the clone what is not committed yet.
func copyTree(ctx context.Context, root, target string) error {
	if _, err := git(ctx, root, "clone", "--quiet", "--no-checkout", root, target); err != nil {
		return err
	}
	list, err := git(ctx, root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(list, "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, not committed yet
		} else if err != nil {
			return err
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(target, name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, name), content, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// buildAlone holds the recipe for those who verify a release: go build, without GoReleaser, gives the released binary.
func buildAlone(ctx context.Context, root, scratch string, release dist) ([]string, error) {
	released, ok := release.binaries[hostPlatform()]
	if !ok {
		return nil, fmt.Errorf("there is no archive for %s, which this machine is", hostPlatform())
	}
	binary := filepath.Join(scratch, "alone")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X main.version="+release.version, "-o", binary, ".")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	if sum(content) != released {
		return []string{hostPlatform() + ": go build alone gives another binary"}, nil
	}
	return nil, nil
}

func within(root, path string) string {
	if rel, err := filepath.Rel(root, path); err == nil {
		return rel
	}
	return path
}
