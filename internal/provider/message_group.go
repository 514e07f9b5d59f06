package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
)

const (
	// namedAppIDs is how many appids of a group are named in a message.
	namedAppIDs = 5
	// namedCauses is how many groups are.
	namedCauses = 10
)

// diagnoseAll says in one diagnostic which accounts could not be read, grouped by cause; nil where all were.
func diagnoseAll(results []binding.Result, t target) diag.Diagnostic {
	type cause struct {
		message
		appids []string
	}
	var causes []*cause
	known := map[string]*cause{}
	failed := 0
	for _, result := range results {
		if result.Err == nil {
			continue
		}
		failed++
		m := messageFor(result.Err)
		// The same cause is what reads the same but for the account. What came back is left out: it differs each time.
		key := strings.ReplaceAll(strings.Join(append(m.causes, m.summary, m.reason, m.text, m.remedy), "\n"), result.AppID, "")
		if known[key] == nil {
			known[key] = &cause{message: m}
			causes = append(causes, known[key])
		}
		known[key].appids = append(known[key].appids, result.AppID)
	}
	if failed == 0 {
		return nil
	}
	slices.SortStableFunc(causes, func(a, b *cause) int { return len(b.appids) - len(a.appids) })
	var detail strings.Builder
	fmt.Fprintf(&detail, "%d of %s could not be read.", failed, counted(len(results), "account"))
	for _, group := range causes[:min(len(causes), namedCauses)] {
		fmt.Fprintf(&detail, "\n\n%s (%s): %s.%s", counted(len(group.appids), "account"), someOf(group.appids), group.text, group.advice())
	}
	if more := len(causes) - namedCauses; more > 0 {
		fmt.Fprintf(&detail, "\n\nThere are %s more.", counted(more, "cause"))
	}
	detail.WriteString(t.hostNote())
	return diag.NewErrorDiagnostic("Accounts not read", detail.String())
}

// someOf names the first few of many.
func someOf(appids []string) string {
	named := strings.Join(appids[:min(len(appids), namedAppIDs)], ", ")
	if more := len(appids) - namedAppIDs; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return named
}

func counted(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}
