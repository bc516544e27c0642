package contract

import (
	"slices"

	"github.com/banyan-go/banyan/config"
)

// nodeKind is the JSON type of a node.
type nodeKind uint8

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	stringNode
	listNode
	mapNode
)

// String names the kind as a user would.
func (k nodeKind) String() string {
	return [...]string{"nothing", "true or false", "a number", "text", "a list", "a mapping"}[k]
}

// node is one value of a source file, YAML or JSON alike, with aliases and
// merge keys resolved. It never changes once the file is read.
type node struct {
	kind nodeKind
	// text is the scalar: a string's contents, a number as a JSON number, and
	// otherwise the word itself.
	text string
	// written is a YAML scalar as it stands in the file where that differs
	// from text, such as 0x10 or 1_000.
	written string
	file    *file
	// place is where the value starts.
	place

	members []member // of a mapping, in the order of the file, names unique
	items   []*node
}

// place is a line and a column, both from 1, and the offset in bytes from the
// start of the file, or -1 where that is not known. Below that, it is in another file:
// -2 is the first of the file's origins, and so on.
type place struct{ line, col, offset int32 }

type member struct {
	name string
	// key is where the name starts.
	key   place
	value *node
}

func (n *node) pos() config.Pos {
	return n.file.at(n.place)
}

func (f *file) at(p place) config.Pos {
	name := f.name
	if i := int(-2 - p.offset); 0 <= i && i < len(f.origins) {
		name = f.origins[i]
	}
	return config.Pos{File: name, Line: int(p.line), Col: int(p.col)}
}

// keyPos is the place of a member's name.
func (n *node) keyPos(m *member) config.Pos {
	return n.file.at(m.key)
}

// source is the scalar as the user wrote it.
func (n *node) source() string {
	if n.written != "" {
		return n.written
	}
	return n.text
}

// get returns a mapping's value of that name, or nil.
func (n *node) get(name string) *node {
	if m := n.member(name); m != nil {
		return m.value
	}
	return nil
}

func (n *node) member(name string) *member {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i]
		}
	}
	return nil
}

// ref returns the target of a Reference Object. A mapping whose "$ref" is not
// text is none: it may be a schema's property of that name.
func (n *node) ref() (*node, bool) {
	if n.kind != mapNode {
		return nil, false
	}
	r := n.get("$ref")
	return r, r != nil && r.kind == stringNode
}

// names tells which names a mapping has, by the index of its members.
type names map[string]int

// add notes the member that is appended next. It returns the index of the one
// that has the name already, or -1.
func (s *names) add(members []member, name string) int {
	const few = 8
	if len(members) < few { // a search beats a map
		return slices.IndexFunc(members, func(m member) bool { return m.name == name })
	}
	if *s == nil {
		*s = make(names, 2*few)
		for i := range members {
			(*s)[members[i].name] = i
		}
	}
	if i, ok := (*s)[name]; ok {
		return i
	}
	(*s)[name] = len(members)
	return -1
}

// sameNode reports whether two values are equal, the order of members aside.
func sameNode(a, b *node) bool {
	if a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items) || len(a.members) != len(b.members) {
		return false
	}
	for i := range a.items {
		if !sameNode(a.items[i], b.items[i]) {
			return false
		}
	}
	for i := range a.members {
		m, other := &a.members[i], &b.members[i]
		if m.name != other.name {
			if len(b.members) > 100 { // another order of so many is another thing; looking each up takes too long
				return false
			}
			if other = b.member(m.name); other == nil {
				return false
			}
		}
		if !sameNode(m.value, other.value) {
			return false
		}
	}
	return true
}
