package fastcgi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/internal/liveness"
)

const (
	dialTimeout = 10 * time.Second
	// idleTime is how long a connection may idle that the client is told to
	// keep. It occupies one of php-fpm's children all the while.
	idleTime = 250 * time.Millisecond
)

// DefaultMaxBody is the largest request body where nothing else is said.
const DefaultMaxBody = 64 << 20

// Config is what a Client needs to know of a FastCGI server.
type Config struct {
	// Network is "unix" or "tcp", Address a path or host:port.
	Network, Address string
	// KeepAlive is how many connections may be kept for the next request. It
	// must be less than the server has children. With 0 each request has a
	// connection of its own, except that under load, when requests come less
	// than 2 ms apart, one that ends hands its connection on.
	KeepAlive int
	// MaxHeader bounds an answer's head in bytes; 0 means 256 KiB.
	MaxHeader int
	// Log receives what scripts write to their error stream; nil means
	// slog.Default().
	Log *slog.Logger
}

// Client sends requests to one FastCGI server. It is safe for concurrent use.
type Client struct {
	config Config
	dialer net.Dialer
	shelf  shelf
}

// New returns a client that has not connected yet.
func New(c Config) *Client {
	if c.MaxHeader == 0 {
		c.MaxHeader = 256 << 10
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	rule := handingOn
	if c.KeepAlive > 0 {
		rule = kept(c.KeepAlive)
	}
	return &Client{config: c, dialer: net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}, shelf: shelf{rule: rule}}
}

// Application returns the transport for one layout, which must pass Check.
// Request bodies may have maxBody bytes; 0 means DefaultMaxBody.
//
// The transport takes from a request what a server knows of its own: Proto,
// RemoteAddr, TLS and the http.LocalAddrContextKey of its context count. An
// error is a RequestError, a *SpoolError or ErrBodyTooLarge when it is not
// about the server.
func (c *Client) Application(l Layout, maxBody int64) http.RoundTripper {
	if maxBody == 0 {
		maxBody = DefaultMaxBody
	}
	return &application{client: c, layout: l.withDefaults(), maxBody: maxBody}
}

// CloseIdleConnections closes the connections that nobody uses.
func (c *Client) CloseIdleConnections() { c.shelf.empty() }

// conn is one connection and its buffers, which are shared among all.
type conn struct {
	io.ReadWriteCloser
	in *bufio.Reader

	began time.Time       // its first answer, and so its time with a child
	probe *liveness.Probe // nil until it was put aside
	since time.Time       // when it was put aside
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 16<<10) }}

// reused reports whether the connection had a request before this one.
func (c *conn) reused() bool { return c.probe != nil }

// discard closes a connection that nobody reads from any more.
func (c *conn) discard() {
	c.Close()
	if c.in != nil {
		c.in.Reset(nil)
		readers.Put(c.in)
		c.in = nil
	}
}

// reuse returns a connection that was put aside and still lives, or nil.
func (c *Client) reuse() *conn {
	for {
		waiting := c.shelf.take()
		if waiting == nil || waiting.probe.Quiet() {
			return waiting
		}
		waiting.discard()
	}
}

// dial opens a connection. A unix socket whose queue is full refuses at once,
// where TCP would wait; so it is asked again until the time is up.
func (c *Client) dial(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var end time.Time
	for wait := time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		var opened io.ReadWriteCloser
		var err error
		if c.config.Network == "unix" {
			opened, err = dialUnix(c.config.Address)
		} else {
			opened, err = c.dialer.DialContext(ctx, c.config.Network, c.config.Address)
		}
		if err == nil {
			fresh := &conn{ReadWriteCloser: opened, in: readers.Get().(*bufio.Reader)}
			fresh.in.Reset(opened)
			return fresh, nil
		}
		now := time.Now()
		if end.IsZero() {
			end = now.Add(dialTimeout)
		}
		if !errors.Is(err, syscall.EAGAIN) || now.After(end) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w while the server's queue was full", ctx.Err())
		case <-time.After(wait):
		}
	}
}

// release puts a connection aside for the next request, or closes it.
func (c *Client) release(used *conn) {
	if used.probe == nil {
		used.probe = liveness.New(used.ReadWriteCloser)
	}
	if !c.shelf.put(used) {
		used.discard()
	}
}
