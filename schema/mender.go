package schema

import (
	"sync"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// mender is what a state has besides while it mends values.
type mender struct {
	how     *Normalisation
	edits   []edit
	arena   []byte // of their texts
	path    uint64 // of the value: equal only for values whose pointers have one shape
	faults  int    // what is left that is not valid
	watched int    // > 0: within a value that is looked at as a whole
	recheck bool   // an edit may change what was found elsewhere
}

// edit is a change of spelling: text stands for data[at:end].
type edit struct {
	at, end int
	text    []byte
	rule    Rule
	value   int    // the value that is counted; -1: counted with another edit
	path    uint64 // of the value
}

var menders = sync.Pool{New: func() any { return new(mender) }}

// mend goes through all of data. Afterwards edits is what to change.
func (s *state) mend(root *node, how *Normalisation) {
	s.mender = menders.Get().(*mender)
	s.how, s.sink = how, mending
	s.path = mix(uint64(root.id), 0)
	s.text(root)
}

func (m *mender) giveBack() {
	clear(m.edits)
	edits, arena := m.edits[:0], m.arena[:0]
	if cap(edits) > maxKept/16 || cap(arena) > maxKept {
		edits, arena = nil, nil
	}
	*m = mender{edits: edits, arena: arena}
	menders.Put(m)
}

func (s *state) edit(at, end int, text []byte, r Rule, value int) {
	s.edits = append(s.edits, edit{at, end, text, r, value, s.path})
	s.recheck = s.recheck || s.watched > 0 || r == ListForm
}

// mends reports whether values are being mended, and by that rule.
func (s *state) mends(r Rule) bool { return s.sink == mending && s.how.Rules.Has(r) }

// step goes down to a property and returns where it was.
func (s *state) step(property uint64, n *node) (outer uint64) {
	outer = s.path
	s.path = mix(s.path^property, uint64(n.id)+1)
	return outer
}

// mendPart checks an item, or a member of a map.
func (s *state) mendPart(n *node) bool {
	outer := s.step(1<<32, n)
	ok := s.value(n)
	s.path = outer
	return ok
}

// mendOther is otherMember for values that are mended.
func (s *state) mendOther(m *members, name []byte, from, end int, shape scan.Shape) bool {
	outer := s.step(1<<32, s.doc.compiler.anything)
	ok := s.otherMember(m, name, from, end)
	s.path = outer
	return ok
}

// compoundMending is compound for values that are mended. What is found is not
// kept: it would have to be kept with the edits.
func (s *state) compoundMending(n *node) bool {
	if n.memo || len(n.enums) > 0 {
		s.watched++
		defer func() { s.watched-- }()
	}
	return s.compoundNow(n)
}

// done counts what has been found or changed so far.
func (s *state) done() int {
	if s.sink != mending {
		return len(s.found)
	}
	return len(s.edits) + s.faults
}
