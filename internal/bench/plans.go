package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// wechat is a simulated WeChat, a round trip away, with a token service beside it.
type wechat struct {
	*simulator.Simulator
	api, tokens  *simulator.Server
	tokenFolder  string
	tokenQueries atomic.Int32
}

// distant delays every answer by a round trip.
func distant(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(roundTrip):
			handler.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

func newWeChat(scratch string, accounts int) (*wechat, error) {
	world := &simulator.World{Component: simulator.Component{AppID: "wx3000000000000001"}}
	for number := range accounts {
		world.Accounts = append(world.Accounts, simulator.Account{
			AppID: appid(number), Kind: simulator.MiniProgram, PermissionSets: []int{25}, OpenAppID: "wx2000000000000001", Authorized: true,
		})
	}
	made, err := simulator.New(simulator.Config{World: world})
	if err != nil {
		return nil, err
	}
	w := &wechat{Simulator: made}
	if w.api, err = simulator.Listen("127.0.0.1:0", made, simulator.Wrapped(distant)); err != nil {
		return nil, err
	}
	if w.tokens, err = simulator.Listen("127.0.0.1:0", made, simulator.Wrapped(func(handler http.Handler) http.Handler {
		return distant(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
			w.tokenQueries.Add(1)
			handler.ServeHTTP(answer, r)
		}))
	})); err != nil {
		return nil, err
	}
	if w.tokenFolder, err = os.MkdirTemp(scratch, "tokens"); err != nil {
		return nil, err
	}
	for number := range accounts {
		if err := os.WriteFile(filepath.Join(w.tokenFolder, appid(number)), []byte(made.Token(appid(number))), 0o600); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *wechat) close() {
	_ = w.api.Close()
	_ = w.tokens.Close()
}

func appid(number int) string { return fmt.Sprintf("wx%016x", 0x4000+number) }

// outcome is what one plan cost.
type outcome struct {
	took                                  time.Duration
	requests, connections, tokenQuestions int
	peak                                  int64 // of the provider's memory, in bytes; 0 where it cannot be told
}

// plan runs one plan with a data source for each of the given appids.
func (w *wechat) plan(ctx context.Context, place *engine.Workspace, settings string, appids []string) (outcome, error) {
	var configuration strings.Builder
	fmt.Fprintf(&configuration, `
terraform {
  required_providers {
    wechat = { source = %q }
  }
}
provider "wechat" {
  base_url = %q
  %s
}
locals {
  accounts = {
`, engine.Address, w.api.URL(), settings)
	for number, appid := range appids {
		fmt.Fprintf(&configuration, "    account%d = %q\n", number, appid)
	}
	configuration.WriteString("  }\n}\n" + `
data "wechat_open_account" "all" {
  for_each = local.accounts
  appid    = each.value
}
`)
	if err := os.WriteFile(filepath.Join(place.Dir, "main.tf"), []byte(configuration.String()), 0o600); err != nil {
		return outcome{}, err
	}
	if result, err := place.Run(ctx, "init", "-no-color"); err != nil || result.ExitCode != 0 {
		return outcome{}, fmt.Errorf("init: %w: %s", err, result.Stderr)
	}
	w.ResetRecord()
	w.tokenQueries.Store(0)
	connections := w.api.Connections()
	watching, stop := context.WithCancel(ctx)
	peak := make(chan int64)
	go func() { peak <- watch(watching, place.Dir) }()
	begun := time.Now()
	result, err := place.Run(ctx, "plan", "-no-color")
	took := time.Since(begun)
	stop()
	measured := outcome{
		took: took, requests: w.Count("/cgi-bin/open/get"), connections: w.api.Connections() - connections,
		tokenQuestions: int(w.tokenQueries.Load()), peak: <-peak,
	}
	if err != nil || result.ExitCode != 0 {
		return outcome{}, fmt.Errorf("plan: %w: %s", err, result.Stderr)
	}
	return measured, nil
}

// watch returns the most memory that a provider of the workspace held until ctx ended. It reads /proc, so that elsewhere
// than on Linux it knows nothing.
func watch(ctx context.Context, workspace string) int64 {
	var most int64
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return most
		case <-ticker.C:
		}
		processes, _ := filepath.Glob("/proc/[0-9]*")
		for _, process := range processes {
			if program, err := os.Readlink(process + "/exe"); err != nil || !strings.Contains(program, "terraform-provider-wechat") {
				continue
			}
			if folder, err := os.Readlink(process + "/cwd"); err != nil || folder != workspace {
				continue
			}
			status, _ := os.ReadFile(process + "/status")
			_, rest, _ := strings.Cut(string(status), "VmHWM:")
			kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			if held, err := strconv.ParseInt(kilobytes, 10, 64); err == nil {
				most = max(most, held*1024)
			}
		}
	}
}

// plans measures plans of the real engine.
func plans(ctx context.Context, table *tabwriter.Writer, found engine.Engine, scratch, mirror string) error {
	w, err := newWeChat(scratch, 300)
	if err != nil {
		return err
	}
	defer w.close()
	folder, err := os.MkdirTemp(scratch, "work")
	if err != nil {
		return err
	}
	place, err := engine.NewWorkspace(found, folder, mirror)
	if err != nil {
		return err
	}
	all := make([]string, 300)
	same := make([]string, 300)
	for number := range all {
		all[number], same[number] = appid(number), appid(0)
	}
	var entries strings.Builder
	for number := range 100 {
		fmt.Fprintf(&entries, "%s = %q\n", appid(number), w.Token(appid(number)))
	}
	given := "access_tokens = {\n" + entries.String() + "}"
	files := fmt.Sprintf("access_token_file = \"%s/{appid}\"", filepath.ToSlash(w.tokenFolder))
	service := fmt.Sprintf("token_endpoint = {\nurl = \"%s/_simulator/token?appid={appid}\"\ntoken_path = \"data.token\"\n}", w.tokens.URL())

	hundred, err := w.plan(ctx, place, files, all[:100])
	if err != nil {
		return err
	}
	fmt.Fprintf(table, "100 data sources: requests, connections\t%d, %d\t\t\n", hundred.requests, hundred.connections)
	if hundred.peak > 0 {
		fmt.Fprintf(table, "100 data sources: the provider's peak memory\t%.1f MB\t\t\n", megabytes(hundred.peak))
	}
	for _, readers := range []struct {
		of     string
		appids []string
	}{{"300 appids", all}, {"one appid", same}} {
		asked, err := w.plan(ctx, place, service, readers.appids)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "300 data sources of %s: token requests, requests\t%d, %d\t\t\n", readers.of, asked.tokenQuestions, asked.requests)
	}

	var withService, withGiven []time.Duration
	for range planRounds {
		asked, err := w.plan(ctx, place, service, all[:100])
		if err != nil {
			return err
		}
		held, err := w.plan(ctx, place, given, all[:100])
		if err != nil {
			return err
		}
		withService = append(withService, asked.took)
		// The engine reads ten at a time: each ten wait for their tokens together.
		withGiven = append(withGiven, held.took+10*roundTrip)
	}
	fmt.Fprintf(table, "100 accounts with a token service, beside given tokens and a round trip for each ten\t%s\t%s\t%.2f\n",
		round(median(withService)), round(median(withGiven)), ratio(withService, withGiven))
	return nil
}
