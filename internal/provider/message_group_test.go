package provider

import (
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// TestCauseOf tells apart failures of two accounts whose messages differ: a group has the text of its first account.
func TestCauseOf(t *testing.T) {
	t.Parallel()
	entry := func(reason token.Reason) error {
		return &token.Error{Reason: token.InvalidEntry, Invalid: &token.InvalidError{Reason: reason}}
	}
	page := func(status int) error {
		return &wechat.Error{Unexpected: &wechat.UnexpectedResponse{Problem: wechat.ProblemNotJSON, Status: status}}
	}
	for name, test := range map[string]struct {
		one, other error
		same       bool
	}{
		"what is no token":          {entry(token.TokenNoText), entry(token.TokenHeader), false},
		"the same that is no token": {entry(token.TokenNoText), entry(token.TokenNoText), true},
		"a login page and a fault":  {page(200), page(502), false},
		"two login pages":           {page(200), page(200), true},
	} {
		if got := causeOf(test.one, teaShop) == causeOf(test.other, teaClub); got != test.same {
			t.Errorf("%s: the same cause is %t", name, got)
		}
	}
}
