package legacyproxy

import (
	"cmp"
	"slices"
)

// Observations is what an Adapter has seen of PHP since it was loaded. It is
// a copy: nothing changes it afterwards. All of it may be shown to operators;
// values of answers are not in it.
type Observations struct {
	// Operations is sorted by Operation. Those of which there is nothing to
	// tell are left out.
	Operations []OperationObservations `json:"operations"`
}

// OperationObservations is what was seen of one operation.
type OperationObservations struct {
	// Operation is its key, service.operationId.
	Operation string `json:"operation"`
	// Unmapped are the errors that no rule of legacy.yaml names.
	Unmapped *UnmappedErrors `json:"unmapped,omitempty"`
}

// Observations returns what was seen so far. It may be called at any time.
func (a *Adapter) Observations() Observations {
	var out Observations
	for key, r := range a.routes {
		seen := OperationObservations{Operation: key, Unmapped: r.unmapped.snapshot()}
		if seen.Unmapped != nil {
			out.Operations = append(out.Operations, seen)
		}
	}
	slices.SortFunc(out.Operations, func(a, b OperationObservations) int { return cmp.Compare(a.Operation, b.Operation) })
	return out
}
