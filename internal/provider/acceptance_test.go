package provider

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The accounts of the simulator's own world that tests speak of.
const (
	tea         = "wx1000000000000001"
	teaShop     = "wx1000000000000002"
	teaClub     = "wx1000000000000003"
	books       = "wx1000000000000004"
	astray      = "wx1000000000000005"
	unbound     = "wx1000000000000006"
	restricted  = "wx1000000000000007"
	teaOpen     = "wx2000000000000001"
	booksOpen   = "wx2000000000000002"
	pathOpenGet = "/cgi-bin/open/get"
)

// installed is the engine that the acceptance tests run. There is always one: without it the tests fail. With -short
// none is looked for, and the tests that need one are left out.
var installed engine.Engine

// scratch is a directory for what all tests of this run share.
var scratch string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	if isVault() {
		if err := serveVault(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	flag.Parse()
	var err error
	if testing.Short() {
		err = flag.Set("test.skip", "^TestAcc|^TestBinary|^TestChaos")
	} else if installed, err = engine.Find(context.Background()); err != nil {
		err = fmt.Errorf("the acceptance tests need a Terraform or OpenTofu: %w", err)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if scratch, err = os.MkdirTemp("", "wechat-provider-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	address := strings.Split(engine.Address, "/")
	// Tests that run the engine in this process hand it this process's environment.
	clean := engine.CleanEnviron(
		"TF_ACC=1",
		"TF_ACC_TERRAFORM_PATH="+installed.Path,
		"TF_ACC_PROVIDER_HOST="+address[0],
		"TF_ACC_PROVIDER_NAMESPACE="+address[1],
	)
	os.Clearenv()
	for _, variable := range clean {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); name != "" && err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// factories serve the provider from this process, to tests that look at state and plan. They share one server, so tests
// of aliases and of what a process does run the built binary instead.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"wechat": providerserver.NewProtocol6WithError(New("0.0.0-test")()),
}

// mirror builds the provider, with the race detector, into a plugin folder, once for all tests.
var mirror = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(scratch, "mirror")
	_, err := engine.BuildProvider(context.Background(), folder, engine.BuildOptions{Race: true})
	return folder, err
})

// lab is a simulated WeChat with a token file for each of its accounts.
type lab struct {
	*simulator.Simulator
	server *simulator.Server
	tokens string
}

func newLab(t *testing.T, world *simulator.World, options ...simulator.ListenOption) *lab {
	t.Helper()
	wechat, err := simulator.New(simulator.Config{World: world})
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.Listen("127.0.0.1:0", wechat, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	l := &lab{wechat, server, t.TempDir()}
	for _, account := range wechat.World().Accounts {
		l.rotate(t, account.AppID)
	}
	return l
}

// rotate does what a platform's token service does: it refreshes an account's token and writes the file anew.
func (l *lab) rotate(t *testing.T, appid string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(l.tokens, appid), []byte(l.IssueToken(appid)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// move binds an account to an open account; "" unbinds it.
func (l *lab) move(t *testing.T, appid, openAppID string) {
	t.Helper()
	if err := l.UpdateAccount(appid, func(account *simulator.Account) { account.OpenAppID = openAppID }); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) fault(t *testing.T, fault simulator.Fault) {
	t.Helper()
	if err := l.Inject(fault); err != nil {
		t.Fatal(err)
	}
}

const required = `
terraform {
  required_providers {
    wechat = { source = "terraform.local/wechat/wechat" }
  }
}
`

// config is a configuration with a provider block for the lab, into which settings are put.
func (l *lab) config(settings, rest string) string {
	return required + fmt.Sprintf(`
provider "wechat" {
  base_url          = %q
  access_token_file = "%s/{appid}"
  %s
}
`, l.server.URL(), filepath.ToSlash(l.tokens), settings) + rest
}

// workspace returns a place to run the engine with the built provider, initialised for a configuration.
func workspace(t *testing.T, configuration string, environment ...string) *engine.Workspace {
	t.Helper()
	plugins, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	// A race ends the provider, so that the engine reports a crash, and the detector's wait at every exit is left out.
	environment = append(environment, "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	place, err := engine.NewWorkspace(installed, t.TempDir(), plugins, environment...)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(place.Dir, "main.tf"), configuration)
	if result := run(t, place, "init", "-no-color"); result.ExitCode != 0 {
		t.Fatalf("init: %s%s", result.Stdout, result.Stderr)
	}
	return place
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, place *engine.Workspace, args ...string) engine.Result {
	t.Helper()
	result, err := place.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
