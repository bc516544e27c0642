package workspace

import "github.com/banyan-go/banyan/catalog"

// Route is one operation and where it is served.
type Route struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Operation string `json:"operation"`
	// Class says whether a request may be repeated: R, I, W or X.
	Class  catalog.Class `json:"class"`
	Stage  string        `json:"stage"`
	Target string        `json:"target"`
	Reason string        `json:"reason"`
	// Plan is where rollout.yaml says so, and empty when it does not.
	Plan string `json:"plan,omitempty"`
	// Upstream is empty for an operation without a legacy side.
	Upstream string `json:"upstream,omitempty"`
	// Source is where the contract declares the operation.
	Source string `json:"source"`
}

// Routes lists the operations of the named services, or of all, by service and
// operationId. The workspace must be free of errors.
func (l *Loaded) Routes(services []string) ([]Route, error) {
	wanted, err := l.wanted(services)
	if err != nil {
		return nil, err
	}
	routes := []Route{}
	for _, s := range l.Catalog.Services {
		if !wanted(s.Name) {
			continue
		}
		for i := range s.Operations {
			op := &s.Operations[i]
			r := Route{Method: op.Method, Path: op.Path, Operation: op.Key, Class: op.Class, Source: op.Source}
			if l.adapter != nil {
				r.Upstream = l.adapter.Upstream(op)
			}
			stage, pos := l.Plan.Stage(op.Key)
			r.Stage = string(stage)
			if pos.Line > 0 {
				r.Plan = pos.String()
			}
			// Without a subject a canary has no target: both are true.
			r.Target, r.Reason = "legacy+go", "canary"
			if d, always := l.Plan.Rule(op.Key).Always(); always {
				d = d.Within(l.has(s, op))
				r.Target, r.Reason = d.Target.String(), string(d.Reason)
			}
			routes = append(routes, r)
		}
	}
	return routes, nil
}
