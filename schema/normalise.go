package schema

import (
	"cmp"
	"slices"
)

// Normalisation says which of PHP's ways to write values are mended. It must
// not be changed while it is in use. The zero Normalisation mends nothing.
type Normalisation struct {
	Rules Rules
	// Dates are the layouts of dates and times, tried in turn, beside those
	// that no layout has to be declared for. They count when Rules has DateForm.
	Dates []DateLayout
}

// Normalised is what came of normalising a body.
type Normalised struct {
	// Body is the body as the contract has it: the very slice that was given
	// when nothing had to change, otherwise one that begins where buf does, if
	// that was large enough.
	Body []byte
	// Coercions are what was changed, each place and rule once, sorted. Values
	// are not in it.
	Coercions []Coercion
	// Violations is everything that no rule could mend; those of Body, as
	// Validate would report them.
	Violations Violations
}

// Coercion counts how often a rule was applied at a place.
type Coercion struct {
	// Pointer is where: a JSON pointer in which every step that is not the name
	// of a property in some schema of the contract is *. Those are indexes, and
	// the names in maps.
	Pointer string
	Rule    Rule
	Count   int
}

// maxRounds bounds how often a body is gone through: what a rule mends can
// make another one apply, but not forever.
const maxRounds = 4

// Normalise makes body what the contract says as far as the rules of n can do
// so with certainty, in one pass over the bytes. Where values depend on each
// other, as in alternatives, the result is gone through again.
//
// A body that is valid comes back as it is, byte for byte, without an
// allocation; so does one that is not JSON. What is changed is spelling: no
// rule loses or makes up a value, and what a rule would turn into something
// else that the schema refuses stays as it is. Properties that the contract
// does not know are passed on. Normalising the result again changes nothing.
//
// Alternatives (anyOf, oneOf) are mended when the value fits exactly one of
// them afterwards, or when a discriminator says which is meant; else they are
// left alone.
func (s *Schema) Normalise(buf, body []byte, mode Mode, n *Normalisation) Normalised {
	out := Normalised{Body: body}
	for round := 0; ; round++ {
		st := newState(s.doc, out.Body, mode)
		st.mend(s.root, n)
		broken, again := st.dead || st.faults > 0, st.recheck
		switch {
		case st.dead && round == 0 || len(st.edits) == 0 && !st.dead:
			st.release()
			return s.judged(out, mode, broken)
		case st.dead || round == maxRounds: // too costly to go on, or rules that contradict each other
			st.release()
			return s.judged(Normalised{Body: body}, mode, true)
		}
		st.order(0)
		out.Coercions = st.tally(out.Coercions)
		if round > 0 {
			buf = nil // the last result may stand in it
		}
		out.Body = st.splice(slices.Grow(buf[:0], len(st.data)+len(st.data)/8), st.edits, 0, len(st.data))
		st.release()
		if !again {
			return s.judged(out, mode, broken)
		}
	}
}

// judged completes a result with the violations that are left.
func (s *Schema) judged(out Normalised, mode Mode, broken bool) Normalised {
	slices.SortFunc(out.Coercions, func(a, b Coercion) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule))
	})
	if broken {
		out.Violations = s.Validate(out.Body, mode)
	}
	return out
}

// splice appends data[from:to] with the edits in it, which must be in order. Of
// edits that overlap the first counts, and of equal ones one.
func (s *state) splice(dst []byte, edits []edit, from, to int) []byte {
	for i := range edits {
		e := &edits[i]
		if e.at < from || e.end > to || i > 0 && e.equal(&edits[i-1]) {
			continue
		}
		dst = append(dst, s.data[from:e.at]...)
		dst = append(dst, e.text...)
		from = e.end
	}
	return append(dst, s.data[from:to]...)
}

func (e *edit) equal(o *edit) bool {
	return e.at == o.at && e.end == o.end && string(e.text) == string(o.text)
}

// order brings edits from mark on into the order of the text. They mostly are.
func (s *state) order(mark int) []edit {
	edits := s.edits[mark:]
	before := func(a, b edit) int { return a.at - b.at }
	if !slices.IsSortedFunc(edits, before) {
		slices.SortStableFunc(edits, before)
	}
	return edits
}
