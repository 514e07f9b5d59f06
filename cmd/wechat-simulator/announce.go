package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// announce prints what a reader can do with the simulator, in lines ready to paste.
func announce(out io.Writer, url, directory string, world simulator.World) error {
	var text strings.Builder
	fmt.Fprintf(&text, "WeChat simulator at %s, third-party platform %s. Ctrl-C ends it.\n\n",
		url, world.Component.AppID)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "APPID\tKIND\tOPEN APPID\tNAME\tOWNER")
	for _, a := range world.Accounts {
		bound := a.OpenAppID
		if bound == "" {
			bound = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", a.AppID, a.Kind, bound, a.Name, a.Owner)
	}
	_ = table.Flush() // into memory
	fmt.Fprintf(&text, "\nexport WECHAT_BASE_URL=%s\nexport WECHAT_ACCESS_TOKEN_FILE=%s\n",
		shellQuote(url), shellQuote(filepath.Join(directory, "{appid}")))
	if len(world.Accounts) > 0 {
		fmt.Fprintf(&text, "\nThe admin API is under %s/_simulator/ and can move an account:\n", url)
		fmt.Fprintf(&text, "curl -X PATCH -d '{\"open_appid\": \"wx2000000000000009\"}' %s\n",
			shellQuote(url+"/_simulator/accounts/"+world.Accounts[0].AppID))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
