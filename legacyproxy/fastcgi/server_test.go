package fastcgi_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// rec is one record (section 3.3 of the specification).
func rec(kind byte, content string, padding int) string {
	head := []byte{1, kind, 0, 1, 0, 0, byte(padding), 0}
	binary.BigEndian.PutUint16(head[4:], uint16(len(content)))
	return string(head) + content + strings.Repeat("p", padding)
}

// end is the record that ends a request, with its protocol status.
func end(status byte) string {
	return rec(3, "\x00\x00\x00\x00"+string([]byte{status})+"\x00\x00\x00", 0)
}

const (
	stdout = 6
	stderr = 7
)

// serveScripted answers each connection, once its request is there, with
// bytes that a test chooses.
func serveScripted(t testing.TB, raw string) *fastcgi.Client {
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
				if readRequest(c) != nil {
					return
				}
				_, _ = io.WriteString(c, raw) // the client may have enough
			}()
		}
	}()
	return fastcgi.New(fastcgi.Config{Network: "tcp", Address: l.Addr().String(), MaxHeader: 4 << 10, Log: slog.New(slog.DiscardHandler)})
}

// readRequest reads records until the one that ends the input.
func readRequest(r io.Reader) error {
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		length := int64(binary.BigEndian.Uint16(head[4:])) + int64(head[6])
		if _, err := io.CopyN(io.Discard, r, length); err != nil {
			return err
		}
		if head[1] == 5 && length == 0 {
			return nil
		}
	}
}

// TestScripted: what a server may say, in whatever pieces.
func TestScripted(t *testing.T) {
	t.Parallel()
	whole := rec(stdout, "Status: 201 Made\r\nX-A: 1\r\n\r\nhello", 3) + rec(stdout, "", 0) + end(0)
	tests := []struct {
		name, raw string
		status    int
		body      string
	}{
		{"whole", whole, 201, "hello"},
		{"in pieces", rec(stdout, "Sta", 255) + rec(stdout, "tus: 201\n", 1) + rec(stdout, "", 7) + rec(stdout, "\nhel", 0) + rec(stderr, "oh", 9) + rec(stdout, "lo", 0) + end(0), 201, "hello"},
		{"no head at all", rec(stdout, "\r\nhello", 0) + end(0), 200, "hello"},
		{"no end of the stream", rec(stdout, "X: 1\n\nhello", 0) + end(0), 200, "hello"},
		{"about the connection", strings.Replace(rec(11, "\x00\x00\x00\x00\x00\x00\x00\x00", 0), "\x00\x01\x00\x08", "\x00\x00\x00\x08", 1) + whole, 201, "hello"},
		{"a redirect without status", rec(stdout, "Location: /x\r\n\r\n", 0) + end(0), 302, ""},
		{"a script's own framing", rec(stdout, "Transfer-Encoding: chunked\r\n\r\nhello", 0) + end(0), 200, "hello"},
		{"less than the record's size at a time", rec(stdout, "\n"+strings.Repeat("x", 65000), 200) + end(0), 200, strings.Repeat("x", 65000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := serveScripted(t, tt.raw).Application(fastcgi.Layout{Root: "/srv"}, 0)
			res, err := app.RoundTrip(request(t, "GET", "/", nil))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if res.StatusCode != tt.status || string(body) != tt.body || err != nil {
				t.Errorf("%d %.40q %v", res.StatusCode, body, err)
			}
		})
	}
}

