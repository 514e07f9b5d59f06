package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// shutdownGrace is how long requests on the way may take after Ctrl-C.
const shutdownGrace = 3 * time.Second

type options struct {
	listen, accounts, tokenDir, contentType string
	overlap                                 time.Duration
	anyAddress                              bool
	wrongTokenCode                          int
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("wechat-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.BoolVar(&o.anyAddress, "any-address", false, "allow an address that other machines can reach, also for "+
		"the admin API")
	flags.StringVar(&o.accounts, "accounts", "", "`file` with the platform and its accounts in JSON (default: "+
		"seven invented accounts)")
	flags.StringVar(&o.tokenDir, "token-dir", "", "`directory` to keep each account's access token in, in a file "+
		"named by appid (default: a temporary one)")
	flags.DurationVar(&o.overlap, "overlap", simulator.DefaultOverlap, "how long a superseded token keeps "+
		"working; 0: not at all")
	flags.StringVar(&o.contentType, "content-type", simulator.DefaultContentType, "content type of WeChat's answers")
	flags.IntVar(&o.wrongTokenCode, "wrong-token-code", 48001,
		"`errcode` for an account's token on the component's endpoints: 48001 or 61014")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.overlap < 0:
		err = errors.New("-overlap is negative")
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "wechat-simulator: %v\n", err)
	}
	return o, err
}

// run is the command; it ends with the context. The result is the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := serve(ctx, o, stdout, stderr); err != nil {
		_, _ = fmt.Fprintf(stderr, "wechat-simulator: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		return 1
	}
	return 0
}

func serve(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	config := simulator.Config{
		Overlap: o.overlap, ContentType: o.contentType, AdminAnyHost: o.anyAddress, WrongTokenCode: o.wrongTokenCode,
	}
	if o.overlap == 0 {
		config.Overlap = simulator.NoOverlap
	}
	if o.accounts != "" {
		if config.World, err = readWorld(o.accounts); err != nil {
			return err
		}
	}
	s, err := simulator.New(config)
	if err != nil {
		return err
	}
	var listenOptions []simulator.ListenOption
	if o.anyAddress {
		listenOptions = append(listenOptions, simulator.AnyAddress())
	}
	server, err := simulator.Listen(o.listen, s, listenOptions...)
	if errors.Is(err, simulator.ErrNotLoopback) {
		return fmt.Errorf("%w (-any-address allows it)", err)
	}
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w (-listen 127.0.0.1:0 takes a free port)", o.listen, err)
	}
	defer func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		_ = server.Shutdown(grace) // what does not end in time is cut
	}()
	files, err := newTokenFiles(o.tokenDir, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.remove()) }()
	if err := files.update(); err != nil {
		return err
	}
	if err := announce(stdout, server.URL(), files.directory, s.World()); err != nil {
		return err
	}
	files.keepFresh(ctx, stderr)
	return nil
}

func readWorld(path string) (*simulator.World, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	world, err := simulator.ReadWorld(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return world, nil
}
