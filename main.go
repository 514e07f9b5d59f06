// Terraform-provider-wechat serves the WeChat provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"terraform.local/wechat/terraform-provider-wechat/internal/provider"
)

// logVariables begin the names of the variables that ask for logs.
var logVariables = []string{"TF_LOG=", "TF_LOG_CORE=", "TF_LOG_PROVIDER", "TF_LOG_SDK"}

// silence switches the logs of the plugin SDK off where nobody asks for any. It would write every trace line, and the
// engine read and drop it: a sixth of what a plan costs the provider.
func silence() {
	for _, variable := range os.Environ() {
		if slices.ContainsFunc(logVariables, func(asked string) bool { return strings.HasPrefix(variable, asked) }) {
			return
		}
	}
	for _, logger := range []string{"SDK", "SDK_PROTO", "SDK_FRAMEWORK", "PROVIDER_WECHAT"} {
		_ = os.Setenv("TF_LOG_"+logger, "off")
	}
}

// endWithEngine ends this process within five seconds of its parent's end. Nothing else would, where the engine was
// killed: the server waits for another connection, with tokens in memory. A parent is told by its number, whatever that
// is: an engine may be process 1, in a container.
func endWithEngine(engine int) {
	for os.Getppid() == engine {
		time.Sleep(time.Second)
	}
	// With the engine its connection ended, and with that every read, and every program that a read was waiting for:
	// this is time enough to kill them.
	time.Sleep(2 * time.Second)
	os.Exit(1)
}

// version is set by the linker.
var version = "0.0.0"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print how to attach, and do not end with the engine")
	flag.Parse()

	// net/http prints pieces of answers through this logger when a server misbehaves, and such a piece may hold the URL
	// of the request, and with it an access token.
	log.SetOutput(io.Discard)
	// The plugin SDK would write each message of the engine's into a file there, secrets and all, ephemeral ones too.
	_ = os.Unsetenv("TF_LOG_SDK_PROTO_DATA_DIR")
	if !*debug {
		silence()
		if runtime.GOOS != "windows" { // where an orphan's parent keeps its number
			go endWithEngine(os.Getppid())
		}
	}

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
