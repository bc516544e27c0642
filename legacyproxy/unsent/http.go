package unsent

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Watch returns a copy of t whose errors are Errors where no byte of the
// request was written. For this the copy counts what goes over each of its
// connections; that the standard library calls a connection closed while idle
// proves nothing, for it may find that out after it has written. The copy
// speaks HTTP/1.1 only: over HTTP/2 requests share a connection.
//
// Over TLS only a connection that did not come about is a proof, for closing
// one writes, too. By itself net/http repeats requests without a body whose
// method is GET, HEAD, OPTIONS or TRACE; see Single.
func Watch(t *http.Transport) *Transport {
	t = t.Clone()
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.DialContext = counting(t.DialContext)
	if t.DialTLSContext != nil {
		t.DialTLSContext = counting(t.DialTLSContext)
	}
	return &Transport{t}
}

// Transport is made by Watch.
type Transport struct{ t *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	p := &proof{}
	trace := &httptrace.ClientTrace{GotConn: p.got}
	res, err := t.t.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil && p.unsent() {
		err = Wrap(err)
	}
	return res, err
}

// CloseIdleConnections closes the connections that are idle.
func (t *Transport) CloseIdleConnections() { t.t.CloseIdleConnections() }

// Single keeps net/http from repeating r, and package fastcgi from giving it a
// used connection: both go by the method and the missing body, but an
// operation may be declared to change something all the same. The request on
// the wire stays the same.
func Single(r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		r.Body, r.ContentLength = empty{}, 0
	}
}

// proof watches the connections that a request gets, one after the other.
type proof struct {
	conn   *countedConn
	before int64 // written to conn when the request got it
	sent   bool  // or not to be known
}

// got is called by net/http on the goroutine of the round trip.
func (p *proof) got(info httptrace.GotConnInfo) {
	p.settle()
	conn := info.Conn
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	counted, ok := conn.(*countedConn)
	if !ok {
		p.sent = true
		return
	}
	p.conn, p.before = counted, counted.written.Load()
}

// settle closes the books on the last connection.
func (p *proof) settle() {
	if p.conn != nil {
		p.sent = !p.conn.seal(p.before) || p.sent
		p.conn = nil
	}
}

// unsent is asked after the round trip failed.
func (p *proof) unsent() bool {
	p.settle()
	return !p.sent
}

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

func counting(dial dialFunc) dialFunc {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: c}, nil
	}
}

// countedConn counts what is written. It is written to only as long as it is
// not sealed.
type countedConn struct {
	net.Conn
	written atomic.Int64 // sealed from then on
}

const sealed = -1

// Write counts before it writes: what is under way may get through.
func (c *countedConn) Write(p []byte) (int, error) {
	for {
		n := c.written.Load()
		if n == sealed {
			return 0, net.ErrClosed
		}
		if c.written.CompareAndSwap(n, n+int64(len(p))) {
			return c.Conn.Write(p)
		}
	}
}

// seal reports whether nothing was written after the first n bytes, and if so
// sees to it that nothing ever will be.
func (c *countedConn) seal(n int64) bool { return c.written.CompareAndSwap(n, sealed) }

// empty is a body of nothing that is not http.NoBody.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) Close() error             { return nil }
