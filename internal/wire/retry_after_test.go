package wire

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestExchangeReadsRetryAfter asks on a clock of its own, so that a date means a wait.
func TestExchangeReadsRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		date := func(from time.Duration) string { return time.Now().Add(from).UTC().Format(http.TimeFormat) }
		for _, test := range []struct {
			status  int
			written string
			want    time.Duration
		}{
			{408, "7", 7 * time.Second},
			{429, " 120 ", 2 * time.Minute},
			{503, date(90 * time.Second), 90 * time.Second},
			{503, "0", 0},
			{503, date(-time.Hour), 0},
			{503, "-5", 0},
			{503, "1.5", 0},
			{503, "soon", 0},
			{503, "99999999999999999999", 0},
			{503, "", 0},
			{200, "7", 0},
			{500, "7", 0},
		} {
			transport := piped(TransportConfig{MaxConnections: 1}, func(c net.Conn) {
				skipRequest(c)
				const head = "HTTP/1.1 %d Status\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n"
				_, _ = fmt.Fprintf(c, head, test.status, test.written)
			})
			answer, err := exchange(transport, post(t, t.Context(), "http://wechat.example"), ResponseLimit)
			if err != nil || answer.RetryAfter != test.want {
				t.Errorf("%d, %q: got %+v, %v, want %s", test.status, test.written, answer, err, test.want)
			}
			transport.CloseIdleConnections()
		}
	})
}
