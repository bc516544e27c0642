package schema

import (
	"math/bits"
	"slices"
	"strconv"

	"github.com/banyan-go/banyan/schema/internal/lookup"
)

// finish completes the nodes that one compilation has lowered: what needs all
// of them to exist comes here.
func (c *compiler) finish() {
	for _, n := range c.fresh {
		n.memo = len(n.also)+len(n.groups)+len(n.nots)+len(n.conds) > 0 || n.uneval != nil ||
			n.array != nil && len(n.array.contains) > 0 ||
			n.object != nil && slices.ContainsFunc(n.object.dependents, func(d dependent) bool { return d.node != nil })
		n.compound = n.memo || n.sensitive || len(n.enums) > 0 && n.types&(kindArray|kindObject) != 0
	}
	state := map[*node]int{}
	for _, n := range c.fresh {
		c.accepts(n, state)
	}
	for _, n := range c.fresh {
		for _, g := range n.groups {
			g.complete()
		}
		n.bare = len(n.groups) == 1 && len(n.also)+len(n.nots)+len(n.conds)+len(n.rules)+len(n.strings)+len(n.numbers)+len(n.enums) == 0 &&
			n.object == nil && n.array == nil && n.uneval == nil
	}
	for _, n := range c.fresh {
		n.finished = true
	}
	c.defaults()
	if len(c.faults) > 0 { // nothing of this compilation may be reused
		c.nodes = map[string]*node{}
	}
}

// inPlaceNodes calls f with the nodes that look at the same value as n.
func (n *node) inPlaceNodes(f func(*node)) {
	for _, a := range n.also {
		f(a)
	}
	for _, g := range n.groups {
		for _, b := range g.branches {
			f(b.node)
		}
	}
	for _, r := range n.nots {
		f(r.node)
	}
	for _, cond := range n.conds {
		for _, sub := range []*node{cond.test, cond.then, cond.otherwise} {
			if sub != nil {
				f(sub)
			}
		}
	}
	if n.object != nil {
		for _, dep := range n.object.dependents {
			if dep.node != nil {
				f(dep.node)
			}
		}
	}
}

// accepts computes n.accepts, and finds schemas that apply to a value again
// and again without looking at a part of it.
func (c *compiler) accepts(n *node, state map[*node]int) {
	const underWay, done = 1, 2
	switch {
	case state[n] == done || n.finished:
		return
	case state[n] == underWay:
		c.faults = append(c.faults, c.doc.fault(n.at, "the schema applies itself to the same value, without end"))
		return
	}
	state[n] = underWay
	n.inPlaceNodes(func(sub *node) { c.accepts(sub, state) })
	n.accepts = n.types
	for _, e := range n.enums {
		n.accepts &= e.kinds
	}
	for _, g := range n.groups {
		var union kinds
		for _, b := range g.branches {
			union |= b.node.accepts
		}
		n.accepts &= union
	}
	state[n] = done
}

func (g *group) complete() {
	var union kinds
	for _, b := range g.branches {
		union |= b.node.accepts
	}
	for bit := range g.byKind {
		k := kinds(1) << bit
		if k&kindNumber != 0 { // told apart by more than the first byte
			k = kindNumber
		}
		g.byKind[bit] = nil
		for i, b := range g.branches {
			if b.node.accepts&k != 0 {
				g.byKind[bit] = append(g.byKind[bit], i)
			}
		}
	}
	g.kind.message = "must be " + union.nouns()
	if g.tag == nil {
		g.tag = g.infer(g.byKind[kindIndex(kindObject)])
	}
}

func kindIndex(k kinds) int { return bits.TrailingZeros8(uint8(k)) }

// infer finds a property that all the candidates require, each with strings of
// its own.
func (g *group) infer(candidates []int) *tag {
	if len(candidates) < 2 {
		return nil
	}
	first := g.branches[candidates[0]].node.object
	if first == nil {
		return nil
	}
	for _, name := range first.table.Names() {
		t := &tag{name: name}
		var values []string
		for _, i := range candidates {
			o := g.branches[i].node.object
			if o == nil {
				values = nil
				break
			}
			p := o.table.Find([]byte(name))
			texts := o.constants(p)
			if texts == nil || slices.ContainsFunc(texts, func(s string) bool { return slices.Contains(values, s) }) {
				values = nil
				break
			}
			for range texts {
				t.branches = append(t.branches, i)
			}
			values = append(values, texts...)
			t.missing = o.properties[p].required
			t.unknown = g.none
		}
		if values == nil || len(values) > 1000 {
			continue
		}
		t.values = lookup.New(values)
		unknown := *g.none
		unknown.message = "must be " + listing(quoteAll(values))
		unknown.shows = true
		t.unknown = &unknown
		return t
	}
	return nil
}

// constants returns the strings that a required property is limited to; nil
// when it is not.
func (o *objectRules) constants(p int) []string {
	if p < 0 || o.properties[p].required == nil {
		return nil
	}
	for mode := range o.required {
		if p/64 >= len(o.required[mode]) || o.required[mode][p/64]>>(p%64)&1 == 0 {
			return nil // not required in every mode
		}
	}
	n := o.properties[p].node
	for _, e := range n.enums {
		if n.types&e.kinds == kindString {
			return e.strings.Names()
		}
	}
	return nil
}

func quoteAll(values []string) []string {
	var out []string
	for _, v := range values[:min(len(values), 20)] {
		out = append(out, strconv.Quote(v))
	}
	if len(values) > 20 {
		out = append(out, "one of "+strconv.Itoa(len(values)-20)+" more")
	}
	return out
}
