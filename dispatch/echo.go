package dispatch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

// This is the only file that knows Echo. Echo's router finds the operation;
// where it is not exact, the matcher does:
//
//   - It matches on the path as it was sent when that holds unusual escapes,
//     and on the decoded path otherwise, so /caf%C3%A9/a%2Fb misses /café/{id}
//     and parameters come decoded or not. Parameters reach handlers decoded
//     exactly once, whatever the client wrote.
//   - A parameter at the end of a route takes slashes, and one in the middle
//     may be empty.
//   - It cannot tell {id}:cancel or {name}.{ext}.
//
// Everything that Echo finds no route for arrives at the matcher, too, which
// knows 404 from 405.

// Handle adds a service's operations to the router. handlers are its Go
// handlers by operationId; an operation without one is PHP's. The error lists
// everything that is wrong with the service.
func (d *Dispatcher) Handle(e *echo.Echo, s *catalog.Service, handlers map[string]echo.HandlerFunc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.started.Load():
		return fmt.Errorf("dispatch: the service %q comes after Start", s.Name)
	case d.services[s.Name]:
		return fmt.Errorf("dispatch: the service %q is registered twice", s.Name)
	case d.frame != nil && d.frame != any(e):
		return fmt.Errorf("dispatch: the service %q is on another router than the services before it", s.Name)
	}
	d.services[s.Name] = true
	d.install(e)

	var faults config.Faults
	for id := range handlers {
		if s.Operation(id) == nil {
			faults = append(faults, config.Fault{Message: fmt.Sprintf("a handler is registered for %s.%s, which the contract does not have", s.Name, id), Hint: "run banyan generate"})
		}
	}
	slices.SortFunc(faults, func(a, b config.Fault) int { return strings.Compare(a.Message, b.Message) })
	contract, uncheckable := d.compile(s)
	faults = append(faults, uncheckable...)
	for i := range s.Operations {
		if s.Operations[i].Behind != "" {
			continue
		}
		if err := d.add(e, s, contract, i, handlers[s.Operations[i].ID]); err != nil {
			faults = append(faults, config.Fault{Pos: config.Pos{File: s.Operations[i].Source}, Message: err.Error()})
		}
	}
	return faults.Err()
}

// Serve is Handle with handlers that know nothing of Echo: an error of one means
// that it has written nothing. Generated code calls it.
func (d *Dispatcher) Serve(e *echo.Echo, s *catalog.Service, handlers map[string]func(http.ResponseWriter, *http.Request) error) error {
	on := make(map[string]echo.HandlerFunc, len(handlers))
	for id, h := range handlers {
		on[id] = func(c echo.Context) error { return h(writer{c.Response()}, c.Request()) }
	}
	return d.Handle(e, s, on)
}

// install makes the dispatcher the judge of what no route matches and of
// every error.
func (d *Dispatcher) install(e *echo.Echo) {
	if d.frame == nil {
		d.frame = e
		e.RouteNotFound("/*", d.lookUp)
		e.HTTPErrorHandler = d.refused
	}
}

func (d *Dispatcher) add(e *echo.Echo, s *catalog.Service, contract *conform.Service, i int, h echo.HandlerFunc) error {
	op := &s.Operations[i]
	t, names, err := parseTemplate(op.Path)
	if err != nil {
		return fmt.Errorf("%s: %w", op.Key, err)
	}
	rt := &route{op: op, names: names, has: rollout.Has{Handler: h != nil, Legacy: d.legacy != nil && d.legacy.Handles(op)}}
	if h != nil {
		rt.handler, rt.guard = h, d.guards[op.Key]
	}
	rt.hold(contract, d.validation(s))
	if err := d.table.add(t, rt); err != nil {
		return err
	}
	d.routes = append(d.routes, rt)
	if path, ok := echoPath(t, names); ok {
		e.Add(op.Method, path, func(c echo.Context) error { return d.routed(c, rt) })
	}
	return nil
}

