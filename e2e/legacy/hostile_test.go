//go:build unix

package legacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// phpWorkers is how many requests each PHP works on at a time.
const phpWorkers = 4

// hostile is a server in front of one kind of PHP server and of the raw one.
type hostile struct {
	*server
	backend string
}

// startHostile starts the application that misbehaves behind a server.
func startHostile(t *testing.T, binary, backend string) *hostile {
	t.Helper()
	dir, err := filepath.Abs("testdata/hostile")
	if err != nil {
		t.Fatal(err)
	}
	var php string
	switch backend {
	case "cli":
		php = "http://" + startCLI(t, filepath.Join(dir, "index.php"))
	case "fpm":
		php = startSocketFPM(t).URL()
	case "nginx":
		php = "http://" + startNginx(t, startSocketFPM(t), dir)
	}
	return &hostile{serveWorkspace(t, binary, dir, "PHP="+php, "RAW=http://"+startRaw(t), "ROOT="+dir), backend}
}

func startSocketFPM(t *testing.T) *phpfpm.Server {
	t.Helper()
	s, err := phpfpm.Start(phpfpm.Options{Dir: shortDir(t), Children: phpWorkers, ShowErrors: true})
	if err != nil {
		needs.Unavailable(t, err)
	}
	t.Cleanup(s.Stop)
	return s
}

// shortDir is a folder with a path that is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fpm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestHostileBackends sends every case through the server to PHP behind its own
// server, FastCGI and nginx. After each the same client's next answers must be
// its own, and no worker of PHP may be occupied.
func TestHostileBackends(t *testing.T) {
	t.Parallel()
	binary := buildBanyan(t)
	cases := readCases(t, "testdata/hostile/cases.txt")
	for _, backend := range []string{"cli", "fpm", "nginx"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, binary, backend)
			for _, c := range cases {
				if c.only == nil || slices.Contains(c.only, backend) {
					t.Run(c.name, func(t *testing.T) { h.run(t, c) })
				}
			}
		})
	}
}

// run makes one exchange and looks at what it left behind.
func (h *hostile) run(t *testing.T, c *hostileCase) {
	transport := &http.Transport{DisableCompression: true, MaxConnsPerHost: 1, ExpectContinueTimeout: 5 * time.Second}
	defer transport.CloseIdleConnections()
	got := h.exchange(t.Context(), t, transport, c)
	for _, e := range c.expected(h.backend) {
		if wrong := got.check(e); wrong != "" {
			t.Errorf("cases.txt:%d: %s\n%s", c.line, wrong, got)
		}
	}
	time.Sleep(c.request.pause)
	for _, path := range []string{"/stream/echo", "/raw/echo", "/stream/echo"} {
		if err := h.echo(transport, path); err != nil {
			t.Errorf("cases.txt:%d: the next answer: %v", c.line, err)
		}
	}
	if !strings.HasPrefix(c.request.target, "/raw") {
		h.wantWorkersFree(t)
	}
}

// received is what the client saw.
type received struct {
	early  []string
	status int
	header http.Header
	body   string
	err    error // of the head when status is 0, else of the body
}

func (g *received) String() string {
	body := g.body
	if len(body) > 400 {
		body = fmt.Sprintf("%s... (%d bytes)", body[:400], len(body))
	}
	return fmt.Sprintf("got %d %v %q, 1xx %q, error %v", g.status, g.header, body, g.early, g.err)
}

