package contract

import (
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
	written   string
	file      *file
	line, col int

	members []member // of a mapping, in the order of the file, names unique
	items   []*node
}

type member struct {
	name      string
	line, col int
	value     *node
}

func (n *node) pos() config.Pos {
	return config.Pos{File: n.file.name, Line: n.line, Col: n.col}
}

// keyPos is the place of a member's name.
func (n *node) keyPos(m *member) config.Pos {
	return config.Pos{File: n.file.name, Line: m.line, Col: m.col}
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
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value
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
