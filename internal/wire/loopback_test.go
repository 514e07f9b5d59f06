package wire

import (
	"net"
	"strings"
	"testing"
)

// TestExchangeInTheClearStaysHere connects to this machine's own addresses alone. The others are of the networks that
// documentation uses: were the address not refused, something would be sent.
func TestExchangeInTheClearStaysHere(t *testing.T) {
	t.Parallel()
	here := raw(t, func(c net.Conn) {
		_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	})
	for address, want := range map[string]*Failure{
		here: nil,
		strings.Replace(here, "127.0.0.1", "[::ffff:127.0.0.1]", 1): nil,
		strings.Replace(here, "127.0.0.1", "LocalHost", 1):          nil,
		"http://192.0.2.1:8080":                                     {Reason: NotLoopback},
		"http://0.0.0.0:8080":                                       {Reason: NotLoopback},
		"http://[2001:db8::1]:8080":                                 {Reason: NotLoopback},
	} {
		_, failure := ask(t, TransportConfig{LoopbackOnly: true}, address)
		switch {
		case want == nil && failure != nil:
			t.Errorf("%s: %v", address, failure)
		case want != nil && (failure == nil || *failure != *want || failure.Retryable() || !failure.Unreachable()):
			t.Errorf("%s: got %+v, want %+v", address, failure, want)
		}
	}
}
