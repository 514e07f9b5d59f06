package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/bench/fleet"
)

// link is the way to the server.
type link struct {
	roundTrip time.Duration
	tls       bool
}

func (l link) String() string {
	if l.tls {
		return l.roundTrip.String() + "+tls"
	}
	return l.roundTrip.String()
}

// parseLink reads "50ms" or "50ms+tls".
func parseLink(written string) (link, error) {
	plain, tls := strings.CutSuffix(written, "+tls")
	roundTrip, err := time.ParseDuration(plain)
	return link{roundTrip, tls}, err
}

// server is a running internal/bench/server.
type server struct {
	url, certificate string
	asked            io.WriteCloser
	said             *bufio.Reader
	process          *exec.Cmd
}

func (l *lab) serve(ctx context.Context, binary string, over link) (*server, error) {
	s := &server{process: exec.CommandContext(ctx, binary, "-round-trip", over.roundTrip.String())}
	if over.tls {
		s.certificate = filepath.ToSlash(filepath.Join(l.folder, "certificate.pem"))
		s.process.Args = append(s.process.Args, "-certificate", s.certificate)
	}
	s.process.Stderr = os.Stderr
	said, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.asked, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	s.said = bufio.NewReader(said)
	if s.url, err = s.said.ReadString('\n'); err != nil {
		s.close()
		return nil, err
	}
	s.url = strings.TrimSpace(s.url)
	return s, nil
}

// count returns the calls and connections since it was called before.
func (s *server) count() (calls, connections int, err error) {
	if _, err := fmt.Fprintln(s.asked); err != nil {
		return 0, 0, err
	}
	_, err = fmt.Fscanln(s.said, &calls, &connections)
	return calls, connections, err
}

func (s *server) close() {
	_ = s.asked.Close()
	_ = s.process.Wait()
}

// scope is what is compared.
type scope struct {
	links      []link
	contenders []string
	sizes      []int
	rounds     int
	everything bool
}

// noisy is the number of accounts with which plans are short and what is aimed at is near: it is run more often.
const (
	noisy      = 100
	noisyTimes = 3
)

// runs returns who runs in one round with a number of accounts, in turn.
func (s scope) runs(entrants []entrant, accounts int) []entrant {
	run := slices.DeleteFunc(slices.Clone(entrants), func(who entrant) bool {
		return accounts > who.most || accounts > who.usually && !s.everything
	})
	if accounts == noisy {
		return slices.Repeat(run, noisyTimes)
	}
	return run
}

// sample is one run.
type sample struct {
	cost
	calls, connections int
}

// job is what is compared: who asks about how many accounts, and over which link.
type job struct {
	over     link
	who      string
	accounts int
}

// results holds the medians of all rounds.
type results map[job]sample

// entrant is a contender that is ready to run.
type entrant struct {
	contender
	workspace *workspace // nil: a bare client
}

// compare lets all contenders do the same job side by side. Where one cannot take part, the note says why.
func (l *lab) compare(ctx context.Context, asked scope) (found results, note string, err error) {
	serverBinary, err := l.build(ctx, "server")
	if err != nil {
		return nil, "", err
	}
	clientBinary, err := l.build(ctx, "client")
	if err != nil {
		return nil, "", err
	}
	if err := l.writeTokens(slices.Max(asked.sizes)); err != nil {
		return nil, "", err
	}
	entrants, note, err := l.enter(ctx, asked.contenders)
	if err != nil {
		return nil, "", err
	}
	found = results{}
	for _, over := range asked.links {
		s, err := l.serve(ctx, serverBinary, over)
		if err != nil {
			return nil, "", fmt.Errorf("starting the server: %w", err)
		}
		samples := map[job][]sample{}
		for round := range asked.rounds {
			for _, accounts := range asked.sizes {
				fmt.Fprintf(os.Stderr, "%s: round %d of %d, %d accounts\n", over, round+1, asked.rounds, accounts)
				for _, who := range asked.runs(entrants, accounts) {
					made, err := l.once(ctx, s, who, clientBinary, accounts)
					if err != nil {
						s.close()
						return nil, "", fmt.Errorf("%s, %d accounts, %s: %w", who.name, accounts, over, err)
					}
					this := job{over, who.name, accounts}
					samples[this] = append(samples[this], made)
				}
			}
		}
		s.close()
		for done, all := range samples {
			found[done] = middle(all)
		}
	}
	return found, note, nil
}

