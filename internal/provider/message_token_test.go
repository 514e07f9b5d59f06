package provider

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// TestEveryReasonHasWords reads the reasons for which a token source has no token from where they are declared.
func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	declared, err := os.ReadFile("../token/error.go")
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`Reason = "(.+?)"`).FindAllStringSubmatch(string(declared), -1)
	if len(reasons) < 30 {
		t.Errorf("found %d reasons, want all", len(reasons))
	}
	for _, match := range reasons {
		reason := token.Reason(match[1])
		if templates[templateKey{"invalid", match[1]}].text != "" {
			continue
		}
		host := ""
		if _, isService := templates[templateKey{"service", match[1]}]; isService {
			host = "tokens.example"
		}
		failed := &token.Error{
			Source: token.Description{Setting: "exec"}, Reason: reason, Name: "name", Detail: "detail", Host: host,
		}
		if reason == token.RequestFailed {
			failed.Failure = &wire.Failure{Reason: wire.TimeoutResponse}
		}
		said := sourceMessage(failed)
		if said.remedy == "" || strings.HasSuffix(said.text, ": ") || strings.ContainsAny(said.text, "{}") {
			t.Errorf("%s: %q, what to do: %q", reason, said.text, said.remedy)
		}
	}
}
