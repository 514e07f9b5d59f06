package provider

import (
	"fmt"
	"slices"
	"testing"
)

// TestAccExamples_savedPlan shows what applying a saved plan reads again.
func TestAccExamples_savedPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rest  string
		reads int // during apply
		exit  int
	}{
		"an account by itself": {exit: 0},
		"an account that depends on a change": {
			rest: `
  depends_on = [terraform_data.changes]
}

resource "terraform_data" "changes" {
  input = timestamp()
`,
			reads: 1, exit: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			place := workspace(t, wechat.config("", `
data "wechat_open_account" "club" {
  appid = "wx1000000000000003"

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000001"
      error_message = "The club is elsewhere."
    }
  }
`+test.rest+"\n}\n"))
			expectExit(t, place, 0, "plan", "-out=plan.bin")
			asked := wechat.Count(pathOpenGet)
			wechat.move(t, teaClub, booksOpen)
			expectExit(t, place, test.exit, "apply", "plan.bin")
			if got := wechat.Count(pathOpenGet) - asked; got != test.reads {
				t.Errorf("asked %d times during apply, want %d", got, test.reads)
			}
		})
	}
}

// TestAccExamples_whatStops is the table of the data source's page: what an unbound account stops, by what looks at it.
func TestAccExamples_whatStops(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		within, beside string
		stops          []string
	}{
		"require_bound": {
			within: "require_bound = true",
			stops:  []string{"", "-refresh=false", "-refresh-only", "-destroy"},
		},
		"postcondition": {
			within: "lifecycle {\n postcondition {\n condition = self.bound\n error_message = \"unbound\"\n }\n }",
			stops:  []string{"", "-refresh=false"},
		},
		"precondition": {
			beside: "resource \"terraform_data\" \"z\" {\n lifecycle {\n precondition {\n condition = data.wechat_open_account.x.bound\n error_message = \"unbound\"\n }\n }\n }",
			stops:  []string{"", "-refresh=false"},
		},
		"check": {
			beside: "check \"bound\" {\n assert {\n condition = data.wechat_open_account.x.bound\n error_message = \"unbound\"\n }\n }",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wechat := newLab(t, nil)
			place := workspace(t, wechat.config("", fmt.Sprintf(`
data "wechat_open_account" "x" {
  appid = "wx1000000000000004"
  %s
}

resource "terraform_data" "y" { input = data.wechat_open_account.x.bound }

%s
`, test.within, test.beside)))
			expectExit(t, place, 0, "apply", "-auto-approve")
			wechat.move(t, books, "")
			for _, mode := range []string{"", "-refresh=false", "-refresh-only", "-destroy"} {
				args := []string{"plan"}
				if mode != "" {
					args = append(args, mode)
				}
				want := 0
				if slices.Contains(test.stops, mode) {
					want = 1
				}
				asked := wechat.Count(pathOpenGet)
				expectExit(t, place, want, args...)
				if got := wechat.Count(pathOpenGet) - asked; got != 1 {
					t.Errorf("plan %s asked %d times, want once", mode, got)
				}
			}
		})
	}
}
