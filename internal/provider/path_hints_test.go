package provider

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// TestSession_pathsThatLeadNowhere has paths that a shell would read in another way, in attributes and in variables.
func TestSession_pathsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	fromHere := `the path is relative and starts at "` + filepath.ToSlash(folder) + `"`
	for name, test := range map[string]struct {
		variables    map[string]string
		certificates types.String
		says         string
	}{
		"a home": {nil, types.StringValue("~/ca.pem"), `write pathexpand("~/…")`},
		"a home in a variable": {
			map[string]string{envCACertificateFile: "~/ca.pem"}, types.StringNull(), `"~" is not replaced here: write the whole path`,
		},
		"a relative one":               {nil, types.StringValue("not/there.pem"), fromHere},
		"a relative one in a variable": {map[string]string{envCACertificateFile: "not/there.pem"}, types.StringNull(), fromHere},
		"another word in braces": {
			map[string]string{envAccessTokenFile: "/run/{AppID}"},
			types.StringNull(),
			envAccessTokenFile + " has a word in braces that is not {appid}",
		},
	} {
		block := emptyBlock(t)
		block.CACertificateFile = test.certificates
		_, diagnostics := newSession(t.Context(), block, having(test.variables), "test")
		if len(diagnostics.Errors()) != 1 || !strings.Contains(filepath.ToSlash(diagnostics.Errors()[0].Detail()), test.says) {
			t.Errorf("%s: got %v, want %q", name, diagnostics, test.says)
		}
	}
	for setting, says := range map[string]string{
		attributeAccessTokenFile: `write pathexpand("~/…")`, envAccessTokenFile: "write the whole path",
	} {
		failed := &token.Error{
			Source: token.Description{Setting: setting}, Reason: token.FileNotFound, Name: "~/tokens/wx1000000000000001",
		}
		if said := messageFor(errors.Join(failed)).text; !strings.HasSuffix(said, says) {
			t.Errorf("%s: %q, want %q", setting, said, says)
		}
	}
}
