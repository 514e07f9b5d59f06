package main

import (
	"os"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

// TestPage_isWhatTheFactsAre fails where the facts or the records changed and the page did not: run make generate.
func TestPage_isWhatTheFactsAre(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/guides/verify-wechat.md")
	if err != nil {
		t.Fatal(err)
	}
	records, err := facts.ReadRecords("../../../evidence")
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{"facts": table(records), "plan": plan()} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page does not have the %s as they are", name)
		}
	}
}

// TestConfirmed takes the latest record in which WeChat itself confirmed a fact.
func TestConfirmed(t *testing.T) {
	t.Parallel()
	record := func(origin, date, host string, outcome facts.Outcome) facts.Record {
		return facts.Record{Origin: origin, Date: date, Host: host, Facts: []facts.Result{{ID: "x", Outcome: outcome}}}
	}
	records := map[string]facts.Record{
		"published.json": record(facts.OriginPublished, "", "", facts.Confirmed),
		"a.json":         record(facts.OriginRun, "2026-12-01", facts.Host, facts.Confirmed),
		"b.json":         record(facts.OriginRun, "2026-12-03", facts.Host, facts.Confirmed),
		"c.json":         record(facts.OriginRun, "2026-12-04", "another", facts.Confirmed),
		"d.json":         record(facts.OriginRun, "2026-12-05", facts.Host, facts.Differs),
	}
	if got, want := confirmed("x", records), "[2026-12-03](../../evidence/b.json)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := confirmed("y", records); got != "" {
		t.Errorf("got %s", got)
	}
}
