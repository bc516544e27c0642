package httpclient

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// ErrHeaderTooLarge is the error of an answer whose head or trailers are
// larger than Config.MaxHeader.
var ErrHeaderTooLarge = fields.ErrTooLarge

// maxInformational is how many 1xx answers may come before the final one.
const maxInformational = 32

// exchange is one request under way, its answer, and the body of that.
type exchange struct {
	response http.Response
	client   *Client
	request  *http.Request
	conn     *conn
	detach   func() bool  // from the context
	sending  *sendingBody // nil unless a body is sent beside the answer
	reusable bool

	mu       sync.Mutex // held by Read and Close
	framing  framing
	left     int64 // of the body, or of the chunk
	done     error // what Read returns from now on
	finished bool

	connMu sync.Mutex
	given  bool // the connection is no longer this exchange's
}

// framing is how a body's end is known (RFC 9112, section 6.3).
type framing byte

const (
	byLength framing = iota
	byChunks
	byClose
)

// RoundTrip implements http.RoundTripper. The request's context counts until
// the answer's body is closed or read to its end. What is known of 1xx answers
// goes to the context's httptrace.ClientTrace.
//
// An error is unsent.Proven where no byte of the request was written.
func (c *Client) RoundTrip(r *http.Request) (*http.Response, error) {
	s := scratches.Get().(*scratch)
	defer s.done()
	out, err := s.prepare(r)
	if err != nil {
		closeBody(r)
		return nil, unsent.Wrap(err)
	}
	if !out.long() {
		closeBody(r)
	}
	x := &exchange{client: c, request: r}
	if err := x.send(&out); err != nil {
		return nil, x.fail(err)
	}
	if err := x.receive(&out); err != nil {
		return nil, x.fail(err)
	}
	return &x.response, nil
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// send connects and sends the head, with the body where that is short.
func (x *exchange) send(out *outgoing) error {
	ctx := x.request.Context()
	for {
		c, err := x.client.connect(ctx, x.request.URL)
		if err != nil {
			if out.long() {
				closeBody(x.request)
			}
			return unsent.Wrap(err)
		}
		x.conn = c
		c.borrow()
		x.detach = context.AfterFunc(ctx, x.interrupt)
		n, err := c.Write(out.head)
		switch {
		case err == nil:
			if out.long() {
				x.sending = &sendingBody{exchange: x, body: out.body, length: out.length, result: make(chan error, 1)}
				if !out.expects {
					x.sending.start()
				}
			}
			return nil
		case n == 0 && c.reused && !c.secure && x.detach():
			// The server closed it while it idled: not a byte of the request
			// has left. A connection that was just dialled is not tried twice.
			c.giveBack()
			c.Close()
			continue
		case out.long():
			closeBody(x.request)
		}
		if n == 0 && !c.secure {
			err = unsent.Wrap(err)
		}
		return err
	}
}

// sendingBody is a long body on its way.
type sendingBody struct {
	exchange *exchange
	body     io.ReadCloser
	length   int64
	started  bool
	result   chan error
}

func (s *sendingBody) start() {
	s.started = true
	go s.run()
}

func (s *sendingBody) run() {
	x := s.exchange
	send := sender{conn: x.conn, body: s.body, length: s.length, trailer: x.request.Trailer}
	err := send.run()
	s.body.Close()
	s.result <- err
	var body *BodyError
	if errors.As(err, &body) {
		x.interrupt() // half a request is none: there is no answer to wait for
	}
}

// stop ends the sending and reports whether all of it was sent. A body that
// blocks is left behind: it ends when its reader does.
func (s *sendingBody) stop() (err error, complete bool) {
	if !s.started {
		s.body.Close()
		return nil, false
	}
	select {
	case err := <-s.result:
		return err, err == nil
	default:
		return nil, false
	}
}

// receive reads the answer's head and makes the answer of it.
func (x *exchange) receive(out *outgoing) error {
	if out.expects {
		if err := x.awaitLeave(); err != nil {
			return err
		}
	}
	for range maxInformational {
		head, err := x.conn.head(x.client.config.MaxHeader)
		if err != nil {
			return err
		}
		if err := x.parse(head); err != nil {
			return err
		}
		status := x.response.StatusCode
		if status >= 200 || status == http.StatusSwitchingProtocols {
			return x.frame()
		}
		if err := x.informational(); err != nil {
			return err
		}
	}
	return fields.SyntaxError("it announces itself too often")
}

// awaitLeave waits a little for the server to want the body (RFC 9110,
// section 10.1.1). A final answer means that it does not.
func (x *exchange) awaitLeave() error {
	_ = x.conn.SetReadDeadline(time.Now().Add(x.client.config.ExpectTimeout))
	for {
		err := x.conn.fill(x.client.config.MaxHeader)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return cut(err)
		}
		unread := x.conn.buffered()
		if err == nil && fields.End(unread, 0) < 0 {
			continue
		}
		_ = x.conn.SetReadDeadline(time.Time{})
		if err != nil || len(unread) > 9 && unread[9] == '1' { // HTTP/1.1 1xx
			x.sending.start()
		}
		return nil
	}
}

