package main

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/bench/fleet"
	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The contenders' names.
const (
	singular  = "singular"
	plural    = "plural"
	plural100 = "plural100"
	peer      = "http"
	emptyOne  = "empty"
	emptyMany = "empty-plural"
	client    = "client"
	client100 = "client100"
)

// Up to how many accounts those go who have an object for each, and those who read all in one.
const (
	mostOfEach = 1_000
	mostInOne  = 10_000
)

// peerVariable names the environment variable with the path of a built hashicorp/http provider.
const peerVariable = "HTTP_PROVIDER_BIN"

// emptyAddress is the empty provider's, beside the provider's own.
var emptyAddress = path.Dir(engine.Address) + "/empty"

// contender does the job in its own way.
type contender struct {
	name, about string
	// Up to how many accounts it goes, and how many where not everything is asked for.
	most, usually int
	asksNobody    bool // so that the server hears nothing

	// A provider is asked with this source, provider block and data block; accounts writes down the accounts that data
	// finds in local.accounts: never a set, whose cost is the square of its size.
	source, settings, data string
	accounts               func(appids []string) string

	// A bare client asks this many at once.
	concurrent int
}

// contenders returns all of them. This provider reads tokens from files; hashicorp/http is spared that and has them in its
// configuration.
func (l *lab) contenders() []contender {
	files := fmt.Sprintf("access_token_file = %q", l.tokens()+"/{appid}")
	one := func(name, about, source, settings, data, value string) contender {
		return contender{
			name: name, about: about, most: mostOfEach, usually: mostOfEach, source: source, settings: settings,
			data:     "data " + data + " \"each\" {\n  for_each = local.accounts\n" + value + "\n}\n",
			accounts: byAppID,
		}
	}
	all := func(name, about, source, settings, data string) contender {
		return contender{
			name: name, about: about, most: mostInOne, usually: mostInOne, source: source, settings: settings,
			data: "data " + data + " \"all\" {\n  appids = local.accounts\n}\n",
			accounts: func(appids []string) string {
				return "[\n\"" + strings.Join(appids, "\",\n\"") + "\",\n]"
			},
		}
	}
	byDefault := all(plural, "wechat_open_accounts, 32 at once", engine.Address, files, `"wechat_open_accounts"`)
	byDefault.usually = mostOfEach
	idle, idleMany := one(emptyOne, "empty provider, one for each", emptyAddress, "", `"empty_answer"`, "appid = each.key"),
		all(emptyMany, "empty provider, all in one", emptyAddress, "", `"empty_answers"`)
	idle.asksNobody, idleMany.asksNobody = true, true
	return []contender{
		one(singular, "wechat_open_account, one for each", engine.Address, files, `"wechat_open_account"`, "appid = each.key"),
		byDefault,
		all(plural100, "wechat_open_accounts, 100 at once", engine.Address, files+"\nmax_concurrent_requests = 100", `"wechat_open_accounts"`),
		one(peer, "hashicorp/http, one for each", l.httpAddress(), "", `"http"`, `  url             = "${local.server}`+fleet.Path+`?access_token=${each.value}"
  method          = "POST"
  request_headers = { Content-Type = "application/json" }
  request_body    = jsonencode({ appid = each.key })
  ca_cert_pem     = local.certificate`),
		idle,
		idleMany,
		{name: client, about: "bare client, 32 at once", most: mostInOne, usually: mostOfEach, concurrent: 32},
		{name: client100, about: "bare client, 100 at once", most: mostInOne, usually: mostOfEach, concurrent: 100},
	}
}

// byAppID writes a map from appid to token.
func byAppID(appids []string) string {
	var written strings.Builder
	written.WriteString("{\n")
	for _, appid := range appids {
		fmt.Fprintf(&written, "%q = %q\n", appid, fleet.Token(appid))
	}
	return written.String() + "}"
}

// httpAddress is where the engine at hand looks for hashicorp/http.
func (l *lab) httpAddress() string {
	if l.engine.Name == "tofu" {
		return "registry.opentofu.org/hashicorp/http"
	}
	return "registry.terraform.io/hashicorp/http"
}

// configuration writes what the contender reads the accounts with.
func (c contender) configuration(s *server, appids []string) string {
	name, settings, certificate, pem := path.Base(c.source), c.settings, "null", "null"
	if s.certificate != "" {
		certificate = strconv.Quote(s.certificate)
		pem = "file(" + certificate + ")"
	}
	if c.source == engine.Address {
		settings += fmt.Sprintf("\nbase_url = %q\nca_certificate_file = %s", s.url, certificate)
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    %[1]s = { source = %[2]q }
  }
}
provider %[1]q {
%[3]s
}
locals {
  server      = %[4]q
  certificate = %[5]s
  accounts    = %[6]s
}
%[7]s`, name, c.source, settings, s.url, pem, c.accounts(appids), c.data)
}
