package schema

import (
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"slices"
	"strings"
)

// tree is what names with brackets spell: a[b][]=1&a[b][]=2.
type tree struct {
	keys     []string
	children map[string]*tree
	values   []string // unescaped
	json     []bool   // per value: it is JSON already
}

// maxBrackets bounds the nesting of names, and the number of a list's items
// that are written with an index.
const maxBrackets = 32

func (t *tree) child(key string) *tree {
	if t.children == nil {
		t.children = map[string]*tree{}
	}
	c := t.children[key]
	if c == nil {
		c = new(tree)
		t.children[key] = c
		t.keys = append(t.keys, key)
	}
	return c
}

// add enters a value under a path of brackets. It reports whether the path is
// well formed.
func (t *tree) add(path, text string, json bool) bool {
	for n := 0; path != ""; n++ {
		end := strings.IndexByte(path, ']')
		if path[0] != '[' || end < 0 || n == maxBrackets {
			return false
		}
		key := path[1:end]
		path = path[end+1:]
		if key == "" && path != "" { // a[][b]=1: each is an item of its own
			key = "[" + itoa(len(t.keys)) + "]"
		}
		t = t.child(key)
	}
	t.values, t.json = append(t.values, text), append(t.json, json)
	return true
}

// bracketed writes a parameter whose names have brackets, or whose properties
// are parameters of their own.
func (d *decoder) bracketed(p *parameter, first int) bool {
	t := new(tree)
	for i := first; i != 0; i = d.values[i-1].next {
		v := &d.values[i-1]
		path := v.path
		if v.name != "" {
			base, brackets := v.name, v.path
			if brackets != "" {
				base = strings.TrimSuffix(base, brackets)
			}
			path = "[" + base + "]" + brackets
			if strings.ContainsAny(base, "[]") { // a name of the free ones
				path = ""
				if !d.decode(p, v.text) {
					return false
				}
				leaf := t.child(base)
				leaf.values, leaf.json = append(leaf.values, string(d.text)), append(leaf.json, false)
				continue
			}
		}
		if !d.decode(p, v.text) {
			return false
		}
		if !t.add(path, string(d.text), false) {
			d.refuseParameter(p, "has brackets that do not match")
			return false
		}
	}
	if !validKeys(t) {
		d.refuseParameter(p, "must be valid UTF-8")
		return false
	}
	return d.tree(t, []*node{p.node}, "/"+placeNames[p.in]+"/"+jsonpointer.Escape(p.name), p.at)
}

func validKeys(t *tree) bool {
	for _, key := range t.keys {
		if !validText([]byte(key)) || !validKeys(t.children[key]) {
			return false
		}
	}
	return true
}

// tree writes t as what the schemas make of it.
func (d *decoder) tree(t *tree, nodes []*node, pointer, at string) bool {
	k := kindsOf(nodes)
	switch {
	case len(t.keys) > 0 && len(t.values) > 0:
		d.refuse(pointer, KeywordStyle, at, "is given both as one value and with brackets")
		return false
	case len(t.keys) == 0:
		return d.leaves(t, nodes, k, pointer, at)
	case k&kindArray != 0 && (k&kindObject == 0 || k == kindAny) && t.indexed():
		return d.list(t, nodes, pointer, at)
	}
	d.buf = append(d.buf, '{')
	for i, key := range t.keys {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		d.buf = append(quoteJSON(d.buf, key), ':')
		if !d.tree(t.children[key], memberNodes(nodes, key), pointer+"/"+jsonpointer.Escape(key), at) {
			return false
		}
	}
	d.buf = append(d.buf, '}')
	return true
}

// leaves writes the values of a name without further brackets.
func (d *decoder) leaves(t *tree, nodes []*node, k kinds, pointer, at string) bool {
	list := k&kindArray != 0 && k != kindAny && (len(t.values) > 1 || k&(kindString|kindNumber|kindBoolean) == 0)
	if list && len(t.values) == 1 && t.json[0] && strings.HasPrefix(strings.TrimLeft(t.values[0], " \t\r\n"), "[") {
		list = false // the array itself, as JSON
	}
	if !list && len(t.values) > 1 {
		d.refuse(pointer, KeywordStyle, at, "must be given once")
		return false
	}
	if list {
		k = kindsOf(itemNodes(nodes))
		d.buf = append(d.buf, '[')
	}
	for i, text := range t.values {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		if t.json[i] {
			d.buf = append(d.buf, text...)
		} else {
			d.scalar([]byte(text), k)
		}
	}
	if list {
		d.buf = append(d.buf, ']')
	}
	return true
}

