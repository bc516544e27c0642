// Package dispatch stands between the router and the two sides that can answer
// an operation. It decides once per request, before the body is touched, hands
// the request to the Go handler or to the legacy backend, writes every error
// as a problem and reports one Event per request.
//
//	d := dispatch.New(dispatch.Options{Workspace: gen.Workspace, Legacy: adapter, Rollout: watcher})
//	if err := orders.Register(e, d, orders.Handlers{GetOrder: service.GetOrder}); err != nil { ... }
//	if err := d.Start(e); err != nil { ... } // everything that is wrong, at once
//
// A request never changes sides after the decision, is never sent twice, and
// never gets a second answer: what fails after the first byte is broken off,
// so that the client cannot take half an answer for a whole one.
package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/rollout"
)

// Backend answers requests on the legacy side. It must be safe for concurrent
// use.
type Backend interface {
	// Handles reports whether the backend can serve the operation. It is
	// asked at start and when a plan changes, and must not change its mind.
	Handles(op *catalog.Operation) bool
	// Serve answers the request; op is nil for a request outside the
	// contracts. The operation's method may differ from the request's in one
	// case: a HEAD request is served by the GET operation. A returned error
	// means that nothing was written. An answer that fails half-way is broken
	// off with panic(http.ErrAbortHandler).
	Serve(w http.ResponseWriter, r *http.Request, op *catalog.Operation) error
}

// Guard decides whether a request may come in, from everything but its body. The
// context that it returns is the handler's. Its error is the answer.
type Guard func(r *http.Request) (context.Context, error)

// Guard sets the guards of operations, by key, which are asked before anything
// else is made of a request that Go serves; what PHP serves is PHP's to guard. It
// comes before the Handle of their service. Generated code calls it.
func (d *Dispatcher) Guard(guards map[string]func(*http.Request) (context.Context, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, g := range guards {
		d.guards[key] = g
	}
}

// Planner holds the plan in force. It is asked for every request. A
// *rollout.Watcher is one.
type Planner interface {
	Plan() *rollout.Plan
}

// Options are what a Dispatcher works with. Only Workspace is needed.
type Options struct {
	Workspace *catalog.Workspace
	// Legacy is the legacy side; nil means that there is none.
	Legacy Backend
	// Rollout holds the plan; nil leaves every operation at legacy where it
	// has a legacy side.
	Rollout Planner
	// Observe is called once per request, after the answer, on the request's
	// goroutine. The default writes one line to Log (see LogObserver). The
	// Event is the observer's to keep.
	Observe func(*Event)
	// Checked is called with what came of holding messages against their
	// contracts, on any goroutine, possibly after the request. The default
	// writes to Log (see LogChecks). The Check is the observer's to keep.
	Checked func(*Check)
	// Answers, when it is not 0, is the share of answers that is checked in
	// place of what the workspace says. It is for tests; see dispatchtest.
	Answers catalog.Share
	// Log gets panics and what else nobody else is told; the default is
	// slog.Default().
	Log *slog.Logger
	// Trace makes the trace ID of a problem when the request carries none;
	// the default is random.
	Trace func() string
}

// Dispatcher routes operations to the side that serves them. Handle and Start
// are for start-up, from one goroutine; the rest is safe for concurrent use.
type Dispatcher struct {
	workspace *catalog.Workspace
	unmatched catalog.Unmatched
	legacy    Backend
	planner   Planner
	observe   func(*Event)
	checked   func(*Check)
	later     later
	answers   catalog.Share
	log       *slog.Logger
	trace     func() string

	started atomic.Bool

	mu       sync.Mutex // guards what follows, until started
	services map[string]bool
	guards   map[string]Guard // by operation
	routes   []*route
	table    matcher
	frame    any // the router that the first Handle was given
}

// New returns a Dispatcher that answers 503 until Start.
func New(o Options) *Dispatcher {
	d := &Dispatcher{
		workspace: o.Workspace,
		unmatched: catalog.Deny,
		legacy:    o.Legacy,
		planner:   o.Rollout,
		observe:   o.Observe,
		checked:   o.Checked,
		answers:   o.Answers,
		log:       o.Log,
		trace:     o.Trace,
		services:  map[string]bool{},
		guards:    map[string]Guard{},
	}
	if d.workspace == nil {
		d.workspace = &catalog.Workspace{}
	}
	if d.workspace.Unmatched != "" {
		d.unmatched = d.workspace.Unmatched
	}
	if d.log == nil {
		d.log = slog.Default()
	}
	if d.observe == nil {
		d.observe = LogObserver(d.log)
	}
	if d.checked == nil {
		d.checked = LogChecks(d.log)
	}
	d.later.idle.L = &d.later.mu
	d.later.panicked = func(p any) {
		d.log.Error("a check panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
	if d.trace == nil {
		d.trace = randomTrace
	}
	if d.planner == nil {
		d.planner = rollout.Fixed(rollout.Unplanned())
	}
	return d
}

// route is one operation with what can serve it.
type route struct {
	op      *catalog.Operation
	has     rollout.Has
	names   []string // of the path parameters, in the order of the template
	handler any      // of the framework; nil without one
	guard   Guard    // of what the handler gets, or nil
	// contested is set where another template takes some of the paths that
	// the framework's router would send here.
	contested bool
	// contract is what messages are held against as checks says, by target;
	// nil without a contract.
	contract *conform.Operation
	checks   [rollout.Go + 1]checks

	// problems is how the contract has its errors.
	problems *conform.Problems

	rule atomic.Pointer[boundRule]
}

// boundRule is a route's rule together with the plan that it belongs to.
type boundRule struct {
	plan *rollout.Plan
	rule *rollout.Rule
}

// decide asks the plan in force. The operation's rule is looked up once per
// plan, not once per request.
func (d *Dispatcher) decide(rt *route, r *http.Request) rollout.Decision {
	plan := d.planner.Plan()
	b := rt.rule.Load()
	if b == nil || b.plan != plan {
		b = &boundRule{plan: plan, rule: plan.Rule(rt.op.Key)}
		rt.rule.Store(b)
	}
	return b.rule.Decide(subject{r}).Within(rt.has)
}
