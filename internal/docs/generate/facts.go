package main

import (
	"fmt"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

// plan lists what a run asks that has all credentials.
func plan() string {
	some := facts.Credential{AppID: "x", Token: "x"}
	planned, calls := facts.Config{Credentials: [3]facts.Credential{some, some, some}}.Plan()
	text := "| at most | asks |\n|---|---|\n"
	for _, p := range planned {
		text += fmt.Sprintf("| %d times | %s |\n", p.Times, p.Asked)
	}
	return text + fmt.Sprintf("| %d times | in all |\n", calls)
}

var takes = []string{"nothing", "a token", "a second account", "the component"}

func table(records map[string]facts.Record) string {
	text := "| what is believed | ground | takes | last confirmed |\n|---|---|---|---|\n"
	for _, fact := range facts.Facts {
		ground := string(fact.Grade)
		switch {
		case strings.HasPrefix(fact.Source, "https://"):
			ground = fmt.Sprintf("[%s](%s)", ground, fact.Source)
		default:
			ground += ": " + fact.Source
		}
		text += fmt.Sprintf("| `%s`: %s | %s | %s | %s |\n", fact.ID, fact.Claim, ground, takes[fact.Tier()],
			confirmed(fact.ID, records))
	}
	return text
}

// confirmed says when WeChat itself last confirmed a fact, and which record says so.
func confirmed(id string, records map[string]facts.Record) string {
	date, text := "", "not yet"
	for name, record := range records {
		if record.Origin != facts.OriginRun || record.Host != facts.Host || record.Date+name <= date {
			continue
		}
		for _, result := range record.Facts {
			if result.ID == id && result.Outcome == facts.Confirmed {
				date, text = record.Date+name, fmt.Sprintf("[%s](../../evidence/%s)", record.Date, name)
			}
		}
	}
	return text
}
