package dispatch_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
	"github.com/labstack/echo/v4"
)

// TestRefusesBeforeTheBody: a client that asks before it sends its body gets
// the refusal at once, whoever refuses.
func TestRefusesBeforeTheBody(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"go", "legacy"} {
		s := setup{
			operations: []catalog.Operation{op("s.add", "POST", "/items")},
			handlers:   map[string]echo.HandlerFunc{"add": func(echo.Context) error { return problem.Unavailable.New("") }},
			legacy: backend{serve: func(http.ResponseWriter, *http.Request, *catalog.Operation) error {
				return problem.Unavailable.New("")
			}},
			plan: "version: 1\ndefault: " + side,
		}.start(t)
		for length, want := range map[string]string{
			"Content-Length: 100": "503", "Transfer-Encoding: chunked": "503", "Content-Length: 9999999": "413",
		} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(conn, "POST /items HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"+length+"\r\n\r\n")
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.HasPrefix(line, "HTTP/1.1 "+want) {
				t.Errorf("%s, %s: %q, %v", side, length, line, err)
			}
			_ = conn.Close()
		}
	}
}

// TestFilesOfUploadsAreRemoved: a form that a handler parsed leaves no files.
func TestFilesOfUploadsAreRemoved(t *testing.T) {
	t.Parallel()
	large := op("s.add", "POST", "/items/{id}")
	large.BodyLimit = 20 << 20
	files := make(chan string, 1)
	s := setup{
		operations: []catalog.Operation{large},
		plan:       "version: 1\ndefault: go",
		handlers: map[string]echo.HandlerFunc{"add": func(c echo.Context) error {
			if err := c.Request().ParseMultipartForm(0); err != nil {
				return err
			}
			f, err := c.Request().MultipartForm.File["f"][0].Open()
			if err != nil {
				return err
			}
			files <- f.(*os.File).Name()
			return f.Close()
		}},
	}.start(t)
	for _, path := range []string{"/items/1", "/items/a%2Fb"} {
		body := "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n" + strings.Repeat("a", 11<<20) + "\r\n--x--\r\n"
		r := s.request("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if a := s.send(r); a.StatusCode != 200 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		name := <-files
		gone := false
		for range 200 { // the answer may be here before the server has cleaned up
			if _, err := os.Stat(name); err != nil {
				gone = true
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !gone {
			t.Errorf("%s: %s is still there", path, name)
		}
	}
}

// TestRequestIsGivenBack: whoever stands in front of dispatch finds the request
// as it came, and the connection takes another one.
func TestRequestIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]echo.HandlerFunc{
		"read":   func(c echo.Context) error { _, err := io.Copy(io.Discard, c.Request().Body); return err },
		"unread": func(c echo.Context) error { c.Request().ContentLength = 1; return nil },
		"closed": func(c echo.Context) error { return c.Request().Body.Close() },
		"broken": func(echo.Context) error { panic("broken") },
	} {
		watch := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				before := *c.Request()
				err := next(c)
				if after := c.Request(); after.Body != before.Body || after.ContentLength != before.ContentLength {
					t.Errorf("%s: %T of %d bytes, was %T of %d", name, after.Body, after.ContentLength, before.Body, before.ContentLength)
				}
				return err
			}
		}
		s := setup{
			operations: []catalog.Operation{op("s.add", "POST", "/items")},
			handlers:   map[string]echo.HandlerFunc{"add": handler},
			plan:       "version: 1\ndefault: go",
			before:     func(e *echo.Echo) { e.Use(watch) },
		}.start(t)
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		in := bufio.NewReader(conn)
		for range 2 {
			_, _ = io.WriteString(conn, "POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
			answer, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if answer.Close {
				break // net/http does not trust a body that was closed early
			}
		}
		_ = conn.Close()
	}
}
