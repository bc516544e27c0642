package legacyproxy_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/banyan-go/banyan/catalog"
)

// startFastCGI says the same to every request, whatever it is.
func startFastCGI(t *testing.T, said string, stay bool) string {
	t.Helper()
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
				defer c.Close()
				if _, err := c.Read(make([]byte, 64<<10)); err != nil {
					return
				}
				_, _ = io.WriteString(c, said) // the adapter may have enough
				if stay {
					hang(c)
				}
			}()
		}
	}()
	return "fastcgi://" + l.Addr().String()
}

// TestFastCGIFailures: what can go wrong with php-fpm gets the same problems
// as over HTTP.
func TestFastCGIFailures(t *testing.T) {
	t.Parallel()
	const (
		end        = "\x01\x03\x00\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		answer     = "\x01\x06\x00\x01\x00\x10\x00\x00Status: 201\n\nok\n" + end
		overloaded = "\x01\x03\x00\x01\x00\x08\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00"
		noColon    = "\x01\x06\x00\x01\x00\x09\x00\x00secret\n\n\n" + end
	)
	tooLarge := strings.Repeat("\x01\x06\x00\x01\x80\x00\x00\x00"+"X-A: "+strings.Repeat("s", 1<<15-6)+"\n", 10)
	tests := []struct {
		name, said string
		stay       bool
		path, body string
		status     int
		code       string
	}{
		{"answers", answer, false, "/a.php", "", 201, ""},
		{"silent", "", true, "/a.php", "", 504, "legacy-timeout"},
		{"closes", "", false, "/a.php", "", 502, "legacy-reset"},
		{"half an answer", answer[:12], false, "/a.php", "", 502, "legacy-reset"},
		{"overloaded", overloaded, false, "/a.php", "", 502, "legacy-unavailable"},
		{"speaks HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", false, "/a.php", "", 502, "legacy-invalid-answer"},
		{"a broken head", noColon, false, "/a.php", "", 502, "legacy-invalid-answer"},
		{"a head too large", tooLarge, false, "/a.php", "", 502, "legacy-answer-too-large"},
		{"a NUL byte in the path", answer, false, "/a%00.php", "", 400, "malformed-request"},
		{"a dot segment", answer, false, "/%2e%2e/a.php", "", 400, "malformed-request"},
		{"a body too large", answer, false, "/a.php", strings.Repeat("x", 2000), 413, "body-too-large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := service("POST", "/{file}")
			s.Operations[0].BodyLimit = 0
			timeout := "10s"
			if tt.code == "legacy-timeout" {
				timeout = "150ms"
			}
			yaml := "version: 1\ntimeout: " + timeout + "\nupstream: " + startFastCGI(t, tt.said, tt.stay) + "\nfastcgi: {root: /srv/secret, max-body: 1KiB}\n"
			front := serve(t, load(t, s, "http://127.0.0.1:1", yaml), &s.Operations[0])
			req, err := http.NewRequest("POST", front.URL+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || tt.code != "" && !strings.Contains(string(body), `"code":"`+tt.code+`"`) {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, body, tt.status, tt.code)
			}
			for _, leak := range []string{"secret", "127.0.0.1", "EOF", "fastcgi"} {
				if strings.Contains(string(body), leak) {
					t.Errorf("the answer says %q: %s", leak, body)
				}
			}
		})
	}
}

// TestFastCGIConnections: what may not run twice has a connection of its own,
// for one that was used before may turn out to have ended.
func TestFastCGIConnections(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var connections atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer c.Close()
				for buf := make([]byte, 64<<10); ; {
					if _, err := c.Read(buf); err != nil {
						return
					}
					if _, err := io.WriteString(c, "\x01\x06\x00\x01\x00\x03\x00\x00\nok\x01\x03\x00\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"); err != nil {
						return
					}
				}
			}()
		}
	}()
	for i, class := range []catalog.Class{catalog.Write, catalog.Effect, ""} {
		connections.Store(0)
		s := service("GET", "/a")
		s.Operations[0].Class = class
		yaml := "version: 1\nupstream: fastcgi://" + l.Addr().String() + "\nfastcgi: {root: /srv, keep-alive: 2}\n"
		if i == 0 {
			yaml += "retry: {attempts: 2}\n" // and so a sender
		}
		front := serve(t, load(t, s, "http://127.0.0.1:1", yaml), &s.Operations[0])
		for range 3 {
			res, err := http.Get(front.URL + "/a")
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		}
		if connections.Load() != 3 {
			t.Errorf("class %q: %d connections for 3 requests", class, connections.Load())
		}
	}
}
