package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Config tunes a Client. The zero value serves.
type Config struct {
	// Dial opens connections; nil means TCP with a timeout of 10 s.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLS is for https; nil means the system's certificates.
	TLS *tls.Config
	// MaxIdle is how many connections may idle for one host; 0 means 256.
	MaxIdle int
	// MaxHeader bounds an answer's head, and its trailers, in bytes; 0 means
	// 256 KiB.
	MaxHeader int
	// ExpectTimeout is how long a request with Expect: 100-continue waits for
	// leave to send its body; 0 means 200 ms.
	ExpectTimeout time.Duration
}

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second

	// A connection that idled for maxIdleTicks ticks is closed by the next one,
	// so after 3 to 4 s: before Apache's default of 5 s makes it let go, for a
	// request that meets a closing connection fails.
	tick         = time.Second
	maxIdleTicks = 3
)

// Client is an http.RoundTripper. It is safe for concurrent use.
type Client struct {
	config Config

	mu      sync.Mutex
	idle    map[origin][]*conn // the one used last at the end
	ticks   int                // counts while anything idles
	ticking bool
}

// origin is what connections are kept for.
type origin struct{ scheme, host string }

// New returns a client that has not connected yet.
func New(c Config) *Client {
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{}
	}
	if c.MaxIdle == 0 {
		c.MaxIdle = 256
	}
	if c.MaxHeader == 0 {
		c.MaxHeader = 256 << 10
	}
	if c.ExpectTimeout == 0 {
		c.ExpectTimeout = 200 * time.Millisecond
	}
	return &Client{config: c, idle: map[origin][]*conn{}}
}

// connect returns a connection that was kept and still lives, or a new one.
func (c *Client) connect(ctx context.Context, u *url.URL) (*conn, error) {
	o := origin{u.Scheme, u.Host}
	for {
		kept := c.take(o)
		if kept == nil {
			return c.dial(ctx, o)
		}
		if kept.probe.Quiet() {
			kept.reused = true
			return kept, nil
		}
		kept.Close()
	}
}

func (c *Client) take(o origin) *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.idle[o]
	last := len(kept) - 1
	if last < 0 {
		return nil
	}
	taken := kept[last]
	kept[last] = nil
	c.idle[o] = kept[:last]
	return taken
}

func (c *Client) dial(ctx context.Context, o origin) (*conn, error) {
	if o.scheme != "http" && o.scheme != "https" {
		return nil, errors.New("httpclient: the scheme " + o.scheme + " is not http or https")
	}
	u := url.URL{Host: o.host}
	name, port := u.Hostname(), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[o.scheme]
	}
	opened, err := c.config.Dial(ctx, "tcp", net.JoinHostPort(name, port))
	if err != nil {
		return nil, err
	}
	fresh := newConn(opened, o)
	if o.scheme == "http" {
		return fresh, nil
	}
	config := c.config.TLS
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = name
	}
	secure := tls.Client(opened, config)
	ctx, cancel := context.WithTimeoutCause(ctx, handshakeTimeout, errHandshake)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		opened.Close()
		if context.Cause(ctx) == errHandshake {
			err = errHandshake
		}
		return nil, err
	}
	fresh.Conn, fresh.secure = secure, true
	return fresh, nil
}

var errHandshake = errors.New("httpclient: TLS handshake timeout")

// keep puts a connection aside for the next request.
func (c *Client) keep(used *conn) {
	c.mu.Lock()
	kept := c.idle[used.origin]
	room := len(kept) < c.config.MaxIdle
	if room {
		used.idleSince = c.ticks
		c.idle[used.origin] = append(kept, used)
		if !c.ticking {
			c.ticking = true
			time.AfterFunc(tick, c.sweep)
		}
	}
	c.mu.Unlock()
	if !room {
		used.Close()
	}
}

// sweep closes what idled too long, and comes back as long as there is more.
func (c *Client) sweep() {
	var stale []*conn
	c.mu.Lock()
	c.ticks++
	for o, kept := range c.idle {
		n := 0
		for n < len(kept) && c.ticks-kept[n].idleSince > maxIdleTicks {
			n++
		}
		stale = append(stale, kept[:n]...)
		if kept = append(kept[:0], kept[n:]...); len(kept) == 0 {
			delete(c.idle, o)
		} else {
			clear(kept[len(kept) : len(kept)+n])
			c.idle[o] = kept
		}
	}
	if c.ticking = len(c.idle) > 0; c.ticking {
		time.AfterFunc(tick, c.sweep)
	}
	c.mu.Unlock()
	for _, s := range stale {
		s.Close()
	}
}

// CloseIdleConnections closes the connections that nobody uses.
func (c *Client) CloseIdleConnections() {
	c.mu.Lock()
	idle := c.idle
	c.idle = map[origin][]*conn{}
	c.mu.Unlock()
	for _, kept := range idle {
		for _, k := range kept {
			k.Close()
		}
	}
}

var _ http.RoundTripper = (*Client)(nil)
