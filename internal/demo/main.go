// Command demo shows what the provider is for: a real Terraform or OpenTofu reads the bindings of accounts on a
// simulated WeChat, and notices when they move. It checks all that it shows, and leaves nothing behind.
package main

import (
	"context"
	"errors"
	"fmt"
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

var scenes = []struct {
	title    string
	bindings map[string]string // by appid, what changes before: "" unbinds
	commands []string          // of the engine; the output of the last one is shown
	exitCode int
	expected []string // in its output, where any white space is one space
}{
	{
		title:    "3. init, plan and apply: which open account is each account bound to?",
		commands: []string{"init", "plan -out=demo.tfplan", "apply demo.tfplan"},
		expected: []string{
			`books = "` + booksOpen + `" books_to_do = { "cart" = "bind it" "reader" = "move it here from ` + teaOpen,
			`tea = { "club" = "` + teaOpen + `" "official_account" = "` + teaOpen + `" "shop" = "` + teaOpen + `" }`,
		},
	},
	{
		title:    "4. Example Tea's club is moved to another open account. A check block warns, and the plan goes on:",
		bindings: map[string]string{teaClub: booksOpen},
		commands: []string{"plan"},
		expected: []string{"Warning: Check block assertion failed", "club, which is bound to " + booksOpen},
	},
	{
		title:    "5. It is moved back. Example Books' official account is unbound. A postcondition fails the plan:",
		bindings: map[string]string{teaClub: teaOpen, books: ""},
		commands: []string{"plan"},
		exitCode: 1,
		expected: []string{"Error: Resource postcondition failed", books + " is bound to no open account"},
	},
	{
		title:    "6. It is bound again, and the plan has nothing to say:",
		bindings: map[string]string{books: booksOpen},
		commands: []string{"plan -detailed-exitcode"},
		expected: []string{"No changes."},
	},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	e, err := engine.Find(ctx)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "wechat-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	fmt.Printf("1. Building the provider. The engine is %s.\n\n", e)
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
	tokens, accounts := filepath.Join(w.Dir, "tokens"), wechat.World().Accounts
	err = errors.Join(w.CopyIn(filepath.Join("examples", "demo")), os.Mkdir(tokens, 0o700))
	for _, account := range accounts {
		content := []byte(wechat.Token(account.AppID))
		err = errors.Join(err, os.WriteFile(filepath.Join(tokens, account.AppID), content, 0o600))
	}
	if err != nil {
		return err
	}
	fmt.Printf("2. A simulated WeChat with %d accounts answers at %s. Each account's access token is\n"+
		"   in a file of its own, as a token service would leave it. The configuration is examples/demo.\n\n",
		len(accounts), server.URL())
	return play(ctx, w, wechat)
}

var progress = regexp.MustCompile(`(?m)^.*: (Reading\.\.\.|Read complete after ).*\n`)

func play(ctx context.Context, w *engine.Workspace, wechat *simulator.Simulator) error {
	for _, scene := range scenes {
		fmt.Print(scene.title, "\n\n")
		for appid, open := range scene.bindings {
			if err := wechat.UpdateAccount(appid, func(a *simulator.Account) { a.OpenAppID = open }); err != nil {
				return err
			}
		}
		var output string
		for _, command := range scene.commands {
			name, options, _ := strings.Cut(command, " ")
			result, err := w.Run(ctx, append([]string{name, "-no-color"}, strings.Fields(options)...)...)
			if err != nil {
				return err
			}
			output = result.Stdout + result.Stderr
			if code := result.ExitCode; code != scene.exitCode {
				return fmt.Errorf("%s ended with exit code %d, not %d:\n%s", command, code, scene.exitCode, output)
			}
		}
		output = strings.Trim(progress.ReplaceAllString(output, ""), "\n")
		fmt.Print("     ", strings.ReplaceAll(output, "\n", "\n     "), "\n\n")
		for _, phrase := range scene.expected {
			if !strings.Contains(strings.Join(strings.Fields(output), " "), phrase) {
				return fmt.Errorf("the engine did not say %q", phrase)
			}
		}
	}
	fmt.Println("Next: make install, and the guide to getting started, docs/guides/getting-started.md.")
	return nil
}
