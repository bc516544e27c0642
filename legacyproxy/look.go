package legacyproxy

import (
	"errors"
	"net/http"

	"github.com/banyan-go/banyan/problem"
)

// look is what rules know of an answer that may be mapped.
type look struct {
	res     *http.Response
	header  http.Header
	status  int // the envelope's where that counts
	body    read
	content content // of the envelope
	invalid error   // why there is no envelope that can be read
	err     error   // the problem of an answer that could not be read
}

// look reads of an answer what the route's rules need, once: asked again about
// the same answer it says the same.
func (x *exchange) look(res *http.Response) *look {
	if x.seen != nil && x.seen.res == res {
		return x.seen
	}
	l := &look{res: res, header: res.Header, status: res.StatusCode}
	x.seen = l
	switch {
	case x.rt.reads(res):
		if l.body, l.err = x.readAnswer(res); l.err != nil {
			return l
		}
		if l.content, l.invalid = x.rt.envelope.openAnswer(l.body); l.content.status != 0 {
			l.status = l.content.status
		}
	case x.rt.peeks(res):
		l.body, l.err = x.peek(res, peekBytes)
	}
	return l
}

// rule is the first one that names the answer, or nil. A 304 says that what the
// client has is good, which is no error: a rule about 3xx means redirects.
func (l *look) rule(rules []rule) *rule {
	if l.status == http.StatusNotModified {
		return nil
	}
	seen := evidence{status: l.status, header: l.header, code: l.content.code, body: l.body.doc}
	if l.body.done && seen.body == nil {
		seen.body = []byte{}
	}
	for i := range rules {
		if r := &rules[i]; r.matches(&seen) {
			return r
		}
	}
	return nil
}

// lookAhead reads of an answer what is read before any of it goes to the client.
// It reports whether a rule says that the same request may succeed later, and an
// error when the answer broke off. The breaker learns of the answer what it
// would have learnt, had it been the last.
func (x *exchange) lookAhead(res *http.Response) (again bool, err error) {
	if res.StatusCode < 200 { // a switch of protocols: what follows is no answer's body
		return false, nil
	}
	sent := res.Body
	l := x.look(res)
	x.sent = sent
	if l.err != nil {
		return false, brokenOff(l.err)
	}
	if r := l.rule(x.rt.rules); r != nil {
		if r.retryable {
			x.tell(x.rt.class(r), true)
		}
		return r.retryable, nil
	}
	if l.body.raw == nil && x.holds(res) {
		_, _, err = x.hold(res)
	}
	return false, brokenOff(err)
}

// brokenOff is the error of an answer that could not be read, but nil for one
// that is merely too large.
func brokenOff(err error) error {
	if p := (*problem.Error)(nil); errors.As(err, &p) && p.Code == problem.LegacyTooLarge.Code {
		return nil
	}
	return err
}

// looksAhead reports whether answers may have to be read before any of them goes
// to the client.
func (rt *route) looksAhead() bool {
	return rt.mapped() || rt.links == linksAll || rt.normaliser.active()
}

// holds reports whether an answer that no rule is about is read as a whole before
// any of it goes to the client.
func (x *exchange) holds(res *http.Response) bool {
	if x.rt.normaliser.active() {
		header := decoded(res.Header)
		if e := x.rt.normaliser.contract.Answer(res.Request.Method, res.StatusCode, header); e.JSON() {
			return true
		}
		if _, guessed := x.rt.normaliser.guess(res, header); guessed {
			return true
		}
	}
	return x.rt.relocates(res)
}
