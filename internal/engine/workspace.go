package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// grace is what an interrupted engine has to stop its provider and to release its locks before it is killed.
const grace = 10 * time.Second

// Workspace is a directory an engine runs in, with a CLI configuration, an environment and a home of its own.
type Workspace struct {
	Dir     string // absolute
	Environ []string

	engine Engine
	grace  time.Duration
}

// NewWorkspace prepares dir for runs of e. The provider comes from the filesystem mirror that BuildProvider filled and
// from nowhere else; extra ("NAME=value") is added to the clean environment.
func NewWorkspace(e Engine, dir, mirror string, extra ...string) (*Workspace, error) {
	dir, errDir := filepath.Abs(dir)
	mirror, errMirror := filepath.Abs(mirror)
	// The engines read no configuration from directories whose name begins with a dot.
	home := filepath.Join(dir, ".engine")
	cliConfig := filepath.Join(home, "cli.tfrc")
	content := fmt.Appendf(nil, `provider_installation {
  filesystem_mirror {
    path    = %[1]q
    include = [%[2]q]
  }
  direct {
    exclude = [%[2]q]
  }
}
`, filepath.ToSlash(mirror), Address)
	err := errors.Join(errDir, errMirror, os.MkdirAll(home, 0o700), os.WriteFile(cliConfig, content, 0o600))
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", dir, err)
	}
	own := []string{"TF_CLI_CONFIG_FILE=" + cliConfig, "TF_IN_AUTOMATION=1", "TF_INPUT=0"}
	if !e.keepHome {
		own = append(own, "HOME="+home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=") // OpenTofu looks there as well
	}
	return &Workspace{Dir: dir, Environ: CleanEnviron(append(own, extra...)...), engine: e, grace: grace}, nil
}

// CopyIn copies a directory's configuration into the workspace: all its files except hidden ones and state, which
// somebody may have left who tried the configuration by hand.
func (w *Workspace) CopyIn(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		target := filepath.Join(w.Dir, name)
		switch {
		case name == ".":
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		case strings.Contains(entry.Name(), ".tfstate"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
	if err != nil {
		return fmt.Errorf("copying %s: %w", dir, err)
	}
	return nil
}

// Result is what a finished run left.
type Result struct {
	Stdout, Stderr string
	ExitCode       int
}

// Run runs the engine to its end. An exit code other than 0 is no error; an error is an engine that could not be
// started or that ctx ended.
func (w *Workspace) Run(ctx context.Context, args ...string) (Result, error) {
	run, err := w.Start(ctx, args...)
	if err != nil {
		return Result{}, err
	}
	return run.Wait()
}

// Command is a program in a process group of its own that is interrupted when ctx ends, and killed after grace.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	ownGroup(cmd)
	cmd.Cancel = func() error { return interrupt(cmd) }
	cmd.WaitDelay = grace
	return cmd
}

// Process is a run that has not ended yet.
type Process struct {
	ctx            context.Context // the run's own, as in exec.Cmd
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

// Start starts the engine. When ctx ends, the engine is interrupted, and killed with all it started if that does not
// end it. Wait must be called.
func (w *Workspace) Start(ctx context.Context, args ...string) (*Process, error) {
	p := &Process{ctx: ctx, cmd: Command(ctx, w.engine.Path, args...)}
	p.cmd.Dir = w.Dir
	p.cmd.Env = w.Environ
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.WaitDelay = w.grace
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s %s: %w", w.engine.Name, strings.Join(args, " "), err)
	}
	return p, nil
}

// Interrupt does what Ctrl-C at a terminal does.
func (p *Process) Interrupt() error {
	return interrupt(p.cmd)
}

// Wait waits for the run's end. The result holds what there is also when it comes with an error.
func (p *Process) Wait() (Result, error) {
	err := p.cmd.Wait()
	if p.ctx.Err() != nil {
		killGroup(p.cmd) // whatever of it outlived the engine
		err = p.ctx.Err()
	}
	result := Result{Stdout: p.stdout.String(), Stderr: p.stderr.String(), ExitCode: p.cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if err == nil || p.ctx.Err() == nil && errors.As(err, &exit) {
		return result, nil
	}
	return result, fmt.Errorf("running %s: %w", filepath.Base(p.cmd.Path), err)
}
