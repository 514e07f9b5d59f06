//go:build unix

package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"text/tabwriter"
)

// sample is what one run cost, in seconds and megabytes. A bare client stands where a provider does.
type sample [5]float64

const (
	wall = iota
	engineCPU
	providerCPU
	providerPeak
	connections
)

type job struct {
	link, who string
	accounts  int
}

// median returns the median of a figure, which is no number where nothing was run.
func (l *lab) median(link, who string, accounts, figure int) float64 {
	figures := []float64{math.NaN()}
	for _, s := range l.samples[job{link, who, accounts}] {
		figures = append(figures, s[figure])
	}
	slices.Sort(figures) // no number comes first
	return figures[len(figures)/2]
}

// print prints what came of the runs over a link: "of plural" is the time beside wechat_open_accounts, "growth" the
// exponent since a tenth of the accounts.
func (l *lab) print(link string, most int) {
	fmt.Printf("\n%s, medians, %s for each round trip\n\n", l.engine, link)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "accounts\twho\ttime\tof plural\tgrowth\tengine CPU\tprovider CPU\tprovider peak\tconnections")
	for accounts := 1; accounts <= most; accounts *= 10 {
		for _, c := range contenders {
			of := func(figure int) float64 { return l.median(link, c.name, accounts, figure) }
			if !math.IsNaN(of(wall)) {
				fmt.Fprintf(table, "%d\t%s\t%.2f s\t%.2f\t%.2f\t%.2f s\t%.2f s\t%.0f MB\t%.0f\n",
					accounts, c.label, of(wall), of(wall)/l.median(link, "plural", accounts, wall),
					math.Log10(of(wall)/l.median(link, c.name, accounts/10, wall)),
					of(engineCPU), of(providerCPU), of(providerPeak), of(connections))
			}
		}
	}
	_ = table.Flush()
}

// printAims prints what is aimed at, and how far it was reached; what was not measured is NaN.
func (l *lab) printAims() {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\naim\tmeasured\twanted\t")
	aim := func(what string, measured float64, wanted string, bound float64) {
		missed := wanted == "at most" && measured > bound || wanted == "at least" && measured < bound
		verdict := map[bool]string{true: "missed"}[missed]
		fmt.Fprintf(table, "%s\t%.2f\t%s %v\t%s\n", what, measured, wanted, bound, verdict)
	}
	of := func(who string, accounts, figure int) float64 { return l.median("50ms+tls", who, accounts, figure) }
	empty := of("empty", 1, wall)
	for _, at := range []struct {
		who, plural, client string
		faster              float64
	}{{"100 at once", "plural100", "client100", 12}, {"32 at once", "plural", "client", 8}} {
		few, most := of(at.plural, 1e3, wall), of(at.plural, 1e4, wall)
		aim("1,000 accounts, "+at.who+": time, of an empty provider's plan + a bare client's",
			few/(empty+of(at.client, 1e3, wall)), "at most", 1.3)
		aim("… times faster than hashicorp/http", of("http", 1e3, wall)/few, "at least", at.faster)
		aim("1,000 to 10,000 accounts, "+at.who+": exponent of the time", math.Log10(most/few), "at most", 1.1)
		aim("… beyond an empty provider's plan", math.Log10((most-empty)/(few-empty)), "at most", 1.1)
		aim("… provider's peak memory, of an empty one's, with 10,000 accounts",
			of(at.plural, 1e4, providerPeak)/of("empty-plural", 1e4, providerPeak), "at most", 1.3)
	}
	for _, who := range []string{"exec", "token_endpoint"} {
		aim("10,000 accounts, 100 at once, "+who+".batch: time, of access_tokens'",
			of(who, 1e4, wall)/of("tokens", 1e4, wall), "at most", 1.15)
	}
	aim("1,000 authorizers with details: time, of an empty provider with the same answer + a bare client's",
		of("details", 1e3, wall)/(of("empty-details", 1e3, wall)+of("client-details", 1e3, wall)), "at most", 1.3)
	aim("100 accounts, one for each: times faster than hashicorp/http",
		of("http", 100, wall)/of("singular", 100, wall), "at least", 1.6)
	aim("… connections (hashicorp/http: one an account)", of("singular", 100, connections), "at most", 10)
	aim("… provider CPU, of hashicorp/http's",
		of("singular", 100, providerCPU)/of("http", 100, providerCPU), "at most", 0.5)
	aim("… time without latency, of an empty provider's",
		l.median("0ms", "singular", 100, wall)/l.median("0ms", "empty", 100, wall), "at most", 1.15)
	_ = table.Flush()
}