func (h *hostile) exchange(ctx context.Context, t *testing.T, transport http.RoundTripper, c *hostileCase) *received {
	var got received
	var mu sync.Mutex // 1xx answers come on a goroutine of the transport
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			mu.Lock()
			defer mu.Unlock()
			got.early = append(got.early, strings.TrimSpace(strconv.Itoa(code)+" "+header.Get("Link")))
			return nil
		},
	})
	var body io.Reader
	if c.request.body != "" {
		body = strings.NewReader(c.request.body)
		if c.request.header.Get("Transfer-Encoding") != "" {
			body = io.MultiReader(body) // of unknown length
		}
	}
	r, err := http.NewRequestWithContext(ctx, c.request.method, "http://"+h.listen, body)
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(c.request.target, "?")
	r.URL = &url.URL{Scheme: "http", Host: h.listen, Opaque: path, RawQuery: query}
	r.Header = c.request.header.Clone()
	r.Header.Del("Transfer-Encoding")
	res, err := transport.RoundTrip(r)
	if err != nil {
		got.err = err
		return &got
	}
	defer res.Body.Close()
	from := io.Reader(res.Body)
	if c.request.take > 0 {
		from = io.LimitReader(from, c.request.take)
	}
	text, err := io.ReadAll(from)
	mu.Lock()
	defer mu.Unlock()
	got.status, got.header, got.body, got.err = res.StatusCode, res.Header, string(text), err
	for name, values := range res.Trailer {
		got.header["Trailer-"+name] = values
	}
	return &got
}

// check returns what is not as expected.
func (g *received) check(e expectation) string {
	if g.status == 0 && e.kind != "none" && e.kind != "broken" {
		return "there is no answer"
	}
	switch e.kind {
	case "status":
		status, code, _ := strings.Cut(e.text, " ")
		if strconv.Itoa(g.status) != status {
			return "the status is not " + status
		}
		var p struct{ Code string }
		isProblem := g.header.Get("Content-Type") == "application/problem+json"
		if isProblem && json.Unmarshal([]byte(g.body), &p) != nil || p.Code != code {
			return fmt.Sprintf("the problem is %q and not %q", p.Code, code)
		}
		if isProblem && strings.ContainsAny(g.body, "<$") || strings.Contains(g.body, "SQLSTATE") && isProblem {
			return "the problem tells what PHP said"
		}
	case "header":
		name, want, _ := strings.Cut(e.text, ":")
		if want = strings.TrimSpace(want); strings.Join(g.header.Values(name), " | ") != want {
			return fmt.Sprintf("%s is %q and not %q", name, g.header.Values(name), want)
		}
	case "absent":
		if v := g.header.Values(e.text); len(v) > 0 {
			return fmt.Sprintf("there is a header %s: %q", e.text, v)
		}
	case "early":
		if !slices.Contains(g.early, e.text) {
			return "there is no " + e.text
		}
	case "body":
		if g.err != nil || g.body != e.text {
			return fmt.Sprintf("the body is not %q", e.text)
		}
	case "match":
		if g.err != nil || !regexp.MustCompile(e.text).MatchString(g.body) {
			return "the body does not match " + e.text
		}
	case "broken":
		if g.err == nil {
			return "the answer does not break off"
		}
	case "none":
		if g.status != 0 {
			return "there is an answer"
		}
	}
	return ""
}

// echo asks for a token and wants it back.
func (h *hostile) echo(transport http.RoundTripper, path string) error {
	token := fmt.Sprintf("%016x", rand.Uint64())
	return echoed(transport, "http://"+h.listen+path+"?token="+token, token)
}

func echoed(transport http.RoundTripper, address, token string) error {
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	res, err := client.Get(address)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var answer struct{ Token string }
	if res.StatusCode != http.StatusOK || json.Unmarshal(text, &answer) != nil || answer.Token != token {
		return fmt.Errorf("%s got %d %.200q", token, res.StatusCode, text)
	}
	return nil
}

// wantWorkersFree has as many requests meet in PHP as it has workers: each
// waits for the others, so they succeed only if none of the workers is
// occupied. They come one after the other, because a worker of PHP's own server
// may accept two connections that come at once, which then wait for each other.
func (h *hostile) wantWorkersFree(t *testing.T) {
	t.Helper()
	at := fmt.Sprintf("meet%x", rand.Uint64())
	dir := filepath.Join(os.TempDir(), at)
	defer os.RemoveAll(dir)
	var met atomic.Int32
	var wg sync.WaitGroup
	for me := range phpWorkers {
		wg.Go(func() {
			res, err := http.Get(fmt.Sprintf("http://%s/stream/meet?at=%s&me=%d&n=%d", h.listen, at, me, phpWorkers))
			if err != nil {
				return
			}
			defer res.Body.Close()
			if text, err := io.ReadAll(res.Body); err == nil && string(text) == `{"met":true}` {
				met.Add(1)
			}
		})
		for range 1000 {
			if _, err := os.Stat(filepath.Join(dir, fmt.Sprint(me))); err == nil {
				break
			}
			time.Sleep(3 * time.Millisecond)
		}
	}
	wg.Wait()
	if met.Load() != phpWorkers {
		t.Errorf("only %d of %d workers of PHP are free", met.Load(), phpWorkers)
	}
}

