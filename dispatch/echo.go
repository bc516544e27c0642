package dispatch

import (
	"bufio"
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
	problems, err := conform.ReadProblems(s.Contract)
	if err != nil {
		faults = append(faults, config.Fault{Message: fmt.Sprintf("the contract of %s: %v", s.Name, err)})
	}
	for i := range s.Operations {
		if s.Operations[i].Behind != "" {
			continue
		}
		if err := d.add(e, s, contract, problems, i, handlers[s.Operations[i].ID]); err != nil {
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

func (d *Dispatcher) add(e *echo.Echo, s *catalog.Service, contract *conform.Service, problems *conform.Problems, i int, h echo.HandlerFunc) error {
	op := &s.Operations[i]
	t, names, err := parseTemplate(op.Path)
	if err != nil {
		return fmt.Errorf("%s: %w", op.Key, err)
	}
	rt := &route{op: op, names: names, problems: problems, has: rollout.Has{Handler: h != nil, Legacy: d.legacy != nil && d.legacy.Handles(op)}}
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
	return d.operation(&echoDoor{c}, rt)
}

// lookUp finds the operation itself and serves it, or answers that there is
// none.
func (d *Dispatcher) lookUp(c echo.Context) error {
	r := c.Request()
	if !d.started.Load() {
		p := problem.Unavailable.New("the server is starting")
		p.Header = http.Header{"Retry-After": {"1"}}
		return d.outside(&echoDoor{c}, NotStarted, p)
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
		return d.operation(&echoDoor{c}, f.route)
	case d.unmatched == catalog.Legacy:
		return d.outside(&echoDoor{c}, Unmatched, nil)
	case len(f.allow) == 0:
		return d.outside(&echoDoor{c}, Unmatched, problem.NotFound.New(""))
	}
	p := problem.MethodNotAllowed.New("")
	p.Header = http.Header{"Allow": {allowed(f.allow)}}
	return d.outside(&echoDoor{c}, Unmatched, p)
}

// refused is Echo's error handler. Operations answer their own errors, so
// what comes here is from middleware in front of them.
func (d *Dispatcher) refused(err error, c echo.Context) {
	if c.Response().Committed {
		d.log.Error("error after the answer", "error", err.Error())
		return
	}
	_ = d.outside(&echoDoor{c}, Refused, toProblem(err)) // it has answered
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

// echoDoor is a request in the hands of Echo.
type echoDoor struct{ echo.Context }

func (e *echoDoor) Answer() http.ResponseWriter { return writer{e.Response()} }

func (e *echoDoor) Written() (status int, size int64, begun bool) {
	res := e.Response()
	return res.Status, res.Size, res.Committed
}

func (e *echoDoor) Writer() http.ResponseWriter     { return e.Response().Writer }
func (e *echoDoor) SetWriter(w http.ResponseWriter) { e.Response().Writer = w }

func (e *echoDoor) Call(handler any) error { return handler.(echo.HandlerFunc)(e.Context) }

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
