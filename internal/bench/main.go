//go:build unix

// Command bench measures what the provider costs beside peers that do the same job in the same run on this machine.
package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// contender does the job in its own way: with a configuration in plans, or as a bare client.
type contender struct {
	name, label, plan string
	most              int // accounts
	concurrent        int
	calls             int // to the server, for each account
}

var contenders = []contender{
	{"plural", "wechat_open_accounts, 32 at once", "plural", 1e4, 32, 1},
	{"plural100", "wechat_open_accounts, 100 at once", "plural", 1e5, 100, 1},
	{"tokens", "… with access_tokens", "tokens-plural", 1e4, 100, 1},
	{"exec", "… with exec.batch", "exec-plural", 1e4, 100, 1},
	{"token_endpoint", "… with token_endpoint.batch", "endpoint-plural", 1e4, 100, 1},
	{"details", "wechat_authorizers with details, 100 at once", "details", 1e4, 100, 1},
	{"singular", "wechat_open_account, one for each", "singular", 1e3, 0, 1},
	{"http", "hashicorp/http, one for each", "http", 1e3, 0, 1},
	{"empty", "empty provider, one for each", "empty", 1e3, 0, 0},
	{"empty-plural", "empty provider, all in one", "empty-plural", 1e5, 0, 0},
	{"empty-details", "empty provider, all details in one", "empty-details", 1e4, 0, 0},
	{"client", "bare client, 32 at once", "", 1e3, 32, 1},
	{"client100", "bare client, 100 at once", "", 1e3, 100, 1},
	{"client-details", "bare client, 100 details at once", "", 1e3, 100, 1},
}

// lab is a folder that scripts/bench.sh prepared, and what came of the runs in it.
type lab struct {
	engine  engine.Engine
	dir     string
	samples map[job][]sample
}

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	defer func() {
		if err, failed := recover().(error); failed {
			log.Fatalln("bench:", err)
		}
	}()
	switch {
	case len(os.Args) == 7 && os.Args[1] == "client":
		ask := map[bool]func(string) (string, string){true: askInfo, false: askOpen}[os.Args[6] == "client-details"]
		check(client(os.Args[2], os.Args[3], must(strconv.Atoi(os.Args[4])), must(strconv.Atoi(os.Args[5])), ask))
	case len(os.Args) == 2 && os.Args[1] == "empty":
		options := providerserver.ServeOpts{Address: "terraform.local/bench/empty"}
		check(providerserver.Serve(ctx, func() provider.Provider { return empty{} }, options))
	case len(os.Args) > 3 && os.Args[1] == "note":
		note(os.Args[2], os.Args[3:])
	default:
		bench(ctx)
	}
}

// check ends the program after what is deferred.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

// note runs a provider or a bare client to its end, and notes what it cost: seconds of CPU, and megabytes at most.
func note(notes string, command []string) {
	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...) //nolint:gosec // scripts/bench.sh's
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	failed := cmd.Run()
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	unit := map[bool]float64{true: 1, false: 1024}[runtime.GOOS == "darwin"] // in bytes
	file := must(os.OpenFile(notes, os.O_APPEND|os.O_WRONLY, 0o600))
	_, err := fmt.Fprintln(file, cpu.Seconds(), float64(usage.Maxrss)*unit/1e6)
	check(errors.Join(failed, err, file.Close()))
}

