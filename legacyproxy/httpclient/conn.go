package httpclient

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
	"github.com/banyan-go/banyan/legacyproxy/internal/liveness"
)

// conn is one connection with what was read from it ahead. It has a buffer
// only during an exchange, so that those that idle cost little.
type conn struct {
	net.Conn
	origin    origin
	probe     *liveness.Probe
	idleSince int // in ticks of the client
	reused    bool
	secure    bool

	buf  *[]byte // nil between exchanges
	r, w int     // what is unread of it
}

// A buffer holds a head and a short body; long bodies are read past it. A large
// one is for bodies of a moderate length that have arrived: it is not there
// while the answer is waited for.
const (
	bufferSize = 8 << 10
	largeSize  = 32 << 10
)

var (
	buffers      = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}
	largeBuffers = sync.Pool{New: func() any { b := make([]byte, largeSize); return &b }}
)

func newConn(opened net.Conn, o origin) *conn {
	return &conn{Conn: opened, origin: o, probe: liveness.New(opened)}
}

func (c *conn) borrow() {
	if c.buf == nil {
		c.buf = buffers.Get().(*[]byte)
		c.r, c.w = 0, 0
	}
}

// giveBack ends the use of the buffer and of what is in it.
func (c *conn) giveBack() {
	if c.buf != nil {
		switch len(*c.buf) {
		case bufferSize:
			buffers.Put(c.buf)
		case largeSize:
			largeBuffers.Put(c.buf)
		}
	}
	c.buf = nil
}

// gather takes what has arrived of the next n bytes into the buffer, without
// waiting, and reports whether they are all there.
func (c *conn) gather(n int) bool {
	switch ahead := c.w - c.r; {
	case ahead >= n:
		return true
	case n > largeSize || c.secure: // TLS reads records
		return false
	case c.r+n > len(*c.buf) && n <= len(*c.buf):
		c.w = copy(*c.buf, c.buffered())
		c.r = 0
	case c.r+n > len(*c.buf):
		large := largeBuffers.Get().(*[]byte)
		copy(*large, c.buffered())
		c.giveBack()
		c.buf, c.r, c.w = large, 0, ahead
	}
	c.w += c.probe.Take((*c.buf)[c.w : c.r+n])
	return c.w-c.r >= n
}

func (c *conn) buffered() []byte { return (*c.buf)[c.r:c.w] }

// drained reports whether nothing waits on the connection that was read from
// the network already. TLS reads whole records: what follows an answer in its
// last one is neither in the buffer nor to be seen at the socket, and would be
// taken for the answer to the next request.
func (c *conn) drained() bool {
	if c.r != c.w || !c.secure {
		return c.r == c.w
	}
	_ = c.SetReadDeadline(time.Unix(1, 0)) // only what is there already
	var b [1]byte
	n, err := c.Conn.Read(b[:])
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && c.SetReadDeadline(time.Time{}) == nil
}

// fill reads more, growing the buffer up to limit bytes of what is unread.
func (c *conn) fill(limit int) error {
	b := *c.buf
	switch {
	case c.r == c.w:
		c.r, c.w = 0, 0
	case c.w-c.r > limit:
		return fields.ErrTooLarge
	case c.w == len(b) && c.r > 0:
		c.w = copy(b, b[c.r:c.w])
		c.r = 0
	case c.w == len(b):
		grown := make([]byte, 2*len(b))
		copy(grown, b)
		b, c.buf = grown, &grown
	}
	n, err := c.Conn.Read(b[c.w:])
	c.w += n
	if n > 0 {
		return nil // the error comes again
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// head reads a head with its empty line. It repeats what it read before when
// it failed by a deadline.
func (c *conn) head(limit int) (string, error) {
	for scanned := 0; ; {
		unread := c.buffered()
		if end := fields.End(unread, scanned); end >= 0 {
			if end > limit {
				return "", fields.ErrTooLarge
			}
			head := string(unread[:end])
			c.r += end
			return head, nil
		}
		if !couldBeStatus(unread) {
			return "", fields.SyntaxError("it does not begin with HTTP/")
		}
		scanned = len(unread)
		if err := c.fill(limit); err != nil {
			if err == io.EOF && scanned > 0 {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
	}
}

// line reads a line that ends with CRLF, without these two.
func (c *conn) line(limit int) ([]byte, error) {
	for scanned := 0; ; {
		unread := c.buffered()
		if i := bytes.IndexByte(unread[scanned:], '\n'); i >= 0 {
			i += scanned
			c.r += i + 1
			if i > limit {
				return nil, fields.ErrTooLarge
			}
			if i == 0 || unread[i-1] != '\r' {
				return nil, fields.SyntaxError("a line of the chunks ends without CRLF")
			}
			return unread[:i-1], nil
		}
		scanned = len(unread)
		if err := c.fill(limit); err != nil {
			return nil, cut(err)
		}
	}
}

// Read reads what was read ahead, and then from the connection.
func (c *conn) Read(p []byte) (int, error) {
	if c.buf == nil || c.r == c.w {
		return c.Conn.Read(p)
	}
	n := copy(p, c.buffered())
	c.r += n
	return n, nil
}

// cut is the error of a connection that ends in the middle.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// couldBeStatus reports whether a status line may begin like this.
func couldBeStatus(b []byte) bool {
	const prefix = "HTTP/1."
	n := min(len(b), len(prefix))
	return string(b[:n]) == prefix[:n]
}
