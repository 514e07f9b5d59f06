package provider

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestFailureTable holds that every reason of a failed exchange has a whole message, on the way to WeChat and to a
// token service.
func TestFailureTable(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../wire/failure.go")
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`(?m)^\t\w+ +Reason = "([^"]+)"(.*)$`).FindAllStringSubmatch(string(source), -1)
	if len(reasons) == 0 {
		t.Error("no reasons")
	}
	for _, match := range reasons {
		failure := &wire.Failure{Reason: wire.Reason(match[1])}
		if strings.Contains(match[2], "Detail:") {
			failure.Detail = "some detail"
		}
		for name, way := range map[string][]string{
			"base_url": weChatRoute, "token_endpoint.url": tokenServiceRoute("token_endpoint"),
		} {
			m := failureMessage(failure, way)
			whole := m.text + m.advice()
			if m.text == "" || m.remedy == "" || len(m.causes) == 0 || strings.ContainsAny(whole, "{}") ||
				strings.Contains(whole, "%!") || !strings.Contains(m.text, failure.Detail) {
				t.Errorf("%s, %s: %q", failure, name, whole)
			}
			if other := "base_url"; name != other && strings.Contains(whole, other) {
				t.Errorf("%s: a message about token_endpoint names %s: %q", failure, other, whole)
			}
		}
	}
}
