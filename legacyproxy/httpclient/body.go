package httpclient

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
)

// frame finds out where the answer's body ends (RFC 9112, section 6.3), and
// puts the body into the answer.
func (x *exchange) frame() error {
	res := &x.response
	h := res.Header
	x.reusable = res.ProtoMinor >= 1 && !named(h["Connection"], "close")
	res.Close = !x.reusable
	if res.StatusCode == http.StatusSwitchingProtocols {
		res.Body = &switched{x}
		return nil
	}
	length, err := fields.ContentLength(h)
	if err != nil {
		return err
	}
	coding, coded := h["Transfer-Encoding"]
	if coded {
		// Both would be a sign that somebody on the way disagrees about the end.
		if len(coding) != 1 || !strings.EqualFold(coding[0], "chunked") || res.ProtoMinor < 1 || length >= 0 {
			return fields.SyntaxError("the transfer-encoding is not understood, or contradicts the length")
		}
		delete(h, "Transfer-Encoding")
	}
	res.ContentLength = length
	switch {
	case fields.Bodiless(x.request.Method, res.StatusCode):
		res.Body = http.NoBody
		x.finish(true)
		return nil
	case coded:
		x.framing, res.TransferEncoding = byChunks, chunked
		res.Trailer = announced(h)
	case length >= 0:
		x.framing, x.left = byLength, length
		if length == 0 {
			res.Body = http.NoBody
			x.finish(true)
			return nil
		}
	default:
		x.framing, x.reusable = byClose, false
	}
	res.Body = x
	return nil
}

var chunked = []string{"chunked"}

// named reports whether a list of options has one.
func named(lines []string, option string) bool {
	for _, line := range lines {
		for o := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(o, " \t"), option) {
				return true
			}
		}
	}
	return false
}

// announced takes the names of trailers out of a header.
func announced(h http.Header) http.Header {
	lines, ok := h["Trailer"]
	if !ok {
		return nil
	}
	delete(h, "Trailer")
	out := http.Header{}
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			if name = http.CanonicalHeaderKey(strings.Trim(name, " \t")); mayTrail(name) {
				out[name] = nil
			}
		}
	}
	return out
}

// mayTrail leaves out what a trailer must not say (RFC 9110, section 6.5.1).
func mayTrail(name string) bool {
	return fields.Token(name) && !slices.Contains([]string{"Content-Length", "Transfer-Encoding", "Trailer", "Host", "Connection"}, name)
}

// Read reads the answer's body. It returns io.EOF with the last bytes where
// the end is known by then.
func (x *exchange) Read(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done != nil {
		return 0, x.done
	}
	if len(p) == 0 {
		return 0, nil
	}
	var n int
	var err error
	switch x.framing {
	case byLength:
		n, err = x.readLength(p)
	case byChunks:
		n, err = x.readChunk(p)
	case byClose:
		n, err = x.conn.Read(p)
	}
	if err == nil {
		return n, nil
	}
	if ctxErr := x.request.Context().Err(); err != io.EOF && ctxErr != nil {
		err = ctxErr
	}
	x.done = err
	x.finish(err == io.EOF)
	return n, err
}

func (x *exchange) readLength(p []byte) (int, error) {
	if int64(len(p)) > x.left {
		p = p[:x.left]
	}
	n, err := x.conn.Read(p)
	if x.left -= int64(n); x.left == 0 {
		return n, io.EOF
	}
	return n, cut(err)
}

// Whole returns what is left of the body if all of it has arrived and is not
// long, without taking it. It does not wait. The bytes are good until the next
// Read or Close.
func (x *exchange) Whole() ([]byte, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done != nil || x.framing != byLength || x.left > largeSize || !x.conn.gather(int(x.left)) {
		return nil, false
	}
	return x.conn.buffered()[:x.left], true
}

// Close ends the exchange; the connection of a body that has not arrived to its
// end is closed.
func (x *exchange) Close() error {
	if !x.mu.TryLock() {
		x.interrupt() // the Read under way
		x.mu.Lock()
	}
	defer x.mu.Unlock()
	well := false
	if x.done == nil {
		x.done = http.ErrBodyReadAfterClose
		if well = x.framing == byLength && int64(x.conn.w-x.conn.r) >= x.left; well {
			x.conn.r += int(x.left) // nothing is left on the connection
		}
	}
	x.finish(well)
	return nil
}

// switched is a connection that speaks another protocol from now on (RFC 9110,
// section 15.2.2). Both sides of it may be used at the same time.
type switched struct{ x *exchange }

func (s *switched) Read(p []byte) (int, error)  { return s.x.conn.Read(p) }
func (s *switched) Write(p []byte) (int, error) { return s.x.conn.Write(p) }

// CloseWrite tells the other side that there is no more to come.
func (s *switched) CloseWrite() error {
	if c, ok := s.x.conn.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return net.ErrClosed
}

func (s *switched) Close() error {
	s.x.interrupt()
	s.x.detach()
	return nil
}
