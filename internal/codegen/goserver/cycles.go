package goserver

import (
	"slices"
	"strings"
)

// breakAliases declares the lists and maps as types of their own that are other names
// of what holds them, which Go cannot resolve.
func (p *prep) breakAliases() {
	byName := map[string]*decl{}
	for _, d := range p.decls {
		if d.alias != nil {
			byName[d.name] = d
		}
	}
	c := newCycles(func(d *decl) (out []*decl) {
		for name := range typeNames(d.alias.expr) {
			if target := byName[name]; target != nil {
				out = append(out, target)
			}
		}
		return out
	})
	var within []*decl
	for _, d := range p.decls {
		if d.alias != nil && c.holdsItself(d) {
			within = append(within, d)
		}
	}
	for _, d := range within {
		if item, ok := strings.CutPrefix(d.alias.expr, "[]"); ok {
			d.alias, d.elem = nil, &goType{expr: item}
		} else if item, ok := strings.CutPrefix(d.alias.expr, "map[string]"); ok {
			d.alias, d.value = nil, &goType{expr: item}
		}
	}
}

// spellOut writes what other names stand for where a wire.Nullable is of one that
// leads back to the struct of the field: Go 1.26 fails to compile type arguments that
// are aliases it is still resolving.
func (p *prep) spellOut() {
	aliases := map[string]*decl{}
	for _, d := range p.decls {
		if d.alias != nil {
			aliases[d.name] = d
		}
	}
	type argument struct {
		of  *decl
		typ *goType
	}
	var found []argument
	for _, d := range p.decls {
		for i := range d.fields() {
			f := &d.object.fields[i]
			if expr, _ := f.typ.field(f.required); expr == "wire.Nullable["+f.typ.expr+"]" && mentions(f.typ.expr, aliases) {
				found = append(found, argument{d, &f.typ})
			}
		}
	}
	if len(found) == 0 {
		return
	}
	byName := map[string]*decl{}
	for _, d := range p.decls {
		byName[d.name] = d
	}
	c := newCycles(func(d *decl) (out []*decl) {
		for _, t := range d.types() {
			for name := range typeNames(t.expr) {
				if target := byName[name]; target != nil {
					out = append(out, target)
				}
			}
		}
		return out
	})
	for _, arg := range found {
		c.find(arg.of)
	}
	sets := map[int]map[string]*decl{} // the aliases among those that lead to each other
	for name, d := range aliases {
		set := c.within[d]
		if sets[set] == nil {
			sets[set] = map[string]*decl{}
		}
		sets[set][name] = d
	}
	for _, arg := range found {
		circular := sets[c.within[arg.of]]
		for mentions(arg.typ.expr, circular) {
			arg.typ.expr = spelled(arg.typ.expr, circular)
		}
	}
}

// mentions reports whether a type is made of one of the declarations.
func mentions(expr string, decls map[string]*decl) bool {
	for name := range typeNames(expr) {
		if decls[name] != nil {
			return true
		}
	}
	return false
}

// spelled is a type with the aliases in it replaced by what they stand for.
func spelled(expr string, aliases map[string]*decl) string {
	for name := range typeNames(expr) {
		if d := aliases[name]; d != nil {
			// Declared types are the last word of a type: []X, map[string]X, *X.
			return strings.TrimSuffix(expr, name) + d.alias.expr
		}
	}
	return expr
}

// breakCycles makes pointers of the fields through which a struct would contain
// itself by value, which Go cannot lay out. Which they are follows from the structs
// of the cycle alone, in the order of their declarations: nobody else who holds one
// of them has a say.
func (p *prep) breakCycles() {
	v := byValue{}
	for _, d := range p.decls {
		v[d.name] = d
	}
	c := newCycles(func(d *decl) (out []*decl) {
		for _, f := range v.contained(d) {
			if target := v.through(f.typ.expr); target != nil {
				out = append(out, target)
			}
		}
		return out
	})
	for _, d := range p.decls {
		if d.object != nil {
			c.find(d)
		}
	}
	const visiting, done = 1, 2
	state := map[*decl]int{}
	var visit func(d *decl)
	visit = func(d *decl) {
		state[d] = visiting
		for _, f := range v.contained(d) {
			target := v.through(f.typ.expr)
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

// cycles finds what leads to each other, as Tarjan does.
type cycles[T comparable] struct {
	next       func(T) []T
	index, low map[T]int
	// within numbers the sets of those that lead to each other; sets has them in an
	// order in which each comes after those that it leads to.
	within map[T]int
	sets   [][]T
	stack  []T
}

func newCycles[T comparable](next func(T) []T) *cycles[T] {
	return &cycles[T]{next: next, index: map[T]int{}, low: map[T]int{}, within: map[T]int{}}
}

// holdsItself reports whether something leads back to itself.
func (c *cycles[T]) holdsItself(d T) bool {
	c.find(d)
	return slices.ContainsFunc(c.next(d), func(target T) bool { return c.within[target] == c.within[d] })
}

func (c *cycles[T]) find(d T) {
	if c.index[d] > 0 {
		return
	}
	c.index[d] = len(c.index) + 1
	c.low[d] = c.index[d]
	c.stack = append(c.stack, d)
	for _, target := range c.next(d) {
		switch {
		case c.within[target] > 0:
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
	from := len(c.stack) - 1
	for c.stack[from] != d {
		from--
	}
	set := slices.Clone(c.stack[from:])
	c.stack = c.stack[:from]
	c.sets = append(c.sets, set)
	for _, member := range set {
		c.within[member] = c.index[d]
	}
}

// byValue are declarations by name, of which structs hold others by value.
type byValue map[string]*decl

// contained are the fields that hold a declared type by value.
func (v byValue) contained(d *decl) (out []*fieldDecl) {
	for i := range d.object.fields {
		f := &d.object.fields[i]
		if expr, _ := f.typ.field(f.required); expr == f.typ.expr && v[expr] != nil {
			out = append(out, f)
		}
	}
	return out
}

// through follows aliases to a struct.
func (v byValue) through(name string) *decl {
	for range mostAliases {
		d := v[name]
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
