package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

// Exit codes.
const (
	exitConfirmed   = 0
	exitCouldNotRun = 1
	exitDiffers     = 2
)

// pause is how long to wait before a request is repeated that got no answer.
const pause = time.Second

// run is the command; it ends with the context. The result is the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		_, _ = fmt.Fprintf(stderr, "wechat-verify: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		return exitCouldNotRun
	}
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitConfirmed
	case err != nil:
		return fail(err)
	}
	config, err := o.config()
	if err != nil {
		return fail(err)
	}
	text := stdout
	if o.json {
		text = stderr
	}
	printPlan(text, o, config)
	if !o.yes && !agreed(ctx, stdin, text) {
		return fail(errors.New("nothing was asked: answer y, or give -yes"))
	}

	config.Proxy = http.ProxyFromEnvironment
	config.Pause = pause
	config.Provider = o.provider(config)
	config.Report = func(fact facts.Fact, result facts.Result) { printResult(text, fact, result) }
	report := facts.Verify(ctx, config)

	printSummary(text, report)
	if o.json {
		encoder := json.NewEncoder(stdout)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(map[string][]facts.Result{"facts": report.Results}); err != nil {
			return fail(err)
		}
	}
	code := exitConfirmed
	if report.Count(facts.Differs) > 0 {
		code = exitDiffers
	} else if !report.Ended {
		code = fail(errors.New("interrupted: what was learned until then stands above"))
	} else if report.Count(facts.Confirmed) == 0 {
		code = fail(fmt.Errorf("nothing could be asked: %s", report.Results[0].Came))
	}
	for _, problem := range report.Problems {
		code = fail(errors.New(problem))
	}
	if o.record != "" {
		if err := report.Write(o.record, report.Record(time.Now())); err != nil {
			return fail(err)
		}
		_, _ = fmt.Fprintf(text, "Recorded in %s\n", o.record)
	}
	return code
}

func printPlan(out io.Writer, o options, config facts.Config) {
	planned, calls := config.Plan()
	address := "WeChat"
	if config.BaseURL != nil {
		address = config.BaseURL.Host
	}
	_, _ = fmt.Fprintf(out, "This asks %s, at most %d times, and changes nothing there:\n\n", address, calls)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range planned {
		_, _ = fmt.Fprintf(table, "  %d x\t%s\n", p.Times, p.Asked)
	}
	_ = table.Flush()
	_, _ = fmt.Fprint(out, "\nBesides, five TLS handshakes without a request, where the address is https.")
	if config.Credentials[facts.First] != (facts.Credential{}) {
		_, _ = fmt.Fprint(out, "\nLast, the provider asks open/get through Terraform or OpenTofu, if there is one.")
	}
	if o.record != "" {
		_, _ = fmt.Fprintf(out, "\nThe record goes to %s. It holds no token, appid or name.", o.record)
	}
	_, _ = fmt.Fprint(out, "\n\n")
}

// agreed asks whether to begin. It gives up when the context ends.
func agreed(ctx context.Context, in io.Reader, out io.Writer) bool {
	_, _ = fmt.Fprint(out, "Begin? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case line := <-answer:
		return line == "y" || line == "yes"
	case <-ctx.Done():
		return false
	}
}

func printResult(out io.Writer, fact facts.Fact, result facts.Result) {
	switch {
	case result.Outcome == facts.NotAsked:
		_, _ = fmt.Fprintf(out, "not asked  %s: %s\n", fact.ID, result.Came)
	case result.Outcome == facts.Differs:
		_, _ = fmt.Fprintf(out, "differs    %s: %s What came: %s\n", fact.ID, fact.Claim, result.Came)
	case fact.IsQuestion():
		_, _ = fmt.Fprintf(out, "confirmed  %s: %s %s\n", fact.ID, fact.Claim, result.Came)
	default:
		_, _ = fmt.Fprintf(out, "confirmed  %s: %s\n", fact.ID, fact.Claim)
	}
}

var tiers = []string{"nothing", "an account's token", "a second account", "the component's token"}

func printSummary(out io.Writer, report *facts.Report) {
	count := map[int]map[facts.Outcome]int{}
	for i, fact := range facts.Facts {
		if count[fact.Tier()] == nil {
			count[fact.Tier()] = map[facts.Outcome]int{}
		}
		count[fact.Tier()][report.Results[i].Outcome]++
	}
	_, _ = fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "FACTS THAT TAKE\tCONFIRMED\tDIFFER\tNOT ASKED")
	for tier, name := range tiers {
		c := count[tier]
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", name, c[facts.Confirmed], c[facts.Differs], c[facts.NotAsked])
	}
	_ = table.Flush()
	_, _ = fmt.Fprintf(out, "\n%d facts: %d confirmed, %d differ, %d not asked. %d calls in %.1f s.\n",
		len(report.Results),
		report.Count(facts.Confirmed), report.Count(facts.Differs), report.Count(facts.NotAsked), report.Calls,
		report.Took.Seconds())
}
