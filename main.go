// Terraform-provider-wechat serves the WeChat provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"terraform.local/wechat/terraform-provider-wechat/internal/provider"
)

// version is set by the linker.
var version = "0.0.0"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print how to attach instead of being started by the engine")
	flag.Parse()

	// net/http prints pieces of answers through this logger when a server misbehaves, and such a piece may hold the URL of
	// the request, and with it an access token.
	log.SetOutput(io.Discard)

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "terraform.local/wechat/wechat",
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
