package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

const (
	// execConcurrency is how many programs run at once.
	execConcurrency = 8
	// outputLimit bounds what is kept of a program's standard output and of its standard error, in bytes.
	outputLimit = 64 << 10
	// execGrace is how long output is still waited for after a program ended or was killed.
	execGrace = time.Second
)

// What a program is told in its environment.
const (
	variableAppID    = "WECHAT_APPID"
	variableRejected = "WECHAT_TOKEN_REJECTED"
)

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
	description Description
	config      ExecConfig
	slots       chan struct{}
}

// Exec returns the source that runs a program for each account.
func Exec(setting string, config ExecConfig) Source {
	return &program{Description{Setting: setting, PerAppID: true}, config, make(chan struct{}, execConcurrency)}
}

func (p *program) Describe() Description { return p.description }

func (p *program) Fetch(ctx context.Context, request Request) (Token, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return Token{}, ctx.Err()
		}
		return Token{}, &Error{
			Source: p.description, AppID: request.AppID,
			Problem:   fmt.Sprintf("the program was not run for it in time; at most %d run at once", execConcurrency),
			Advice:    "Give the data source more time in timeouts.read, or see what makes the program slow.",
			OutOfTime: true, NoAnswer: true,
		}
	}
	begun := time.Now()
	stdout, stderr := &bounded{}, &bounded{keepEnd: true}
	err := p.run(ctx, request, stdout, stderr)
	if ctx.Err() != nil {
		return Token{}, ctx.Err()
	}
	var printed Token
	if err == nil {
		printed, err = readOutput(stdout.kept.Bytes(), begun)
	}
	if err == nil {
		return printed, nil
	}
	problem := err.Error()
	var failed *execProblem
	cannotRun := errors.As(err, &failed) && failed.cannotRun
	if said := wire.RedactEnd(stderr.kept.String(), p.secrets(stdout.kept.String())...); said != "" {
		problem += fmt.Sprintf("; the end of its standard error: %q", said)
	}
	advice := "Check exec.command, and the PATH and the rights of the user that runs the plan."
	if !cannotRun {
		advice = "Run the program by hand with WECHAT_APPID set to this appid. It must print, on standard output and in time, " +
			`the access token alone on one line or JSON with "access_token", and exit with 0.`
	}
	return Token{}, &Error{Source: p.description, AppID: request.AppID, Problem: problem, Advice: advice, Shared: cannotRun}
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
		if name, value, _ := strings.Cut(variable, "="); wire.NamesSecret(name) {
			secrets = append(secrets, wire.Secrets(name, value)...)
		}
	}
	return secrets
}

// execProblem is a failed run in words that may be shown.
type execProblem struct {
	text string
	// cannotRun is set where the program could not even be started.
	cannotRun bool
}

func (e *execProblem) Error() string { return e.text }

// run runs the program to its end. Its error is an *execProblem, unless ctx ended.
func (p *program) run(ctx context.Context, request Request, stdout, stderr *bounded) error {
	args := make([]string, len(p.config.Args))
	for number, template := range p.config.Args {
		arg, err := expand(template, request.AppID)
		if err != nil {
			return &execProblem{text: err.Error()}
		}
		args[number] = arg
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
	case stdout.refused:
		return &execProblem{text: fmt.Sprintf("the program printed more than %d bytes", outputLimit)}
	case limited.Err() != nil:
		return &execProblem{text: fmt.Sprintf("the program did not end within %s and was killed", p.config.Timeout)}
	case errors.Is(err, exec.ErrWaitDelay):
		// It ended well; that something it left behind holds the output open does not matter.
		return nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return &execProblem{text: "there is no program " + p.named(), cannotRun: true}
	case errors.Is(err, fs.ErrPermission):
		return &execProblem{text: "the program " + p.named() + " may not be run by this user", cannotRun: true}
	case errors.As(err, &exit):
		return &execProblem{text: "the program failed with " + exit.String()}
	default:
		return &execProblem{text: "the program " + p.named() + " could not be run", cannotRun: true}
	}
}

