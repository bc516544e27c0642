package legacyproxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// TestNeverTwice makes a backend answer once on a connection and then break it
// off in the way that makes net/http willing to try again: a closed or reset
// connection that was used before. Each request that PHP sees counts as a side
// effect.
func TestNeverTwice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, body, key string
		most                    int // side effects of the second request
	}{
		{"POST", "POST", "x", "", 1},
		{"POST with an idempotency key", "POST", "x", "k", 1},
		{"PUT", "PUT", "x", "", 1},
		{"DELETE with a body", "DELETE", "x", "", 1},
		{"GET with a body", "GET", "x", "", 1},
		{"GET with a body and a key", "GET", "x", "k", 1},
		{"POST without a body but with a key", "POST", "", "k", 1},
		{"PATCH without a body", "PATCH", "", "", 1},
		{"POST that becomes a form", "POST", `{"a":1}`, "k", 1},
		{"GET without a body may be repeated once", "GET", "", "", 2},
	}
	for _, tt := range tests {
		for how, breakOff := range map[string]func(net.Conn){"closed": func(c net.Conn) { c.Close() }, "reset": reset} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				var effects atomic.Int32
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { l.Close() })
				go func() {
					for {
						c, err := l.Accept()
						if err != nil {
							return
						}
						go func() {
							in := bufio.NewReader(c)
							for {
								request, err := readRaw(in)
								if err != nil {
									return
								}
								if strings.HasPrefix(request, "GET /warm") {
									io.WriteString(c, okAnswer)
									continue
								}
								effects.Add(1)
								breakOff(c)
								return
							}
						}()
					}
				}()
				s := service(tt.method, "/a")
				a := load(t, s, "http://"+l.Addr().String(), "version: 1\noperations: {op: {body: urlencoded}}\n")
				s.Operations[0].BodyLimit = 0
				op := &s.Operations[0]
				warm := serve(t, a, nil)
				if res, err := http.Get(warm.URL + "/warm"); err != nil {
					t.Fatal(err)
				} else {
					io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
				front := serve(t, a, op)
				if !strings.HasPrefix(tt.body, "{") {
					front = warm // as it came
				}
				req, err := http.NewRequest(tt.method, front.URL+"/a", strings.NewReader(tt.body))
				if err != nil {
					t.Fatal(err)
				}
				if tt.body == "" {
					req.Body = nil
				}
				req.Header.Set("Content-Type", "application/json")
				if tt.key != "" {
					req.Header.Set("Idempotency-Key", tt.key)
				}
				res, err := http.DefaultTransport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if n := int(effects.Load()); n < 1 || n > tt.most {
					t.Errorf("%d side effects, want 1 to %d", n, tt.most)
				}
				if res.StatusCode != http.StatusBadGateway {
					t.Errorf("status %d", res.StatusCode)
				}
			})
		}
	}
}

// TestTimeoutSendsOnce: a client that gives up and an adapter that gives up
// both leave PHP with one request.
func TestTimeoutSendsOnce(t *testing.T) {
	t.Parallel()
	php := startRaw(t, func(c net.Conn, _ string) bool { hang(c); return false })
	s := service("POST", "/a")
	front := serve(t, load(t, s, php.url, "version: 1\ntimeout: 50ms\n"), &s.Operations[0])
	for i := range 3 {
		res, err := http.Post(front.URL+"/a", "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if n := len(php.requests()); n != i+1 || res.StatusCode != http.StatusGatewayTimeout {
			t.Errorf("after %d requests PHP got %d; status %d", i+1, n, res.StatusCode)
		}
	}
}
