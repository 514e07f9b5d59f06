package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

const (
	planLimit = 5 * time.Minute
	// lastWords is how long an interrupted engine has to stop its providers.
	lastWords = 10 * time.Second
	// excerpt is how much of what a failed program said is shown, in bytes.
	excerpt = 2000
)

// spent is what processes cost: processor time, and the most memory that one of them held. Where it cannot be told it is 0.
type spent struct {
	cpu  time.Duration
	peak int64 // bytes
}

// cost is what a program cost, and the programs that it started and waited for: an engine and its providers.
type cost struct {
	wall            time.Duration
	engine, started spent
}

// lab is the place where everything runs: built binaries, and one folder with a workspace for each kind of plan.
type lab struct {
	engine engine.Engine
	folder string
	mirror string
	root   string // of the module
}

// build builds a program of internal/bench.
func (l *lab) build(ctx context.Context, name string) (string, error) {
	binary := filepath.Join(l.folder, "bin", name)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./internal/bench/"+name)
	build.Dir, build.Env = l.root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", name, err, said)
	}
	return binary, nil
}

// workspace is a folder for plans with one provider.
type workspace struct {
	*engine.Workspace
	binary string // of the engine
}

// workspace makes one; each is initialized once, by init.
func (l *lab) workspace() (*workspace, error) {
	folder, err := os.MkdirTemp(l.folder, "work")
	if err != nil {
		return nil, err
	}
	// The engine package's own settings know of no provider but one; the last setting counts.
	cli := filepath.Join(folder, ".cli.tfrc")
	place, err := engine.NewWorkspace(l.engine, folder, l.mirror, "TF_CLI_CONFIG_FILE="+cli)
	if err != nil {
		return nil, err
	}
	inMirror := fmt.Sprintf("%q, %q", engine.Address, emptyAddress)
	if os.Getenv(peerVariable) != "" {
		inMirror += fmt.Sprintf(", %q", l.httpAddress())
	}
	settings := fmt.Sprintf(`provider_installation {
  filesystem_mirror {
    path    = %[1]q
    include = [%[2]s]
  }
  direct {
    exclude = [%[2]s]
  }
}
`, filepath.ToSlash(l.mirror), inMirror)
	return &workspace{place, l.engine.Path}, os.WriteFile(cli, []byte(settings), 0o600)
}

func (w *workspace) write(configuration string) error {
	return os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(configuration), 0o600)
}

// init makes the providers of the configuration known. It is not measured, and the one thing that may use the network.
func (w *workspace) init(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	init := *w.Workspace
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"} {
		if value := os.Getenv(name); value != "" {
			init.Environ = append(init.Environ, name+"="+value)
		}
	}
	result, err := init.Run(ctx, "init", "-no-color")
	if err == nil && result.ExitCode != 0 {
		err = fmt.Errorf("%s", strings.TrimSpace(result.Stderr))
	}
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	return nil
}

// plan runs one plan.
func (w *workspace) plan(ctx context.Context) (cost, error) {
	return run(ctx, w.Dir, w.Environ, w.binary, "plan", "-no-color")
}

// run runs a program to its end and measures it.
func run(ctx context.Context, folder string, environ []string, program string, args ...string) (cost, error) {
	ctx, cancel := context.WithTimeout(ctx, planLimit)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = folder, environ, &said
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, lastWords
	measured, err := measure(cmd)
	switch {
	case ctx.Err() != nil:
		return cost{}, ctx.Err()
	case err != nil:
		said.Truncate(min(said.Len(), excerpt))
		return cost{}, fmt.Errorf("%s %s: %w: %s", filepath.Base(program), args[0], err, said.String())
	}
	return measured, nil
}
