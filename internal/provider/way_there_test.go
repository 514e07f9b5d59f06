package provider

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The tests in this file have the built provider meet what stands between it and WeChat, or a token service.

const boundAnswer = `{"errcode":0,"errmsg":"ok","open_appid":"wx2000000000000001"}`

// listenRaw serves each connection to this machine with one function.
func listenRaw(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				serve(connection)
			}()
		}
	}()
	return listener.Addr().String()
}

// TestAccWayThere_inTheClear has proxies in the environment that take down what they see, and a base_url of this
// machine that is spelled in several ways: none leads a token to one of them.
func TestAccWayThere_inTheClear(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	var mutex sync.Mutex
	var seen []string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		seen = append(seen, r.Method+" "+r.Host)
	}))
	t.Cleanup(proxy.Close)
	var environment []string
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		environment = append(environment, name+"="+proxy.URL, strings.ToLower(name)+"="+proxy.URL)
	}
	port := wechat.server.URL()[strings.LastIndex(wechat.server.URL(), ":"):]
	var configuration strings.Builder
	configuration.WriteString(required)
	for number, host := range []string{"LOCALHOST", "localhost", "127.0.0.1", "[::ffff:127.0.0.1]"} {
		const form = "base_url = \"http://%s%s\"\n  access_token_file = \"%s/{appid}\""
		settings := fmt.Sprintf(form, host, port, wechat.tokens)
		configuration.WriteString(alias(number, settings, tea, "1m"))
	}
	place := workspace(t, configuration.String(), environment...)
	expectExit(t, place, 0, "plan")
	if got := wechat.Count(pathOpenGet); got != 4 {
		t.Errorf("WeChat was asked %d times, want 4", got)
	}
	mutex.Lock()
	defer mutex.Unlock()
	if len(seen) > 0 {
		t.Errorf("the proxy saw %q", seen)
	}
}

// TestAccWayThere_proxyVariables has variables that name a proxy in ways that net/http does not read: they are read
// without the white space around them or refused, and the direct way is never taken instead.
func TestAccWayThere_proxyVariables(t *testing.T) {
	t.Parallel()
	proxy := newConnectProxy(t, "", "", http.StatusForbidden)
	const unreadable = "http://user:hunter2%@127.0.0.1:9"
	for name, test := range map[string]struct {
		variable, says string
		asked          bool // the proxy, which forbids it
	}{
		"a line break":           {"HTTPS_PROXY=http://" + proxy.address + "\r\n", "status 403", true},
		"of this provider":       {"WECHAT_PROXY_URL=\thttp://" + proxy.address + "\n", "status 403", true},
		"a percent sign":         {"HTTPS_PROXY=" + unreadable, "Invalid environment variable", false},
		"in small letters":       {"https_proxy=" + unreadable, "https_proxy is no URL", false},
		"no proxy of its own":    {"WECHAT_PROXY_URL=" + unreadable, "WECHAT_PROXY_URL is no URL", false},
		"white space":            {"HTTPS_PROXY= \n", "HTTPS_PROXY holds white space alone", false},
		"white space of its own": {"WECHAT_PROXY_URL= \n", "WECHAT_PROXY_URL holds white space alone", false},
	} {
		t.Run(name, func(t *testing.T) {
			place := workspace(t, required+`
provider "wechat" {
  base_url    = "https://wechat.invalid"
  max_retries = 0
}
data "wechat_open_account" "x" { appid = "wx1000000000000001" }
`, "WECHAT_ACCESS_TOKEN=61_x", test.variable)
			before := len(proxy.asked())
			result := expectExit(t, place, 1, "plan")
			expectWords(t, result.Stderr, test.says)
			if strings.Contains(result.Stdout+result.Stderr, "hunter2") {
				t.Error("shows the proxy's password")
			}
			if asked := len(proxy.asked()) > before; asked != test.asked {
				t.Errorf("the proxy was asked: %t, want %t", asked, test.asked)
			}
		})
	}
}

// TestAccWayThere_variablesAreTrimmed has the line breaks that files and Windows leave behind what a variable holds.
func TestAccWayThere_variablesAreTrimmed(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	reads := required + `
data "wechat_open_account" "x" { appid = "wx1000000000000004" }
`
	var environment []string
	for name, value := range map[string]string{
		envBaseURL: wechat.server.URL(), envRequestTimeout: "20s", envMaxRetries: "1", envMaxConcurrentRequests: "2",
		envAccessToken: wechat.Token(books),
	} {
		environment = append(environment, name+"= \t"+value+"\r\n")
	}
	expectExit(t, workspace(t, reads, environment...), 0, "plan")
	environment = append(environment, envAccessToken+"=", envAccessTokenFile+"="+wechat.tokens+"/{appid}\r\n")
	expectExit(t, workspace(t, reads, environment...), 0, "plan")
	if got := wechat.CountFor(pathOpenGet, books); got != 2 {
		t.Errorf("asked %d times, want 2", got)
	}
}

// TestSession_variablesOfWhiteSpace has each variable hold white space alone, which is neither unset nor a value.
func TestSession_variablesOfWhiteSpace(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{
		envAccessToken, envAccessTokenFile, envBaseURL, envProxyURL, envCACertificateFile, envRequestTimeout,
		envMaxRetries, envMaxConcurrentRequests,
	} {
		where := having(map[string]string{variable: " \r\n"})
		_, diagnostics := newSession(t.Context(), emptyBlock(t), where, "test")
		said := variable + " holds white space alone"
		if !diagnostics.HasError() || !strings.Contains(diagnostics.Errors()[0].Detail(), said) {
			t.Errorf("%s: got %v", variable, diagnostics)
		}
	}
}

// TestAccWayThere_http2 has a server that would rather speak HTTP/2, and whose HTTP/2 never lets net/http go: it grants
// a window of 2^31-1 bytes more than it had before its answer.
func TestAccWayThere_http2(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	config := ca.server(t, day(2001), day(2101), "127.0.0.1")
	config.NextProtos = []string{"h2", "http/1.1"}
	frame := func(kind, flags byte, stream uint32, payload ...byte) []byte {
		header := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
		return append(binary.BigEndian.AppendUint32(append(header, flags), stream), payload...)
	}
	address := listenRaw(t, func(plain net.Conn) {
		c := tls.Server(plain, config)
		if err := c.HandshakeContext(t.Context()); err != nil {
			return
		}
		if c.ConnectionState().NegotiatedProtocol == "h2" {
			_, _ = c.Write(slices.Concat(
				frame(4, 0, 0),                         // SETTINGS
				frame(8, 0, 0, 0x7f, 0xff, 0xff, 0xff), // WINDOW_UPDATE
				frame(1, 4, 1, 0x88),                   // HEADERS, status 200
				frame(0, 1, 1, []byte(boundAnswer)...), // DATA
			))
			_, _ = io.Copy(io.Discard, c)
			return
		}
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(boundAnswer), boundAnswer)
			_, _ = io.Copy(io.Discard, c)
		}
	})
	place := workspace(t, required+fmt.Sprintf(`
provider "wechat" {
  base_url            = "https://%s"
  ca_certificate_file = %q
  request_timeout     = "20s"
  max_retries         = 0
}
data "wechat_open_account" "x" {
  appid    = "wx1000000000000004"
  timeouts = { read = "30s" }
}
output "open_appid" { value = data.wechat_open_account.x.open_appid }
`, address, ca.file(t)), "WECHAT_ACCESS_TOKEN=61_x")
	planned := expectExit(t, place, 0, "plan")
	expectWords(t, planned.Stdout, `+ open_appid = "wx2000000000000001"`)
}
