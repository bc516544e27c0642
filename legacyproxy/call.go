package legacyproxy

import (
	"context"
	"io"
	"net/http"

	"github.com/banyan-go/banyan/catalog"
)

// Call implements catalog.Caller: r takes the same way through mapping and
// error map as a client's request does. Every answer of 400 and above is an
// error, and every error is a *problem.Error.
//
// The shorter of the operation's timeout and ctx counts for the head of the
// answer, ctx alone for a body that is not mapped. PHP gets the headers that r
// has, X-Forwarded-* included, and no others; the Host is the upstream's.
func (a *Adapter) Call(ctx context.Context, op *catalog.Operation, r *http.Request) (*http.Response, error) {
	rt, err := a.served(op)
	if err != nil {
		return nil, err
	}
	m, err := rt.message(r, requestHeader(r.Header, true), rt.upstream.name)
	if err != nil {
		return nil, err
	}
	m.ownHost = true
	x := &exchange{Adapter: a, rt: rt, clock: startClock(ctx, rt.timeout)}
	out, body := m.request(x.clock.ctx, x.clock)
	x.body = body

	res, err := x.send(m, out)
	if err != nil {
		err = failure(err, x.clock, body)
	} else if err = x.answer(res); err == nil && res.StatusCode >= 400 {
		err = x.unmapped(res, read{}, content{})
		res.Body.Close()
	}
	if err == nil && !x.clock.stop() {
		res.Body.Close()
		err = failure(errTimeout, x.clock, body)
	}
	if err != nil {
		x.end(r)
		return nil, err
	}
	res.Body = &callBody{ReadCloser: res.Body, end: func() { x.end(r) }}
	return res, nil
}

func (x *exchange) end(r *http.Request) {
	x.clock.close()
	x.body.end()
	if r.Body != nil {
		r.Body.Close()
	}
}

// callBody ends its exchange when it is closed.
type callBody struct {
	io.ReadCloser
	end func()
}

func (b *callBody) Close() error {
	err := b.ReadCloser.Close()
	b.end()
	return err
}