// Start checks everything that was registered and lets requests in. Its error
// lists all that is wrong: services that are missing, operations that nobody
// serves, faults of the plan. Until Start every request gets 503.
func (d *Dispatcher) Start(e *echo.Echo) error {
	if d.frame != nil && d.frame != any(e) {
		return errors.New("dispatch: Start with another router than the services are on")
	}
	d.install(e)
	return d.begin()
}

// echoPath writes a template for Echo, if Echo can route it.
func echoPath(t template, names []string) (string, bool) {
	var b strings.Builder
	for _, s := range t {
		b.WriteByte('/')
		switch {
		case s.plain():
			b.WriteByte(':')
			b.WriteString(names[0])
			names = names[1:]
		case s.literal() && !strings.ContainsAny(s.literals[0], `*\%`):
			b.WriteString(strings.ReplaceAll(s.literals[0], ":", `\:`))
		default:
			return "", false
		}
	}
	return b.String(), true
}

// routed serves what Echo's router found, or asks the matcher where that may
// not be what the contract says.
func (d *Dispatcher) routed(c echo.Context, rt *route) error {
	if !d.started.Load() || rt.contested || c.Request().URL.RawPath != "" {
		return d.lookUp(c)
	}
	if len(rt.names) > 0 {
		for _, v := range c.ParamValues() {
			if v == "" || strings.IndexByte(v, '/') >= 0 {
				return d.lookUp(c)
			}
		}
	}
	return d.operation(c, rt)
}

// lookUp finds the operation itself and serves it, or answers that there is
// none.
func (d *Dispatcher) lookUp(c echo.Context) error {
	r := c.Request()
	if !d.started.Load() {
		p := problem.Unavailable.New("the server is starting")
		p.Header = http.Header{"Retry-After": {"1"}}
		return d.outside(c, NotStarted, p)
	}
	f := d.table.find(r.Method, r.URL.EscapedPath())
	if f.route == nil && r.Method == http.MethodHead && slices.Contains(f.allow, http.MethodGet) {
		f = d.table.find(http.MethodGet, r.URL.EscapedPath()) // RFC 9110, section 9.3.2
	}
	switch {
	case f.route != nil:
		c.SetPath(f.route.op.Path)
		c.SetParamNames(f.route.names...)
		c.SetParamValues(f.values...)
		return d.operation(c, f.route)
	case d.unmatched == catalog.Legacy:
		return d.outside(c, Unmatched, nil)
	case len(f.allow) == 0:
		return d.outside(c, Unmatched, problem.NotFound.New(""))
	}
	p := problem.MethodNotAllowed.New("")
	p.Header = http.Header{"Allow": {allowed(f.allow)}}
	return d.outside(c, Unmatched, p)
}

// operation serves a request of an operation. This is where the decision is
// made.
func (d *Dispatcher) operation(c echo.Context, rt *route) error {
	closeAfterChunks(c)
	x := exchange{d: d, c: c}
	r := x.borrow(c.Request())
	x.event = newEvent(r)
	x.event.Operation, x.event.Path = rt.op.Key, rt.op.Path
	x.route = rt
	defer x.end()

	dec := d.decide(rt, r)
	x.event.Target, x.event.Reason = dec.Target, dec.Reason
	if rt.contract != nil && picks(rt.checks[dec.Target].share(dec.Reason)) {
		x.recorded = &recorder{ResponseWriter: c.Response().Writer, contract: rt.contract, method: r.Method}
		c.Response().Writer = x.recorded
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
func closeAfterChunks(c echo.Context) {
	if r := c.Request(); r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
		c.Response().Header().Set("Connection", "close")
	}
}

// guarded asks the guard, and returns the request with the handler's context.
func (x *exchange) guarded(rt *route, r *http.Request) (*http.Request, error) {
	ctx, err := rt.guard(r)
	if err != nil {
		return r, err
	}
	r = r.WithContext(ctx)
	x.c.SetRequest(r)
	return r, nil
}

// serve hands a request to the side that was chosen.
func (x *exchange) serve(rt *route, target rollout.Target, r *http.Request) error {
	if target != rollout.Go {
		return x.d.legacy.Serve(writer{x.c.Response()}, r, rt.op)
	}
	if r.URL.RawPath != "" {
		x.c.SetRequest(decodedPath(r))
	}
	return rt.handler.(echo.HandlerFunc)(x.c)
}

// outside answers a request that belongs to no operation: with err, or
// through the legacy backend if err is nil.
func (d *Dispatcher) outside(c echo.Context, why rollout.Reason, err error) error {
	closeAfterChunks(c)
	x := exchange{d: d, c: c}
	r := c.Request()
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
			err = d.legacy.Serve(writer{c.Response()}, r, nil)
		}
		x.fail(err)
	case p.Status == http.StatusMethodNotAllowed && r.Method == http.MethodOptions:
		c.Response().Header()["Allow"] = p.Header["Allow"]
		c.Response().WriteHeader(http.StatusNoContent)
	default:
		x.fail(p)
	}
	return nil
}

