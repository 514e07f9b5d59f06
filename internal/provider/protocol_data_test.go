package provider

import (
	"fmt"
	"os"
	"testing"
)

// TestAccProtocolData_isNotWritten has the environment ask the plugin SDK for the engine's messages in files. The built
// binary is what must not heed it: a server in this process never runs main.
func TestAccProtocolData_isNotWritten(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	folder := t.TempDir()
	place := workspace(t, required+declareSecrets("token")+fmt.Sprintf(`
provider "wechat" {
  base_url     = %q
  access_token = var.token
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, wechat.server.URL()), "TF_VAR_token="+wechat.Token(books), "TF_LOG_SDK_PROTO_DATA_DIR="+folder)
	expectExit(t, place, 0, "plan")
	expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
	written, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(written) > 0 {
		t.Errorf("%d files were written, %s the first", len(written), written[0].Name())
	}
}