// TestRefused: an answer that cannot be trusted is none.
func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw  string
		want error // nil: any
	}{
		"nothing":                {"", io.ErrUnexpectedEOF},
		"half a record":          {rec(stdout, "X: 1\n\n", 0)[:5], io.ErrUnexpectedEOF},
		"half a head":            {rec(stdout, "X: 1\n", 0), io.ErrUnexpectedEOF},
		"an end without a head":  {rec(stdout, "X: 1\n", 0) + end(0), io.ErrUnexpectedEOF},
		"overloaded":             {end(2), fastcgi.ErrOverloaded},
		"cannot multiplex":       {end(1), nil},
		"unknown role":           {end(3), nil},
		"an unknown end":         {end(77), nil},
		"a short end":            {rec(3, "\x00", 0), nil},
		"another version":        {"\x02" + rec(stdout, "\n", 0)[1:], nil},
		"another request":        {strings.Replace(rec(stdout, "\n", 0), "\x00\x01\x00\x01", "\x00\x02\x00\x01", 1), nil},
		"an unknown record":      {rec(42, "x", 0), nil},
		"a client's record":      {rec(4, "x", 0), nil},
		"HTTP":                   {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", nil},
		"a head too large":       {rec(stdout, "X-A: "+strings.Repeat("x", 60_000), 0) + rec(stdout, "\n\n", 0) + end(0), fastcgi.ErrHeaderTooLarge},
		"too many lines":         {rec(stdout, strings.Repeat("A:\n", 1200)+"\n", 0) + end(0), fastcgi.ErrHeaderTooLarge},
		"a folded line":          {rec(stdout, "X: 1\n 2\n\n", 0) + end(0), nil},
		"no colon":               {rec(stdout, "X\n\n", 0) + end(0), nil},
		"a control character":    {rec(stdout, "X: a\x00b\n\n", 0) + end(0), nil},
		"a bare CR":              {rec(stdout, "X: a\rY: b\n\n", 0) + end(0), nil},
		"a space in a name":      {rec(stdout, "X Y: a\n\n", 0) + end(0), nil},
		"an empty status":        {rec(stdout, "Status:\n\n", 0) + end(0), nil},
		"a status of words":      {rec(stdout, "Status: fine\n\n", 0) + end(0), nil},
		"an informational one":   {rec(stdout, "Status: 103\n\n", 0) + end(0), nil},
		"two statuses":           {rec(stdout, "Status: 200\nStatus: 404\n\n", 0) + end(0), nil},
		"two lengths":            {rec(stdout, "Content-Length: 1\nContent-Length: 2\n\nx", 0) + end(0), nil},
		"a length that is none":  {rec(stdout, "Content-Length: -1\n\nx", 0) + end(0), nil},
		"an HTTP status line":    {rec(stdout, "HTTP/1.1 200 OK\n\n", 0) + end(0), nil},
		"errors and then no end": {rec(stderr, strings.Repeat("e", 10_000), 0), io.ErrUnexpectedEOF},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := serveScripted(t, tt.raw).Application(fastcgi.Layout{Root: "/srv"}, 0).RoundTrip(request(t, "GET", "/", nil))
			if err == nil {
				t.Fatalf("accepted: %d %v", res.StatusCode, res.Header)
			}
			if tt.want != nil && !errors.Is(err, tt.want) || unsent.Proven(err) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestBreaksOff: output that ends without the end of its request does not seem
// whole.
func TestBreaksOff(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"closed":           rec(stdout, "\nhalf", 0),
		"half a record":    rec(stdout, "\nhalf", 0) + rec(stdout, "and more", 0)[:10],
		"in the padding":   rec(stdout, "\nhalf", 200)[:30],
		"overloaded":       rec(stdout, "\nhalf", 0) + end(2),
		"nonsense":         rec(stdout, "\nhalf", 0) + "nonsense",
		"end of stream":    rec(stdout, "\nhalf", 0) + rec(stdout, "", 0),
		"less than it had": rec(stdout, "Content-Length: 9\n\nhalf", 0) + end(0),
	} {
		res, err := serveScripted(t, raw).Application(fastcgi.Layout{Root: "/srv"}, 0).RoundTrip(request(t, "GET", "/", nil))
		if err != nil {
			t.Fatal(name, err)
		}
		if body, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%s: it seems whole: %q", name, body)
		}
		res.Body.Close()
	}
}

