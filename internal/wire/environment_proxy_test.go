package wire

import (
	"errors"
	"net/url"
	"testing"
)

func TestEnvironmentProxyIsNeverPassedOver(t *testing.T) {
	t.Parallel()
	const upper, lower, except = "HTTPS_PROXY", "https_proxy", "NO_PROXY"
	for name, test := range map[string]struct {
		environment map[string]string
		target      string
		proxy       string
		blames      string // the variable
		err         error
	}{
		"none":     {},
		"a URL":    {environment: map[string]string{upper: "http://u:p@a.example:1"}, proxy: "http://u:p@a.example:1"},
		"lower":    {environment: map[string]string{lower: "socks5://a.example"}, proxy: "socks5://a.example"},
		"both":     {environment: map[string]string{upper: "http://a.example", lower: "http://b"}, proxy: "http://a.example"},
		"no URL":   {environment: map[string]string{upper: "10.0.0.1:3128"}, proxy: "http://10.0.0.1:3128"},
		"a name":   {environment: map[string]string{upper: "proxy:3128"}, proxy: "http://proxy:3128"},
		"spaces":   {environment: map[string]string{upper: " http://a.example:1\r\n"}, proxy: "http://a.example:1"},
		"others":   {environment: map[string]string{"HTTP_PROXY": "http://a.example", "ALL_PROXY": "http://a.example"}},
		"percent":  {environment: map[string]string{upper: "http://u:hunter2%@a.example"}, blames: upper, err: ErrProxyUser},
		"percent!": {environment: map[string]string{lower: "u:hunter2%@a.example:9"}, blames: lower, err: ErrProxyUser},
		"a break":  {environment: map[string]string{upper: "http://hunter2\n.example"}, blames: upper, err: ErrProxySyntax},
		"a scheme": {environment: map[string]string{upper: "ftp://hunter2.example"}, blames: upper, err: ErrProxyScheme},
		"a port":   {environment: map[string]string{upper: "hunter2.example:99999"}, blames: upper, err: ErrProxyHost},
		"nothing":  {environment: map[string]string{upper: " \r\n"}, blames: upper, err: ErrProxyEmpty},
		"excepted": {environment: map[string]string{upper: "http://u:100%@a.example", except: " .weixin.qq.com\r\n"}},
		"all are":  {environment: map[string]string{upper: "http://a.example", "no_proxy": "*"}},
		"another":  {environment: map[string]string{upper: "http://a.example", except: "b.example"}, proxy: "http://a.example"},
		"here":     {environment: map[string]string{upper: "http://a.example"}, target: "https://127.0.0.1:8443"},
	} {
		if test.target == "" {
			test.target = "https://api.weixin.qq.com"
		}
		target, err := url.Parse(test.target)
		if err != nil {
			t.Fatal(err)
		}
		getenv := func(name string) string { return test.environment[name] }
		proxy, variable, err := EnvironmentProxy(getenv, target)
		got := ""
		if proxy != nil {
			got = proxy.String()
		}
		if got != test.proxy || !errors.Is(err, test.err) || err != nil && variable != test.blames {
			t.Errorf("%s: got %q, %s, %v, want %q, %s, %v", name, got, variable, err, test.proxy, test.blames, test.err)
		}
	}
}
