package token

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/semaphore"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// execConcurrency is how many programs run at once.
const execConcurrency = 8

// execGrace is how long output is still waited for after a program ended or was killed.
const execGrace = time.Second

// withheld are the prefixes of the variables that a program does not inherit: this provider's settings, and those from
// which the engine takes the values of a configuration's variables.
var withheld = []string{"WECHAT_", "TF_VAR_", "TF_CLI_ARGS"}

// ExecConfig says which program prints an account's token.
type ExecConfig struct {
	// Command is the program: a path, or a name that is looked for on the PATH. There is no shell.
	Command string
	// Args are its arguments; {appid} in them is replaced.
	Args []string
	// Env is added to the environment that it inherits, which has neither this provider's settings in it nor the values
	// of the configuration's variables.
	Env map[string]string
	// Timeout bounds one run.
	Timeout time.Duration
}

// program is a token that a program prints.
type program struct {
	Description
	config ExecConfig
	slots  *semaphore.Weighted
}

// Exec returns the source that runs a program.
func Exec(description Description, config ExecConfig) Source {
	return &program{description, config, semaphore.NewWeighted(execConcurrency)}
}

// Fetch implements [Source].
func (p *program) Fetch(ctx context.Context, request Request) (Token, error) {
	if p.slots.Acquire(ctx, 1) != nil {
		return Token{}, &Error{Reason: CommandQueued, Detail: strconv.Itoa(execConcurrency), Outcome: outOfTime}
	}
	defer p.slots.Release(1)
	begun := time.Now()
	stdout, stderr := &bounded{limit: outputLimit(p.Batch)}, &bounded{limit: tokenLimit, keepsLast: true}
	var printed Token
	err := p.run(ctx, request, stdout, stderr)
	if err == nil {
		printed, err = readOutput(stdout.kept, p.Batch, begun)
	}
	var failed *Error
	switch {
	case ctx.Err() != nil:
		return Token{}, ctx.Err()
	case errors.As(err, &failed) && len(stderr.kept) > 0 && len(stdout.kept) <= tokenLimit:
		// To look for each token of a large batch in it would take minutes.
		failed.Quote = wire.RedactEnd(string(stderr.kept), p.secrets(string(stdout.kept))...)
	}
	return printed, err
}

// run runs the program to its end. Its error is an [*Error], unless ctx ended.
func (p *program) run(ctx context.Context, request Request, stdout, stderr *bounded) error {
	args := make([]string, len(p.config.Args))
	for number, template := range p.config.Args {
		var err error
		if args[number], err = expand(template, request.AppID); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	command := exec.CommandContext(limited, p.config.Command, args...)
	command.Env = p.environment(request)
	command.Stdout, command.Stderr = stdout, stderr
	command.WaitDelay = execGrace

	err := runGroup(command)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case stdout.isOver:
		return &Error{Reason: OutputTooLarge, Detail: strconv.FormatInt(stdout.limit, 10)}
	case limited.Err() != nil:
		return &Error{Reason: CommandTimeout, Detail: p.config.Timeout.String()}
	case errors.Is(err, exec.ErrWaitDelay):
		// It ended well; that something it left behind holds the output open does not matter.
		return nil
	case errors.As(err, &exit):
		return &Error{Reason: CommandFailed, Detail: exit.String()}
	}
	return notStarted(err, command)
}

// notStarted says why a program could not be run.
func notStarted(err error, command *exec.Cmd) *Error {
	failed := &Error{Reason: CommandNotStarted, Name: command.Args[0], Shared: true}
	errno, isSystem := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, exec.ErrDot):
		failed.Reason = CommandInFolder
	case errors.Is(err, exec.ErrNotFound):
		failed.Reason = CommandNotFound
	case errors.Is(err, fs.ErrNotExist):
		failed.Reason = notLoaded(command.Path)
	case errors.Is(err, fs.ErrPermission):
		failed.Reason = CommandForbidden
	case errors.Is(err, syscall.ENOEXEC):
		failed.Reason = CommandFormat
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		failed.Reason = CommandNoFiles
	case isSystem:
		failed.Detail = errno.Error()
	}
	return failed
}

// notLoaded tells a program that is not there from one whose interpreter or loader is not: the system says the same.
func notLoaded(path string) Reason {
	opened, err := os.Open(path)
	if err != nil {
		return CommandNotFound
	}
	defer func() { _ = opened.Close() }()
	line, _ := bufio.NewReader(opened).ReadSlice('\n')
	if bytes.HasPrefix(line, []byte("#!")) && bytes.HasSuffix(line, []byte("\r\n")) {
		return CommandLineBreaks
	}
	return CommandNoLoader
}

// environment is what the program gets: the provider's own environment but for what is withheld, then what the user
// wrote, and last what the program is asked.
func (p *program) environment(request Request) []string {
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name) // which is the same variable there
		}
		return slices.ContainsFunc(withheld, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	})
	for name, value := range p.config.Env {
		if name != "WECHAT_APPID" && name != "WECHAT_TOKEN_REJECTED" {
			environment = append(environment, name+"="+value)
		}
	}
	if request.AppID != "" {
		environment = append(environment, "WECHAT_APPID="+request.AppID)
	}
	if request.Rejected {
		environment = append(environment, "WECHAT_TOKEN_REJECTED=true")
	}
	return environment
}

// secrets are what a program's standard error may not show: what it printed where the token belongs, and what its
// environment holds.
func (p *program) secrets(printed string) []string {
	secrets := wire.Secrets("", printed)
	if len(strings.Fields(printed)) == 1 {
		secrets = append(secrets, wire.Secrets("token", printed)...)
	}
	for name, value := range p.config.Env {
		secrets = append(secrets, wire.Secrets(name, value)...)
	}
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); wire.NamesSecret(name) || strings.Contains(value, "://") {
			secrets = append(secrets, wire.Secrets(name, value)...)
		}
	}
	return secrets
}

// readOutput reads a token from what a program printed: JSON with access_token and perhaps expires_in or expires_at, or
// one line that is the token. What is no token is refused: redis-cli, for one, prints its errors where the token
// belongs, and exits with 0.
func readOutput(printed []byte, isBatch bool, begun time.Time) (Token, error) {
	if isBatch {
		printed = bytes.TrimPrefix(printed, []byte(byteOrderMark))
		return layout{"access_tokens", "expires_in", "expires_at", true, true}.read(printed, begun)
	}
	if trimmed := bytes.TrimSpace(printed); bytes.HasPrefix(trimmed, []byte("{")) {
		read, err := layout{"access_token", "expires_in", "expires_at", true, false}.read(trimmed, begun)
		failed, isError := errors.AsType[*Error](err)
		batch, _ := find(trimmed, "access_tokens")
		if isError && failed.Reason == NoToken && batch != nil {
			return Token{}, &Error{Reason: NotBatch}
		}
		return read, err
	}
	return parseAlone(string(printed), &Error{Reason: InvalidOutput})
}

// bounded keeps the first of what is written to it and refuses more, which ends a program that prints without end; or
// it keeps the last.
type bounded struct {
	kept      []byte
	limit     int64 // in bytes
	keepsLast bool
	isOver    bool
}

func (b *bounded) Write(data []byte) (int, error) {
	if b.isOver = int64(len(b.kept)+len(data)) > b.limit; b.isOver && !b.keepsLast {
		return 0, io.ErrShortBuffer
	}
	b.kept = append(b.kept, data...)
	b.kept = b.kept[max(0, len(b.kept)-int(b.limit)):]
	return len(data), nil
}