// named is the program in a message. One with spaces is a whole command line by mistake, with whatever secrets are in it.
func (p *program) named() string {
	switch {
	case strings.ContainsAny(p.config.Command, " \t\n"):
		return "of the name that exec.command gives; there is no shell, so arguments belong into exec.args"
	case CouldBe(p.config.Command):
		return "of the name that exec.command gives; it may be a secret, and so it is not shown"
	}
	return fmt.Sprintf("%q", p.config.Command)
}

// withheld begin the names of the variables that a program does not inherit: this provider's settings, and what the
// engine takes the values of a configuration's variables from.
var withheld = []string{"WECHAT_", "TF_VAR_", "TF_CLI_ARGS"}

// environment is what the program gets: the provider's own environment but for what is withheld, then what the user
// wrote, and last what the program is asked.
func (p *program) environment(request Request) []string {
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name) // which is the same variable there
		}
		return slices.ContainsFunc(withheld, func(beginning string) bool { return strings.HasPrefix(name, beginning) })
	})
	for name, value := range p.config.Env {
		if name != variableAppID && name != variableRejected {
			environment = append(environment, name+"="+value)
		}
	}
	environment = append(environment, variableAppID+"="+request.AppID)
	if request.Rejected {
		environment = append(environment, variableRejected+"=true")
	}
	return environment
}

// readOutput reads a token from what a program printed: JSON with access_token and perhaps expires_in, or one line that
// is the token. What is no token is refused: redis-cli, for one, prints its errors where the token belongs, and exits
// with 0.
func readOutput(printed []byte, begun time.Time) (Token, error) {
	if trimmed := bytes.TrimSpace(printed); bytes.HasPrefix(trimmed, []byte("{")) {
		return readJSON(trimmed, begun)
	}
	value, err := Clean(string(printed))
	if err != nil {
		return Token{}, &execProblem{text: "what the program printed " + err.Error()}
	}
	return Token{Value: value}, nil
}

func readJSON(printed []byte, begun time.Time) (Token, error) {
	var members map[string]json.RawMessage
	var written string
	if json.Unmarshal(printed, &members) != nil {
		return Token{}, &execProblem{text: "what the program printed begins like JSON and is none"}
	}
	if json.Unmarshal(members["access_token"], &written) != nil || written == "" {
		return Token{}, &execProblem{text: `the JSON that the program printed has no text in "access_token"`}
	}
	value, err := clean(written)
	if err != nil {
		return Token{}, &execProblem{text: "the access_token that the program printed " + err.Error()}
	}
	token := Token{Value: value}
	if raw, present := members["expires_in"]; present && string(raw) != "null" {
		life, ok := lifetime(strings.Trim(string(raw), `"`))
		if !ok {
			return Token{}, &execProblem{text: `the JSON that the program printed has no number of seconds in "expires_in"`}
		}
		token.Expires = begun.Add(life)
	}
	return token, nil
}

// lifetime reads a number of seconds.
func lifetime(written string) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(written, 64)
	if err != nil || math.IsNaN(seconds) || seconds < 0 || seconds > math.MaxInt32 {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// errTooMuch ends a program that prints without end.
var errTooMuch = errors.New("too much output")

// bounded keeps the first of what is written to it and refuses more, or keeps the last. The buffer is not embedded: io.Copy
// would find its ReadFrom, which knows no bound.
type bounded struct {
	kept    bytes.Buffer
	keepEnd bool
	refused bool
}

func (b *bounded) Write(written []byte) (int, error) {
	length := len(written)
	over := b.kept.Len() + length - outputLimit
	switch {
	case over <= 0:
	case !b.keepEnd:
		b.refused = true
		return 0, errTooMuch
	default:
		b.kept.Next(min(over, b.kept.Len()))
		written = written[max(0, length-outputLimit):]
	}
	b.kept.Write(written)
	return length, nil
}

func values(of map[string]string) []string {
	list := make([]string, 0, len(of))
	for _, value := range of {
		list = append(list, value)
	}
	return list
}
