package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// saying matches a message whatever lines the engine breaks it into.
func saying(text string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)` + strings.Join(strings.Fields(regexp.QuoteMeta(text)), `[\s│]+`))
}

func TestAccOpenAccount_referenceAndGate(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	configuration := wechat.config("", `
data "wechat_open_account" "shop" {
  appid = "wx1000000000000002"

  lifecycle {
    postcondition {
      condition     = self.open_appid == "wx2000000000000001"
      error_message = "The shop hangs on ${coalesce(self.open_appid, "no open account")}."
    }
  }
}

output "open_appid" { value = data.wechat_open_account.shop.open_appid }
`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: configuration,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_account.shop", tfjsonpath.New("open_appid"), knownvalue.StringExact(teaOpen)),
					statecheck.ExpectKnownValue("data.wechat_open_account.shop", tfjsonpath.New("bound"), knownvalue.Bool(true)),
					statecheck.ExpectKnownOutputValue("open_appid", knownvalue.StringExact(teaOpen)),
				},
			},
			{
				Config: configuration,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
			},
			{
				PreConfig:   func() { wechat.move(t, teaShop, booksOpen) },
				Config:      configuration,
				ExpectError: saying("The shop hangs on " + booksOpen),
			},
			{
				PreConfig:   func() { wechat.move(t, teaShop, "") },
				Config:      configuration,
				ExpectError: saying("The shop hangs on no open account"),
			},
		},
	})
	for _, request := range wechat.Requests() {
		if request.Path != pathOpenGet || request.Token != teaShop+"#1" || request.Body["appid"] != teaShop || request.Parameter != "access_token" {
			t.Errorf("asked %+v, want nothing but open/get of the shop with its own token", request)
		}
	}
}

func TestAccOpenAccount_unbound(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: wechat.config("", `data "wechat_open_account" "x" { appid = "wx1000000000000006" }`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("open_appid"), knownvalue.Null()),
					statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("bound"), knownvalue.Bool(false)),
				},
			},
			{
				Config: wechat.config("", `data "wechat_open_account" "x" {
  appid         = "wx1000000000000006"
  require_bound = true
}`),
				ExpectError: saying("WeChat says that wx1000000000000006 is bound to no open platform account (89002), and require_bound asks for one"),
			},
			{
				Config: wechat.config("", `data "wechat_open_account" "x" {
  appid         = "wx1000000000000001"
  require_bound = true
}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("bound"), knownvalue.Bool(true)),
				},
			},
		},
	})
}

func TestAccOpenAccount_oneToken(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	static := func(appid, rest string) string {
		return required + fmt.Sprintf("provider \"wechat\" {\n base_url = %q\n access_token = %q\n}\n", wechat.server.URL(), wechat.Token(appid)) + rest
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: static(books, `data "wechat_open_account" "x" {}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("appid"), knownvalue.Null()),
					statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("open_appid"), knownvalue.StringExact(booksOpen)),
				},
			},
			{
				Config:      static(books, `data "wechat_open_account" "x" { appid = "wx1000000000000001" }`),
				ExpectError: saying("access_token gives every account the same token, and it is another account's"),
			},
			{
				Config:      wechat.config("", `data "wechat_open_account" "x" {}`),
				ExpectError: saying("the data source does not say which one it asks about"),
			},
		},
	})
}

func TestAccOpenAccount_busyThenAnAnswer(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	wechat.fault(t, simulator.Fault{Kind: simulator.FaultSystemBusy, Count: 2})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: wechat.config("", `data "wechat_open_account" "x" { appid = "wx1000000000000004" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("open_appid"), knownvalue.StringExact(booksOpen)),
			},
		}},
	})
	requests := wechat.Requests()
	for number, want := range []int{-1, -1, 0} {
		if requests[number].Errcode != want {
			t.Errorf("answer %d was %d, want %d", number+1, requests[number].Errcode, want)
		}
	}
}

func TestAccOpenAccount_rotatedToken(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	configuration := wechat.config("", `data "wechat_open_account" "x" { appid = "wx1000000000000004" }`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: configuration},
			{
				PreConfig: func() {
					wechat.RevokeTokens(books)
					wechat.rotate(t, books)
				},
				Config: configuration,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.wechat_open_account.x", tfjsonpath.New("open_appid"), knownvalue.StringExact(booksOpen)),
				},
			},
		},
	})
}
