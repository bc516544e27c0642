package dispatch

import (
	"fmt"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/rollout"
)

// Check says what is wrong with a plan for the operations and handlers that
// are registered. It is what every new plan must pass.
func (d *Dispatcher) Check(p *rollout.Plan) config.Faults {
	has := make(map[string]rollout.Has, len(d.routes))
	var known []string
	for _, rt := range d.routes {
		has[rt.op.Key] = rt.has
		known = append(known, rt.op.Key)
	}
	for _, s := range d.workspace.Services {
		if d.services[s.Name] {
			continue
		}
		for i := range s.Operations { // start complains about the service itself
			known = append(known, s.Operations[i].Key)
			has[s.Operations[i].Key] = rollout.Has{Handler: true, Legacy: true}
		}
	}
	return p.Check(known, func(op string) rollout.Has { return has[op] })
}

// faults is everything that keeps the dispatcher from starting.
func (d *Dispatcher) faults() config.Faults {
	var fs config.Faults
	for _, s := range d.workspace.Services {
		if !d.services[s.Name] {
			fs = append(fs, config.Fault{Message: fmt.Sprintf("the service %q is in the workspace but is not registered", s.Name),
				Hint: "call its Register before Start"})
		}
	}
	if d.unmatched == catalog.Legacy && d.legacy == nil {
		fs = append(fs, config.Fault{Message: "unmatched is legacy, but there is no legacy backend", Hint: "set unmatched: deny or give the dispatcher a backend"})
	}
	for _, rt := range d.routes {
		if !rt.has.Handler && !rt.has.Legacy {
			fs = append(fs, config.Fault{Pos: config.Pos{File: rt.op.Source},
				Message: fmt.Sprintf("%s has neither a Go handler nor a legacy mapping", rt.op.Key),
				Hint:    "register a handler or list it in legacy.yaml"})
		}
	}
	return append(fs, d.Check(d.planner.Plan())...)
}

// begin lets requests in, once everything is right.
func (d *Dispatcher) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.started.Load() {
		return fmt.Errorf("dispatch: started twice")
	}
	// From here on no plan comes into force unchecked: either it passes the
	// watcher's check, or it is the one that is checked below.
	if w, ok := d.planner.(interface {
		Require(func(*rollout.Plan) config.Faults)
	}); ok {
		w.Require(d.Check)
	}
	if err := d.faults().Err(); err != nil {
		return err
	}
	d.table.contest()
	d.started.Store(true)
	return nil
}
