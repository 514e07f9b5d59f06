package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
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

var _ datasource.DataSourceWithConfigure = (*openAccountsDataSource)(nil)

// The values of status.
const (
	statusBound   = "bound"
	statusUnbound = "unbound"
	statusError   = "error"
)

type openAccountsDataSource struct{ dataSource }

// NewOpenAccountsDataSource returns wechat_open_accounts: the open platform accounts that many authorizers are bound to.
func NewOpenAccountsDataSource() datasource.DataSource {
	return &openAccountsDataSource{dataSource{name: "open_accounts", timeout: 10 * time.Minute}}
}

// openAccountsModel is the data source's configuration and state. Lists and maps alone: a set costs the square of its size.
type openAccountsModel struct {
	AppIDs      []types.String      `tfsdk:"appids"`
	FailOnError types.Bool          `tfsdk:"fail_on_error"`
	Timeouts    timeouts.Value      `tfsdk:"timeouts"`
	Accounts    types.Map           `tfsdk:"accounts"`
	ByOpenAppID map[string][]string `tfsdk:"by_open_appid"`
	Unbound     []string            `tfsdk:"unbound"`
	Failed      []string            `tfsdk:"failed"`
}

// accountType is one account of it. Its values are made by hand: the framework's reflection compiles a regular expression
// for each struct that it meets.
var accountType = map[string]attr.Type{
	"status":     types.StringType,
	"open_appid": types.StringType,
	"errcode":    types.Int64Type,
	"errmsg":     types.StringType,
}

// fromAPI fills in what WeChat answered, in an order that is always the same.
func (m *openAccountsModel) fromAPI(results []binding.Result[wechat.OpenAccount]) {
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
		accounts[result.AppID] = types.ObjectValueMust(accountType, map[string]attr.Value{
			"status": types.StringValue(status), "open_appid": openAppID, "errcode": code, "errmsg": text,
		})
	}
	m.Accounts = types.MapValueMust(types.ObjectType{AttrTypes: accountType}, accounts)
}

func (d *openAccountsDataSource) Schema(
	ctx context.Context, _ datasource.SchemaRequest, response *datasource.SchemaResponse,
) {
	response.Schema = schema.Schema{
		MarkdownDescription: "Reads the open platform accounts that many authorizers are bound to, side by side in one read, and says which of them share one: " +
			"a question that WeChat has no API for. For hundreds and thousands of accounts; for tens, `wechat_open_account` gives each a place of its own in the plan. " +
			"Each account costs one call of `POST cgi-bin/open/get` with its own authorizer access token.",
		Attributes: map[string]schema.Attribute{
			"appids": schema.ListAttribute{
				MarkdownDescription: "The authorizers' appids, in any order; one that is repeated is read once.",
				ElementType:         types.StringType,
				Required:            true,
				Validators: []validator.List{
					listvalidator.NoNullValues(),
					appIDs{},
				},
			},
			"fail_on_error": schema.BoolAttribute{
				MarkdownDescription: "Whether an account that could not be read fails the whole read. Default: `true`. " +
					"With `false` the failure stands in the account's entry and the account in `failed`, and one warning names all of them. " +
					"A failure that every account would meet, such as a refused connection, fails the read in any case; " +
					"and so it is where several accounts were asked about and none could be read.",
				Optional: true,
			},
			"timeouts": d.timeoutsAttribute(ctx),
			"accounts": schema.MapNestedAttribute{
				MarkdownDescription: "What came of each account, by appid.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"status": schema.StringAttribute{
							MarkdownDescription: "`bound`, `unbound` or `error`.",
							Computed:            true,
						},
						"open_appid": schema.StringAttribute{
							MarkdownDescription: "The open platform account's appid; null unless `bound`.",
							Computed:            true,
						},
						"errcode": schema.Int64Attribute{
							MarkdownDescription: "WeChat's error code; null unless `error`, and where the failure was no answer of WeChat's.",
							Computed:            true,
						},
						"errmsg": schema.StringAttribute{
							MarkdownDescription: "What went wrong, in the same words on every read; null unless `error`.",
							Computed:            true,
						},
					},
				},
			},
			"by_open_appid": schema.MapAttribute{
				MarkdownDescription: "Which of the accounts hang on the same open platform account: sorted lists of appids, by `open_appid`. " +
					"It speaks only of accounts that were read.",
				ElementType: types.ListType{ElemType: types.StringType},
				Computed:    true,
			},
			"unbound": schema.ListAttribute{
				MarkdownDescription: "The accounts that are bound to none, sorted.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"failed": schema.ListAttribute{
				MarkdownDescription: "The accounts that could not be read, sorted. A gate must look at this list too: an account in it may be bound to anything.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		},
	}
}

func (d *openAccountsDataSource) Read(ctx context.Context, request datasource.ReadRequest, response *datasource.ReadResponse) {
	read(ctx, &d.dataSource, request, response,
		func(m openAccountsModel) timeouts.Value { return m.Timeouts }, d.ask)
}

func (d *openAccountsDataSource) ask(ctx context.Context, model *openAccountsModel) (diagnostics diag.Diagnostics) {
	appids := make([]string, 0, len(model.AppIDs))
	for _, appid := range model.AppIDs {
		appids = append(appids, appid.ValueString())
	}
	target := target{noun: "Open accounts", title: "The bindings", host: d.session.otherHost}
	results, err := d.session.bindings.OpenAccounts(ctx, appids, d.session.maxConcurrentRequests, logProgress(ctx, "reading bindings"))
	if err != nil {
		diagnostics.Append(diagnose(err, target))
		return diagnostics
	}
	diagnostics.Append(reportFailed(results, target, model.FailOnError)...)
	model.fromAPI(results)
	return diagnostics
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
