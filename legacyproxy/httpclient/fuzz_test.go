package httpclient_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/httpclient"
)

// scripted is a connection on which the answer stands already.
type scripted struct {
	io.Reader
}

func (scripted) Write(p []byte) (int, error)      { return len(p), nil }
func (scripted) Close() error                     { return nil }
func (scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (scripted) SetDeadline(time.Time) error      { return nil }
func (scripted) SetReadDeadline(time.Time) error  { return nil }
func (scripted) SetWriteDeadline(time.Time) error { return nil }

// FuzzAnswer: whatever a server says, the client neither panics nor reads more
// than there is; and what it takes for an answer the standard library takes
// for the same one.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		okAnswer,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3;a\r\nabc\r\n0\r\nX: 1\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 404 Not Found\n\nx",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, slowly bool) {
		client := httpclient.New(httpclient.Config{Dial: func(context.Context, string, string) (net.Conn, error) {
			var in io.Reader = bytes.NewReader(raw)
			if slowly {
				in = iotest{in}
			}
			return scripted{in}, nil
		}, MaxHeader: 1 << 10})
		res, err := client.RoundTrip(newRequest(t, "GET", "a", nil))
		if err != nil {
			return
		}
		defer res.Body.Close()
		if res.StatusCode == http.StatusSwitchingProtocols {
			return
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return
		}
		in := bufio.NewReader(bytes.NewReader(raw))
		std, err := http.ReadResponse(in, nil)
		for err == nil && std.StatusCode < 200 {
			std, err = http.ReadResponse(in, nil)
		}
		if err != nil {
			return // it is stricter in some ways that do not matter
		}
		stdBody, err := io.ReadAll(std.Body)
		if err != nil || std.StatusCode != res.StatusCode || !bytes.Equal(stdBody, body) {
			t.Errorf("%d %q, the standard library reads %d %q %v", res.StatusCode, body, std.StatusCode, stdBody, err)
		}
	})
}

// iotest reads byte by byte.
type iotest struct{ io.Reader }

func (r iotest) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }
