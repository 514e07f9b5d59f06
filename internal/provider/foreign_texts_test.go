package provider

import (
	"fmt"
	"strings"
	"testing"
)

// TestAccForeignTexts has programs talk of what they were given when they fail, and looks at what the plan shows of it.
func TestAccForeignTexts(t *testing.T) {
	t.Parallel()
	const password, key = "foobared-1x9", "k7Qw93mZp0Xy51Rt"
	const withheld = `"[withheld: it holds a secret, encoded or in pieces]"`
	wechat := newLab(t, nil)
	for name, test := range map[string]struct {
		script, says string
	}{
		"an inherited password": {`echo "AUTH failed: $REDIS_PASSWORD" >&2`, `"AUTH failed: [redacted]"`},
		"the same for a token": {
			`echo "printed $REDIS_PASSWORD"; echo "printed $REDIS_PASSWORD" >&2`, `"printed [redacted]"`,
		},
		"a key of exec.env": {`echo "no entry for $KEY" >&2`, `"no entry for [redacted]"`},
		"host, port and file": {
			`echo "cannot reach $REDIS_HOST:$REDIS_PORT, see $REDIS_CONF" >&2`,
			`"cannot reach redis-01.cache.internal:6379, see /etc/redis/redis6.conf"`,
		},
		"an argument":      {`echo "no such file: $0" >&2`, `"no such file: tokens/wx1000000000000004.txt"`},
		"a plain word":     {`echo "no information, level $LOG" >&2`, `"no information, level info"`},
		"a URL":            {`echo "GET https://u:p@h.example/x?a=b" >&2`, `"GET https://[redacted]@h.example/x?[redacted]"`},
		"a key by od":      {`printf %s "$KEY" | od -c >&2`, withheld},
		"a password by od": {`printf %s "$REDIS_PASSWORD" | od -An -tx1 >&2`, withheld},
		"a key in pieces":  {`echo "it is $KEY" | sed 's/..../& - /g' >&2`, withheld},
		"a key between tags": {
			`echo "$KEY" | sed 's/..../<b class="x">&<\/b>/g' >&2`, withheld,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url = %q
  exec = {
    command = "sh"
    args    = ["-c", %q, "tokens/{appid}.txt"]
    env = {
      KEY        = %q
      LOG        = "info"
      REDIS_CONF = "/etc/redis/redis6.conf"
      REDIS_HOST = "redis-01.cache.internal"
      REDIS_PORT = "6379"
    }
  }
}
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`, wechat.server.URL(), test.script+"; exit 1", key), "REDIS_PASSWORD="+password)
			result := run(t, place, "plan", "-no-color")
			shown := words(result.Stderr)
			if result.ExitCode != 1 || !strings.Contains(shown, "standard error: "+test.says) {
				t.Errorf("exit code %d, want %s in:\n%s", result.ExitCode, test.says, shown)
			}
			for _, secret := range []string{password, key} {
				if strings.Contains(result.Stdout+result.Stderr, secret) {
					t.Errorf("%s is shown:\n%s", secret, shown)
				}
			}
		})
	}
}
