package contract

import (
	"fmt"
	"slices"
	"strings"
)

// idle reports whether a component is no object of its section, and nothing that
// anybody could refer to. Of a schema it might still be meant as one.
func idle(n *node, o *object) bool {
	return o != schemaObject && (n.kind == stringNode || n.kind == numberNode || n.kind == boolNode)
}

// stray reports a member of a mapping that is none of its objects and says nothing
// about messages, so that it can be left out: a component that is a word, and a remark
// about an object that slipped in among its properties.
func (r *reader) stray(m *member, o *object, name string) bool {
	switch {
	case r.idle[m.value]:
		r.list.Warn(ruleWrongType, m.value.pos(), fmt.Sprintf("%s: want a mapping (%s), found %s; it is left out", m.name, o.name, m.value.kind), "remove it")
	case o == schemaObject && name == "properties" && m.value.kind == stringNode && slip(m):
		r.list.Warn(ruleWrongType, m.value.pos(), fmt.Sprintf("the property %s: want a mapping (%s), found text; it is left out", m.name, o.name), "move it beside properties, where it is about the object")
	default:
		return false
	}
	return true
}

// remark reports whether what stands in place of a text stands where it would only
// document: it is left out, and nothing on the wire is lost.
func (r *reader) remark(n *node, name string) bool {
	if name != "description" && name != "summary" {
		return false
	}
	r.list.Warn(ruleWrongType, n.pos(), fmt.Sprintf("%s: want text, found %s; it is read as no text", name, n.kind), "write a text")
	return true
}

// wordless reports whether nothing is said of a scope: what is empty stands in place
// of its text, as PHP writes [].
func (r *reader) wordless(m *member) bool {
	n := r.through(m.value)
	if n == nil || n.kind != mapNode && n.kind != listNode || len(n.members)+len(n.items) > 0 {
		return false
	}
	r.list.Warn(ruleWrongType, m.value.pos(), fmt.Sprintf("%s: want text, found %s; it is read as no text", m.name, n.kind), "write a text")
	return true
}

// slip reports whether a text among properties was meant for the object that has
// them.
func slip(m *member) bool {
	return slices.Contains(prose, m.name) || m.name == "type" && m.value.text == "object" || strings.HasPrefix(m.name, "x-")
}
