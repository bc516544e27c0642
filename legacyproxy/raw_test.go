package legacyproxy_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// rawUpstream is a TCP server that says what it is told to and keeps the bytes
// of every request head and body that it gets.
type rawUpstream struct {
	url string
	mu  sync.Mutex
	got []string
	wg  sync.WaitGroup
}

// startRaw answers each request of each connection by respond, which returns
// whether the connection stays open.
func startRaw(t testing.TB, respond func(c net.Conn, request string) bool) *rawUpstream {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &rawUpstream{url: "http://" + l.Addr().String()}
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	u.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			u.wg.Go(func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for {
					request, err := readRaw(in)
					if err != nil {
						return
					}
					u.mu.Lock()
					u.got = append(u.got, request)
					u.mu.Unlock()
					if !respond(c, request) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range conns {
			c.Close()
		}
		mu.Unlock()
		u.wg.Wait()
	})
	return u
}

// readRaw reads one request as it stands on the wire.
func readRaw(in *bufio.Reader) (string, error) {
	var raw strings.Builder
	length, chunked := 0, false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		raw.WriteString(line)
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case strings.EqualFold(name, "Content-Length"):
			for _, d := range strings.TrimSpace(value) {
				length = 10*length + int(d-'0')
			}
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = true
		}
		if line == "\r\n" {
			break
		}
	}
	for chunked {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		raw.WriteString(line)
		if strings.HasPrefix(line, "0") {
			for line != "\r\n" {
				if line, err = in.ReadString('\n'); err != nil {
					return "", err
				}
				raw.WriteString(line)
			}
			return raw.String(), nil
		}
		size := 0
		for _, d := range strings.TrimSpace(line) {
			size = 16*size + strings.IndexRune("0123456789abcdef", d)
		}
		if _, err := io.CopyN(&raw, in, int64(size)+2); err != nil {
			return "", err
		}
	}
	_, err := io.CopyN(&raw, in, int64(length))
	return raw.String(), err
}

func (u *rawUpstream) requests() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]string(nil), u.got...)
}

// last is the request that came last.
func (u *rawUpstream) last(t testing.TB) string {
	t.Helper()
	got := u.requests()
	if len(got) == 0 {
		t.Fatal("the upstream got no request")
	}
	return got[len(got)-1]
}

// answer returns a respond function that always says the same.
func answer(s string) func(net.Conn, string) bool {
	return func(c net.Conn, _ string) bool {
		_, err := io.WriteString(c, s)
		return err == nil
	}
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// sendRaw sends bytes to a server and returns all that it answers, which must
// end by the server closing or by until.
func sendRaw(t testing.TB, addr, request, until string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(addr, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var out strings.Builder
	buf := make([]byte, 4096)
	for until == "" || !strings.HasSuffix(out.String(), until) {
		n, err := c.Read(buf)
		out.Write(buf[:n])
		if err == io.EOF || err != nil && strings.Contains(err.Error(), "reset") {
			break
		}
		if err != nil {
			t.Fatalf("after %q: %v", out.String(), err)
		}
	}
	return out.String()
}
