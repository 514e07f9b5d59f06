// Command bench measures what the provider costs, each figure beside a peer in the same run, and prints the ratios. Servers
// and clients are on this machine alone; only the engine's init may use the network, to fetch the peer.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

const (
	startRounds = 31
	planRounds  = 5
	roundTrip   = 50 * time.Millisecond
)

// What is compared by default takes less than ten minutes on two cores, and everything twice as long.
const (
	everyContender = singular + "," + plural + "," + plural100 + "," + peer + "," + emptyOne + "," + emptyMany + "," + client + "," + client100
	defaultLinks   = "50ms+tls,0ms"
	everyLink      = "50ms+tls,50ms,0ms+tls,0ms"
	everySize      = "1,10,100,1000,10000"
)

const theRest = `
Not everything was run, unless it was asked for: every way to the server, and 10,000 accounts for all who can. The rest, or a part:
  make bench BENCH=-everything
  make bench BENCH="-figures=false -contenders %s,%s -sizes 1000 -rounds 5"
%s names the binary of a built hashicorp/http provider. Without it %s init fetches one, where it can.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// flags reads what is asked for.
func flags() (asked scope, figures bool, err error) {
	links := flag.String("links", defaultLinks, "round trips to the server, of "+everyLink+" or others")
	contenders := flag.String("contenders", everyContender, "who takes part; none for the figures alone")
	sizes := flag.String("sizes", everySize, "numbers of accounts, ascending")
	flag.IntVar(&asked.rounds, "rounds", 3, "how often everything is run")
	flag.BoolVar(&asked.everything, "everything", false, "all links, and the largest number of accounts for all who can")
	flag.BoolVar(&figures, "figures", true, "measure start, size and token sources too")
	flag.Parse()
	if asked.everything {
		*links = everyLink
	}
	for written := range strings.SplitSeq(*links, ",") {
		over, err := parseLink(written)
		if err != nil {
			return asked, figures, fmt.Errorf("-links: %w", err)
		}
		asked.links = append(asked.links, over)
	}
	for written := range strings.SplitSeq(*sizes, ",") {
		size, err := strconv.Atoi(written)
		if err != nil {
			return asked, figures, fmt.Errorf("-sizes: %w", err)
		}
		asked.sizes = append(asked.sizes, size)
	}
	asked.contenders = slices.DeleteFunc(strings.Split(*contenders, ","), func(name string) bool { return name == "" })
	for _, name := range asked.contenders {
		if !slices.Contains(strings.Split(everyContender, ","), name) {
			return asked, figures, fmt.Errorf("-contenders: %q is none of %s", name, everyContender)
		}
	}
	if asked.rounds < 1 || !slices.IsSorted(asked.sizes) || asked.sizes[0] < 1 {
		return asked, figures, errors.New("-rounds and -sizes begin at 1, and sizes ascend")
	}
	return asked, figures, nil
}

func bench(ctx context.Context) (err error) {
	asked, figures, err := flags()
	if err != nil {
		return err
	}
	found, err := engine.Find(ctx)
	if err != nil {
		return err
	}
	root, err := engine.ModuleRoot(ctx)
	if err != nil {
		return err
	}
	parent := filepath.Join(root, ".cache", "bench")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(parent, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()

	l := &lab{engine: found, folder: scratch, mirror: filepath.Join(scratch, "mirror"), root: root}
	binary, err := engine.BuildProvider(ctx, l.mirror, engine.BuildOptions{})
	if err != nil {
		return err
	}
	empty, err := l.build(ctx, "empty")
	if err != nil {
		return err
	}
	if err := l.install(empty, emptyAddress); err != nil {
		return err
	}

	if figures {
		fmt.Printf("%s, %s round trip where one is named, medians\n\n", found, roundTrip)
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "what\tthis provider\tpeer\tratio")
		if err := start(ctx, table, binary, empty); err != nil {
			return err
		}
		if err := plans(ctx, table, l); err != nil {
			return err
		}
		_ = table.Flush()
	}
	if len(asked.contenders) == 0 {
		return nil
	}
	compared, note, err := l.compare(ctx, asked)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s, the same job side by side, medians of %d rounds. \"Of plural\" is the time beside wechat_open_accounts; "+
		"\"growth\" the exponent since the size before.\n", found, asked.rounds)
	if note != "" {
		fmt.Println("\n" + note)
	}
	compared.print(os.Stdout, asked, l.contenders())
	fmt.Println()
	compared.reach(os.Stdout)
	fmt.Printf(theRest, plural100, client100, peerVariable, found.Name)
	return nil
}

// start measures the time from starting a binary to its handshake, and the binaries' sizes.
func start(ctx context.Context, table *tabwriter.Writer, binary, peer string) error {
	var own, other []time.Duration
	for range startRounds {
		for path, taken := range map[string]*[]time.Duration{binary: &own, peer: &other} {
			took, err := handshake(ctx, path)
			if err != nil {
				return err
			}
			*taken = append(*taken, took)
		}
	}
	fmt.Fprintf(table, "start to handshake, beside an empty provider\t%s\t%s\t%.2f\n", round(median(own)), round(median(other)), ratio(own, other))
	ownSize, err := os.Stat(binary)
	if err != nil {
		return fmt.Errorf("measuring the binary: %w", err)
	}
	otherSize, err := os.Stat(peer)
	if err != nil {
		return fmt.Errorf("measuring the empty provider: %w", err)
	}
	fmt.Fprintf(table, "size, stripped, beside an empty provider\t%.1f MB\t%.1f MB\t%.2f\n", megabytes(ownSize.Size()), megabytes(otherSize.Size()),
		float64(ownSize.Size())/float64(otherSize.Size()))
	return nil
}

// handshake starts a provider as an engine does and waits for its first line.
func handshake(ctx context.Context, path string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	provider := exec.CommandContext(ctx, path)
	provider.Env = engine.CleanEnviron(
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6")
	output, err := provider.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("starting %s: %w", filepath.Base(path), err)
	}
	begun := time.Now()
	if err := provider.Start(); err != nil {
		return 0, fmt.Errorf("starting %s: %w", filepath.Base(path), err)
	}
	_, err = output.Read(make([]byte, 1))
	took := time.Since(begun)
	cancel()
	_ = provider.Wait()
	if err != nil {
		return 0, fmt.Errorf("%s made no handshake: %w", filepath.Base(path), err)
	}
	return took, nil
}

func median(of []time.Duration) time.Duration {
	return medianOf(of, func(took time.Duration) time.Duration { return took })
}

func ratio(own, other []time.Duration) float64 { return float64(median(own)) / float64(median(other)) }

func round(took time.Duration) time.Duration { return took.Round(100 * time.Microsecond) }

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
