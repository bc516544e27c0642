package rewrite

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry is a part of a file that has lines of its own: a key with its value, or an
// item of a list. What shares a line with something else is no entry.
type entry struct {
	// token is the key, or tells an item from the others: a parameter by its place
	// and name, a value by itself, the rest by their number.
	token       string
	first, last int // lines, from 1
	indent      int // columns in front of the key or the dash
	// shared says that the entry begins on the line of the dash in front of it, so
	// that it cannot be taken out alone.
	shared   bool
	list     bool // the children are items
	children []*entry
	parent   *entry
	index    map[string]*entry // by child
}

// outline is a file as a tree of entries.
type outline struct {
	lines []string // without what ends them
	root  *entry
	json  bool
}

// maxFile bounds the files that are read, in bytes.
const maxFile = 2 << 20

// read outlines a file; nil where it cannot be.
func read(data []byte) *outline {
	if len(data) > maxFile {
		return nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) != 1 {
		return nil
	}
	text := strings.TrimSuffix(string(data), "\n")
	o := &outline{lines: strings.Split(text, "\n"), json: bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) && json.Valid(data)}
	o.root = &entry{first: 1, last: len(o.lines), indent: -1}
	for o.root.last > 1 && strings.TrimSpace(o.line(o.root.last)) == "" {
		o.root.last--
	}
	o.fill(o.root, doc.Content[0], 0)
	return o
}

func (o *outline) line(n int) string { return o.lines[n-1] }

// maxDepth bounds how deep entries are told apart.
const maxDepth = 100

// fill finds the entries in an entry's value.
func (o *outline) fill(e *entry, n *yaml.Node, depth int) {
	if depth > maxDepth || n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode || n.Style&yaml.FlowStyle != 0 && !o.json || len(n.Content) == 0 {
		return
	}
	last := e.last
	if o.json {
		if closing := strings.TrimSpace(o.line(e.last)); closing == "" || closing[0] != '}' && closing[0] != ']' {
			return
		}
		last--
	}
	var children []*entry
	var values []*yaml.Node
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		value := n.Content[i+step-1]
		child := &entry{first: n.Content[i].Line, indent: n.Content[i].Column - 1, parent: e}
		if step == 2 {
			child.token = n.Content[i].Value
		} else {
			child.token = itemToken(value, i)
			if !o.json {
				child.indent = n.Column - 1 // the dash
				child.first = o.dash(child.first, child.indent)
			}
		}
		if child.first < 1 || child.first > e.last {
			return
		}
		before := strings.TrimSpace(o.line(child.first)[:min(child.indent, len(o.line(child.first)))])
		if child.shared = before != "" || child.first == e.first && e.parent != nil; child.shared && (i > 0 || o.json || strings.Trim(before, "- ") != "") {
			return
		}
		if len(children) > 0 && children[len(children)-1].first >= child.first {
			return // several on one line
		}
		children, values = append(children, child), append(values, value)
	}
	for i, child := range children {
		if child.last = last; i+1 < len(children) {
			child.last = children[i+1].first - 1
		}
		for child.last > child.first && o.apart(child.last, child.indent) {
			child.last--
		}
	}
	e.children, e.list = children, step == 1
	for i, child := range children {
		if values[i].Kind != yaml.AliasNode {
			o.fill(child, values[i], depth+1)
		}
	}
}

// dash is the line of the dash in front of an item.
func (o *outline) dash(line, indent int) int {
	for n := line; n > 0 && n > line-3; n-- {
		if text := o.line(n); len(text) > indent && text[indent] == '-' && strings.TrimSpace(text[:indent]) == "" {
			return n
		}
	}
	return 0
}

// apart reports whether a line at the end of an entry belongs to what follows: an
// empty one, or a comment that does not stand below the entry.
func (o *outline) apart(n, indent int) bool {
	text := o.line(n)
	trimmed := strings.TrimLeft(text, " ")
	return strings.TrimSpace(text) == "" || trimmed[0] == '#' && len(text)-len(trimmed) <= indent
}

// itemToken tells an item of a list from the others.
func itemToken(n *yaml.Node, i int) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	fields := map[string]string{}
	if n.Kind == yaml.MappingNode {
		for j := 0; j+1 < len(n.Content); j += 2 {
			fields[n.Content[j].Value] = n.Content[j+1].Value
		}
	}
	switch {
	case fields["name"] != "" && fields["in"] != "":
		return fields["in"] + " " + fields["name"]
	case fields["$ref"] != "":
		return fields["$ref"]
	case fields["url"] != "":
		return fields["url"]
	}
	return "#" + strconv.Itoa(i)
}

// text is an entry's lines, as far left as they go.
func (o *outline) text(e *entry) []string { return shifted(o.lines[e.first-1:e.last], -e.indent) }

// shifted moves lines to the right, or to the left.
func shifted(lines []string, by int) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		switch {
		case strings.TrimSpace(line) == "" || by == 0:
			out[i] = line
		case by > 0:
			out[i] = strings.Repeat(" ", by) + line
		default:
			out[i] = line[min(-by, len(line)-len(strings.TrimLeft(line, " "))):]
		}
	}
	return out
}

// child is the entry with a token, or nil.
func (e *entry) child(token string) *entry {
	if e.index == nil {
		e.index = make(map[string]*entry, len(e.children))
		for _, c := range slices.Backward(e.children) {
			e.index[c.token] = c // the first of several
		}
	}
	return e.index[token]
}

// find is the entry that tokens lead to, or nil.
func (e *entry) find(tokens ...string) *entry {
	for _, token := range tokens {
		if e = e.child(token); e == nil {
			return nil
		}
	}
	return e
}

// beside is the nearest entry with a token that stands beside an entry or beside
// one around it, or nil.
func (e *entry) beside(token string) *entry {
	for ; e != nil; e = e.parent {
		if c := e.child(token); c != nil {
			return c
		}
	}
	return nil
}

// at is the deepest entry that holds a line.
func (e *entry) at(line int) *entry {
	for _, c := range e.children {
		if c.first <= line && line <= c.last {
			return c.at(line)
		}
	}
	return e
}

// within reports whether an entry is another one, or stands in it.
func (e *entry) within(other *entry) bool {
	for ; e != nil; e = e.parent {
		if e == other {
			return true
		}
	}
	return false
}

// path names an entry by the tokens that lead to it.
func (e *entry) path() string {
	if e == nil || e.parent == nil {
		return ""
	}
	return e.parent.path() + "\x00" + e.token
}
