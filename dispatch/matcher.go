package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/uripath"
)

// matcher finds operations by path as the contracts mean it: a concrete
// segment before a mixed one before a parameter (OpenAPI 3.0.3, section
// 4.7.8.2), a parameter within one segment and never empty, every segment
// decoded once. It is the judge wherever the framework's router finds nothing
// or is not exact.
//
// Looking up visits each node of the tree at most once, whatever the path.
type matcher struct {
	root      node
	templates []entry
}

type entry struct {
	template template
	route    *route
}

type node struct {
	literal map[string]*node
	mixed   []mixedNode
	param   *node
	routes  []*route // one per method
}

type mixedNode struct {
	segment segment
	key     string
	next    *node
}

// add inserts an operation. Two operations cannot share method and path.
func (m *matcher) add(t template, rt *route) error {
	n := &m.root
	for _, s := range t {
		n = n.child(s)
	}
	for _, other := range n.routes {
		if other.op.Method == rt.op.Method {
			return fmt.Errorf("%s takes the same requests as %s (%s %s, %s)", rt.op.Key, other.op.Key, other.op.Method, other.op.Path, other.op.Source)
		}
	}
	n.routes = append(n.routes, rt)
	m.templates = append(m.templates, entry{t, rt})
	return nil
}

func (n *node) child(s segment) *node {
	switch {
	case s.literal():
		if n.literal == nil {
			n.literal = map[string]*node{}
		}
		text := uripath.Text(s.literals[0])
		next, ok := n.literal[text]
		if !ok {
			next = &node{}
			n.literal[text] = next
		}
		return next
	case s.plain():
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	key := template{s}.key()
	for _, x := range n.mixed {
		if x.key == key {
			return x.next
		}
	}
	next := &node{}
	n.mixed = append(n.mixed, mixedNode{s, key, next})
	// The segment with more text around its parameters says more, so it goes
	// first; the key settles the rest, so that order of registration does not.
	slices.SortFunc(n.mixed, func(a, b mixedNode) int {
		if d := len(b.key) - len(a.key); d != 0 {
			return d
		}
		return strings.Compare(a.key, b.key)
	})
	return next
}

// contest marks the routes whose paths a mixed template may claim.
func (m *matcher) contest() {
	for _, a := range m.templates {
		if !a.template.mixed() {
			continue
		}
		for _, b := range m.templates {
			if a.template.overlaps(b.template) {
				b.route.contested = true
			}
		}
	}
}

// found is what a path leads to.
type found struct {
	route  *route
	values []string // of the parameters, decoded
	// allow holds the methods of the operations at the path, sorted, when
	// there are some but none for the method.
	allow []string
}

// find looks up a path in its escaped form.
func (m *matcher) find(method, escaped string) found {
	path, ok := strings.CutPrefix(escaped, "/")
	if !ok {
		return found{}
	}
	s := search{method: method}
	if rt := s.walk(&m.root, path, true); rt != nil {
		return found{route: rt, values: s.values}
	}
	slices.Sort(s.allow)
	return found{allow: slices.Compact(s.allow)}
}

type search struct {
	method string
	values []string
	allow  []string
}

// walk tries the children of n on the first segment of path. more is false
// when nothing is left, not even an empty segment.
func (s *search) walk(n *node, path string, more bool) *route {
	if !more {
		for _, rt := range n.routes {
			if rt.op.Method == s.method {
				return rt
			}
			s.allow = append(s.allow, rt.op.Method)
		}
		return nil
	}
	raw, rest, more := strings.Cut(path, "/")
	text := uripath.Text(raw)
	if next := n.literal[text]; next != nil {
		if rt := s.walk(next, rest, more); rt != nil {
			return rt
		}
	}
	kept := len(s.values)
	if len(n.mixed) > 0 {
		normal := uripath.Normal(raw)
		for _, x := range n.mixed {
			values, ok := x.segment.match(normal, s.values)
			if !ok {
				continue
			}
			s.values = values
			if rt := s.walk(x.next, rest, more); rt != nil {
				return rt
			}
			s.values = s.values[:kept]
		}
	}
	if n.param != nil && text != "" {
		s.values = append(s.values, text)
		if rt := s.walk(n.param, rest, more); rt != nil {
			return rt
		}
		s.values = s.values[:kept]
	}
	return nil
}
