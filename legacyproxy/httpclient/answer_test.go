package httpclient_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/legacyproxy/httpclient"
)

// TestAnswers: what an answer is, where it ends, and whether its connection
// serves again.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name, method, raw string
		status            int
		body              string
		trailer           http.Header
		kept              bool
	}{
		{"length", "GET", ok + "Content-Length: 5\r\n\r\nhello", 200, "hello", nil, true},
		{"length 0", "GET", ok + "Content-Length: 0\r\n\r\n", 200, "", nil, true},
		{"the same length twice", "GET", ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", nil, true},
		{"the same length in a list", "GET", ok + "Content-Length: 5, 5\r\n\r\nhello", 200, "hello", nil, true},
		{"no reason", "GET", "HTTP/1.1 204 \r\n\r\n", 204, "", nil, true},
		{"not even a space", "GET", "HTTP/1.1 204\r\n\r\n", 204, "", nil, true},
		{"bare line feeds", "GET", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, "hello", nil, true},
		{"until it closes", "GET", ok + "\r\nhello", 200, "hello", nil, false},
		{"close announced", "GET", ok + "Connection: close\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", nil, false},
		{"close in a list", "GET", ok + "Connection: x, Close\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", nil, false},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", nil, false},
		{"HEAD", "HEAD", ok + "Content-Length: 5\r\n\r\n", 200, "", nil, true},
		{"HEAD with chunks", "HEAD", ok + "Transfer-Encoding: chunked\r\n\r\n", 200, "", nil, true},
		{"204 with a length", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", nil, true},
		{"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", nil, true},
		{"more than announced", "GET", ok + "Content-Length: 5\r\n\r\nhello", 200, "hello", nil, false},
		{"something after 304", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n", 304, "", nil, false},
		{"chunks", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, "hello", nil, true},
		{"chunks in capitals", "GET", ok + "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n000\r\n\r\n", 200, "0123456789", nil, true},
		{"extensions", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0 ; x\r\n\r\n", 200, "hello", nil, true},
		{"trailers", "GET", ok + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\nContent-Length: 9\r\n\r\n", 200, "hello",
			http.Header{"X-Sum": {"1"}, "X-More": {"2"}}, true},
		{"something after the chunks", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", nil, false},
		{"informational first", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok + "Content-Length: 5\r\n\r\nhello", 200, "hello", nil, true},
		{"status 999", "GET", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, "", nil, true},
		{"a large head", "GET", ok + "X-A: " + strings.Repeat("x", 100_000) + "\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", nil, true},
		{"obs-text", "GET", ok + "X-A: caf\xe9\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", nil, true},
	}
	// What comes after an answer comes with its end: what arrives when the next request
	// is under way cannot be told from its answer.
	surplus := map[string]string{
		"more than announced":        ", more",
		"something after 304":        "HTTP/1.1 200 OK\r\n",
		"something after the chunks": "more",
	}
	for _, tt := range tests {
		for _, pieces := range []int{len(tt.raw), 1, 7} {
			if len(tt.raw) > 1000 && pieces == 1 {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				s := serveRaw(t, func(c net.Conn, _ string) bool {
					for rest := tt.raw; rest != ""; {
						n := min(pieces, len(rest))
						piece := rest[:n]
						if rest = rest[n:]; rest == "" {
							piece += surplus[tt.name]
						}
						say(c, piece)
					}
					return tt.kept
				})
				client := httpclient.New(httpclient.Config{})
				t.Cleanup(client.CloseIdleConnections)
				for range 2 {
					res, err := client.RoundTrip(newRequest(t, tt.method, s.addr, nil))
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(res.Body)
					if res.StatusCode != tt.status || string(body) != tt.body || err != nil {
						t.Fatalf("%d %q %v", res.StatusCode, body, err)
					}
					if diff := cmp.Diff(tt.trailer, res.Trailer); diff != "" {
						t.Errorf("trailers (-want +got):\n%s", diff)
					}
					res.Body.Close()
				}
				want := 2
				if tt.kept {
					want = 1
				}
				if conns, requests := s.seen(); conns != want || len(requests) != 2 {
					t.Errorf("%d connections for %d requests, want %d for 2", conns, len(requests), want)
				}
			})
		}
	}
}

// TestRefusedAnswers: a head that cannot be trusted is no answer.
func TestRefusedAnswers(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	tests := map[string]string{
		"nothing":                     "",
		"another protocol":            "SSH-2.0-OpenSSH\r\n",
		"HTTP/2":                      "HTTP/2 200\r\n\r\n",
		"no status":                   "HTTP/1.1 OK\r\n\r\n",
		"two digits":                  "HTTP/1.1 20 OK\r\n\r\n",
		"four digits":                 "HTTP/1.1 2000 OK\r\n\r\n",
		"status 000":                  "HTTP/1.1 000 x\r\n\r\n",
		"half a status line":          "HTTP/1.1 20",
		"half a head":                 ok + "X-A: 1\r\n",
		"no colon":                    ok + "X-A\r\n\r\n",
		"no name":                     ok + ": 1\r\n\r\n",
		"a space in a name":           ok + "X A: 1\r\n\r\n",
		"a space before the colon":    ok + "X-A : 1\r\n\r\n",
		"a folded line":               ok + "X-A: 1\r\n 2\r\n\r\n",
		"folded at the start":         ok + " X-A: 1\r\n\r\n",
		"NUL":                         ok + "X-A: 1\x002\r\n\r\n",
		"a bare CR":                   ok + "X-A: 1\rX-B: 2\r\n\r\n",
		"two lengths":                 ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"two lengths in a list":       ok + "Content-Length: 1, 2\r\n\r\nab",
		"a signed length":             ok + "Content-Length: +1\r\n\r\na",
		"a negative length":           ok + "Content-Length: -1\r\n\r\na",
		"a huge length":               ok + "Content-Length: 99999999999999999999\r\n\r\na",
		"an empty length":             ok + "Content-Length:\r\n\r\na",
		"length and chunks":           ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"another coding":              ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"identity":                    ok + "Transfer-Encoding: identity\r\n\r\n",
		"chunked twice":               ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks in HTTP/1.0":          "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a header bomb":               ok + "X-A: " + strings.Repeat("x", 300<<10),
		"a bomb of lines":             ok + strings.Repeat("X-A: 1\r\n", 2000) + "\r\n",
		"informational without end":   strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100),
		"a control in the reason":     "HTTP/1.1 200 O\x01K\r\n\r\n",
		"an empty line before it all": "\r\n" + ok + "\r\n",
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveRaw(t, func(c net.Conn, _ string) bool { say(c, raw); return false })
			res, err := httpclient.New(httpclient.Config{}).RoundTrip(newRequest(t, "GET", s.addr, nil))
			if err == nil {
				t.Fatalf("accepted: %d %v", res.StatusCode, res.Header)
			}
			if large := strings.Contains(name, "bomb"); large != errors.Is(err, httpclient.ErrHeaderTooLarge) {
				t.Errorf("%v", err)
			}
			if _, requests := s.seen(); len(requests) != 1 {
				t.Errorf("%d requests", len(requests))
			}
		})
	}
}

