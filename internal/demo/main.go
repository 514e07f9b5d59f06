// Command demo shows what the provider is for: a real Terraform or OpenTofu reads the bindings of accounts on a simulated
// WeChat, and notices when they move. It checks all that it shows, and leaves nothing behind.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// Accounts and open accounts of examples/demo and of the simulator's own world.
const (
	teaClub   = "wx1000000000000003"
	books     = "wx1000000000000004"
	teaOpen   = "wx2000000000000001"
	booksOpen = "wx2000000000000002"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case interrupted:
		fmt.Fprintln(os.Stderr, "demo: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	e, err := engine.Find(ctx)
	if err != nil {
		return err
	}
	root, err := engine.ModuleRoot(ctx)
	if err != nil {
		return err
	}
	parent := filepath.Join(root, ".cache", "demo")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(parent, "")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(scratch))
		_ = os.Remove(parent) // stays where another demo is running
	}()

	say("1. Building the provider. The engine is %s.", e)
	mirror := filepath.Join(scratch, "mirror")
	if _, err := engine.BuildProvider(ctx, mirror, engine.BuildOptions{}); err != nil {
		return err
	}

	wechat, err := simulator.New(simulator.Config{})
	if err != nil {
		return err
	}
	server, err := simulator.Listen("127.0.0.1:0", wechat)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	w, err := engine.NewWorkspace(e, filepath.Join(scratch, "work"), mirror, "TF_VAR_base_url="+server.URL())
	if err != nil {
		return err
	}
	if err := w.CopyIn(filepath.Join(root, "examples", "demo")); err != nil {
		return err
	}
	accounts := wechat.World().Accounts
	if err := writeTokens(filepath.Join(w.Dir, "tokens"), wechat, accounts); err != nil {
		return err
	}
	say("2. A simulated WeChat with %d accounts answers at %s. Each account's access token is\n"+
		"   in a file of its own, as a token service would leave it. The configuration is examples/demo.", len(accounts), server.URL())

	d := demo{workspace: w, wechat: wechat, color: isTerminal(os.Stdout)}
	return d.play(ctx)
}

func writeTokens(dir string, wechat *simulator.Simulator, accounts []simulator.Account) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, account := range accounts {
		if err := os.WriteFile(filepath.Join(dir, account.AppID), []byte(wechat.Token(account.AppID)+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// demo is the part that is played on a prepared stage.
type demo struct {
	workspace *engine.Workspace
	wechat    *simulator.Simulator
	color     bool
}

func (d *demo) play(ctx context.Context) error {
	say("3. init, plan and apply: which open account is each account bound to?")
	if _, err := d.engine(ctx, 0, "init"); err != nil {
		return err
	}
	if _, err := d.engine(ctx, 0, "plan", "-out=demo.tfplan"); err != nil {
		return err
	}
	out, err := d.engine(ctx, 0, "apply", "demo.tfplan")
	if err != nil {
		return err
	}
	show(out)
	if err := d.checkOutputs(ctx); err != nil {
		return err
	}

	say("4. Somebody moves Example Tea's club to another open account. The check block warns, and the plan goes on:")
	if err := d.bind(teaClub, booksOpen); err != nil {
		return err
	}
	out, err = d.engine(ctx, 0, "plan")
	if err != nil {
		return err
	}
	show(out)
	if err := expect(out, "Warning: Check block assertion failed", "club, which is bound to "+booksOpen); err != nil {
		return err
	}

	say("5. It is moved back, and somebody unbinds Example Books' official account. The postcondition fails the plan:")
	if err := d.bind(teaClub, teaOpen); err != nil {
		return err
	}
	if err := d.bind(books, ""); err != nil {
		return err
	}
	out, err = d.engine(ctx, 1, "plan")
	if err != nil {
		return err
	}
	show(out)
	if err := expect(out, "Error: Resource postcondition failed", books+" is bound to no open account"); err != nil {
		return err
	}

	say("6. It is bound again, and the plan has nothing to say:")
	if err := d.bind(books, booksOpen); err != nil {
		return err
	}
	out, err = d.engine(ctx, 0, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(out)
	if err := expect(out, "No changes."); err != nil {
		return err
	}
	say("Next: make install, and the guide to getting started, docs/guides/getting-started.md.")
	return nil
}

// bind moves an account to an open account; "" unbinds it.
func (d *demo) bind(appid, openAppID string) error {
	return d.wechat.UpdateAccount(appid, func(a *simulator.Account) { a.OpenAppID = openAppID })
}

// engine runs one command of the engine and returns what it printed. Another exit code than the expected one is an error.
func (d *demo) engine(ctx context.Context, exitCode int, args ...string) (string, error) {
	if !d.color {
		args = append(args[:1:1], append([]string{"-no-color"}, args[1:]...)...)
	}
	result, err := d.workspace.Run(ctx, args...)
	if err != nil {
		return "", err
	}
	out := result.Stdout + result.Stderr
	if result.ExitCode != exitCode {
		return "", fmt.Errorf("%s ended with exit code %d, not %d:\n%s", args[0], result.ExitCode, exitCode, out)
	}
	return out, nil
}

// checkOutputs holds what the engine keeps against what the simulated WeChat knows.
func (d *demo) checkOutputs(ctx context.Context) error {
	result, err := d.workspace.Run(ctx, "output", "-json")
	if err != nil {
		return err
	}
	var outputs struct {
		Tea       struct{ Value map[string]string }
		Books     struct{ Value string }
		BooksToDo struct{ Value map[string]string } `json:"books_to_do"`
	}
	if err := json.Unmarshal([]byte(result.Stdout), &outputs); err != nil {
		return fmt.Errorf("reading the outputs: %w", err)
	}
	tea := map[string]string{"official_account": teaOpen, "shop": teaOpen, "club": teaOpen}
	toDo := map[string]string{"reader": "move it here from " + teaOpen, "cart": "bind it"}
	if !maps.Equal(outputs.Tea.Value, tea) || outputs.Books.Value != booksOpen || !maps.Equal(outputs.BooksToDo.Value, toDo) {
		return fmt.Errorf("the outputs are not the bindings:\n%s", result.Stdout)
	}
	return nil
}

var (
	colorCode = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	// frame is what the engines wrap a diagnostic with, which may break any of its lines.
	frame    = regexp.MustCompile(`[│╷╵\s]+`)
	progress = regexp.MustCompile(`: (Reading\.\.\.|Read complete after )`)
)

// expect is an error unless the engine printed all phrases.
func expect(out string, phrases ...string) error {
	plain := frame.ReplaceAllString(colorCode.ReplaceAllString(out, ""), " ")
	for _, phrase := range phrases {
		if !strings.Contains(plain, phrase) {
			return fmt.Errorf("the engine did not say %q", phrase)
		}
	}
	return nil
}

// show prints the engine's own words, without its progress.
func show(out string) {
	var lines []string
	for line := range strings.Lines(out) {
		if !progress.MatchString(line) {
			lines = append(lines, strings.TrimRight("     "+line, " \n"))
		}
	}
	fmt.Println(strings.Trim(strings.Join(lines, "\n"), "\n") + "\n")
}

func say(format string, args ...any) {
	fmt.Printf(format+"\n\n", args...)
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}
