package fastcgi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// ErrOverloaded is the error of a server that has no room for a request. It
// did not run.
var ErrOverloaded = errors.New("fastcgi: the server is overloaded")

// ErrHeaderTooLarge is the error of an answer whose head is larger than
// Config.MaxHeader.
var ErrHeaderTooLarge = fields.ErrTooLarge

// scratch is what a request needs until it is sent.
type scratch struct {
	vars variables
	out  []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// putBack leaves the memory to others, unless it has become large.
func (s *scratch) putBack() {
	if cap(s.out) <= 8*inline {
		scratches.Put(s)
	}
}

// inline is how much of a body goes out before anybody looks for an answer. A
// script that does not read its input fits that much into the socket's
// buffers; for more somebody has to read its output at the same time.
const inline = 16 << 10

// exchange is one request under way, and the body of its answer.
type exchange struct {
	client  *Client
	request *http.Request
	conn    *conn
	records records
	stderr  errorStream
	keep    bool        // the server is asked to leave the connection open
	waits   bool        // counted as unanswered
	detach  func() bool // from the context
	sending chan error  // nil unless a body is sent beside the answer
	body    *spooled

	mu       sync.Mutex // held by Read and Close
	pending  []byte     // output that came with the head
	left     int64      // of the announced length; -1: not announced
	done     error      // what Read returns from now on
	finished bool

	connMu sync.Mutex
	given  bool // the connection is no longer this exchange's
}

// send connects and sends all of a request, except for a long body, which
// goes out beside the answer.
func (x *exchange) send(s *scratch, reuse bool) error {
	ctx := x.request.Context()
	out := appendBegin(s.out[:0], x.keep)
	out = appendHeader(appendStream(out, typeParams, s.vars.buf), typeParams, 0)
	short := x.body.file == nil && x.body.size <= inline
	if short {
		out = appendHeader(appendStream(out, typeStdin, x.body.bytes()), typeStdin, 0)
	}
	s.out = out
	var c *conn
	if reuse {
		c = x.client.reuse()
	}
	if c == nil {
		var err error
		if c, err = x.client.dial(ctx); err != nil {
			return unsent.Wrap(err)
		}
		x.waits = true
		x.client.shelf.dialled()
	}
	x.conn, x.records = c, records{in: c.in}
	x.detach = context.AfterFunc(ctx, func() { c.Close() })
	n, err := c.Write(out)
	switch {
	case err != nil && n == 0:
		return unsent.Wrap(err)
	case err != nil:
		// A server without room says so and closes, read or not.
		if headErr := x.firstOutput(); errors.Is(headErr, ErrOverloaded) {
			return headErr
		}
		return err
	}
	if !short {
		x.sending = make(chan error, 1)
		go func() { x.sending <- x.sendBody() }()
	}
	return nil
}

// sendBody sends a long body.
func (x *exchange) sendBody() error {
	buf := make([]byte, 0, headerSize+32<<10)
	for rest, data := x.body.rest(), x.body.bytes(); ; {
		n := min(len(data), 32<<10)
		buf = appendStream(buf[:0], typeStdin, data[:n])
		data = data[n:]
		if n == 0 {
			if rest == nil {
				break
			}
			chunk := buf[headerSize:cap(buf)]
			read, err := rest.Read(chunk)
			if read == 0 && err != nil {
				if err != io.EOF {
					return err
				}
				break
			}
			buf = appendHeader(buf[:0], typeStdin, read)[:headerSize+read]
		}
		if _, err := x.conn.Write(buf); err != nil {
			return err
		}
	}
	_, err := x.conn.Write(appendHeader(buf[:0], typeStdin, 0))
	return err
}

// head reads the answer's head.
func (x *exchange) head() (*http.Response, error) {
	head, err := x.headText()
	if err != nil {
		return nil, err
	}
	res, err := parseHead(head)
	if err != nil {
		return nil, err
	}
	x.left = res.ContentLength
	res.Request = x.request
	if fields.Bodiless(x.request.Method, res.StatusCode) {
		// What a script prints all the same nobody wants.
		x.finish(x.settle() == io.EOF)
		res.Body = http.NoBody
		return res, nil
	}
	res.Body = x
	return res, nil
}

// headText reads to the end of the head. PHP writes one of a usual size in one
// record, which is in the buffer when its beginning is.
func (x *exchange) headText() (string, error) {
	if err := x.firstOutput(); err != nil {
		return "", err
	}
	x.answered()
	here := x.records.peek()
	if end := fields.End(here, 0); end >= 0 && end <= x.client.config.MaxHeader { // or it is refused below
		head := string(here[:end])
		x.records.skip(end)
		return head, nil
	}
	head := make([]byte, 0, 2<<10)
	for scanned := 0; ; {
		if err := x.firstOutput(); err != nil {
			return "", err
		}
		if len(head) > x.client.config.MaxHeader {
			return "", ErrHeaderTooLarge
		}
		room := min(x.records.left, 4<<10)
		head = append(head, make([]byte, room)...)
		n, err := x.records.Read(head[len(head)-room:])
		head = head[:len(head)-room+n]
		if err != nil {
			return "", err
		}
		switch end := fields.End(head, scanned); {
		case end > x.client.config.MaxHeader:
			return "", ErrHeaderTooLarge
		case end >= 0:
			x.pending = head[end:]
			return string(head[:end]), nil
		}
		scanned = len(head)
	}
}

// firstOutput goes on to the next record with output, if there is none at
// hand. Its errors include the end of the request.
func (x *exchange) firstOutput() error {
	for x.records.kind != typeStdout || x.records.left == 0 {
		if err := x.advance(); err != nil {
			if err == io.EOF {
				err = fmt.Errorf("fastcgi: the script ended before its head: %w", io.ErrUnexpectedEOF)
			}
			return err
		}
	}
	return nil
}

// advance deals with one more record. It returns io.EOF once the request has
// ended well.
func (x *exchange) advance() error {
	if err := x.records.next(); err != nil {
		return err
	}
	switch x.records.kind {
	case typeStderr:
		return x.stderr.read(&x.records)
	case typeEnd:
		_, status, err := x.records.end()
		switch {
		case err != nil:
			return err
		case status == statusComplete:
			return io.EOF
		case status == statusOverloaded:
			return ErrOverloaded
		case status == statusCantMpx, status == statusUnknownRole:
			return fmt.Errorf("fastcgi: the server refuses the request with protocol status %d", status)
		}
		return fmt.Errorf("%w: protocol status %d", errProtocol, status)
	}
	return nil
}

// cause is the context's error where that ended the exchange.
func (x *exchange) cause(err error) error {
	ctxErr := x.request.Context().Err()
	switch {
	case ctxErr == nil:
		return err
	case unsent.Proven(err):
		return unsent.Wrap(ctxErr)
	}
	return ctxErr
}

// finish ends the exchange. The connection is closed, which is how php-fpm
// learns that nobody listens any more, unless the request ended well and the
// connection is to be kept.
func (x *exchange) finish(well bool) {
	if x.finished {
		return
	}
	x.finished = true
	x.answered()
	if x.conn != nil {
		x.closeConn(well)
	}
	x.body.close()
	x.stderr.log(x.client.config.Log, x.request, x.records.kind == typeEnd)
}

// interrupt makes a Read under way return.
func (x *exchange) interrupt() {
	x.connMu.Lock()
	defer x.connMu.Unlock()
	if x.conn != nil && !x.given {
		x.conn.Close()
	}
}

func (x *exchange) closeConn(well bool) {
	x.connMu.Lock()
	x.given = true
	x.connMu.Unlock()
	detached := x.detach()
	keep := well && detached && x.keep
	if x.sending != nil {
		select {
		case err := <-x.sending:
			keep = keep && err == nil
		default: // the script did not read all of it
			keep = false
			x.conn.Close()
			<-x.sending
		}
	}
	in := x.conn.in
	if keep = keep && in.Buffered() == x.records.pad; keep {
		_, _ = in.Discard(x.records.pad)
		x.client.release(x.conn)
		return
	}
	x.conn.discard()
}
