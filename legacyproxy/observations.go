package legacyproxy

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/banyan-go/banyan/conform"
)

// ObservationsVersion is the version of the JSON form of Observations.
const ObservationsVersion = 1

// Observations is what an Adapter has seen of PHP. It is a copy: nothing
// changes it afterwards. All of it may be shown to operators; values of answers
// are not in it.
type Observations struct {
	// Version is ObservationsVersion.
	Version int `json:"version"`
	// Since is when the counting began, At when the copy was made.
	Since time.Time `json:"since"`
	At    time.Time `json:"at"`
	// Operations is sorted by Operation. Those of which there is nothing to
	// tell are left out.
	Operations []OperationObservations `json:"operations"`
	// Unanswered are the keys of the operations that PHP serves and has not
	// answered yet, sorted.
	Unanswered []string `json:"unanswered,omitempty"`
}

// OperationObservations is what was seen of one operation.
type OperationObservations struct {
	// Operation is its key, service.operationId.
	Operation string `json:"operation"`
	// Normalise is when its answers are normalised: always, auto, or empty.
	Normalise string `json:"normalise,omitempty"`
	// Conformance says whether PHP keeps to the contract.
	Conformance *Conformance `json:"conformance,omitempty"`
	// Unmapped are the errors that no rule of legacy.yaml names.
	Unmapped *UnmappedErrors `json:"unmapped,omitempty"`
}

// Observations returns what was seen so far, what was restored included. It
// may be called at any time.
func (a *Adapter) Observations() Observations {
	now := a.observed()
	if before := a.earlier.Load(); before != nil {
		now = Merge(*before, now)
		for i := range now.Operations {
			op := &now.Operations[i]
			if r := a.routes[op.Operation]; r != nil && op.Conformance != nil {
				op.Conformance.Unseen = unseen(r.statuses, op.Conformance.Statuses)
			}
		}
	}
	return now
}

// observed is what was seen since the adapter was loaded.
func (a *Adapter) observed() Observations {
	out := Observations{Version: ObservationsVersion, Since: a.since, At: time.Now().UTC().Truncate(time.Second)}
	for _, key := range slices.Sorted(maps.Keys(a.routes)) {
		r := a.routes[key]
		seen := OperationObservations{Operation: key, Normalise: r.normalise.when.String(),
			Unmapped: r.unmapped.snapshot(), Conformance: r.conformance.snapshot(r.statuses)}
		if seen.Unmapped != nil || seen.Conformance != nil {
			out.Operations = append(out.Operations, seen)
		}
		if seen.Conformance == nil {
			out.Unanswered = append(out.Unanswered, key)
		}
	}
	return out
}

// Checked tells of an answer of PHP that somebody else has held against the
// contract after it was sent. Those of operations whose answers are normalised
// are judged here, each of them, and not counted again.
func (a *Adapter) Checked(operation string, status int, violations []conform.Violation, skipped conform.Skip) {
	rt := a.routes[operation]
	if rt == nil || rt.normaliser.active() {
		return
	}
	if status >= 400 && skipped == conform.NoBody {
		return // it may be a problem of Banyan's own
	}
	if skipped == conform.NoBody {
		skipped = conform.Checkable // there was nothing else to check
	}
	rt.conformance.judge(verdict{violations: violations, skipped: skipped, shape: rt.names.shape})
	if len(violations) > 0 {
		rt.normaliser.wake()
	}
}

func (c *Conformance) sort() {
	slices.SortFunc(c.Coercions, func(a, b CoercionCount) int {
		return cmp.Or(-cmp.Compare(a.Answers, b.Answers), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule))
	})
	slices.SortFunc(c.Violations, func(a, b ViolationCount) int {
		return cmp.Or(-cmp.Compare(a.Answers, b.Answers), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Contract, b.Contract), cmp.Compare(a.Keyword, b.Keyword))
	})
}
