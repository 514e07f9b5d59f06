package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestExchangeSendsOnce has a server that answers the first request of a connection, keeps the connection, and closes
// it for the second. Whether that one is sent again is not net/http's to decide.
func TestExchangeSendsOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method string
		body   string
		length string // the header that says how long the body is; a request without a body has none
	}{
		"GET":  {method: http.MethodGet},
		"POST": {method: http.MethodPost, body: "{}", length: "Content-Length: 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mutex sync.Mutex
			var sent []string
			address := listen(t, func(c net.Conn) {
				reader := bufio.NewReader(c)
				for number := 1; ; number++ {
					header := ""
					for !strings.HasSuffix(header, "\r\n\r\n") {
						line, err := reader.ReadString('\n')
						if err != nil {
							return
						}
						header += line
					}
					_, _ = reader.Discard(len(test.body))
					mutex.Lock()
					sent = append(sent, header)
					mutex.Unlock()
					if number == 2 {
						return
					}
					const head = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
					_, _ = fmt.Fprintf(c, head+"%s", len(wholeAnswer), wholeAnswer)
				}
			})
			transport := NewTransport(TransportConfig{MaxConnections: 1})
			defer transport.CloseIdleConnections()
			ask := func() error {
				body := bytes.NewReader([]byte(test.body))
				request, err := http.NewRequestWithContext(t.Context(), test.method, "http://"+address, body)
				if err != nil {
					t.Fatal(err)
				}
				_, err = exchange(transport, request, ResponseLimit)
				return err
			}
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			var failure *Failure
			err := ask()
			if !errors.As(err, &failure) || *failure != (Failure{Reason: ConnectionReset}) || !failure.Retryable() {
				t.Errorf("got %v, want that the connection was closed before an answer came", err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			if len(sent) != 2 {
				t.Errorf("%d requests were sent for two questions", len(sent))
			}
			for _, header := range sent {
				hasLength := strings.Contains(header, "Content-Length")
				if strings.Contains(header, "Transfer-Encoding") || hasLength != (test.length != "") ||
					!strings.Contains(header, test.length) {
					t.Errorf("the request's length is said wrongly in\n%s", header)
				}
			}
		})
	}
}
