package legacyproxy_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestNoLeaks runs what may leave something behind and counts goroutines. It
// is not parallel: others would count as well.
func TestNoLeaks(t *testing.T) {
	settle := func() int {
		n := runtime.NumGoroutine()
		for range 100 {
			time.Sleep(20 * time.Millisecond)
			m := runtime.NumGoroutine()
			if m >= n {
				return m
			}
			n = m
		}
		return n
	}
	before := settle()
	t.Run("scenarios", func(t *testing.T) {
		t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
		scenarios := map[string]func(net.Conn){
			"answers":   func(c net.Conn) { io.WriteString(c, okAnswer) },
			"silent":    hang,
			"reset":     reset,
			"half":      func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") },
			"endless":   func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); drip(c, "x", time.Millisecond) },
			"too early": func(c net.Conn) { io.WriteString(c, "HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n") },
		}
		for _, do := range scenarios {
			for _, yaml := range []string{"", "envelope: {data: /data}\nmax-response: 100\n"} {
				php := startRaw(t, func(c net.Conn, _ string) bool { do(c); return false })
				s := service("POST", "/a")
				a := load(t, s, php.url, "version: 1\ntimeout: 50ms\n"+yaml)
				front := serve(t, a, &s.Operations[0])
				for range 5 {
					ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
					req, _ := http.NewRequestWithContext(ctx, "POST", front.URL+"/a", strings.NewReader("body"))
					if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
						io.Copy(io.Discard, res.Body)
						res.Body.Close()
					}
					r, _ := http.NewRequestWithContext(ctx, "POST", "/a", strings.NewReader("body"))
					if res, err := a.Call(ctx, &s.Operations[0], r); err == nil {
						res.Body.Close()
					}
					cancel()
				}
			}
		}
	})
	if after := settle(); after > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines more than before:\n%s", after-before, buf[:runtime.Stack(buf, true)])
	}
}
