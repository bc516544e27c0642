package schema

import (
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// unevaluated checks the members or items that no other keyword has spoken
// about. It is the one check that builds lists: few contracts have it.
func (s *state) unevaluated(n *node, start int, kind kinds) bool {
	switch {
	case kind == kindObject && n.uneval.properties != nil:
		names, values := s.membersAt(start)
		done := make([]bool, len(names))
		s.evaluatedMembers(n, start, names, done, true)
		for i, at := range values {
			if !done[i] && !s.again(n.uneval.properties, at) {
				return false
			}
		}
	case kind == kindArray && n.uneval.items != nil:
		values := s.itemsAt(start)
		done := make([]bool, len(values))
		s.evaluatedItems(n, start, values, done, true)
		for i, at := range values {
			if !done[i] && !s.again(n.uneval.items, at) {
				return false
			}
		}
	}
	return !s.dead
}

// membersAt lists names, unescaped, and offsets of values of a valid object.
func (s *state) membersAt(start int) (names []string, values []int) {
	data := s.data
	for i := scan.Space(data, start+1); data[i] != '}'; {
		end, _, _ := scan.String(data, i+1)
		names = append(names, string(scan.Unescape(nil, data[i+1:end])))
		i = scan.Space(data, scan.Space(data, end+1)+1)
		values = append(values, i)
		if i = scan.Space(data, scan.Skip(data, i)); data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	return names, values
}

func (s *state) itemsAt(start int) (values []int) {
	data := s.data
	for i := scan.Space(data, start+1); data[i] != ']'; {
		values = append(values, i)
		if i = scan.Space(data, scan.Skip(data, i)); data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	return values
}

// applied calls f with the schemas beneath n that apply to the value, and that
// it fits: what they speak about counts as evaluated.
func (s *state) applied(n *node, start int, f func(*node)) {
	for _, a := range n.also {
		f(a)
	}
	for _, g := range n.groups {
		for _, b := range g.branches {
			if s.try(b.node, start) {
				f(b.node)
			}
		}
	}
	for _, cond := range n.conds {
		if s.try(cond.test, start) {
			f(cond.test)
			if cond.then != nil {
				f(cond.then)
			}
		} else if cond.otherwise != nil {
			f(cond.otherwise)
		}
	}
}

// evaluatedMembers marks the members that n and what applies with it speak
// about. own is set for the schema whose unevaluatedProperties is being checked.
func (s *state) evaluatedMembers(n *node, start int, names []string, done []bool, own bool) {
	if s.dead {
		return
	}
	o := n.object
	for i, name := range names {
		done[i] = done[i] || !own && n.uneval != nil && n.uneval.properties != nil || o != nil && o.evaluates(name)
	}
	s.applied(n, start, func(sub *node) { s.evaluatedMembers(sub, start, names, done, false) })
	if o == nil {
		return
	}
	for _, dep := range o.dependents {
		if dep.node == nil {
			continue
		}
		for _, name := range names {
			if name == o.table.Names()[dep.property] {
				s.evaluatedMembers(dep.node, start, names, done, false)
			}
		}
	}
}

// evaluates reports whether properties, patternProperties or
// additionalProperties speak about a name.
func (o *objectRules) evaluates(name string) bool {
	if o.closed {
		return true
	}
	if i := o.table.Find([]byte(name)); i >= 0 && o.properties[i].declared {
		return true
	}
	for _, g := range o.groups {
		for _, p := range g.patterns {
			if ok, err := p.pattern.Match([]byte(name)); ok && err == nil {
				return true
			}
		}
	}
	return false
}

func (s *state) evaluatedItems(n *node, start int, values []int, done []bool, own bool) {
	if s.dead {
		return
	}
	all := !own && n.uneval != nil && n.uneval.items != nil
	a := n.array
	for i := range values {
		done[i] = done[i] || all || a != nil && (a.listed || i < len(a.prefix))
		for k := 0; a != nil && k < len(a.contains) && !done[i]; k++ {
			done[i] = s.try(a.contains[k].node, values[i])
		}
	}
	s.applied(n, start, func(sub *node) { s.evaluatedItems(sub, start, values, done, false) })
}