func bench(ctx context.Context) {
	dir := flag.String("lab", "", "the folder that everything runs in; scripts/bench.sh makes it")
	links := flag.String("links", "50ms+tls,0ms", "round trips to the server, each with or without +tls")
	most := flag.Int("accounts", 1e4, "the largest number of accounts; the others are powers of ten")
	rounds := flag.Int("rounds", 3, "how often everything is run; 100 accounts, which are soon read, thrice as often")
	flag.Parse()
	l := &lab{must(engine.Find(ctx)), *dir, map[job][]sample{}}
	l.prepare(*most)
	for link := range strings.SplitSeq(*links, ",") {
		roundTrip, overTLS := strings.CutSuffix(link, "+tls")
		s := serve(must(time.ParseDuration(roundTrip)), overTLS, l.path("tokens.json"))
		for round := range *rounds {
			for accounts := 1; accounts <= *most; accounts *= 10 {
				fmt.Fprintf(os.Stderr, "%s: round %d of %d, %d accounts\n", link, round+1, *rounds, accounts)
				turns := contenders
				if accounts == 100 {
					turns = slices.Repeat(contenders, 3)
				}
				for _, c := range turns {
					if _, err := os.Stat(l.path(c.plan)); err == nil && accounts <= c.most {
						this := job{link, c.name, accounts}
						l.samples[this] = append(l.samples[this], l.once(ctx, s, c, accounts))
					}
				}
			}
		}
		s.Close()
		l.print(link, *most)
	}
	l.printAims()
}

// prepare writes what all contenders read: the certificate to trust, and a token for each account.
func (l *lab) prepare(most int) {
	trusted := httptest.NewTLSServer(nil) // whose certificate all such servers share
	trusted.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Certificate().Raw})
	check(os.WriteFile(l.path("authority.pem"), certificate, 0o600))
	check(os.Mkdir(l.path("tokens"), 0o700))
	for number := range most {
		check(os.WriteFile(l.path("tokens", appid(number)), []byte(token(appid(number))), 0o600))
	}
}

func (l *lab) path(names ...string) string {
	return filepath.Join(append([]string{l.dir}, names...)...)
}

// once lets a contender do the job one time, and makes sure that it did.
func (l *lab) once(ctx context.Context, s *server, c contender, accounts int) (made sample) {
	concurrent := strconv.Itoa(c.concurrent)
	cmd := engine.Command(ctx, l.path("bench"), "note", l.path("notes"), l.path("bench"),
		"client", s.URL, l.path("authority.pem"), strconv.Itoa(accounts), concurrent, c.name)
	if c.plan != "" {
		cmd = engine.Command(ctx, l.engine.Path, "plan", "-no-color")
		cmd.Dir = l.path(c.plan)
		cmd.Env = engine.CleanEnviron(
			"TF_CLI_CONFIG_FILE="+l.path("cli.tfrc"), "TF_VAR_url="+s.URL, "TF_VAR_concurrent="+concurrent)
		appids, tokens := make([]string, accounts), map[string]string{}
		for number := range accounts {
			appids[number] = appid(number)
			tokens[appid(number)] = token(appid(number))
		}
		inOne := strings.HasSuffix(c.plan, "plural") || strings.HasSuffix(c.plan, "details")
		written := map[bool]any{true: appids, false: tokens}[inOne]
		values := must(json.Marshal(map[string]any{"accounts": written}))
		check(os.WriteFile(l.path(c.plan, "terraform.tfvars.json"), values, 0o600))
		batch := must(json.Marshal(map[string]any{"access_tokens": tokens}))
		check(os.WriteFile(l.path("tokens.json"), batch, 0o600))
	}
	check(os.WriteFile(l.path("notes"), nil, 0o600))
	s.accounts.Store(int64(accounts))
	s.calls.Store(0)
	s.connections.Store(0)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		check(fmt.Errorf("%s, %d accounts: %w: %.2000s", c.name, accounts, err, stderr.String()))
	}
	made[wall] = time.Since(begun).Seconds()
	made[connections] = float64(s.connections.Load())
	for line := range strings.Lines(string(must(os.ReadFile(l.path("notes"))))) {
		var spent, held float64
		must(fmt.Sscan(line, &spent, &held))
		made[providerCPU], made[providerPeak] = made[providerCPU]+spent, max(made[providerPeak], held)
	}
	// An engine waits for its providers, whose time is in its own.
	made[engineCPU] = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds() - made[providerCPU]
	if calls := s.calls.Load(); calls != int64(accounts*c.calls) {
		check(fmt.Errorf("%s got %d answers about %d accounts", c.name, calls, accounts))
	}
	return made
}