// TestBrokenBodies: a body whose end is not seen does not seem whole.
func TestBrokenBodies(t *testing.T) {
	t.Parallel()
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	tests := map[string]string{
		"shorter than announced": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
		"no last chunk":          chunked + "4\r\nhalf\r\n",
		"half a chunk":           chunked + "9\r\nhalf",
		"garbage for a size":     chunked + "zz\r\nhalf\r\n0\r\n\r\n",
		"no size":                chunked + "\r\nhalf\r\n0\r\n\r\n",
		"a signed size":          chunked + "+4\r\nhalf\r\n0\r\n\r\n",
		"a size in 0x":           chunked + "0x4\r\nhalf\r\n0\r\n\r\n",
		"a size too large":       chunked + "8000000000000000\r\nhalf",
		"a bare LF after a size": chunked + "4\nhalf\r\n0\r\n\r\n",
		"a bare LF after data":   chunked + "4\r\nhalf\n0\r\n\r\n",
		"a chunk too long":       chunked + "3\r\nhalf\r\n0\r\n\r\n",
		"an endless extension":   chunked + "4;" + strings.Repeat("x", 10_000) + "\r\nhalf\r\n0\r\n\r\n",
		"NUL in an extension":    chunked + "4;\x00\r\nhalf\r\n0\r\n\r\n",
		"a folded trailer":       chunked + "0\r\nX-A: 1\r\n 2\r\n\r\n",
		"half a trailer":         chunked + "0\r\nX-A: 1\r\n",
		"too many trailers":      chunked + "0\r\n" + strings.Repeat("X-A: "+strings.Repeat("x", 1000)+"\r\n", 300) + "\r\n",
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveRaw(t, func(c net.Conn, _ string) bool { say(c, raw); return false })
			res, err := httpclient.New(httpclient.Config{}).RoundTrip(newRequest(t, "GET", s.addr, nil))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err == nil {
				t.Errorf("it seems whole: %q", body)
			}
		})
	}
}