// tokens is the folder of the accounts' tokens, each in a file.
func (l *lab) tokens() string { return filepath.ToSlash(filepath.Join(l.folder, "tokens")) }

func (l *lab) writeTokens(accounts int) error {
	if err := os.MkdirAll(l.tokens(), 0o700); err != nil {
		return err
	}
	for _, appid := range fleet.AppIDs(accounts) {
		if err := os.WriteFile(filepath.Join(l.tokens(), appid), []byte(fleet.Token(appid)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// enter prepares a workspace for each of the named contenders.
func (l *lab) enter(ctx context.Context, names []string) (entrants []entrant, note string, err error) {
	if err := l.mirrorPeer(); err != nil {
		return nil, "", err
	}
	for _, who := range l.contenders() {
		if !slices.Contains(names, who.name) {
			continue
		}
		enters := entrant{contender: who}
		if who.source != "" {
			if enters.workspace, err = l.workspace(); err != nil {
				return nil, "", err
			}
			if err := enters.workspace.write(who.configuration(&server{}, fleet.AppIDs(1))); err != nil {
				return nil, "", err
			}
			err := enters.workspace.init(ctx)
			if err != nil && who.name == peer && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, err)
				note = "hashicorp/http is not among them: " + l.engine.Name + " init cannot fetch it here. Set " + peerVariable + " to the path of a built one."
				continue
			}
			if err != nil {
				return nil, "", err
			}
		}
		entrants = append(entrants, enters)
	}
	return entrants, note, nil
}

// mirrorPeer puts the binary that the environment names, if any, where the engine finds it.
func (l *lab) mirrorPeer() error {
	binary := os.Getenv(peerVariable)
	if binary == "" {
		return nil
	}
	return l.install(binary, l.httpAddress())
}

// install puts a built provider into the mirror.
func (l *lab) install(binary, address string) error {
	const version = "0.1.0"
	folder := filepath.Join(l.mirror, filepath.FromSlash(address), version, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	name := "terraform-provider-" + filepath.Base(address) + "_v" + version + filepath.Ext(os.Args[0])
	return os.WriteFile(filepath.Join(folder, name), content, 0o700) //nolint:gosec // It is a program.
}

// once lets a contender do the job one time, and makes sure that it did.
func (l *lab) once(ctx context.Context, s *server, who entrant, clientBinary string, accounts int) (made sample, err error) {
	if who.workspace != nil {
		if err := who.workspace.write(who.configuration(s, fleet.AppIDs(accounts))); err != nil {
			return sample{}, err
		}
	}
	if _, _, err := s.count(); err != nil {
		return sample{}, err
	}
	if who.workspace != nil {
		made.cost, err = who.workspace.plan(ctx)
	} else {
		made.cost, err = run(ctx, l.folder, os.Environ(), clientBinary, "-url", s.url, "-certificate", s.certificate,
			"-accounts", strconv.Itoa(accounts), "-concurrent", strconv.Itoa(who.concurrent))
		made.started, made.engine = made.engine, spent{} // there is no engine
	}
	if err != nil {
		return sample{}, err
	}
	expected := accounts
	if who.asksNobody {
		expected = 0
	}
	if made.calls, made.connections, err = s.count(); err == nil && made.calls != expected {
		err = errors.New("the server was called " + strconv.Itoa(made.calls) + " times")
	}
	return made, err
}

// middle returns the median of each figure.
func middle(of []sample) sample {
	return sample{
		cost: cost{
			wall:    medianOf(of, func(s sample) time.Duration { return s.wall }),
			engine:  spent{medianOf(of, func(s sample) time.Duration { return s.engine.cpu }), medianOf(of, func(s sample) int64 { return s.engine.peak })},
			started: spent{medianOf(of, func(s sample) time.Duration { return s.started.cpu }), medianOf(of, func(s sample) int64 { return s.started.peak })},
		},
		calls:       medianOf(of, func(s sample) int { return s.calls }),
		connections: medianOf(of, func(s sample) int { return s.connections }),
	}
}

func medianOf[T any, F cmp.Ordered](of []T, figure func(T) F) F {
	figures := make([]F, len(of))
	for number, each := range of {
		figures[number] = figure(each)
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}