// refused is Echo's error handler. Operations answer their own errors, so
// what comes here is from middleware in front of them.
func (d *Dispatcher) refused(err error, c echo.Context) {
	if c.Response().Committed {
		d.log.Error("error after the answer", "error", err.Error())
		return
	}
	_ = d.outside(c, Refused, toProblem(err)) // it has answered
}

// toProblem turns any error into a problem that holds nothing the client may
// not see.
func toProblem(err error) *problem.Error {
	if p, ok := err.(*problem.Error); ok {
		return p
	}
	var p *problem.Error
	var k problem.Kind
	var tooLarge *http.MaxBytesError
	var he *echo.HTTPError
	switch {
	case errors.As(err, &p), errors.As(err, &k):
		return problem.From(err)
	case errors.As(err, &tooLarge):
		return problem.BodyTooLarge.Wrap(err, fmt.Sprintf("the limit is %d bytes", tooLarge.Limit))
	case errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary):
		return malformed("", err)
	case errors.As(err, &he):
		message, _ := he.Message.(string)
		return statusProblem(he.Code, message, err)
	}
	return problem.From(err)
}

// exchange is a request on its way through, and how it ends.
type exchange struct {
	d     *Dispatcher
	c     echo.Context
	body  *body
	event *Event
	abort bool
	came  borrowed // the request, if it has a body

	route    *route    // nil outside the contracts
	recorded *recorder // of an answer that will be checked
	watched  *watched  // a request that will be checked
}

// fail answers with err, if there is one and it still can be.
func (x *exchange) fail(err error) {
	if err == nil {
		return
	}
	x.event.Err = err
	r := x.c.Request()
	switch {
	case x.c.Response().Committed:
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
		problem.Write(x.c.Response(), r, &p)
	}
}

// end is deferred: it turns a panic into a problem and reports the event.
func (x *exchange) end() {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			x.abort = true
			if x.event.Err == nil {
				x.event.Err = brokenOff(x.c.Request())
			}
		} else {
			x.fail(x.d.panicked(x.event, p))
		}
	}
	x.giveBack()
	x.event.finish(x.c.Request(), x.c.Response().Status, x.c.Response().Size)
	x.d.observe(x.event)
	if x.recorded != nil {
		x.c.Response().Writer = x.recorded.ResponseWriter
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

// writer is what the legacy backend and generated code write to. Echo's Response takes the
// first status for the final one and panics when it cannot flush.
type writer struct{ *echo.Response }

// WriteHeader lets informational answers pass.
func (w writer) WriteHeader(code int) {
	if code >= 100 && code < 200 && code != http.StatusSwitchingProtocols {
		w.Writer.WriteHeader(code)
		return
	}
	w.Response.WriteHeader(code)
}

// FlushError sends what was written so far; net/http prefers it to Flush.
func (w writer) FlushError() error {
	if !w.Committed {
		w.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(w.Writer).Flush()
}

// Hijack takes the connection over, after which no answer can be written.
func (w writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.Response.Hijack()
	if err == nil {
		w.Status, w.Committed = http.StatusSwitchingProtocols, true
	}
	return conn, rw, err
}

// Flush is FlushError for those who do not ask.
func (w writer) Flush() { _ = w.FlushError() }
