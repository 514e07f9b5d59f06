package provider

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// FuzzAppIDs writes anything where an appid belongs, also a token that was broken somewhere, alone and in a list. What
// passes is letters and digits, and no message shows the token.
func FuzzAppIDs(f *testing.F) {
	f.Add(tea, "", 0)
	f.Add(" "+tea+"\n", "", 0)
	f.Add("TOKEN", "\r\n", 9)
	f.Add("gh_TOKEN", " ", 30)
	f.Add("appid=TOKEN", "", 0)
	f.Add("WX1000000000000001", "\u200b", 3)
	f.Fuzz(func(t *testing.T, written, broken string, at int) {
		const token = "61_W3mEpU66027wgNZ-MhGHNQDHnFATkDa9_2llqrMBjUwxRSNPbVsMmyD"
		at = int(uint(at) % uint(len(token)))
		written = strings.ReplaceAll(written, "TOKEN", token[:at]+broken+token[at:])

		var one validator.StringResponse
		appID.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("appid"), ConfigValue: types.StringValue(written)}, &one)
		list := types.ListValueMust(types.StringType, []attr.Value{types.StringValue(tea), types.StringValue(written), types.StringNull(), types.StringUnknown(), types.StringValue(written)})
		var many validator.ListResponse
		appIDs{}.ValidateList(t.Context(), validator.ListRequest{Path: path.Root("appids"), ConfigValue: list}, &many)

		plain := regexp.MustCompile(`^[0-9A-Za-z]+$`).MatchString(written)
		for name, said := range map[string]diag.Diagnostics{"alone": one.Diagnostics, "in a list": many.Diagnostics} {
			if plain == said.HasError() || len(said) > 1 {
				t.Errorf("%s, %q: %v", name, written, said)
			}
			for _, diagnostic := range said {
				text := diagnostic.Summary() + diagnostic.Detail()
				if len(text) > 1500 {
					t.Errorf("%s: %d bytes", name, len(text))
				}
				for at := 0; at+8 <= len(token); at++ {
					if strings.Contains(text, token[at:at+8]) {
						t.Fatalf("%s, %q: %s", name, written, text)
					}
				}
			}
		}
	})
}
