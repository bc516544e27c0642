package legacyproxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/banyan-go/banyan/problem"
)

// exchange is one request to PHP under way.
type exchange struct {
	*Adapter
	rt    *route
	clock *clock
	body  *requestBody // nil when there is nothing to stream
	sent  io.Reader    // the answer's body as the sender returned it; nil without one
	seen  *look        // what was read of the answer, for rules
}

// answer turns PHP's answer into the contract's, in place, or returns the
// problem that it is. Where nothing is mapped the answer's body stays unread.
// An error leaves the answer closed.
func (x *exchange) answer(res *http.Response) error {
	if x.rt.cookies != nil {
		x.rt.cookies.answer(res.Header)
	}
	err := x.judge(res)
	if err == nil {
		err = x.finish(res)
	}
	if err == nil {
		err = x.normalise(res)
	}
	x.rt.conformance.answered(statusFor(res, err))
	if err == nil {
		return nil
	}
	x.judged(err)
	if res.StatusCode >= 200 { // after a switch of protocols no clock ends the body
		// A connection is used again only when nothing is left on it, but that
		// is not worth waiting for.
		x.clock.shorten(drainTime)
		_, _ = io.CopyN(io.Discard, res.Body, drainBytes)
	}
	res.Body.Close()
	return err
}

const (
	drainTime  = 20 * time.Millisecond
	drainBytes = 64 << 10
)

func (x *exchange) judge(res *http.Response) error {
	rt, status := x.rt, res.StatusCode
	if status < 200 {
		return problem.LegacyInvalid.Wrap(errors.New("status "+strconv.Itoa(status)), "")
	}
	if !rt.mapped() {
		return nil
	}
	seen := x.look(res)
	if seen.err != nil {
		return seen.err
	}
	status, res.StatusCode = seen.status, seen.status
	body, c, invalid := seen.body, seen.content, seen.invalid
	if r := seen.rule(rt.rules); r != nil {
		return rt.problem(r, res, c)
	}
	switch wrapped := rt.wraps(status); {
	case status >= 400:
		// The error pages of servers are no JSON: the status says enough.
		return x.unmapped(res, body, c)
	case body.raw == nil && wrapped && res.Request.Method == http.MethodHead:
		describeNot(res.Header) // the envelope's length is not the data's
	case body.raw == nil:
	case !wrapped:
		replaceBody(res, body.raw)
	case invalid != nil:
		rt.note(res, body, "")
		return problem.LegacyInvalid.Wrap(invalid, "")
	case !rt.envelope.succeeds(c.code):
		return x.unmapped(res, body, c)
	default:
		x.unwrap(res, body.doc, c)
	}
	return nil
}

// unwrap leaves of an envelope what the contract knows. PHP often leaves
// empty members out: without data there is null.
func (x *exchange) unwrap(res *http.Response, doc []byte, c content) {
	switch {
	case x.rt.envelope.data == nil:
		c.data = doc
	case c.data == nil:
		c.data = []byte("null")
	}
	replaceBody(res, c.data)
	delete(res.Header, "Content-Encoding")
	if !isJSON(mediaType(res.Header)) {
		res.Header["Content-Type"] = []string{typeJSON}
	}
}

// wraps reports whether answers with a status are successes in an envelope.
func (rt *route) wraps(status int) bool {
	return status < 300 && status != http.StatusNoContent && status != http.StatusPartialContent &&
		rt.envelope != nil && rt.envelope.wraps()
}

// reads reports whether the body has to be read: an envelope of a success, or
// what may hold the code of an error, be it in a 200.
func (rt *route) reads(res *http.Response) bool {
	status := res.StatusCode
	switch {
	case rt.envelope == nil, res.Request.Method == http.MethodHead,
		status == http.StatusNoContent, status == http.StatusNotModified:
		return false
	case status >= 400, rt.wraps(status):
		return true
	}
	coded := rt.envelope.code != nil && mayBeJSON(res.Header)
	return slices.ContainsFunc(rt.rules, func(r rule) bool {
		return r.suspects(status, res.Header) || coded && !r.code.empty() && r.matchesHead(status, res.Header)
	})
}

// peeks reports whether the beginning of the body has to be looked at. That of
// an event stream may take for ever to come.
func (rt *route) peeks(res *http.Response) bool {
	status := res.StatusCode
	if res.Request.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified ||
		mediaType(res.Header) == "text/event-stream" {
		return false
	}
	return slices.ContainsFunc(rt.rules, func(r rule) bool { return r.body != nil && r.matchesHead(status, res.Header) })
}

// openAnswer opens the envelope of an answer.
func (e *envelope) openAnswer(body read) (content, error) {
	if body.err != nil {
		return content{}, body.err
	}
	c, err := e.open(body.doc)
	switch {
	case err != nil:
	case !e.success.empty() && c.code == "":
		err = errors.New("the envelope has no code")
	case e.status != nil && c.status == 0:
		err = errors.New("the envelope has no status")
	}
	return c, err
}

// replaceBody gives an answer other content. The ETag stays: the same envelope
// always holds the same data, so it tells versions apart as well as before.
func replaceBody(res *http.Response, data []byte) {
	res.Body.Close()
	res.Body = &heldBody{Reader: bytes.NewReader(data), Closer: io.NopCloser(nil), data: data}
	res.ContentLength = int64(len(data))
	res.Trailer = nil
	describeNot(res.Header)
	res.Header["Content-Length"] = []string{strconv.Itoa(len(data))}
}

// describeNot removes what described a body that is no longer sent.
func describeNot(h http.Header) {
	for _, name := range []string{"Content-Length", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "Accept-Ranges"} {
		delete(h, name)
	}
}
