package schema

import (
	"strings"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// bracketed writes a parameter whose names have brackets, or whose properties
// are parameters of their own.
func (d *decoder) bracketed(p *parameter, first int) bool {
	t := new(bracket.Tree)
	for i := first; i != 0; i = d.values[i-1].next {
		v := &d.values[i-1]
		at := t
		if v.name != "" {
			at = t.Child(v.name)
		}
		if !d.decode(p, v.text) {
			return false
		}
		if !at.Add(v.path, bracket.Value{Text: string(d.text)}) {
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

func validKeys(t *bracket.Tree) bool {
	for _, key := range t.Keys {
		if !validText([]byte(key)) || !validKeys(t.Children[key]) {
			return false
		}
	}
	return true
}

// tree writes t as what the schemas make of it.
func (d *decoder) tree(t *bracket.Tree, nodes []*node, pointer, at string) bool {
	k := kindsOf(nodes)
	switch {
	case t.Mixed():
		d.refuse(pointer, KeywordStyle, at, "is given both as one value and with brackets")
		return false
	case len(t.Keys) == 0:
		return d.leaves(t, nodes, k, pointer, at)
	case k&kindArray != 0 && (k&kindObject == 0 || k == kindAny) && t.Indexed():
		return d.list(t, nodes, pointer, at)
	}
	d.buf = append(d.buf, '{')
	for i, key := range t.Keys {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		d.buf = append(quoteJSON(d.buf, key), ':')
		if !d.tree(t.Children[key], memberNodes(nodes, key), pointer+"/"+jsonpointer.Escape(key), at) {
			return false
		}
	}
	d.buf = append(d.buf, '}')
	return true
}

// leaves writes the values of a name without further brackets.
func (d *decoder) leaves(t *bracket.Tree, nodes []*node, k kinds, pointer, at string) bool {
	list := k&kindArray != 0 && k != kindAny && (len(t.Values) > 1 || k&(kindString|kindNumber|kindBoolean) == 0)
	if list && len(t.Values) == 1 && t.Values[0].JSON {
		switch whole := strings.Trim(t.Values[0].Text, " \t\r\n"); {
		case strings.HasPrefix(whole, "["), whole == "null" && k&kindNull != 0:
			list = false // the array itself, as JSON, or null in its place
		}
	}
	if !list && len(t.Values) > 1 {
		d.refuse(pointer, KeywordStyle, at, "must be given once")
		return false
	}
	if list {
		k = kindsOf(itemNodes(nodes))
		d.buf = append(d.buf, '[')
	}
	for i, v := range t.Values {
		if i > 0 {
			d.buf = append(d.buf, ',')
		}
		if v.JSON {
			d.buf = append(d.buf, v.Text...)
		} else {
			d.scalar([]byte(v.Text), k)
		}
	}
	if list {
		d.buf = append(d.buf, ']')
	}
	return true
}

// list writes the items in the order in which they were given.
func (d *decoder) list(t *bracket.Tree, nodes []*node, pointer, at string) bool {
	items := itemNodes(nodes)
	d.buf = append(d.buf, '[')
	for n, item := range t.Items() {
		if n > 0 {
			d.buf = append(d.buf, ',')
		}
		if !d.tree(item, items, pointer+"/"+itoa(n), at) {
			return false
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
