package httpclient_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/httpclient"
)

// TestWhole: asking for a whole body takes nothing of it and does not wait,
// however much of it has arrived with the head and after it.
func TestWhole(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 5000, 8 << 10, 9000, 16 << 10, 32 << 10, 32<<10 + 1, 100_000} {
		for _, first := range []int{0, 1, size / 2, size - 1, size} {
			t.Run(fmt.Sprint(first, " of ", size), func(t *testing.T) {
				t.Parallel()
				body := strings.Repeat("0123456789abcde\n", size/16+1)[:size]
				asked := make(chan bool)
				s := serveRaw(t, func(c net.Conn, _ string) bool {
					say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, body[:first]))
					<-asked
					say(c, body[first:])
					return true
				})
				client := httpclient.New(httpclient.Config{})
				defer client.CloseIdleConnections()
				for range 2 { // the second answer shows what the first has left behind
					res, err := client.RoundTrip(newRequest(t, http.MethodGet, s.addr, nil))
					if err != nil {
						t.Fatal(err)
					}
					w := res.Body.(interface{ Whole() ([]byte, bool) })
					_, early := w.Whole()
					if early && first < size {
						t.Error("there is a whole body before it was sent")
					}
					asked <- true
					whole, ok := w.Whole()
					for range 200 {
						if ok || size > 32<<10 {
							break
						}
						time.Sleep(5 * time.Millisecond)
						whole, ok = w.Whole()
					}
					if size <= 32<<10 && (!ok || string(whole) != body) {
						t.Errorf("whole: %v with %d bytes, want %d", ok, len(whole), size)
					}
					read, err := io.ReadAll(res.Body)
					if err != nil || string(read) != body {
						t.Errorf("%d bytes and %v, want %d", len(read), err, size)
					}
					res.Body.Close()
				}
				if conns, _ := s.seen(); conns != 1 {
					t.Errorf("%d connections, want the first to be kept", conns)
				}
			})
		}
	}
}
