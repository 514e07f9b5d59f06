package provider

import (
	"net/http"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestSourceMessage_ofVariable has the variable in the component's place named as such.
func TestSourceMessage_ofVariable(t *testing.T) {
	t.Parallel()
	m := sourceMessage(&token.Error{
		Source: token.Description{Setting: envComponentAccessToken}, Reason: token.InvalidGiven,
		Invalid: &token.InvalidError{Reason: token.TokenSpaces},
	})
	if !strings.Contains(m.text, "no component access token") {
		t.Error(m.text)
	}
}

// TestSourceMessage_ofComponent has each setting by its whole name, and no account, where the component's own token
// service has none to give.
func TestSourceMessage_ofComponent(t *testing.T) {
	t.Parallel()
	source := token.Description{Setting: "component.token_endpoint"}
	for name, failed := range map[string]*token.Error{
		"refused":  {Reason: token.RequestFailed, Failure: &wire.Failure{Reason: wire.ConnectionRefused}},
		"redirect": {Reason: token.NoToken, Status: http.StatusFound},
		"no page":  {Reason: token.NotJSON, Status: http.StatusNotFound},
		"quote":    {Reason: token.NoToken, Status: http.StatusOK, Quote: "no such component"},
	} {
		failed.Source, failed.Host = source, "tokens.example"
		m := sourceMessage(failed)
		advice := strings.ReplaceAll(m.advice(), source.Setting+".", "")
		if !strings.Contains(m.remedy, source.Setting+".") || strings.Contains(advice, "token_endpoint") ||
			strings.Contains(advice, "appid") {
			t.Errorf("%s: %s", name, m.advice())
		}
	}
}
