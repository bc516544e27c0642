package legacyproxy

import (
	"errors"
	"fmt"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/conform"
)

// normalisers compiles the contract for the operations of a service whose
// answers are normalised.
func (l *loader) normalisers(m *Mapping, s *catalog.Service, view *contractView) (faults config.Faults) {
	names := &knownNames{contract: view.doc.Root}
	var wanted []*route
	for i := range s.Operations {
		if r := l.a.routes[s.Operations[i].Key]; r != nil {
			r.names, r.statuses = names, view.statuses(r.declared)
			if r.normalise.when != never {
				wanted = append(wanted, r)
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	at := wanted[0].normalise.pos
	if len(s.Contract) == 0 {
		return config.Faults{{Pos: at, Message: "normalise: the contract is not at hand", Hint: "generate the code again"}}
	}
	compiled, err := conform.Compile(s, l.workspace.ValidationOf(s))
	if err != nil {
		var wrong conform.Faults
		errors.As(err, &wrong)
		for _, f := range wrong {
			faults = append(faults, config.Fault{Pos: at,
				Message: fmt.Sprintf("normalise: %s: the contract cannot be compiled at #%s: %s", f.Operation.Key, f.Pointer, f.Message)})
		}
		return faults
	}
	for _, r := range wanted {
		contract := compiled.Operation(r.id)
		own := r.normalise.pos != m.defaults.normalise.pos
		switch {
		case contract.HasJSONAnswer() || r.normalise.requests && contract.HasJSONRequest():
			r.normaliser = newNormaliser(&r.normalise, contract)
		case own: // for the whole file it counts where it can
			faults = append(faults, config.Fault{Pos: r.normalise.pos, Hint: "remove it",
				Message: fmt.Sprintf("normalise: the contract of %s has no JSON to normalise", r.id)})
		}
	}
	return faults
}
