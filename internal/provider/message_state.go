package provider

import (
	"errors"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// noAnswerInTime is the errmsg of a read whose time was over, whoever did not answer.
const noAnswerInTime = "no answer in time"

// stableError is an error as it may stand in state: the same for the same cause, read after read. It is WeChat's code
// and text, or no code and one of a fixed list of phrases.
func stableError(err error) (code types.Int64, text types.String) {
	phrase := func(text string) (types.Int64, types.String) { return types.Int64Null(), types.StringValue(text) }
	refused, isRefused := errors.AsType[*wechat.Error](err)
	source, isSource := errors.AsType[*token.Error](err)
	switch {
	case isRefused && refused.Failure != nil:
		return phrase(stableFailure(refused.Failure))
	case isRefused && refused.Unexpected != nil && refused.Unexpected.Retryable:
		return phrase("no usable answer")
	case isRefused && refused.Unexpected != nil:
		return phrase("the answer was not WeChat's")
	case isRefused:
		return types.Int64Value(int64(refused.Code)), types.StringValue(refused.Stable)
	case errors.Is(err, binding.ErrNotBegun), isSource && source.NoAnswer:
		return phrase(noAnswerInTime)
	case isSource:
		return phrase(stableSource(source))
	default:
		return phrase("no access token")
	}
}

// stableSource is a failed token source as it may stand in state.
func stableSource(source *token.Error) string {
	switch source.Reason {
	case token.NoEntry:
		return "no access token given for the account"
	case token.FileNotFound:
		return "no token file"
	case token.FileUnreadable:
		return "token file not readable"
	case token.CommandNotFound, token.CommandForbidden, token.CommandInFolder:
		return "token program not found"
	case token.CommandLineBreaks, token.CommandNoLoader, token.CommandFormat, token.CommandNoFiles,
		token.CommandNotStarted:
		return "token program could not be run"
	case token.CommandTimeout, token.CommandFailed, token.OutputTooLarge:
		return "token program failed"
	case token.RequestFailed:
		return "no answer from the token service"
	case token.InvalidGiven, token.InvalidEntry, token.InvalidFile, token.InvalidOutput, token.InvalidToken,
		token.BareToken:
		return "not an access token"
	}
	switch {
	case source.Status == http.StatusUnauthorized, source.Status == http.StatusForbidden:
		return "token service refused"
	case source.Host != "":
		return "no access token from the token service"
	default:
		return "no access token"
	}
}
