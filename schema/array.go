package schema

import (
	"strconv"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// noArray stands in for schemas that say nothing about arrays.
var noArray = &arrayRules{}

// items is what checking an array has to remember until its end.
type items struct {
	rules  *arrayRules
	start  int
	count  int
	marks  int // where this array's marks begin
	table  *markTable
	same   bool  // two equal items have been found
	counts []int // of items that fit each contains
}

// arrayValue checks an array.
func (s *state) arrayValue(n *node) bool {
	a := items{rules: n.array, start: s.pos, marks: len(s.marks)}
	if !s.enter() {
		return false
	}
	wrong := n.types&kindArray == 0
	if wrong {
		if mended, ok := s.mendList(n); mended || !ok {
			s.depth--
			return ok
		}
	}
	if wrong && !s.wrongType(n, a.start, kindArray) {
		return false
	}
	if wrong || a.rules == nil {
		a.rules = noArray
	}
	if s.sink == mending && a.rules.unique != nil {
		s.watched++
	}
	if len(a.rules.contains) > 0 {
		a.counts = make([]int, len(a.rules.contains))
	}
	if !s.items(&a) || !s.closeArray(&a) {
		return false
	}
	if s.sink == mending && a.rules.unique != nil {
		s.watched--
	}
	if a.table != nil {
		s.giveTable(a.table)
	}
	s.marks = s.marks[:a.marks]
	s.depth--
	return true
}

// items checks what is between the brackets.
func (s *state) items(a *items) bool {
	data := s.data
	s.pos = scan.Space(data, s.pos+1)
	if s.pos < len(data) && data[s.pos] == ']' {
		s.pos++
		return true
	}
	for {
		if !s.item(a) {
			return false
		}
		a.count++
		if s.pos < len(data) && data[s.pos] <= ' ' {
			s.pos = scan.Space(data, s.pos)
		}
		if s.pos >= len(data) {
			return s.syntax(s.pos, "the array is not closed")
		}
		switch data[s.pos] {
		case ',':
			if s.pos++; s.pos < len(data) && data[s.pos] <= ' ' {
				s.pos = scan.Space(data, s.pos)
			}
		case ']':
			s.pos++
			return true
		default:
			return s.syntax(s.pos, "a comma or the end of the array is expected")
		}
	}
}

func (s *state) item(a *items) bool {
	r := a.rules
	n := r.items
	if a.count < len(r.prefix) {
		n = r.prefix[a.count]
	}
	if n == nil {
		n = s.doc.compiler.anything
	}
	start := s.pos
	if s.sink == mending {
		if !s.mendPart(n) {
			return false
		}
	} else if !s.value(n) {
		return false
	}
	end := s.pos
	for i := range r.contains {
		if s.try(r.contains[i].node, start) {
			a.counts[i]++
		}
	}
	if s.dead {
		return false
	}
	s.pos = end
	if r.unique == nil || a.same {
		return true
	}
	if before, found := s.equalBefore(a, start, end); found {
		a.same = true
		return s.reportText(start, r.unique, "must not be equal to item "+strconv.Itoa(before)+": the items must differ from each other")
	}
	return true
}

func (s *state) closeArray(a *items) bool {
	for i := range a.rules.sizes {
		if !s.size(&a.rules.sizes[i], a.start, a.count) {
			return false
		}
	}
	for i, count := range a.counts {
		c := &a.rules.contains[i]
		if count < c.min && !s.report(a.start, c.minRule) || c.max >= 0 && count > c.max && !s.report(a.start, c.maxRule) {
			return false
		}
	}
	return true
}
