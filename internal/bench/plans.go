package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/bench/fleet"
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
			AppID: fleet.AppID(number), Kind: simulator.MiniProgram, PermissionSets: []int{25}, OpenAppID: "wx2000000000000001", Authorized: true,
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
	if w.tokenFolder, err = os.MkdirTemp(scratch, "files"); err != nil {
		return nil, err
	}
	for number := range accounts {
		if err := os.WriteFile(filepath.Join(w.tokenFolder, fleet.AppID(number)), []byte(made.Token(fleet.AppID(number))), 0o600); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *wechat) close() {
	_ = w.api.Close()
	_ = w.tokens.Close()
}

// outcome is what one plan cost.
type outcome struct {
	took                                  time.Duration
	requests, connections, tokenQuestions int
	peak                                  int64 // of the provider's memory, in bytes; 0 where it cannot be told
}

// plan runs one plan with a data source for each of the given appids.
func (w *wechat) plan(ctx context.Context, place *workspace, settings string, appids []string) (outcome, error) {
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
	if err := place.write(configuration.String()); err != nil {
		return outcome{}, err
	}
	if err := place.init(ctx); err != nil {
		return outcome{}, err
	}
	w.ResetRecord()
	w.tokenQueries.Store(0)
	connections := w.api.Connections()
	measured, err := place.plan(ctx)
	if err != nil {
		return outcome{}, err
	}
	return outcome{
		took: measured.wall, requests: w.Count(fleet.Path), connections: w.api.Connections() - connections,
		tokenQuestions: int(w.tokenQueries.Load()), peak: measured.started.peak,
	}, nil
}

// plans measures plans of the real engine.
func plans(ctx context.Context, table *tabwriter.Writer, l *lab) error {
	w, err := newWeChat(l.folder, 300)
	if err != nil {
		return err
	}
	defer w.close()
	place, err := l.workspace()
	if err != nil {
		return err
	}
	all := make([]string, 300)
	same := make([]string, 300)
	for number := range all {
		all[number], same[number] = fleet.AppID(number), fleet.AppID(0)
	}
	var entries strings.Builder
	for number := range 100 {
		fmt.Fprintf(&entries, "%s = %q\n", fleet.AppID(number), w.Token(fleet.AppID(number)))
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
