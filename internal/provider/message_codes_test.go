package provider

import (
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// TestCodes_inAList has the appid of another platform in a question that is about no account.
func TestCodes_inAList(t *testing.T) {
	t.Parallel()
	refused := &wechat.Error{Code: wechat.CodeInvalidAppID, Endpoint: wechat.PathAuthorizerList}
	m := messageFor(refused)
	if said := m.text + m.advice(); strings.Contains(said, "account") || !strings.Contains(said, "component.appid") {
		t.Errorf("got %s", said)
	}
}