// parse reads a head: status line and fields (RFC 9112, section 4).
func (x *exchange) parse(head string) error {
	line, rest := fields.NextLine(head)
	res := &x.response
	*res = http.Response{Header: make(http.Header, 8), ProtoMajor: 1, Request: x.request}
	if !strings.HasPrefix(line, "HTTP/1.") || len(line) < 12 || line[8] != ' ' || len(line) > 12 && line[12] != ' ' || !fields.Value(line) {
		return fields.SyntaxError("the status line is none of HTTP/1")
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return fields.SyntaxError("the status is no number")
		}
		res.StatusCode = 10*res.StatusCode + int(c-'0')
	}
	if res.StatusCode < 100 || line[7] < '0' || line[7] > '9' {
		return fields.SyntaxError("there is no such status or version")
	}
	res.Proto, res.ProtoMinor, res.Status = line[:8], int(line[7]-'0'), line[9:]
	return fields.Parse(res.Header, rest)
}

// informational hands a 1xx answer on.
func (x *exchange) informational() error {
	trace := httptrace.ContextClientTrace(x.request.Context())
	if trace == nil || trace.Got1xxResponse == nil {
		return nil
	}
	return trace.Got1xxResponse(x.response.StatusCode, textproto.MIMEHeader(x.response.Header))
}

// interrupt makes whoever reads or writes stop.
func (x *exchange) interrupt() {
	x.connMu.Lock()
	defer x.connMu.Unlock()
	if x.conn != nil && !x.given {
		x.conn.Conn.Close()
	}
}

// fail ends an exchange without an answer, and says why.
func (x *exchange) fail(err error) error {
	var bodyErr error
	if x.sending != nil {
		bodyErr, _ = x.sending.stop()
	}
	x.finish(false)
	ctxErr := x.request.Context().Err()
	var body *BodyError
	switch {
	case ctxErr != nil && unsent.Proven(err):
		return unsent.Wrap(ctxErr)
	case ctxErr != nil:
		return ctxErr
	case errors.As(bodyErr, &body):
		return bodyErr
	}
	if err == io.EOF {
		err = &net.OpError{Op: "read", Net: "tcp", Err: io.EOF} // closed without a word
	}
	return err
}

// finish ends the exchange. The connection is kept when everything on it is
// over on both sides.
func (x *exchange) finish(well bool) {
	if x.finished {
		return
	}
	x.finished = true
	c := x.conn
	if c == nil {
		return
	}
	keep := well && x.reusable
	if x.sending != nil {
		_, complete := x.sending.stop()
		keep = keep && complete
	}
	x.connMu.Lock()
	x.given = true
	x.connMu.Unlock()
	keep = x.detach() && keep && c.drained()
	c.giveBack()
	if keep {
		x.client.keep(c)
		return
	}
	c.Conn.Close()
}
