package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/banyan-go/banyan/problem"
)

// Switch is an answer with status 101: from there on server and client speak
// another protocol on the same connection (RFC 9110, sections 7.8 and 15.2.2).
//
// The client has to offer it, over HTTP/1.1; see Offered. To one that does not,
// problem.UpgradeRequired is answered in its place, and Serve is not called.
type Switch struct {
	// Protocol is the one to switch to, of those that the client offers; empty is
	// the first of them.
	Protocol string
	// Serve speaks it. It is called once, after the head is sent, and the
	// connection is closed when it returns. The request's context lives until then,
	// and does not end when the client leaves: reading does. A server that shuts
	// down does not wait for it (see http.Server.RegisterOnShutdown).
	Serve func(conn *Conn)
}

// Conn is a connection that speaks another protocol than HTTP. It has no
// deadlines. Reading begins with what the client sent too early.
type Conn struct {
	net.Conn
	ahead []byte
}

// Read is that of net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// CloseWrite tells the client that nothing more will come, and leaves reading as
// it is. Its error is errors.ErrUnsupported where the connection cannot.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Offered returns the protocols that the client of a handler's request offers to
// switch to, in its order of preference. There are none over HTTP/2 and
// HTTP/1.0, and none for operations without an answer 101.
func Offered(ctx context.Context) []string {
	r, _ := ctx.Value(offers{}).(*http.Request)
	return offered(r)
}

type offers struct{}

// offered are the protocols of Upgrade, which counts only where Connection names
// it, and not in HTTP/1.0.
func offered(r *http.Request) []string {
	if r == nil || r.ProtoMajor != 1 || !r.ProtoAtLeast(1, 1) {
		return nil
	}
	for _, option := range elements(r.Header["Connection"]) {
		if strings.EqualFold(option, "upgrade") {
			return elements(r.Header["Upgrade"])
		}
	}
	return nil
}

// elements are those of a list over field lines (RFC 9110, section 5.6.1).
func elements(lines []string) []string {
	var out []string
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if element = strings.Trim(element, " \t"); element != "" {
				out = append(out, element)
			}
		}
	}
	return out
}

// switchesAny reports whether 101 is among the answers.
func switchesAny(s *Shape) bool {
	for i := range s.Answers {
		if s.Answers[i].Kind == SwitchBody {
			return true
		}
	}
	return false
}

// switching is the writer of an operation with an answer 101, which has to know
// what was asked for.
type switching struct {
	http.ResponseWriter
	r *http.Request
}

func (s switching) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// switchTo ends an answer by speaking another protocol.
func (o *Reply) switchTo(to *Switch) error {
	if o.err != nil {
		return o.err
	}
	if to.Serve == nil {
		return errors.New("the handler switches protocols and has no Serve")
	}
	w, ok := o.w.(switching)
	if !ok {
		return upgradeRequired(nil, to.Protocol)
	}
	protocol, err := agreed(w.r, to.Protocol)
	if err != nil {
		return err
	}
	if err := drain(w.r); err != nil {
		return err
	}
	conn, rw, err := http.NewResponseController(o.w).Hijack()
	if err != nil {
		return fmt.Errorf("the connection cannot switch protocols: %w", err)
	}
	defer conn.Close()
	h := o.w.Header()
	for name, values := range o.header {
		h[name] = values
	}
	for _, name := range []string{"Content-Length", "Content-Type", "Transfer-Encoding"} {
		delete(h, name)
	}
	h["Connection"], h["Upgrade"] = []string{"Upgrade"}, []string{protocol}
	if sendHead(rw.Writer, h) != nil {
		return nil // the client is gone
	}
	// What the server read ahead is the client's first words. The server's reader
	// is left: it watches for the end of a request that is over.
	early, _ := rw.Reader.Peek(rw.Reader.Buffered())
	to.Serve(&Conn{Conn: conn, ahead: bytes.Clone(early)})
	return nil
}

func sendHead(w *bufio.Writer, h http.Header) error {
	_, _ = w.WriteString("HTTP/1.1 101 Switching Protocols\r\n") // Flush has the error
	_ = h.Write(w)
	_, _ = w.WriteString("\r\n")
	return w.Flush()
}

// agreed is the protocol to switch to as the client wrote it, the one that is
// wanted or the first. Nobody may be switched to what they did not offer.
func agreed(r *http.Request, wanted string) (string, error) {
	if r.Method != http.MethodHead {
		for _, protocol := range offered(r) {
			if wanted == "" || strings.EqualFold(protocol, wanted) {
				return protocol, nil
			}
		}
	}
	return "", upgradeRequired(r, wanted)
}

func upgradeRequired(r *http.Request, wanted string) error {
	detail := "the client has to offer another protocol, with Connection: Upgrade over HTTP/1.1"
	if wanted != "" {
		detail = "the client has to offer " + wanted + ", with Connection: Upgrade over HTTP/1.1"
	}
	p := problem.UpgradeRequired.New(detail)
	if wanted != "" && r != nil && r.ProtoMajor == 1 { // HTTP/2 has no such fields (RFC 9113, section 8.2.2)
		p.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {wanted}}
	}
	return p
}

// mostRest is how much of a request's body a handler may leave unread and switch
// protocols.
const mostRest = 256 << 10

// drain reads the rest of the body: what comes after it is the other protocol.
func drain(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	n, err := io.Copy(io.Discard, io.LimitReader(r.Body, mostRest+1))
	switch {
	case err != nil:
		return fmt.Errorf("request body: %w", err)
	case n > mostRest:
		return problem.BodyTooLarge.New(fmt.Sprintf("more than %d bytes of it are of no use here", mostRest))
	}
	return nil
}
