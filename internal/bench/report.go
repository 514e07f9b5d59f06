package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// print prints a table for each link, a row for each contender and size. "of plural" is the time as a multiple of what
// wechat_open_accounts takes; "growth" is the exponent of the time's growth since the size before, 1 being linear.
func (r results) print(to io.Writer, asked scope, contenders []contender) {
	for _, over := range asked.links {
		way := "plain"
		if over.tls {
			way = "TLS"
		}
		fmt.Fprintf(to, "\n%s a round trip, %s\n\n", over.roundTrip, way)
		table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "accounts\twho\ttime\tof plural\tgrowth\tengine CPU\tprovider CPU\tengine peak\tprovider peak\tcalls\tconnections")
		for number, accounts := range asked.sizes {
			for _, who := range contenders {
				s, ok := r[job{over, who.name, accounts}]
				if !ok {
					continue
				}
				beside, growth := "-", "-"
				if with, ok := r[job{over, plural, accounts}]; ok {
					beside = fmt.Sprintf("%.2f", quotient(s.wall, with.wall))
				}
				if number > 0 {
					if before, ok := r[job{over, who.name, asked.sizes[number-1]}]; ok {
						growth = fmt.Sprintf("%.2f", exponent(before.wall, s.wall, asked.sizes[number-1], accounts))
					}
				}
				fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", accounts, who.about, seconds(s.wall), beside, growth,
					seconds(s.engine.cpu), seconds(s.started.cpu), memory(s.engine.peak), memory(s.started.peak), s.calls, s.connections)
			}
		}
		_ = table.Flush()
	}
}

// reach prints what is aimed at, and how far it was reached.
func (r results) reach(to io.Writer) {
	near, far := link{}, link{roundTrip, true}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "aim\tmeasured\twanted\t")
	aim := func(what, wanted string, least, most float64, measured func() float64, jobs ...job) {
		if slices.ContainsFunc(jobs, func(each job) bool { _, ok := r[each]; return !ok }) {
			fmt.Fprintf(table, "%s\tnot measured\t%s\t\n", what, wanted)
			return
		}
		value, verdict := measured(), ""
		if math.IsNaN(value) || value < least || value > most {
			verdict = "missed"
		}
		fmt.Fprintf(table, "%s\t%.2f\t%s\t%s\n", what, value, wanted, verdict)
	}
	atMost := func(what string, most float64, measured func() float64, jobs ...job) {
		aim(what, fmt.Sprintf("at most %v", most), math.Inf(-1), most, measured, jobs...)
	}
	atLeast := func(what string, least float64, measured func() float64, jobs ...job) {
		aim(what, fmt.Sprintf("at least %v", least), least, math.Inf(1), measured, jobs...)
	}
	wall := func(one, other job) func() float64 {
		return func() float64 { return quotient(r[one].wall, r[other].wall) }
	}

	idle, others := job{far, emptyOne, 1}, job{far, peer, 1000}
	for _, pair := range []struct {
		at       string
		our      string
		bare     string
		thanHTTP float64
	}{{"100", plural100, client100, 12}, {"32", plural, client, 8}} {
		own, bare := job{far, pair.our, 1000}, job{far, pair.bare, 1000}
		atMost("plural, 1,000 accounts, "+pair.at+" at once: time, of an idle plan + a bare client's", 1.3, func() float64 {
			return quotient(r[own].wall, r[idle].wall+r[bare].wall)
		}, own, idle, bare)
		atLeast("plural, 1,000 accounts, "+pair.at+" at once: times faster than hashicorp/http", pair.thanHTTP, wall(others, own), others, own)
	}
	for _, who := range []string{plural100, plural} {
		fewer, more, floor := job{far, who, 1000}, job{far, who, 10_000}, job{far, emptyMany, 10_000}
		if _, run := r[more]; !run && who == plural {
			continue // only where everything is asked for
		}
		atMost(who+", 1,000 to 10,000 accounts: exponent of the time", 1.1, func() float64 {
			return exponent(r[fewer].wall, r[more].wall, 1000, 10_000)
		}, fewer, more)
		atMost(who+", 1,000 to 10,000 accounts: exponent of the time beyond an idle plan's", 1.1, func() float64 {
			return exponent(r[fewer].wall-r[idle].wall, r[more].wall-r[idle].wall, 1000, 10_000)
		}, fewer, more, idle)
		atMost(who+", 10,000 accounts: provider's peak memory, of one that asks nobody", 1.3, func() float64 {
			return float64(r[more].started.peak) / float64(r[floor].started.peak)
		}, more, floor)
	}
	own, other := job{far, singular, 100}, job{far, peer, 100}
	atLeast("singular, 100 accounts: times faster than hashicorp/http", 1.6, wall(other, own), own, other)
	atMost("singular, 100 accounts: connections (hashicorp/http: one an account)", 10, func() float64 {
		return float64(r[own].connections)
	}, own)
	atMost("singular, 100 accounts: provider CPU, of hashicorp/http's", 0.5, func() float64 {
		return quotient(r[own].started.cpu, r[other].started.cpu)
	}, own, other)
	own, other = job{near, singular, 100}, job{near, emptyOne, 100}
	atMost("singular, 100 accounts, no latency: time, of an empty provider's", 1.15, wall(own, other), own, other)
	_ = table.Flush()
}

func quotient(one, other time.Duration) float64 { return float64(one) / float64(other) }

// exponent is that of the growth from one size to another.
func exponent(fewerTook, moreTook time.Duration, fewer, more int) float64 {
	return math.Log(quotient(moreTook, fewerTook)) / math.Log(float64(more)/float64(fewer))
}

func seconds(took time.Duration) string {
	if took == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f s", took.Seconds())
}

func memory(held int64) string {
	if held == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f MB", megabytes(held))
}
