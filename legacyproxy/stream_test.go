package legacyproxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// passing puts an adapter that maps nothing in front of a handler.
func passing(t testing.TB, php http.HandlerFunc) *httptest.Server {
	t.Helper()
	backend := httptest.NewServer(php)
	t.Cleanup(backend.Close)
	return serve(t, load(t, service("GET", "/a"), backend.URL, ""), nil)
}

func get(t testing.TB, url string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// TestStreams lets PHP send the next piece only when the client has the last
// one: whatever is held back anywhere stops the test.
func TestStreams(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(http.Header){
		"events":         func(h http.Header) { h.Set("Content-Type", "text/event-stream; charset=utf-8") },
		"chunks":         func(h http.Header) { h.Set("Content-Type", "application/json") },
		"a known length": func(h http.Header) { h.Set("Content-Length", "9") },
		"events with a length": func(h http.Header) {
			h.Set("Content-Type", "text/event-stream")
			h.Set("Content-Length", "9")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received := make(chan bool)
			front := passing(t, func(w http.ResponseWriter, r *http.Request) {
				prepare(w.Header())
				w.WriteHeader(200)
				for _, piece := range []string{"", "one", "two", "six"} {
					io.WriteString(w, piece)
					w.(http.Flusher).Flush()
					select {
					case <-received:
					case <-time.After(8 * time.Second):
						t.Errorf("the client never got %q", piece)
						return
					}
				}
			})
			res := get(t, front.URL) // the head, before any body
			received <- true
			buf := make([]byte, 3)
			for range 3 {
				if _, err := io.ReadFull(res.Body, buf); err != nil {
					t.Fatal(err)
				}
				received <- true
			}
		})
	}
}

// TestStreamsUp does the same in the other direction, and in both at once.
func TestStreamsUp(t *testing.T) {
	t.Parallel()
	front := passing(t, func(w http.ResponseWriter, r *http.Request) {
		ctl := http.NewResponseController(w)
		if err := ctl.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		w.WriteHeader(200)
		ctl.Flush()
		buf := make([]byte, 3)
		for {
			if _, err := io.ReadFull(r.Body, buf); err != nil {
				return
			}
			w.Write(bytes.ToUpper(buf))
			ctl.Flush()
		}
	})
	in, out := io.Pipe()
	t.Cleanup(func() { out.Close() })
	req, err := http.NewRequest("POST", front.URL, in)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buf := make([]byte, 3)
	for _, piece := range []string{"one", "two", "six"} {
		io.WriteString(out, piece)
		if _, err := io.ReadFull(res.Body, buf); err != nil || string(buf) != strings.ToUpper(piece) {
			t.Fatalf("sent %q, got %q, %v", piece, buf, err)
		}
	}
}

func TestClientLeaves(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{"before the head", "in the middle"} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			cancelled, started := make(chan bool), make(chan bool)
			front := passing(t, func(w http.ResponseWriter, r *http.Request) {
				if phase == "in the middle" {
					io.WriteString(w, "half")
					w.(http.Flusher).Flush()
				}
				close(started)
				<-r.Context().Done()
				close(cancelled)
			})
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, "GET", front.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				<-started
				cancel()
			}()
			if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			} else if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			select {
			case <-cancelled:
			case <-time.After(10 * time.Second):
				t.Error("PHP was never told")
			}
		})
	}
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]bool{"announced": true, "unannounced": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := passing(t, func(w http.ResponseWriter, r *http.Request) {
				if declare {
					w.Header().Set("Trailer", "X-Sum")
				}
				io.WriteString(w, "body")
				w.(http.Flusher).Flush()
				if declare {
					w.Header().Set("X-Sum", "9")
				} else {
					w.Header().Set(http.TrailerPrefix+"X-Sum", "9")
				}
			})
			res := get(t, front.URL)
			body, err := io.ReadAll(res.Body)
			if err != nil || string(body) != "body" || res.Trailer.Get("X-Sum") != "9" {
				t.Errorf("%q %v %v", body, res.Trailer, err)
			}
		})
	}
}

func TestEarlyHints(t *testing.T) {
	t.Parallel()
	front := passing(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header()["Connection"] = []string{"X-Hop"}
		w.Header().Set("X-Hop", "1")
		w.WriteHeader(http.StatusEarlyHints)
		clear(w.Header())
		w.Header().Set("X-Final", "1")
		io.WriteString(w, "body")
	})
	var hints []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			hints = append(hints, h.Get("Link")+h.Get("X-Final")+h.Get("Keep-Alive")+h.Get("X-Hop"))
			return nil
		}})
	req, _ := http.NewRequestWithContext(ctx, "GET", front.URL, nil)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if diff := cmp.Diff([]string{"</a.css>; rel=preload"}, hints); diff != "" {
		t.Error(diff)
	}
	if res.StatusCode != 200 || res.Header.Get("Link") != "" || res.Header.Get("X-Final") != "1" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}

