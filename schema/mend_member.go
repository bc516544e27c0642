package schema

import (
	"slices"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// mendMember looks at a property before its value is checked, while values are
// being mended: one that says "there is none" in PHP's way is left out, or
// becomes null where the contract allows null. name is the offset of the
// name's opening quote.
func (s *state) mendMember(m *members, i, name int) (mended bool) {
	if s.sink != mending || s.pos >= len(s.data) {
		return false
	}
	p, at := &m.rules.properties[i], s.pos
	optional := p.declared && !m.requires(i, s.mode)
	var r Rule
	var size int
	switch c := s.data[at]; {
	case c == 'n':
		if size, _ = literalAt(s.data, at); size == 0 || p.node.accepts&kindNull != 0 || !optional || p.node.types == 0 {
			return false
		}
		r = NullProperty
	case c != '"':
		return false
	case s.how.Rules.Has(EmptyText) && at+1 < len(s.data) && s.data[at+1] == '"':
		if s.fits(p.node, s.data[at:at+2]) {
			return false
		}
		r, size = EmptyText, 2
	case at+1 < len(s.data) && s.data[at+1] == '0' && s.noDate(at) && p.node.dateFormat() != "":
		end, _, _ := scan.String(s.data, at+1)
		r, size = DateForm, end+1-at
	default:
		return false
	}
	switch nullable := p.node.accepts&kindNull != 0; {
	case !s.how.Rules.Has(r):
		return false
	case nullable && s.fits(p.node, []byte("null")):
		s.pos = at + size
		s.edit(at, s.pos, []byte("null"), r, at)
		m.set(i)
		return true
	case !optional:
		return false
	}
	s.pos = at + size
	s.leaveOut(name, at, r)
	m.count--
	return true
}

func (m *members) requires(i int, mode Mode) bool {
	required := m.rules.required[mode]
	return i/64 < len(required) && required[i/64]>>(i%64)&1 == 1
}

// leaveOut removes the member whose name begins at an offset and whose value
// ends at pos, together with one of the commas beside it.
func (s *state) leaveOut(name, value int, r Rule) {
	data := s.data
	if i := scan.Space(data, s.pos); i < len(data) && data[i] == ',' {
		s.edit(name, scan.Space(data, i+1), nil, r, value)
		return
	}
	// The last one takes the comma before it along, which may be before others
	// that are left out.
	at, first := name, len(s.edits)
	for ; first > 0 && s.edits[first-1].end == at && s.edits[first-1].text == nil; first-- {
		at = s.edits[first-1].at
	}
	before := at - 1
	for data[before] <= ' ' {
		before--
	}
	if data[before] == ',' {
		at = before
	}
	s.recheck = s.recheck || s.watched > 0
	s.edits = slices.Insert(s.edits, first, edit{at, s.pos, nil, r, value, s.path})
}

// dateFormat is the format that n asks of strings, if it is one of dates.
func (n *node) dateFormat() string {
	for i := range n.strings {
		if r := n.strings[i].formatRule; r != nil && !r.warn && (r.limit == "date" || r.limit == "date-time") {
			return r.limit
		}
	}
	return ""
}
