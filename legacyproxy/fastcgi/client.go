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
	// idleTime is how long a kept connection may idle. It occupies one of
	// php-fpm's children all the while.
	idleTime = 250 * time.Millisecond
)

// DefaultMaxBody is the largest request body where nothing else is said.
const DefaultMaxBody = 64 << 20

// Config is what a Client needs to know of a FastCGI server.
type Config struct {
	// Network is "unix" or "tcp", Address a path or host:port.
	Network, Address string
	// KeepAlive is how many connections may be kept for the next request. It
	// must be less than the server has children; 0 means a connection for each
	// request.
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

	mu   sync.Mutex
	idle []*conn // the one used last at the end
}

// New returns a client that has not connected yet.
func New(c Config) *Client {
	if c.MaxHeader == 0 {
		c.MaxHeader = 256 << 10
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Client{config: c, dialer: net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}}
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
func (c *Client) CloseIdleConnections() {
	c.mu.Lock()
	idle := c.idle
	c.idle = nil
	c.mu.Unlock()
	for _, kept := range idle {
		kept.Close()
	}
}

// conn is one connection and its buffers, which are shared among all.
type conn struct {
	io.ReadWriteCloser
	in     *bufio.Reader
	probe  *liveness.Probe // nil when connections are not kept
	timer  *time.Timer     // closes it when it idles
	reused bool
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 16<<10) }}

// connect returns a kept connection that still lives, or a new one.
func (c *Client) connect(ctx context.Context) (*conn, error) {
	for {
		kept := c.take()
		if kept == nil {
			break
		}
		if kept.timer.Stop() && kept.probe.Quiet() {
			kept.reused = true
			return kept, nil
		}
		kept.Close()
	}
	return c.dial(ctx)
}

func (c *Client) take() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.idle) - 1
	if last < 0 {
		return nil
	}
	kept := c.idle[last]
	c.idle[last] = nil
	c.idle = c.idle[:last]
	return kept
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

// release keeps a connection for the next request, or closes it.
func (c *Client) release(used *conn) {
	if used.probe == nil {
		used.probe = liveness.New(used.ReadWriteCloser)
		used.timer = time.AfterFunc(time.Hour, func() { c.expire(used) })
	}
	c.mu.Lock()
	keep := len(c.idle) < c.config.KeepAlive
	if keep {
		used.timer.Reset(idleTime)
		c.idle = append(c.idle, used)
	}
	c.mu.Unlock()
	if !keep {
		used.timer.Stop()
		used.Close()
	}
}

// expire closes a connection that idled too long, unless it was just taken.
func (c *Client) expire(kept *conn) {
	c.mu.Lock()
	found := false
	for i, other := range c.idle {
		if found = other == kept; found {
			c.idle = append(c.idle[:i], c.idle[i+1:]...)
			break
		}
	}
	c.mu.Unlock()
	if found {
		kept.Close()
	}
}
