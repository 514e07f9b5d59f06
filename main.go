// Terraform-provider-wechat serves the WeChat provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"terraform.local/wechat/terraform-provider-wechat/internal/provider"
)

// logVariables begin the names of the variables that ask for logs.
var logVariables = []string{"TF_LOG=", "TF_LOG_CORE=", "TF_LOG_PROVIDER", "TF_LOG_SDK"}

// silence switches the logs of the plugin SDK off where nobody asks for any. It would write every trace line, and the engine
// read and drop it: a sixth of what a plan costs the provider.
func silence() {
	for _, variable := range os.Environ() {
		if slices.ContainsFunc(logVariables, func(asked string) bool { return strings.HasPrefix(variable, asked) }) {
			return
		}
	}
	for _, logger := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_WECHAT"} {
		_ = os.Setenv(logger, "off")
	}
}

// version is set by the linker.
var version = "0.0.0"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print how to attach instead of being started by the engine")
	flag.Parse()

	// net/http prints pieces of answers through this logger when a server misbehaves, and such a piece may hold the URL of
	// the request, and with it an access token.
	log.SetOutput(io.Discard)
	// The plugin SDK would write each message of the engine's into a file there, secrets and all, ephemeral ones too.
	_ = os.Unsetenv("TF_LOG_SDK_PROTO_DATA_DIR")
	if !*debug {
		silence()
	}

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "terraform.local/wechat/wechat",
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