// indexed reports whether all keys are empty or indexes: the tree is a list.
func (t *tree) indexed() bool {
	return !slices.ContainsFunc(t.keys, func(key string) bool {
		key = strings.Trim(key, "[]")
		return strings.Trim(key, "0123456789") != ""
	})
}

// list writes the items in the order in which they were given.
func (d *decoder) list(t *tree, nodes []*node, pointer, at string) bool {
	items := itemNodes(nodes)
	d.buf = append(d.buf, '[')
	n := 0
	for _, key := range t.keys {
		child := t.children[key]
		parts := []*tree{child}
		if key == "" { // a[]=1&a[]=2
			parts = nil
			for i := range child.values {
				parts = append(parts, &tree{values: child.values[i : i+1], json: child.json[i : i+1]})
			}
		}
		for _, part := range parts {
			if n > 0 {
				d.buf = append(d.buf, ',')
			}
			if !d.tree(part, items, pointer+"/"+itoa(n), at) {
				return false
			}
			n++
		}
	}
	d.buf = append(d.buf, ']')
	return true
}

// Which schemas may apply to a part of a value is asked of all alternatives: a
// text is decoded before it is known which of them it fits.

// spread calls f with the nodes and all that apply beside them.
func spread(nodes []*node, f func(*node)) {
	seen := map[*node]bool{}
	var visit func(n *node)
	visit = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		f(n)
		for _, a := range n.also {
			visit(a)
		}
		for _, g := range n.groups {
			for _, b := range g.branches {
				visit(b.node)
			}
		}
		for _, cond := range n.conds {
			for _, sub := range []*node{cond.then, cond.otherwise} {
				if sub != nil {
					visit(sub)
				}
			}
		}
	}
	for _, n := range nodes {
		visit(n)
	}
}

// memberNodes returns the schemas of an object's member.
func memberNodes(nodes []*node, name string) (out []*node) {
	var others []*node
	spread(nodes, func(n *node) {
		o := n.object
		if o == nil {
			return
		}
		if i := o.table.Find([]byte(name)); i >= 0 {
			out = append(out, o.properties[i].node)
			return
		}
		if o.additional != nil && o.closed {
			others = append(others, o.additional)
		}
		for _, g := range o.groups {
			for _, p := range g.patterns {
				if ok, _ := p.pattern.Match([]byte(name)); ok {
					out = append(out, p.node)
				}
			}
			if g.additional != nil {
				others = append(others, g.additional)
			}
		}
	})
	if len(out) == 0 {
		return others
	}
	return out
}

// itemNodes returns the schemas of an array's items.
func itemNodes(nodes []*node) (out []*node) {
	spread(nodes, func(n *node) {
		if n.array != nil {
			out = append(out, n.array.prefix...)
			if n.array.listed {
				out = append(out, n.array.items)
			}
		}
	})
	return out
}

// propertyNames lists the names of an object's properties.
func propertyNames(nodes []*node) (names []string) {
	spread(nodes, func(n *node) {
		if n.object != nil {
			names = append(names, n.object.table.Names()...)
		}
	})
	return names
}

// takesAnyName reports whether an object says what its other members are.
func takesAnyName(nodes []*node) bool {
	found := false
	spread(nodes, func(n *node) {
		if o := n.object; o != nil {
			found = found || o.closed && (o.additional == nil || o.additional.accepts != 0) || len(o.groups) > 0
		}
	})
	return found
}

// kindsOf returns what a value of these schemas may be; anything without them.
// Schemas that say nothing about the type leave it to the others.
func kindsOf(nodes []*node) (k kinds) {
	for _, n := range nodes {
		if n.accepts != kindAny {
			k |= n.accepts
		}
	}
	if k == 0 {
		return kindAny
	}
	return k
}
