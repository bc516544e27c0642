package fastcgi

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"
)

// HandOn lets connections that are handed on wait and serve for the given
// time, so that tests need not be fast, or slow.
func (c *Client) HandOn(idle, age time.Duration) *Client {
	c.shelf.rule.idle, c.shelf.rule.age, c.shelf.rule.contested = idle, age, age
	c.shelf.last = time.Now()
	return c
}

// ReadScripted reads an answer that stands already, for fuzzing.
func ReadScripted(in io.Reader) (string, error) {
	here, there := net.Pipe()
	there.Close()
	client := New(Config{MaxHeader: 1 << 10, Log: slog.New(slog.DiscardHandler)})
	r := (&http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}, Header: http.Header{}}).WithContext(context.Background())
	c := &conn{ReadWriteCloser: here, in: bufio.NewReaderSize(in, 64)}
	x := &exchange{client: client, request: r, conn: c, records: records{in: c.in}, body: &spooled{}, detach: func() bool { return true }}
	res, err := x.head()
	if err != nil {
		x.finish(false)
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}
