package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// table shows what came of each engine's run, and what was not run, with the reasons.
func table(results []result) string {
	var shown strings.Builder
	row := func(name string, columns ...any) {
		fmt.Fprintf(&shown, "%-17s %6v %7v %7v %8v %8v\n", append([]any{name}, columns...)...)
	}
	row("engine", "tests", "passed", "failed", "skipped", "time")
	for _, r := range results {
		passed, failed, skipped := r.passed, len(r.failed), len(r.skipped)
		row(r.engine, passed+failed+skipped, passed, failed, skipped, r.took.Round(time.Second))
	}
	for _, r := range results {
		var reasons []string
		names := map[string][]string{}
		for _, skipped := range r.skipped {
			if names[skipped.said] == nil {
				reasons = append(reasons, skipped.said)
			}
			names[skipped.said] = append(names[skipped.said], skipped.name)
		}
		for _, reason := range reasons {
			slices.Sort(names[reason])
			fmt.Fprintf(&shown, "\nSkipped on %s: %s\n  %s\n", r.engine, reason, strings.Join(names[reason], "\n  "))
		}
		for _, failed := range r.failed {
			fmt.Fprintf(&shown, "\nFailed on %s: %s\n", r.engine, failed.name)
		}
	}
	return shown.String()
}
