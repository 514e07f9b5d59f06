package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// newOpenAccounts returns wechat_open_accounts: the open platform accounts that many authorizers are bound to.
func newOpenAccounts() datasource.DataSource {
	return &dataSource[openAccountsModel]{
		name: "open_accounts", timeout: 10 * time.Minute, read: readOpenAccounts,
		description: "Reads the open platform accounts that many authorizers are bound to, side by side in one read, " +
			"and says which of them share one: a question that WeChat has no API for. For hundreds and thousands of " +
			"accounts; for tens, `wechat_open_account` gives each a place of its own in the plan. " +
			"Each account costs one call of `POST cgi-bin/open/get` with its own authorizer access token.",
		attributes: map[string]schema.Attribute{
			"appids": schema.ListAttribute{
				MarkdownDescription: "The authorizers' appids, in any order; one that is repeated is read once.",
				ElementType:         types.StringType,
				Required:            true,
				Validators:          []validator.List{listvalidator.NoNullValues(), appIDs{}},
			},
			"fail_on_error": optionalBool("Whether an account that could not be read fails the whole read. Default: " +
				"`true`. With `false` the failure stands in the account's entry and the account in `failed`, and one " +
				"warning names all of them. A failure that every account would meet, such as a refused connection, " +
				"fails the read in any case, and so it is where several were asked about and none could be read."),
			"accounts": schema.MapNestedAttribute{
				MarkdownDescription: "What came of each account, by appid.",
				Computed:            true,
				NestedObject:        openAccount,
			},
			"by_open_appid": schema.MapAttribute{
				MarkdownDescription: "Which accounts are bound to the same open platform account: sorted lists of " +
					"appids, by `open_appid`. It speaks only of accounts that were read.",
				ElementType: types.ListType{ElemType: types.StringType},
				Computed:    true,
			},
			"unbound": computedList(types.StringType, "The accounts that are bound to none, sorted."),
			"failed": computedList(types.StringType, "The accounts that could not be read, sorted. "+
				"A gate must look at this list too: an account in it may be bound to anything."),
		},
	}
}

// The values of status.
const (
	statusBound   = "bound"
	statusUnbound = "unbound"
	statusError   = "error"
)

// openAccountsModel is the data source's configuration and state. Lists and maps alone: a set costs the square of its
// size.
type openAccountsModel struct {
	AppIDs      []string            `tfsdk:"appids"`
	FailOnError types.Bool          `tfsdk:"fail_on_error"`
	Timeouts    types.Object        `tfsdk:"timeouts"`
	Accounts    types.Map           `tfsdk:"accounts"`
	ByOpenAppID map[string][]string `tfsdk:"by_open_appid"`
	Unbound     []string            `tfsdk:"unbound"`
	Failed      []string            `tfsdk:"failed"`
}

// openAccount is one account of it.
var openAccount = schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
	"status":     computedString("`bound`, `unbound` or `error`."),
	"open_appid": computedString("The open platform account's appid; null unless `bound`."),
	"errcode": computedInt64("WeChat's error code; null unless `error`, and where the failure was no answer of " +
		"WeChat's."),
	"errmsg": computedString("What went wrong, in the same words on every read; null unless `error`."),
}}

// fromAPI fills in what WeChat answered, in an order that is always the same.
func (m *openAccountsModel) fromAPI(results []binding.Result[wechat.OpenAccount]) {
	accountType := objectType(openAccount)
	accounts := make(map[string]attr.Value, len(results))
	m.ByOpenAppID = map[string][]string{}
	m.Unbound, m.Failed = []string{}, []string{}
	for _, result := range results {
		status, openAppID, code, text := statusUnbound, types.StringNull(), types.Int64Null(), types.StringNull()
		switch {
		case result.Err != nil:
			status = statusError
			code, text = stableError(result.Err)
			m.Failed = append(m.Failed, result.AppID)
		case result.Value.Bound():
			status, openAppID = statusBound, types.StringValue(result.Value.AppID)
			m.ByOpenAppID[result.Value.AppID] = append(m.ByOpenAppID[result.Value.AppID], result.AppID)
		default:
			m.Unbound = append(m.Unbound, result.AppID)
		}
		accounts[result.AppID] = types.ObjectValueMust(accountType.AttrTypes, map[string]attr.Value{
			"status": types.StringValue(status), "open_appid": openAppID, "errcode": code, "errmsg": text,
		})
	}
	m.Accounts = types.MapValueMust(accountType, accounts)
}

func readOpenAccounts(ctx context.Context, s *session, model *openAccountsModel) diag.Diagnostics {
	target := target{noun: "Open accounts", title: "The bindings", host: s.otherHost}
	results, err := s.bindings.OpenAccounts(ctx, model.AppIDs, logProgress(ctx, "reading bindings"))
	if err != nil {
		return diag.Diagnostics{diagnose(err, target)}
	}
	model.fromAPI(results)
	return reportFailed(results, target, model.FailOnError)
}

// logProgress logs, of long reads, each tenth that is done.
func logProgress(ctx context.Context, message string) func(done, of int) {
	const long = 100
	return func(done, of int) {
		if of >= long && (done*10/of > (done-1)*10/of || done == of) {
			tflog.Info(ctx, message, map[string]any{"done": done, "of": of})
		}
	}
}
