package review

import (
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// faults are the errors of both versions of a contract, in spite of which it can be
// compared.
type faults struct {
	// shared are those of the head that the base has as well, with their places there.
	shared []sharedFault
	// introduced has only the head, mended only the base.
	introduced, mended []contract.Fault
}

type sharedFault struct {
	contract.Fault
	before config.Pos
}

// compareFaults pairs the faults of two versions. Of those that say the same, what
// stands in the same line belongs together first, and the rest in turn, so that one
// that was added is the last.
func compareFaults(was, is *contract.Contract) (out faults) {
	old := slices.Clone(was.Faults())
	pair := func(f contract.Fault, fits func(contract.Fault) bool) bool {
		i := slices.IndexFunc(old, func(o contract.Fault) bool { return o.Same(f) && fits(o) })
		if i < 0 {
			return false
		}
		out.shared = append(out.shared, sharedFault{f, old[i].Pos})
		old = slices.Delete(old, i, i+1)
		return true
	}
	var left []contract.Fault
	for _, f := range is.Faults() {
		if !pair(f, func(o contract.Fault) bool { return o.Pos.Line == f.Pos.Line }) {
			left = append(left, f)
		}
	}
	for _, f := range left {
		if !pair(f, func(contract.Fault) bool { return true }) {
			out.introduced = append(out.introduced, f)
		}
	}
	out.mended = old
	return out
}

// passed makes warnings of the errors that both sides share, in the findings of the
// head, and adds those that only the base has.
func (l *loader) passed(headList diag.List) diag.List {
	known, fresh := map[diag.Diagnostic]sharedFault{}, map[diag.Diagnostic]bool{}
	key := func(d diag.Diagnostic) diag.Diagnostic {
		return diag.Diagnostic{Rule: d.Rule, Pos: d.Pos, Message: d.Message}
	}
	var mended diag.List
	for _, now := range l.is.Services {
		was := l.was.Service(now.Name)
		if was == nil || !was.Readable() || !now.Readable() {
			for _, f := range now.Faults() {
				fresh[key(f.Diagnostic)] = true
			}
			continue
		}
		found := compareFaults(was, now)
		for _, f := range found.shared {
			known[key(f.Diagnostic)] = f
		}
		for _, f := range found.introduced {
			fresh[key(f.Diagnostic)] = true
		}
		for _, f := range found.mended {
			mended.Warn(ruleReviewBase, f.Pos, f.Message+"; what it is about is not known at the base", "")
		}
	}
	var out diag.List
	for _, d := range headList {
		if f, shared := known[key(d)]; shared && !fresh[key(d)] && d.Severity == diag.Error {
			d.Severity = diag.Warning
			d.Message += "; so it was before, at " + f.before.String() + ": what it is about is taken to be the same"
		} else if d.Severity != diag.Error {
			continue
		}
		out = append(out, d)
	}
	return append(out, mended...)
}

// blanks are changes for what is no schema and could not be had at the base: nobody
// can tell what the head has in its place.
func blanks(name string, mended []contract.Fault) []*Change {
	var out []*Change
	for _, f := range mended {
		if !f.Blank {
			continue
		}
		c := &Change{Rule: "schema-unknown", Service: name, Place: "service " + name, Message: "nothing is known about what was here before: " + f.Message, Old: f.Message, Base: f.Pos,
			Wire: Undecided, answers: Undecided, Why: []string{"nobody can tell what differs here"}}
		c.identify()
		if !slices.ContainsFunc(out, func(o *Change) bool { return o.ID == c.ID }) {
			out = append(out, c)
		}
	}
	return out
}
