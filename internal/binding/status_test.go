package binding

import (
	"context"
	"errors"
	"slices"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
	"terraform.local/wechat/terraform-provider-wechat/internal/wechat"
)

// desk answers with a token's account, and refuses old tokens once it was asked whose they are.
type desk struct {
	failing
	owners map[string]string
	asked  []string
}

func (d *desk) TokenOwner(_ context.Context, accessToken wechat.Token) (string, error) {
	d.asked = append(d.asked, "owner of "+accessToken.Value)
	return d.owners[accessToken.Value], nil
}

func (d *desk) OpenHave(_ context.Context, accessToken wechat.Token) (bool, error) {
	d.asked = append(d.asked, "have of "+accessToken.Value)
	if accessToken.Value == "old" {
		return false, &wechat.Error{Code: wechat.CodeInvalidToken}
	}
	return true, nil
}

func (d *desk) OpenSameEntity(_ context.Context, accessToken wechat.Token) (bool, error) {
	d.asked = append(d.asked, "same of "+accessToken.Value)
	return true, nil
}

// TestStatusIsOfOneToken has a token end between the questions: the next one must be the same account's too.
func TestStatusIsOfOneToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		appid, owner string   // of the new token
		asked        []string // with it
		other        bool
	}{
		"the same account's": {appid, appid, []string{"owner of new", "have of new", "same of new"}, false},
		"another account's":  {appid, "wx9", []string{"owner of new"}, true},
		"no account asked":   {"", "wx9", []string{"owner of new", "have of new", "same of new"}, false},
	} {
		api := &desk{owners: map[string]string{"old": appid, "new": test.owner}}
		memory := token.NewCache(&service{tokens: []string{"old", "new"}})
		status, err := NewReader(api, memory, 8, nil).Status(t.Context(), test.appid)
		var other *OtherAccountError
		answered := err == nil && status == Status{Bound: true, SameEntity: true}
		if errors.As(err, &other) != test.other || answered == test.other {
			t.Errorf("%s: got %+v, %v", name, status, err)
		}
		if want := append([]string{"owner of old", "have of old"}, test.asked...); !slices.Equal(api.asked, want) {
			t.Errorf("%s: asked %q, want %q", name, api.asked, want)
		}
	}
}
