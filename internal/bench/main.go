// Command bench measures what the provider costs, each figure beside a peer in the same run, and prints the ratios. Servers
// and clients are on this machine alone.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

const (
	startRounds = 31
	planRounds  = 5
	roundTrip   = 50 * time.Millisecond
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
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

	mirror := filepath.Join(scratch, "mirror")
	binary, err := engine.BuildProvider(ctx, mirror, engine.BuildOptions{})
	if err != nil {
		return err
	}
	peer := filepath.Join(scratch, "empty")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", peer, "./internal/bench/empty")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the empty provider: %w: %s", err, said)
	}

	fmt.Printf("%s, %s round trip where one is named, medians\n\n", found, roundTrip)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer func() { err = errors.Join(err, table.Flush()) }()
	fmt.Fprintln(table, "what\tthis provider\tpeer\tratio")
	if err := start(ctx, table, binary, peer); err != nil {
		return err
	}
	return plans(ctx, table, found, scratch, mirror)
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
	ordered := slices.Sorted(slices.Values(of))
	return ordered[len(ordered)/2]
}

func ratio(own, other []time.Duration) float64 { return float64(median(own)) / float64(median(other)) }

func round(took time.Duration) time.Duration { return took.Round(100 * time.Microsecond) }

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
