package goserver

// breakCycles makes pointers of the fields through which a struct would contain
// itself by value, which Go cannot lay out. Visiting in declaration order keeps
// the choice the same from run to run.
func (p *prep) breakCycles() {
	byName := map[string]*decl{}
	for _, d := range p.decls {
		byName[d.name] = d
	}
	const visiting, done = 1, 2
	state := map[*decl]int{}
	var visit func(d *decl)
	visit = func(d *decl) {
		state[d] = visiting
		for next := range p.contained(d, byName) {
			f := &d.object.fields[next]
			target := through(f.typ.expr, byName)
			if target == nil {
				continue
			}
			switch state[target] {
			case visiting:
				f.pointer = true
			case 0:
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

// contained yields the indexes of fields that hold a declared type by value.
func (p *prep) contained(d *decl, byName map[string]*decl) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range d.object.fields {
			f := &d.object.fields[i]
			if expr, _ := f.typ.field(f.required); expr == f.typ.expr && byName[expr] != nil {
				if !yield(i) {
					return
				}
			}
		}
	}
}

// through follows aliases to a struct.
func through(name string, byName map[string]*decl) *decl {
	for range 64 {
		d := byName[name]
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
