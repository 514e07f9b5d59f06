package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// TestCodes_areKept keeps what is said of each of WeChat's codes, where the pages about errors are compared with it.
func TestCodes_areKept(t *testing.T) {
	t.Parallel()
	var messages []kept
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		messages = append(messages, kept{fmt.Sprint(code), codes[code].Meaning + "\n\n" + codes[code].Remedy + "\n"})
	}
	expectKept(t, "codes.txt", messages, nil)
}

// TestCodes_inAList has the appid of another platform in a question that is about no account.
func TestCodes_inAList(t *testing.T) {
	t.Parallel()
	refused := &wechat.Error{Code: wechat.CodeInvalidAppID, Endpoint: wechat.PathAuthorizerList}
	m := messageFor(refused)
	if said := m.text + m.advice(); strings.Contains(said, "account") || !strings.Contains(said, "component.appid") {
		t.Errorf("got %s", said)
	}
}
