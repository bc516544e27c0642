package schema

import (
	"math/bits"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// noObject stands in for schemas that say nothing about objects.
var noObject = &objectRules{}

// enter counts a level of nesting.
func (s *state) enter() bool {
	if s.depth++; s.depth > s.doc.options.MaxDepth {
		return s.stop(s.pos, tooDeep)
	}
	return true
}

// members is what checking an object has to remember until its end.
type members struct {
	rules *objectRules
	start int
	count int
	seen  uint64   // of the first 64 properties
	more  []uint64 // of the others
	marks int      // where this object's marks begin
	table *markTable
	next  int // the property that comes now, if they come in their order
}

// guess reports whether the name that begins at from is that of the next
// property, with its closing quote.
func (m *members) guess(data []byte, from int) (quoted int, ok bool) {
	if m.next >= len(m.rules.properties) {
		return 0, false
	}
	name := m.rules.properties[m.next].quoted
	return len(name), name != "" && len(data)-from >= len(name) && string(data[from:from+len(name)]) == name
}

func (m *members) has(i int) bool {
	if i < 64 {
		return m.seen>>i&1 == 1
	}
	return m.more[i/64-1]>>(i%64)&1 == 1
}

func (m *members) set(i int) {
	if i < 64 {
		m.seen |= 1 << i
	} else {
		m.more[i/64-1] |= 1 << (i % 64)
	}
}

// objectValue checks an object.
func (s *state) objectValue(n *node) bool {
	m := members{rules: n.object, start: s.pos, marks: len(s.marks)}
	if !s.enter() {
		return false
	}
	wrong := n.types&kindObject == 0
	if wrong {
		if mended, ok := s.mendObject(n); mended || !ok {
			s.depth--
			return ok
		}
		if !s.wrongType(n, m.start, kindObject) {
			return false
		}
	}
	if wrong || m.rules == nil {
		m.rules = noObject
	}
	outerBits := len(s.bits)
	if count := len(m.rules.properties); count > 64 {
		for range (count - 1) / 64 {
			s.bits = append(s.bits, 0)
		}
		m.more = s.bits[outerBits:len(s.bits):len(s.bits)]
	}
	if !s.members(&m) {
		return false
	}
	if !wrong && n.object != nil && !s.closeObject(&m) {
		return false
	}
	if m.table != nil {
		s.giveTable(m.table)
	}
	s.marks = s.marks[:m.marks]
	s.bits = s.bits[:outerBits]
	s.depth--
	return true
}

// members checks what is between the braces.
func (s *state) members(m *members) bool {
	data := s.data
	s.pos = scan.Space(data, s.pos+1)
	if s.pos < len(data) && data[s.pos] == '}' {
		s.pos++
		return true
	}
	for {
		if s.pos >= len(data) || data[s.pos] != '"' {
			return s.syntax(s.pos, "a name in quotes is expected")
		}
		from := s.pos + 1
		quoted, guessed := m.guess(data, from)
		end := from + quoted - 1
		var shape scan.Shape
		if !guessed {
			var fault scan.Fault
			if end, shape, fault = scan.String(data, from); fault != scan.OK {
				return s.syntax(end, fault.String())
			}
			m.next = -1
		}
		i := end + 1
		if i < len(data) && data[i] <= ' ' {
			i = scan.Space(data, i)
		}
		if i >= len(data) || data[i] != ':' {
			return s.syntax(i, "a colon is expected")
		}
		if i++; i < len(data) && data[i] <= ' ' {
			i = scan.Space(data, i)
		}
		s.pos = i
		m.count++
		if !s.member(m, from, end, shape) {
			return false
		}
		if s.pos < len(data) && data[s.pos] <= ' ' {
			s.pos = scan.Space(data, s.pos)
		}
		if s.pos >= len(data) {
			return s.syntax(s.pos, "the object is not closed")
		}
		switch data[s.pos] {
		case ',':
			if s.pos++; s.pos < len(data) && data[s.pos] <= ' ' {
				s.pos = scan.Space(data, s.pos)
			}
		case '}':
			s.pos++
			return true
		default:
			return s.syntax(s.pos, "a comma or the end of the object is expected")
		}
	}
}

// member checks the member whose name is data[from:end], with pos at its value.
// The property is m.next unless that is -1.
func (s *state) member(m *members, from, end int, shape scan.Shape) bool {
	o := m.rules
	i := m.next
	if i < 0 {
		name := s.data[from:end]
		if shape&scan.Escaped != 0 {
			s.key = scan.Unescape(s.key[:0], name)
			name = s.key
		}
		if i = o.table.Find(name); i < 0 {
			m.next = 0
			if s.sink == mending {
				return s.mendOther(m, name, from, end, shape)
			}
			return s.otherMember(m, name, from, end)
		}
	}
	m.next = i + 1
	p := &o.properties[i]
	var outer uint64
	if s.sink == mending {
		outer = s.step(uint64(i), p.node)
		if s.mendMember(m, i, from-1) {
			s.path = outer
			return true
		}
	}
	if m.has(i) && !s.report(s.pos, twice) {
		return false
	}
	m.set(i)
	if r := p.forbid[s.mode]; r != nil && !s.report(s.pos, r) {
		return false
	}
	if len(o.names) > 0 && !s.checkName(o, from) {
		return false
	}
	ok := s.value(p.node)
	if s.sink == mending {
		s.path = outer
	}
	return ok
}

// otherMember checks a member whose name no keyword spells out.
func (s *state) otherMember(m *members, name []byte, from, end int) bool {
	if s.seenBefore(m, name, from, end) && !s.report(s.pos, twice) {
		return false
	}
	o := m.rules
	if len(o.names) > 0 && !s.checkName(o, from) {
		return false
	}
	if len(o.groups) == 0 {
		if o.additional == nil {
			return s.plain(s.doc.compiler.anything)
		}
		return s.value(o.additional)
	}
	return s.patternMember(o, name)
}

// patternMember checks a member by the patterns that its name matches.
func (s *state) patternMember(o *objectRules, name []byte) bool {
	start, end := s.pos, -1
	apply := func(n *node) bool {
		s.pos = start
		ok := s.value(n)
		end = s.pos
		return ok
	}
	// What name points to is overwritten by checking the value.
	var few [8]*node
	nodes := few[:0]
	for g := range o.groups {
		group := &o.groups[g]
		matched := false
		for i := range group.patterns {
			p := &group.patterns[i]
			ok, err := p.pattern.Match(name)
			if err != nil && !s.report(start, p.time) {
				return false
			}
			if ok || err != nil {
				nodes, matched = append(nodes, p.node), true
			}
		}
		if !matched && group.additional != nil {
			nodes = append(nodes, group.additional)
		}
	}
	for _, n := range nodes {
		if !apply(n) {
			return false
		}
	}
	if end < 0 {
		return apply(s.doc.compiler.anything)
	}
	return true
}

// checkName checks a member's name against propertyNames.
func (s *state) checkName(o *objectRules, from int) bool {
	value := s.pos
	for _, n := range o.names {
		if s.sink == mending { // names are not mended
			if !s.try(n, from-1) {
				s.faults++
			}
			continue
		}
		s.pos = from - 1
		before := len(s.found)
		if !s.value(n) {
			return false
		}
		for i := before; i < len(s.found); i++ { // a name has no pointer: point to its value
			f := &s.found[i]
			if f.text == "" {
				f.text = f.rule.message
			}
			f.at, f.text = value, "has a name that "+f.text
			f.hide = true // the value there is not what is wrong
		}
	}
	s.pos = value
	return true
}

// closeObject checks what can only be told at the end.
func (s *state) closeObject(m *members) bool {
	o := m.rules
	if o.any[s.mode] && !s.requiredMembers(m) {
		return false
	}
	for i := range o.sizes {
		if !s.size(&o.sizes[i], m.start, m.count) {
			return false
		}
	}
	for i := range o.dependents {
		if d := &o.dependents[i]; m.has(d.property) && !s.dependents(m, d) {
			return false
		}
	}
	if s.fill && s.sink == loud {
		s.addDefaults(m)
	}
	return true
}

func (s *state) requiredMembers(m *members) bool {
	for word, required := range m.rules.required[s.mode] {
		missing := required
		if word == 0 {
			missing &^= m.seen
		} else {
			missing &^= m.more[word-1]
		}
		for ; missing != 0; missing &= missing - 1 {
			i := word*64 + bits.TrailingZeros64(missing)
			if !s.reportChild(m.start, m.rules.table.Names()[i], m.rules.properties[i].required) {
				return false
			}
		}
	}
	return true
}

func (s *state) dependents(m *members, d *dependent) bool {
	for i, required := range d.requires {
		if !m.has(required) && !s.reportChild(m.start, m.rules.table.Names()[required], d.rules[i]) {
			return false
		}
	}
	if d.node == nil {
		return true
	}
	end := s.pos
	ok := s.again(d.node, m.start)
	s.pos = end
	return ok
}

// size checks a number of members or items.
func (s *state) size(r *sizeRule, at, count int) bool {
	if r.min >= 0 && count < r.min && !s.report(at, r.minRule) {
		return false
	}
	return r.max < 0 || count <= r.max || s.report(at, r.maxRule)
}
