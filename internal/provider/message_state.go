package provider

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/binding"
	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

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
	case errors.Is(err, binding.ErrNotBegun), isSource && source.NoAnswer():
		return phrase("no answer in time")
	case isSource:
		return phrase(stableSource(source))
	default:
		return phrase("no access token")
	}
}

// stableFailure is an exchange without an answer as it may stand in state.
func stableFailure(failure *wire.Failure) string {
	if failure.AtProxy && !failure.Timeout() {
		return templates[templateKey{"proxy", "no TLS"}].errmsg
	}
	return templates[templateKey{"wire", string(failure.Reason)}].errmsg
}

// stableSource is a failed token source as it may stand in state.
func stableSource(source *token.Error) string {
	otherwise := "no access token"
	switch {
	case source.Status == http.StatusUnauthorized, source.Status == http.StatusForbidden:
		otherwise = "token service refused"
	case source.Host != "":
		otherwise = "no access token from the token service"
	}
	return cmp.Or(templates[templateKey{sourceSection(source), string(source.Reason)}].errmsg, otherwise)
}
