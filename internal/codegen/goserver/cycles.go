package goserver

import "slices"

// breakCycles makes pointers of the fields through which a struct would contain
// itself by value, which Go cannot lay out. Which they are follows from the structs
// of the cycle alone, in the order of their declarations: nobody else who holds one
// of them has a say.
func (p *prep) breakCycles() {
	c := &cycles{byName: map[string]*decl{}, index: map[*decl]int{}, low: map[*decl]int{}, within: map[*decl]int{}}
	for _, d := range p.decls {
		c.byName[d.name] = d
	}
	for _, d := range p.decls {
		if d.object != nil && c.index[d] == 0 {
			c.find(d)
		}
	}
	const visiting, done = 1, 2
	state := map[*decl]int{}
	var visit func(d *decl)
	visit = func(d *decl) {
		state[d] = visiting
		for _, f := range c.contained(d) {
			target := c.through(f.typ.expr)
			switch {
			case target == nil || c.within[target] != c.within[d]:
			case state[target] == visiting:
				f.pointer = true
			case state[target] == 0:
				visit(target)
			}
		}
		state[d] = done
	}
	for _, d := range p.decls {
		if d.object != nil && state[d] == 0 {
			visit(d)
		}
	}
}

// cycles finds the structs that contain each other by value, as Tarjan does.
type cycles struct {
	byName     map[string]*decl
	index, low map[*decl]int
	// within numbers the sets of structs that contain each other.
	within map[*decl]int
	stack  []*decl
}

func (c *cycles) find(d *decl) {
	c.index[d] = len(c.index) + 1
	c.low[d] = c.index[d]
	c.stack = append(c.stack, d)
	for _, f := range c.contained(d) {
		target := c.through(f.typ.expr)
		switch {
		case target == nil || c.within[target] > 0:
		case c.index[target] == 0:
			c.find(target)
			c.low[d] = min(c.low[d], c.low[target])
		default:
			c.low[d] = min(c.low[d], c.index[target])
		}
	}
	if c.low[d] < c.index[d] {
		return
	}
	for i := slices.Index(c.stack, d); len(c.stack) > i; {
		last := len(c.stack) - 1
		c.within[c.stack[last]] = c.index[d]
		c.stack = c.stack[:last]
	}
}

// contained are the fields that hold a declared type by value.
func (c *cycles) contained(d *decl) (out []*fieldDecl) {
	for i := range d.object.fields {
		f := &d.object.fields[i]
		if expr, _ := f.typ.field(f.required); expr == f.typ.expr && c.byName[expr] != nil {
			out = append(out, f)
		}
	}
	return out
}

// through follows aliases to a struct.
func (c *cycles) through(name string) *decl {
	for range 64 {
		d := c.byName[name]
		switch {
		case d == nil:
			return nil
		case d.object != nil:
			return d
		case d.alias == nil:
			return nil
		}
		name = d.alias.expr
	}
	return nil
}
