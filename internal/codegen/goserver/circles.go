package goserver

import (
	"slices"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
)

// declareComponents declares all component schemas, in the order of their names.
func (p *prep) declareComponents() {
	declared := map[string][]*decl{}
	of := func(key string, declare func()) {
		from := len(p.decls)
		declare()
		declared[key] = append(declared[key], p.decls[from:]...)
	}
	for _, circle := range p.basesFirst() {
		if len(circle) == 1 {
			of(circle[0], func() { p.declareComponent(circle[0]) })
		} else {
			p.declareCircle(circle, of)
		}
	}
	p.decls = nil
	for _, key := range sortedKeys(declared) {
		p.decls = append(p.decls, declared[key]...)
	}
}

// declareCircle declares components that are merged from each other. What stands in
// one of them is called after it, whoever is merged from it: first is named what
// stands in each, then what is merged is filled.
func (p *prep) declareCircle(circle []string, of func(key string, declare func())) {
	type late struct {
		key  string
		fill func()
	}
	var all []late
	wait := func(key string, declare func()) {
		var fills []func()
		p.waiting = &fills
		of(key, declare)
		p.waiting = nil
		for _, fill := range fills {
			all = append(all, late{key, fill})
		}
	}
	for _, key := range circle {
		ref := p.schemas()[key]
		if ref != nil && ref.Value != nil && ref.Ref == "" {
			wait(key, func() { p.nameOwn(p.components[key], ref.Value) })
		}
	}
	for _, key := range circle {
		wait(key, func() { p.declareComponent(key) })
	}
	for len(all) > 0 {
		next := all[0]
		all = all[1:]
		wait(next.key, next.fill)
	}
}

// fillOrWait fills a declaration. Within a circle what is merged from others waits
// until what stands in them has its names.
func (p *prep) fillOrWait(d *decl, s *openapi.Schema) {
	if p.waiting == nil || !p.mergesOthers(s) {
		p.fill(d, s)
		return
	}
	branch := p.branch
	*p.waiting = append(*p.waiting, func() {
		outer := p.branch
		p.branch = branch
		p.fill(d, s)
		p.branch = outer
	})
}

// mergesOthers reports whether what stands elsewhere becomes part of a schema.
func (p *prep) mergesOthers(s *openapi.Schema) bool {
	if p.joints.parts[s] != nil {
		return true
	}
	found := false
	eachInside(s, func(ref *openapi.SchemaRef, merged bool) {
		if merged && ref != nil && ref.Value != nil {
			found = found || ref.Ref != "" || p.mergesOthers(ref.Value)
		}
	})
	return found
}

// nameOwn names the types that stand in a component: in its properties, the others
// that it may have, and its choices.
func (p *prep) nameOwn(name string, s *openapi.Schema) {
	if _, ok := p.override(s); ok {
		return
	}
	sh := p.shapeOf(s)
	if sh.ref != nil || sh.lossy != "" || sh.tuple != nil || len(sh.variants) == 0 && len(sh.props) == 0 {
		return
	}
	own := standing(s, map[*openapi.SchemaRef]bool{})
	d := &decl{name: name, object: &structDecl{rest: restType(sh)}}
	if own[sh.rest] {
		p.typeOf(sh.rest, name+"Value")
	}
	for i, ref := range sh.variants {
		if own[ref] {
			p.variantType(ref, p.variantHint(d, i, ref))
		}
	}
	// The names of fields are noted when the component is declared.
	list := p.list
	p.list = new(diag.List)
	fields := p.fieldNames(sh.props, reservedFields(d.object), name)
	p.list = list
	for _, f := range fields {
		if prop := sh.props[f.json]; own[prop] {
			p.typeOf(prop, name+f.name)
		}
	}
}

// restType says whether a shape keeps members that nobody declared.
func restType(sh *shape) *goType {
	if sh.rest == nil && !sh.anyRest && !slices.ContainsFunc(sortedKeys(sh.props), func(name string) bool { return !taggable(name) }) {
		return nil
	}
	return &goType{}
}

// standing collects the schemas that stand in a schema where it says something of
// its members or of itself.
func standing(s *openapi.Schema, out map[*openapi.SchemaRef]bool) map[*openapi.SchemaRef]bool {
	if s.AdditionalProperties.Schema != nil {
		out[s.AdditionalProperties.Schema] = true
	}
	for _, named := range []map[string]*openapi.SchemaRef{s.Properties, s.PatternProperties} {
		for _, ref := range named {
			out[ref] = true
		}
	}
	for _, list := range [][]*openapi.SchemaRef{s.OneOf, s.AnyOf} {
		for _, ref := range list {
			out[ref] = true
		}
	}
	eachInside(s, func(ref *openapi.SchemaRef, merged bool) {
		if merged && ref != nil && ref.Value != nil && ref.Ref == "" {
			standing(ref.Value, out)
		}
	})
	return out
}

// mergedBy are the schemas that a schema is merged from.
func mergedBy(s schemaKey) (out []schemaKey) {
	for _, m := range s.AllOf {
		if m != nil && m.Value != nil {
			out = append(out, m.Value)
		}
	}
	return out
}

// circleParts are the parts of a schema that is merged from itself: what each of
// those says that it leads to in a circle, and what else they are merged from. All
// of a circle are the same together, whichever of them is looked at first.
func (p *prep) circleParts(s *openapi.Schema) (parts []*shape) {
	seen := map[schemaKey]bool{s: true}
	var add func(of *openapi.Schema)
	add = func(of *openapi.Schema) {
		for _, m := range of.AllOf {
			switch {
			case m == nil || m.Value == nil || seen[m.Value]:
			case p.merging.within[m.Value] != p.merging.within[s]:
				parts = append(parts, p.partOf(m))
			default:
				seen[m.Value] = true
				parts = append(parts, p.ownShape(m.Value))
				add(m.Value)
			}
		}
	}
	add(s)
	return parts
}
