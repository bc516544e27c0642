//go:build unix

package legacy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// rawFaults are answers that PHP cannot be made to give. Steps that begin with
// an exclamation mark are no text: reset and close end the connection, hang
// waits until the other side does, wait lets 30 ms pass, repeat says the text
// after it without end, numbered is an answer of as many numbered blocks as the
// query says. TOKEN is the token in the request's query.
var rawFaults = map[string][]string{
	"echo": {ok("application/json", `{"token":"TOKEN"}`)},
	"late": {"!wait", "!wait", ok("application/json", `{"token":"TOKEN"}`)},

	// Broken connections.
	"close":              {"!close"},
	"reset":              {"!reset"},
	"half-status":        {"HTTP/1.1 20", "!close"},
	"half-head":          {"HTTP/1.1 200 OK\r\nContent-Type: text/pl", "!close"},
	"half-head-reset":    {"HTTP/1.1 200 OK\r\nContent-Type: text/pl", "!reset"},
	"half-body":          {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "!wait", "!close"},
	"half-body-reset":    {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "!wait", "!reset"},
	"no-length-reset":    {"HTTP/1.1 200 OK\r\n\r\nabcd", "!wait", "!reset"},
	"no-length":          {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nabcd", "!wait", "ef", "!close"},
	"half-chunk":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "!wait", "!close"},
	"half-chunks":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "!wait", "!close"},
	"half-trailers":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1", "!wait", "!close"},
	"close-after":        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "!close"},
	"closed-unannounced": {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc", "!wait", "!reset"},

	// Lengths.
	"length-short":    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh"},
	"length-twice":    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"},
	"length-same":     {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
	"length-negative": {"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc"},
	"length-plus":     {"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc"},
	"length-huge":     {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc"},
	"length-chunked":  {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"},
	"second-answer":   {ok("text/plain", "abc") + ok("text/plain", "smuggled")},
	"second-later":    {ok("text/plain", "abc"), "!wait", ok("text/plain", "smuggled")},

	// Chunks.
	"chunked":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "!wait", "4;x=\"y\"\r\ndefg\r\n0\r\n\r\n"},
	"trailers":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n"},
	"trailers-bad":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length, X-Sum\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 1\r\nX-Sum: 7\r\n\r\n"},
	"chunk-garbage": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\nabc\r\n0\r\n\r\n"},
	"chunk-huge":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc"},
	"coding":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},

	// Heads.
	"garbage":        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "!hang"},
	"http09":         {"<h1>hello</h1>", "!close"},
	"http2":          {"HTTP/2 200\r\n\r\n"},
	"status-0":       {"HTTP/1.1 000 What\r\nContent-Length: 0\r\n\r\n"},
	"status-99":      {"HTTP/1.1 99 What\r\nContent-Length: 0\r\n\r\n"},
	"status-999":     {"HTTP/1.1 999 What\r\nContent-Length: 3\r\n\r\nabc"},
	"status-1000":    {"HTTP/1.1 1000 What\r\nContent-Length: 0\r\n\r\n"},
	"status-text":    {"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"},
	"no-reason":      {"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc"},
	"bare-lf":        {"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"},
	"folded":         {"HTTP/1.1 200 OK\r\nX-Fold: a\r\n b\r\nContent-Length: 3\r\n\r\nabc"},
	"no-colon":       {"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 3\r\n\r\nabc"},
	"space-name":     {"HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 3\r\n\r\nabc"},
	"nul-value":      {"HTTP/1.1 200 OK\r\nX-A: b\x00c\r\nContent-Length: 3\r\n\r\nabc"},
	"cr-value":       {"HTTP/1.1 200 OK\r\nX-A: b\rX-B: c\r\nContent-Length: 3\r\n\r\nabc"},
	"header-bomb":    {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Bomb: "+strings.Repeat("b", 90)+"\r\n", 4000) + "Content-Length: 0\r\n\r\n"},
	"header-endless": {"HTTP/1.1 200 OK\r\n", "!repeat", "X-Bomb: " + strings.Repeat("b", 1000) + "\r\n"},
	"line-endless":   {"HTTP/1.1 200 OK\r\nX-Bomb: ", "!repeat", strings.Repeat("b", 1000)},
	"no-content":     {"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc"},
	"not-modified":   {"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 3\r\n\r\n"},
	"switch":         {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", "!hang"},

	// 1xx.
	"hints":         {"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", "!wait", ok("text/plain", "abc")},
	"hints-only":    {"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", "!close"},
	"hints-endless": {"!repeat", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"},
	"continue":      {"HTTP/1.1 100 Continue\r\n\r\n" + ok("text/plain", "abc")},

	// Time.
	"hang":      {"!hang"},
	"hang-head": {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", "!hang"},
	"hang-body": {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\"", "!hang"},
	"drip":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "!wait", "1\r\na\r\n", "!wait", "1\r\nb\r\n", "!wait", "1\r\nc\r\n", "!wait", "0\r\n\r\n"},
	"drip-head": {"HT", "!wait", "TP/1.1 2", "!wait", "00 OK\r\nContent-Le", "!wait", "ngth: 3\r", "!wait", "\n\r\nabc"},
	"numbered":  {"!numbered"},
	"big":       {"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n", "!repeat", strings.Repeat("0123456789abcdef", 4096)},

	// Bodies.
	"json":         {ok("application/json", `{"id":"7"}`)},
	"json-half":    {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{\"id\":1}", "!wait", "!close"},
	"json-chunked": {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\n{\"i\r\n7\r\nd\":\"7\"}\r\n0\r\nX-Sum: 7\r\n\r\n"},
	"json-endless": {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"id\":1,\"name\":\"", "!repeat", strings.Repeat("n", 65536)},
}

func ok(contentType, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(strings.ReplaceAll(body, "TOKEN", "0123456789abcdef")), body)
}

// startRaw starts a server that answers as rawFaults says, with the
// request's token in the header, and returns its address. Tokens must have 16 characters.
func startRaw(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		conns = map[net.Conn]bool{}
	)
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			wg.Go(func() {
				serveRaw(c)
				c.Close()
				mu.Lock()
				delete(conns, c)
				mu.Unlock()
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
		wg.Wait()
	})
	return l.Addr().String()
}

func serveRaw(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		steps := rawFaults[path.Base(r.URL.Path)]
		if steps == nil {
			steps = []string{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}
		}
		if !playRaw(c, in, steps, r.URL.Query()) {
			return
		}
	}
}

// finalStatus is the status line of an answer that reaches the client.
var finalStatus = regexp.MustCompile(`(?m)^HTTP/1\.1 (200|204|304|999)[^\n]*\n`)

// sendNumbered sends what readNumbered reads.
func sendNumbered(c net.Conn, query url.Values) bool {
	blocks, _ := strconv.Atoi(query.Get("blocks"))
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", int64(blocks)*streamBlock)
	if _, err := io.WriteString(c, head); err != nil {
		return false
	}
	block := []byte(blockText)
	for i := range blocks {
		copy(block, fmt.Sprintf("%016x", i))
		if _, err := c.Write(block); err != nil {
			return false
		}
	}
	return true
}

// playRaw reports whether the connection stays open.
func playRaw(c net.Conn, in io.Reader, steps []string, query url.Values) bool {
	for i, step := range steps {
		switch step {
		case "!close":
			return false
		case "!reset":
			_ = c.(*net.TCPConn).SetLinger(0)
			return false
		case "!hang":
			_, _ = io.Copy(io.Discard, in)
			return false
		case "!wait":
			time.Sleep(30 * time.Millisecond)
		case "!numbered":
			return sendNumbered(c, query)
		case "!repeat":
			for {
				if _, err := io.WriteString(c, steps[i+1]); err != nil {
					return false
				}
			}
		default:
			token := query.Get("token")
			if token != "" {
				step = finalStatus.ReplaceAllString(step, "${0}X-Token: "+token+"\r\n")
			}
			if _, err := io.WriteString(c, strings.ReplaceAll(step, "TOKEN", token)); err != nil {
				return false
			}
		}
	}
	return true
}
