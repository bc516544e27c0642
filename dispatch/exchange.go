package dispatch

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
)

// door is what a router holds of one request: the request as it stands, and the
// answer as far as it is out.
type door interface {
	Request() *http.Request
	// SetRequest is for who comes next: handlers get this one.
	SetRequest(r *http.Request)
	// Answer is what the answer is written to.
	Answer() http.ResponseWriter
	// Written tells how far the answer is. Before it has begun there may be
	// another one.
	Written() (status int, size int64, begun bool)
	// Writer is what Answer writes to, and SetWriter puts another one there.
	Writer() http.ResponseWriter
	SetWriter(w http.ResponseWriter)
	// Call runs a handler that was registered with the router. Its error means
	// that it has written nothing.
	Call(handler any) error
}

// exchange is one request, the side that answers it, and how that ends: with an
// answer, a problem, or half an answer that is broken off. It is used once, by
// one goroutine, and reports one Event.
type exchange struct {
	d *Dispatcher
	door
	body  *body
	event *Event
	abort bool
	came  borrowed // the request, if it has a body

	route    *route    // nil outside the contracts
	recorded *recorder // of an answer that will be checked
	watched  *watched  // a request that will be checked
}

// operation serves a request of an operation. This is where the decision is
// made.
func (d *Dispatcher) operation(at door, rt *route) error {
	closeAfterChunks(at)
	x := exchange{d: d, door: at}
	r := x.borrow(at.Request())
	x.event = newEvent(r)
	x.event.Operation, x.event.Path = rt.op.Key, rt.op.Path
	x.route = rt
	defer x.end()

	dec := d.decide(rt, r)
	x.event.Target, x.event.Reason = dec.Target, dec.Reason
	if rt.contract != nil && picks(rt.checks[dec.Target].share(dec.Reason)) {
		x.recorded = &recorder{ResponseWriter: x.Writer(), contract: rt.contract, method: r.Method}
		x.SetWriter(x.recorded)
	}
	var err error
	if x.body, err = limitBody(r, rt.op.BodyLimit); err == nil && dec.Target == rollout.Go && rt.guard != nil {
		r, err = x.guarded(rt, r)
	}
	if err == nil {
		err = x.checked(rt, dec.Target, r)
	}
	x.fail(err)
	return nil
}

// closeAfterChunks makes a request whose body comes in chunks the last one of its
// connection. One that names a length as well has to be (RFC 9112, section 6.1),
// and net/http does not tell the two apart.
func closeAfterChunks(at door) {
	if r := at.Request(); r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
		at.Answer().Header().Set("Connection", "close")
	}
}

// guarded asks the guard, and returns the request with the handler's context.
func (x *exchange) guarded(rt *route, r *http.Request) (*http.Request, error) {
	ctx, err := rt.guard(r)
	if err != nil {
		return r, err
	}
	r = r.WithContext(ctx)
	x.SetRequest(r)
	return r, nil
}

// serve hands a request to the side that was chosen.
func (x *exchange) serve(rt *route, target rollout.Target, r *http.Request) error {
	if target != rollout.Go {
		return x.d.legacy.Serve(x.Answer(), r, rt.op)
	}
	if r.URL.RawPath != "" {
		x.SetRequest(decodedPath(r))
	}
	return x.Call(rt.handler)
}

// outside answers a request that belongs to no operation: with err, or
// through the legacy backend if err is nil.
func (d *Dispatcher) outside(at door, why rollout.Reason, err error) error {
	closeAfterChunks(at)
	x := exchange{d: d, door: at}
	r := at.Request()
	if err == nil {
		r = x.borrow(r)
	}
	x.event = newEvent(r)
	x.event.Path, x.event.Reason = shortPath(r), why
	defer x.end()
	p := problem.From(err)
	switch {
	case p == nil:
		x.event.Target = rollout.Legacy
		if x.body, err = limitBody(r, d.workspace.OutsideBodyLimit()); err == nil {
			err = d.legacy.Serve(x.Answer(), r, nil)
		}
		x.fail(err)
	case p.Status == http.StatusMethodNotAllowed && r.Method == http.MethodOptions:
		w := x.Answer()
		w.Header()["Allow"] = p.Header["Allow"]
		w.WriteHeader(http.StatusNoContent)
	default:
		x.fail(p)
	}
	return nil
}

// fail answers with err, if there is one and it still can be.
func (x *exchange) fail(err error) {
	if err == nil {
		return
	}
	x.event.Err = err
	r := x.Request()
	switch _, _, begun := x.Written(); {
	case begun:
		x.abort = true
	case errors.Is(r.Context().Err(), context.Canceled):
		x.event.Status = StatusClientClosed
		x.abort = true // an empty 200 would be the alternative
	default:
		var p problem.Error
		if cause := x.body.cause(); cause != nil {
			p = *cause
		} else {
			p = *toProblem(err)
		}
		if x.event.TraceID == "" {
			x.event.TraceID = x.d.trace()
		}
		if p.TraceID == "" {
			p.TraceID = x.event.TraceID
		}
		if x.route == nil {
			problem.Write(x.Answer(), r, &p)
			return
		}
		x.route.problems.Write(x.Answer(), r, x.route.op.ID, &p)
	}
}

// end is deferred: it turns a panic into a problem and reports the event.
func (x *exchange) end() {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			x.abort = true
			if x.event.Err == nil {
				x.event.Err = brokenOff(x.Request())
			}
		} else {
			x.fail(x.d.panicked(x.event, p))
		}
	}
	x.giveBack()
	status, size, _ := x.Written()
	x.event.finish(x.Request(), status, size)
	x.d.observe(x.event)
	if x.recorded != nil {
		x.SetWriter(x.recorded.ResponseWriter)
	}
	if x.recorded != nil || x.watched != nil {
		x.settle(x.route)
	}
	if x.abort {
		panic(http.ErrAbortHandler)
	}
}

// Why an answer ended before it was whole.
var (
	errClientLeft = fmt.Errorf("the client went away before the end of the answer: %w", context.Canceled)
	errBrokenOff  = errors.New("the answer broke off: whoever served it failed in the middle")
)

// brokenOff is the cause of an answer that its server aborts. Leaving is a
// client's right, and how most event streams end; it ends the request's context,
// and so does an answer that cannot be written any more.
func brokenOff(r *http.Request) error {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return errClientLeft
	}
	return errBrokenOff
}
