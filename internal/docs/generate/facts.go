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

// takes is what one must hold to ask a fact, by its tier.
var takes = []string{"Nothing", "A token", "The token of a second account", "The component's token"}

// table lists all facts in a table for each tier.
func table(records map[string]facts.Record) string {
	var tables []string
	for tier, needed := range takes {
		text := needed + " is needed for:\n\n| what is believed | ground | confirmed |\n|---|---|---|\n"
		for _, fact := range facts.Facts {
			if fact.Tier() == tier {
				text += fmt.Sprintf("| `%s`: %s | %s | %s |\n", fact.ID, fact.Claim, ground(fact),
					confirmed(fact.ID, records))
			}
		}
		tables = append(tables, text)
	}
	return strings.Join(tables, "\n")
}

// ground is on what ground a fact is believed, and where that can be read. A question may have none.
func ground(fact facts.Fact) string {
	switch {
	case strings.HasPrefix(fact.Source, "https://"):
		return fmt.Sprintf("[%s](%s)", fact.Grade, fact.Source)
	case fact.IsQuestion():
		return ""
	case fact.Grade == facts.Inferred:
		return string(fact.Grade)
	default:
		return fmt.Sprintf("%s: %s", fact.Grade, fact.Source)
	}
}

// confirmed says when WeChat itself last confirmed a fact, and which record says so; nothing where none does.
func confirmed(id string, records map[string]facts.Record) string {
	date, text := "", ""
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
