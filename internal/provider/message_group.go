package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

const (
	// namedAppIDs is how many appids of a group are named in a message.
	namedAppIDs = 5
	// namedCauses is how many groups are.
	namedCauses = 10
)

// causeOf is the same for accounts that fail for the same reason. It is made of the errors in the chain, and of no text
// for users.
func causeOf(err error, appid string) string {
	var parts []any
	if source, ok := errors.AsType[*token.Error](err); ok {
		detail := strings.ReplaceAll(source.Detail, appid, "")
		parts = append(parts, source.Source.Setting, source.Reason, detail, source.Status, source.Invalid,
			reasonOf(source.Failure))
	}
	if refused, ok := errors.AsType[*wechat.Error](err); ok {
		parts = append(parts, refused.Endpoint, refused.Code, reasonOf(refused.Failure))
		if refused.Unexpected != nil {
			parts = append(parts, refused.Unexpected.Problem, refused.Unexpected.Status)
		}
	}
	if rejected, ok := errors.AsType[*token.RejectedError](err); ok {
		parts = append(parts, rejected.Source.Setting, rejected.Renewed)
		if rejected.RenewalError != nil {
			parts = append(parts, causeOf(rejected.RenewalError, appid))
		}
	}
	if denied, ok := errors.AsType[*binding.PermissionError](err); ok && denied.Authorizer != nil {
		granted, known := denied.Authorizer.GrantsOpen()
		parts = append(parts, denied.Authorizer.Kind, granted, known)
	}
	if len(parts) == 0 {
		return err.Error()
	}
	return fmt.Sprint(parts)
}

func reasonOf(failure *wire.Failure) wire.Reason {
	if failure == nil {
		return ""
	}
	return failure.Reason
}

// reportFailed reports the accounts that could not be read: as a warning where failOnError is false, and one of several
// was read.
func reportFailed[T any](results []binding.Result[T], t target, failOnError types.Bool) (diagnostics diag.Diagnostics) {
	failed := diagnoseAll(results, t)
	wasRead := func(result binding.Result[T]) bool { return result.Err == nil }
	switch {
	case failed == nil:
	case failOnError.IsNull() || failOnError.ValueBool():
		diagnostics.Append(failed)
	case len(results) > 1 && !slices.ContainsFunc(results, wasRead):
		diagnostics.AddError(failed.Summary(), failed.Detail()+
			"\n\nfail_on_error = false lets a read go on with what was read of it; here nothing was.")
	default:
		diagnostics.AddWarning(failed.Summary(), failed.Detail())
	}
	return diagnostics
}

// diagnoseAll says in one diagnostic which accounts could not be read, grouped by cause; nil where all were.
func diagnoseAll[T any](results []binding.Result[T], t target) diag.Diagnostic {
	groups := map[string][]binding.Result[T]{}
	failed := 0
	for _, result := range results {
		if result.Err != nil {
			failed++
			cause := causeOf(result.Err, result.AppID)
			groups[cause] = append(groups[cause], result)
		}
	}
	if failed == 0 {
		return nil
	}
	// The largest first; of the same size, the one with the first appid.
	sorted := slices.SortedFunc(maps.Values(groups), func(a, b []binding.Result[T]) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a[0].AppID, b[0].AppID))
	})
	var detail strings.Builder
	fmt.Fprintf(&detail, "%d of %s could not be read.", failed, plural(len(results), "account"))
	for _, group := range sorted[:min(len(sorted), namedCauses)] {
		appids := make([]string, 0, namedAppIDs)
		for _, result := range group {
			appids = append(appids, result.AppID)
		}
		m := messageFor(group[0].Err)
		fmt.Fprintf(&detail, "\n\n%s (%s): %s.%s%s", plural(len(group), "account"), firstFew(appids), m.text,
			m.advice(), pageLink(cmp.Or(m.reason, m.summary)))
	}
	if more := len(sorted) - namedCauses; more > 0 {
		fmt.Fprintf(&detail, "\n\nThere are %s more.", plural(more, "cause"))
	}
	detail.WriteString(t.hostNote())
	return diag.NewErrorDiagnostic("Accounts not read", detail.String())
}

// firstFew names the first few of many.
func firstFew(appids []string) string {
	named := strings.Join(appids[:min(len(appids), namedAppIDs)], ", ")
	if more := len(appids) - namedAppIDs; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return named
}

func plural(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}
