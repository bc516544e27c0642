package rollout

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// Check compares the plan with the operations that exist. Unknown names are
// faults, and so is a stage that an operation cannot have: go or canary
// without a Go handler, legacy or canary without a legacy side. has may be
// nil when only the names can be known.
//
// What force and default ask for is not a fault where it cannot be had: such
// an operation stays on the side that it has (see Decision.Within), so that
// the kill switch always works.
func (p *Plan) Check(known []string, has func(op string) Has) config.Faults {
	names := make(map[string]bool, len(known))
	for _, k := range known {
		names[k] = true
	}
	var faults config.Faults
	fault := func(pos config.Pos, hint, format string, args ...any) {
		faults = append(faults, config.Fault{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	planned := func(op string) bool { return p.operations[op] != nil }
	for _, op := range p.order {
		r := p.operations[op]
		if !names[op] {
			fault(r.keyPos, suggest(op, known, planned), "unknown operation %q", op)
			continue
		}
		if has == nil {
			continue
		}
		h := has(op)
		if (r.canary || r.decision.Target == Go) && !h.Handler {
			fault(r.pos, "register a Go handler or set the operation to legacy", "%s is at stage %s but has no Go handler", op, r.stage)
		}
		if (r.canary || r.decision.Target == Legacy) && !h.Legacy {
			fault(r.pos, "list the operation in legacy.yaml or set it to go", "%s is at stage %s but has no legacy backend", op, r.stage)
		}
	}
	return faults
}

// suggest is a hint about an unknown operation. The likeliest mistake is to
// leave out the service.
func suggest(op string, known []string, planned func(op string) bool) string {
	if hint := ""; !strings.Contains(op, ".") {
		for _, k := range known {
			if strings.HasSuffix(k, "."+op) && !planned(k) {
				if hint != "" {
					return "write the service in front of it, such as " + k
				}
				hint = fmt.Sprintf("did you mean %q?", k)
			}
		}
		if hint != "" {
			return hint
		}
	}
	return config.SuggestUnused(op, known, planned)
}