// TestHostileStream leaves endless answers after 32 MB: the server's memory
// must not grow with them, and PHP has to learn of it.
func TestHostileStream(t *testing.T) {
	t.Parallel()
	const taken, most = 32 << 20, 24 << 20
	binary := buildBanyan(t)
	for _, backend := range []string{"cli", "fpm", "nginx"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, binary, backend)
			p := h.process()
			for _, path := range []string{"/stream/big", "/raw-patient/big"} {
				before := p.usage(t).memory
				peak := int64(0)
				res, err := http.Get("http://" + h.listen + path)
				if err != nil {
					t.Fatal(err)
				}
				for range taken >> 20 {
					if n, err := io.CopyN(io.Discard, res.Body, 1<<20); err != nil {
						t.Fatalf("%s: after %d bytes: %v", path, n, err)
					}
					peak = max(peak, p.usage(t).memory)
				}
				res.Body.Close()
				t.Logf("%s: %d MB taken, memory %.1f MB, at most %.1f MB", path, taken>>20, mb(before), mb(peak))
				if peak-before > most {
					t.Errorf("%s: memory grew from %.1f to %.1f MB", path, mb(before), mb(peak))
				}
			}
			h.wantWorkersFree(t)
		})
	}
}

// TestHostileClient sends what no client should, byte by byte.
func TestHostileClient(t *testing.T) {
	t.Parallel()
	binary := buildBanyan(t)
	for _, backend := range []string{"cli", "fpm", "nginx"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, binary, backend)
			for _, c := range []struct {
				name, request string
				want          string // what the answer begins with; empty: any, or none
			}{
				{"half a head", "GET /stream/fine HTTP/1.1\r\nHo", ""},
				{"half a body", "POST /stream/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc", ""},
				{"half a chunk", "POST /stream/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ""},
				{"chunk of garbage", "POST /stream/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "HTTP/1.1 400 "},
				{"length and chunks", "POST /stream/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /stream/smuggled HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 "},
				{"two lengths", "POST /stream/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", "HTTP/1.1 400 "},
				{"NUL in the path", "GET /stream/a\x00b HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
				{"NUL in a header", "GET /stream/fine HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n", "HTTP/1.1 400 "},
				{"a header bomb", "GET /stream/fine HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Bomb: "+strings.Repeat("b", 990)+"\r\n", 1200) + "\r\n", "HTTP/1.1 431 "},
				{"no host", "GET /stream/fine HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
				{"gone at once", "GET /stream/sleep HTTP/1.1\r\nHost: x\r\n\r\n", ""},
				{"gone with a slow answer", "GET /raw/hang-body HTTP/1.1\r\nHost: x\r\n\r\n", ""},
			} {
				conn, err := net.Dial("tcp", h.listen)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.WriteString(conn, c.request) // it may refuse before the end
				wait := 10 * time.Second
				if c.want == "" {
					wait = 50 * time.Millisecond
				}
				_ = conn.SetReadDeadline(time.Now().Add(wait))
				got, err := io.ReadAll(io.LimitReader(conn, 1<<16))
				_ = conn.(*net.TCPConn).SetLinger(0)
				conn.Close()
				if !strings.HasPrefix(string(got), c.want) {
					t.Errorf("%s: %q", c.name, got)
				}
				if c.want != "" && errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%s: the connection stays open", c.name)
				}
				if strings.Contains(string(got), "smuggled") {
					t.Errorf("%s: a second request was taken for one of its own: %q", c.name, got)
				}
				if err := h.echo(http.DefaultTransport, "/stream/echo"); err != nil {
					t.Errorf("%s: the next answer: %v", c.name, err)
				}
				h.wantWorkersFree(t)
			}
		})
	}
}
