package httpclient_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// rawServer answers with bytes that a test chooses, and counts.
type rawServer struct {
	addr string

	mu       sync.Mutex
	conns    int
	requests []string // heads and bodies as they came
}

// serveRaw runs do for each request that was read to its end; a false result
// closes the connection.
func serveRaw(t testing.TB, do func(c net.Conn, request string) bool) *rawServer {
	t.Helper()
	return serveConns(t, func(s *rawServer, c net.Conn) {
		in := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			var text strings.Builder
			_ = r.Header.Write(&text) // a strings.Builder takes all
			if !do(c, s.note(r.Method+" "+r.RequestURI+"\n"+text.String()+string(body))) {
				return
			}
		}
	})
}

// serveConns runs do for each connection and closes it afterwards.
func serveConns(t testing.TB, do func(s *rawServer, c net.Conn)) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{addr: l.Addr().String()}
	var wg sync.WaitGroup
	var open sync.Map
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
			open.Store(c, true)
			wg.Go(func() {
				defer c.Close()
				do(s, c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		wg.Wait()
	})
	return s
}

func (s *rawServer) note(request string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	return request
}

func (s *rawServer) seen() (conns int, requests []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns, s.requests
}

// say writes an answer.
func say(c net.Conn, text string) { _, _ = io.WriteString(c, text) } // the client may be gone

// hang waits until the other side closes.
func hang(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

func newRequest(t testing.TB, method, addr string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+"/a?b=1", body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