// TestNotSent: what cannot be sent is not, and says so.
func TestNotSent(t *testing.T) {
	t.Parallel()
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
			t.Error("a connection")
			c.Close()
		}
	}()
	app := fastcgi.New(fastcgi.Config{Network: "tcp", Address: l.Addr().String()}).Application(fastcgi.Layout{Root: "/srv"}, 10)
	broken := errors.New("the client is gone")
	header := func(value string) *http.Request {
		r := request(t, "GET", "/", nil)
		r.Header["X-A"] = []string{value}
		return r
	}
	shorter := request(t, "POST", "/", strings.NewReader("x"))
	shorter.ContentLength = 5
	unknown := request(t, "POST", "/", io.NopCloser(strings.NewReader("0123456789a")))
	unknown.ContentLength = -1
	for name, tt := range map[string]struct {
		r    *http.Request
		want error
	}{
		"a NUL byte in the path":   {request(t, "GET", "/a%00.php", nil), fastcgi.RequestError("the path has a NUL byte")},
		"a line feed in the path":  {request(t, "GET", "/a.php/%0A", nil), fastcgi.RequestError("the path has a control character")},
		"a dot segment":            {request(t, "GET", "/a/%2e%2e/b.php", nil), fastcgi.RequestError("the path has a . or .. segment")},
		"a NUL byte in a header":   {header("a\x00b"), fastcgi.RequestError("HTTP_X_A has a NUL byte")},
		"too large as announced":   {request(t, "POST", "/", strings.NewReader("0123456789a")), fastcgi.ErrBodyTooLarge},
		"too large as it shows":    {unknown, fastcgi.ErrBodyTooLarge},
		"shorter than announced":   {shorter, io.ErrUnexpectedEOF},
		"a client that breaks off": {request(t, "POST", "/", io.NopCloser(iotest.ErrReader(broken))), broken},
	} {
		_, err := app.RoundTrip(tt.r)
		if !errors.Is(err, tt.want) || !unsent.Proven(err) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	nobody := fastcgi.New(fastcgi.Config{Network: "unix", Address: t.TempDir() + "/none"}).Application(fastcgi.Layout{Root: "/srv"}, 0)
	if _, err := nobody.RoundTrip(request(t, "GET", "/", nil)); !errors.Is(err, os.ErrNotExist) || !unsent.Proven(err) {
		t.Errorf("nobody there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := app.RoundTrip(request(t, "GET", "/", nil).WithContext(ctx)); !errors.Is(err, context.Canceled) || !unsent.Proven(err) {
		t.Errorf("ended before: %v", err)
	}
}

// TestLargeParameters: parameters of more than one record.
func TestLargeParameters(t *testing.T) {
	t.Parallel()
	app := serveScripted(t, rec(stdout, "\nok", 0)+end(0)).Application(fastcgi.Layout{Root: "/srv"}, 0)
	r := request(t, "GET", "/", nil)
	r.Header["X-A"] = []string{strings.Repeat("x", 200_000)}
	if _, body := do(t, app, r); body != "ok" {
		t.Error(body)
	}
}

// FuzzRecords: whatever a server says, the client neither panics nor takes
// more than there is, in one piece or byte by byte.
func FuzzRecords(f *testing.F) {
	f.Add([]byte(rec(stdout, "Status: 200\r\n\r\nhello", 3) + end(0)))
	f.Add([]byte(rec(stderr, "oh", 0) + rec(stdout, "\n\n", 9) + end(2)))
	f.Add([]byte(rec(stdout, "Content-Length: 3\n\nabcdef", 0) + rec(stdout, "", 0) + end(0)))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		first, firstErr := fastcgi.ReadScripted(bytes.NewReader(raw))
		second, secondErr := fastcgi.ReadScripted(iotest.OneByteReader(bytes.NewReader(raw)))
		if len(first) > len(raw) || first != second || (firstErr == nil) != (secondErr == nil) {
			t.Errorf("%q %v, byte by byte %q %v", first, firstErr, second, secondErr)
		}
	})
}
