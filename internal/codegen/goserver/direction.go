package goserver

import (
	"slices"
	"strings"
)

// directions are the tags of members that only messages of one direction have,
// and of unions with types that have such: package wire takes them out of the
// others, and cannot see the types of a union.
var directions = []string{"readOnly", "writeOnly"}

// wireTag is the tag of a field, or empty.
func (f *fieldDecl) wireTag() string {
	var out []string
	for i, is := range []bool{f.readOnly, f.writeOnly} {
		if is {
			out = append(out, directions[i])
		}
	}
	if f.only != "" {
		out = append(out, "only="+f.only)
	}
	return strings.Join(out, ",")
}

// markUnions finds the unions whose types have members of one direction, at any
// depth.
func (p *prep) markUnions() {
	users := map[string][]string{} // type -> the types that have values of it
	objects := map[string]*structDecl{}
	has := map[string][]string{}
	for _, d := range p.decls {
		for _, t := range d.types() {
			for name := range typeNames(t.expr) {
				users[name] = append(users[name], d.name)
			}
		}
		o := d.object
		if o == nil {
			continue
		}
		objects[d.name] = o
		for _, variant := range o.variants {
			users[variant] = append(users[variant], d.name)
		}
		for i := range o.fields {
			f := &o.fields[i]
			for k, is := range []bool{f.readOnly, f.writeOnly} {
				if is {
					has[directions[k]] = append(has[directions[k]], d.name)
				}
			}
		}
	}
	for _, direction := range directions {
		reached := map[string]bool{}
		for todo := has[direction]; len(todo) > 0; {
			name := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if !reached[name] {
				reached[name] = true
				todo = append(todo, users[name]...)
			}
		}
		for name, o := range objects {
			if reached[name] && len(o.variants) > 0 && !slices.Contains(o.marks, direction) {
				o.marks = append(o.marks, direction)
			}
		}
	}
}
