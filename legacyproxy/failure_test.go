package legacyproxy_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
)

// deadAddr is an address that nobody listens on.
func deadAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// hang keeps a connection open without a word until the other side closes it.
func hang(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// drip sends one byte at a time until the other side has enough.
func drip(c net.Conn, s string, every time.Duration) {
	for {
		for i := range len(s) {
			if _, err := io.WriteString(c, s[i:i+1]); err != nil {
				return
			}
			time.Sleep(every)
		}
	}
}

// TestFailures: whatever a backend does before its answer begins, or while a
// mapped answer is read, becomes a problem that says which, within the
// timeout, and nothing else.
func TestFailures(t *testing.T) {
	t.Parallel()
	const envelope = "envelope: {code: /code, data: /data, success: [0]}\n"
	const jsonHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	say := func(s string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, s) } }
	sayAndHang := func(s string) func(net.Conn) {
		return func(c net.Conn) { io.WriteString(c, s); hang(c) }
	}
	tests := []struct {
		name, yaml string
		do         func(net.Conn) // nil: nobody listens
		status     int
		code       string
	}{
		{"down", "", nil, 502, "legacy-unavailable"},
		{"silent", "", hang, 504, "legacy-timeout"},
		{"half a head, then silent", "", sayAndHang("HTTP/1.1 200 OK\r\nX-A: secret"), 504, "legacy-timeout"},
		{"a dripping head", "", func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nX-A: secret", time.Millisecond) }, 504, "legacy-timeout"},
		{"closes", "", func(net.Conn) {}, 502, "legacy-reset"},
		{"resets", "", reset, 502, "legacy-reset"},
		{"half a status line", "", say("HTTP/1.1 20"), 502, "legacy-reset"},
		{"half a head", "", say("HTTP/1.1 200 OK\r\nX-A: secret"), 502, "legacy-reset"},
		{"another protocol", "", say("SSH-2.0-OpenSSH_9.2\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"no status", "", say("HTTP/1.1 OK\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"status 000", "", say("HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"a broken header", "", say("HTTP/1.1 200 OK\r\nsecret\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"a bad length", "", say("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"two lengths", "", say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 502, "legacy-invalid-answer"},
		{"101 unasked", "", say("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"huge headers", "", say("HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("secret", 100_000) + "\r\n\r\n"), 502, "legacy-answer-too-large"},
		{"endless headers", "", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			drip(c, strings.Repeat("X-A: secret\r\n", 1000), 0)
		}, 502, "legacy-answer-too-large"},

		{"mapped: empty", envelope, say(jsonHead + "Content-Length: 0\r\n\r\n"), 502, "legacy-invalid-answer"},
		{"mapped: a notice first", envelope, say(jsonHead + "Content-Length: 28\r\n\r\n<br />secret{\"code\":0,\"data\""), 502, "legacy-invalid-answer"},
		{"mapped: something after it", envelope, say(jsonHead + "Content-Length: 23\r\n\r\n{\"code\":0,\"data\":1} tail"), 502, "legacy-invalid-answer"},
		{"mapped: no code", envelope, say(jsonHead + "Content-Length: 10\r\n\r\n{\"data\":1}"), 502, "legacy-invalid-answer"},
		{"mapped: not an object", envelope, say(jsonHead + "Content-Length: 3\r\n\r\n[1]"), 502, "legacy-invalid-answer"},
		{"mapped: compressed", envelope, say(jsonHead + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz"), 502, "legacy-invalid-answer"},
		{"mapped: shorter than announced", envelope, say(jsonHead + "Content-Length: 90\r\n\r\n{\"code\":0,"), 502, "legacy-reset"},
		{"mapped: broken chunks", envelope, say(jsonHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"), 502, "legacy-invalid-answer"},
		{"mapped: stalls", envelope, sayAndHang(jsonHead + "Content-Length: 90\r\n\r\n{\"code\":0,"), 504, "legacy-timeout"},
		{"mapped: drips", envelope, func(c net.Conn) {
			io.WriteString(c, jsonHead+"\r\n{\"data\":[")
			drip(c, "1,", time.Millisecond)
		}, 504, "legacy-timeout"},
		{"mapped: announces too much", envelope + "max-response: 1KiB\n", sayAndHang(jsonHead + "Content-Length: 1025\r\n\r\n{"), 502, "legacy-answer-too-large"},
		{"mapped: never ends", envelope + "max-response: 1KiB\n", func(c net.Conn) {
			io.WriteString(c, jsonHead+"\r\n{\"data\":[")
			drip(c, strings.Repeat("1,", 1000), 0)
		}, 502, "legacy-answer-too-large"},
		{"mapped: 404 that never ends", envelope + "max-response: 1KiB\n", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 404 Not Found\r\n\r\n")
			drip(c, strings.Repeat("secret", 1000), 0)
		}, 502, "legacy-answer-too-large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := deadAddr(t)
			if tt.do != nil {
				url = startRaw(t, func(c net.Conn, _ string) bool { tt.do(c); return false }).url
			}
			s := service("POST", "/a")
			timeout, most := "timeout: 10s\n", 8*time.Second // far away, unless it is what is tested
			if tt.code == "legacy-timeout" {
				timeout, most = "timeout: 150ms\n", 3*time.Second // a busy machine is allowed for
			}
			front := serve(t, load(t, s, url, "version: 1\n"+timeout+tt.yaml), &s.Operations[0])
			start := time.Now()
			res, err := http.Post(front.URL+"/a", "text/plain", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || !strings.Contains(string(body), `"code":"`+tt.code+`"`) {
				t.Errorf("got %d %s, want %d %s", res.StatusCode, body, tt.status, tt.code)
			}
			for _, leak := range []string{"secret", "127.0.0.1", "dial", "EOF", "goroutine"} {
				if strings.Contains(string(body), leak) {
					t.Errorf("the answer says %q: %s", leak, body)
				}
			}
			if took := time.Since(start); took > most || tt.code == "legacy-timeout" && took < 150*time.Millisecond {
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestBreaksVisibly: after the first byte nothing can be taken back, so the
// client has to see that the answer is not whole.
func TestBreaksVisibly(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	tests := map[string]func(net.Conn){
		"shorter than announced": func(c net.Conn) { io.WriteString(c, head+"Content-Length: 9\r\n\r\nhalf") },
		"no last chunk":          func(c net.Conn) { io.WriteString(c, head+"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n") },
		"garbage for a chunk":    func(c net.Conn) { io.WriteString(c, head+"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n") },
		"reset": func(c net.Conn) {
			io.WriteString(c, head+"Content-Length: 9\r\n\r\nhalf")
			time.Sleep(20 * time.Millisecond) // or the reset overtakes what was sent
			reset(c)
		},
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			php := startRaw(t, func(c net.Conn, _ string) bool { do(c); return false })
			front := serve(t, load(t, service("GET", "/a"), php.url, ""), nil)
			res, err := http.Get(front.URL + "/a")
			if err != nil {
				return // not even a head came: visible as well
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err == nil {
				t.Errorf("the client sees a whole answer: %q", body)
			}
		})
	}
}

// TestSlowUploadIsNotSlowPHP: the timeout is about PHP, not about the client.
func TestSlowUploadIsNotSlowPHP(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	s := service("POST", "/a")
	front := serve(t, load(t, s, php.url, "version: 1\ntimeout: 100ms\n"), &s.Operations[0])
	in, out := io.Pipe()
	go func() {
		for range 5 {
			time.Sleep(60 * time.Millisecond)
			io.WriteString(out, "x")
		}
		out.Close()
	}()
	res, err := http.Post(front.URL+"/a", "text/plain", in)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	s := service("POST", "/a")
	s.Operations[0].BodyLimit = 8
	for _, yaml := range []string{"", "version: 1\noperations: {op: {body: urlencoded}}\n"} {
		front := serve(t, load(t, s, php.url, yaml), &s.Operations[0])
		res, err := http.Post(front.URL+"/a", "application/json", strings.NewReader(`{"a":"0123456789"}`))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%q: status %d", yaml, res.StatusCode)
		}
	}
	if n := len(php.requests()); n != 0 {
		t.Errorf("PHP got %d requests", n)
	}
}

func TestNothingServes(t *testing.T) {
	t.Parallel()
	s := service("GET", "/a")
	a := load(t, s, "http://127.0.0.1:1", "version: 1\nunlisted: refuse\n")
	op := &s.Operations[0]
	if a.Handles(op) || a.Upstream(op) != "" {
		t.Error("an operation that is not listed is served")
	}
	if !a.Handles(nil) || a.Upstream(nil) != "http://127.0.0.1:1" {
		t.Error("requests outside the contract are not served")
	}
	front := serve(t, a, &catalog.Operation{Key: "x.y"})
	res, err := http.Get(front.URL + "/a")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 500 {
		t.Errorf("status %d", res.StatusCode)
	}
}
