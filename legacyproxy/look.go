package legacyproxy

import "net/http"

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

// rule is the first one that names the answer, or nil.
func (l *look) rule(rules []rule) *rule {
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

// retryable reports whether a rule says of an answer that the same request may
// succeed later. The breaker learns of the answer what it would have learnt,
// had it been the last.
func (x *exchange) retryable(res *http.Response) bool {
	if res.StatusCode < 200 { // a switch of protocols: what follows is no answer's body
		return false
	}
	sent := res.Body
	l := x.look(res)
	x.sent = sent
	if l.err != nil {
		return false
	}
	r := l.rule(x.rt.rules)
	if r == nil || !r.retryable {
		return false
	}
	x.tell(x.rt.class(r), true)
	return true
}