// TestExpectContinue: PHP decides before the client sends its body.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	front := passing(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(401) // the body is never read
			return
		}
		io.Copy(w, r.Body)
	})
	refused := sendRaw(t, front.URL, "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", "")
	if !strings.HasPrefix(refused, "HTTP/1.1 401 ") {
		t.Errorf("%q", refused)
	}
	c, err := net.Dial("tcp", front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST /a HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	in := bufio.NewReader(c)
	if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("%q %v", line, err)
	}
	in.ReadString('\n')
	io.WriteString(c, "hello")
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 200 || string(body) != "hello" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
}

// TestAnswersOnTheWire compares whole answers of PHP with what clients get.
func TestAnswersOnTheWire(t *testing.T) {
	t.Parallel()
	const date = "Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
	tests := []struct{ name, request, php, want string }{
		{
			name: "as it is, hop-by-hop apart",
			php: "HTTP/1.1 200 OK\r\n" + date + "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nServer: nginx\r\nX-Powered-By: PHP/8.2.36\r\n" +
				"Set-Cookie: b=2\r\nSet-Cookie: a=1\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok",
			want: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/html\r\n" + date + "Server: nginx\r\nSet-Cookie: b=2\r\nSet-Cookie: a=1\r\n" +
				"X-Powered-By: PHP/8.2.36\r\nConnection: close\r\n\r\nok",
		},
		{
			name: "no type is guessed",
			php:  "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 6\r\n\r\n<html>",
			want: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n" + date + "Connection: close\r\n\r\n<html>",
		},
		{
			name: "chunked",
			php:  "HTTP/1.1 200 OK\r\n" + date + "Content-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
			want: "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n" + date + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		},
		{
			name:    "HEAD keeps the length",
			request: "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n",
			php:     "HTTP/1.1 200 OK\r\n" + date + "Content-Type: a/b\r\nContent-Length: 99\r\n\r\n",
			want:    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Type: a/b\r\n" + date + "Connection: close\r\n\r\n",
		},
		{
			name: "204",
			php:  "HTTP/1.1 204 No Content\r\n" + date + "X-A: 1\r\n\r\n",
			want: "HTTP/1.1 204 No Content\r\n" + date + "X-A: 1\r\nConnection: close\r\n\r\n",
		},
		{
			name: "304",
			php:  "HTTP/1.1 304 Not Modified\r\n" + date + "Etag: \"x\"\r\n\r\n",
			want: "HTTP/1.1 304 Not Modified\r\n" + date + "Etag: \"x\"\r\nConnection: close\r\n\r\n",
		},
		{
			name: "redirects are the client's to follow",
			php:  "HTTP/1.1 302 Found\r\n" + date + "Location: /b?x=%2F\r\nContent-Length: 0\r\n\r\n",
			want: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" + date + "Location: /b?x=%2F\r\nConnection: close\r\n\r\n",
		},
		{
			name: "errors pass where nothing is mapped",
			php:  "HTTP/1.1 503 Service Unavailable\r\n" + date + "Content-Type: text/html\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\ndown",
			want: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nContent-Type: text/html\r\n" + date + "Retry-After: 3\r\nConnection: close\r\n\r\ndown",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			php := startRaw(t, answer(tt.php))
			front := serve(t, load(t, service("GET", "/a"), php.url, ""), nil)
			if tt.request == "" {
				tt.request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
			}
			if diff := cmp.Diff(tt.want, sendRaw(t, front.URL, closing(tt.request), "")); diff != "" {
				t.Errorf("the client got (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	php := startRaw(t, func(c net.Conn, request string) bool {
		if !strings.Contains(request, "Sec-Websocket-Key: k\r\n") || !strings.Contains(request, "Upgrade: websocket\r\n") {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			return false
		}
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		buf := make([]byte, 4)
		for {
			if _, err := io.ReadFull(c, buf); err != nil {
				return false
			}
			c.Write(bytes.ToUpper(buf))
		}
	})
	front := serve(t, load(t, service("GET", "/a"), php.url, ""), nil)
	c, err := net.Dial("tcp", front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n")
	in := bufio.NewReader(c)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != 101 || res.Header.Get("Upgrade") != "websocket" {
		t.Fatalf("%v %v", res, err)
	}
	time.Sleep(600 * time.Millisecond) // longer than the timeout for a head
	for _, piece := range []string{"ping", "pong"} {
		io.WriteString(c, piece)
		buf := make([]byte, 4)
		if _, err := io.ReadFull(in, buf); err != nil || string(buf) != strings.ToUpper(piece) {
			t.Fatalf("%q %v", buf, err)
		}
	}

	refused := sendRaw(t, front.URL, "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", "\r\n\r\n")
	if !strings.HasPrefix(refused, "HTTP/1.1 400 ") {
		t.Errorf("%q", refused)
	}
}
