package goserver

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// The validate tags of a model say what the contract says of its values, as far
// as validator's own tags have exactly the meaning of the keyword. Patterns,
// multipleOf and most formats have no such tag, and are not said: tags that only
// a prepared validator knows would make every other one panic.

const extraTags = "x-oapi-codegen-extra-tags"

// tagFields gives all fields their tags. Everything is declared by then: what a
// tag says depends on the types that others have.
func (p *prep) tagFields() {
	p.structs = map[string]*decl{}
	for _, d := range p.decls {
		if d.object == nil {
			continue
		}
		p.structs[d.name] = d
		rules := p.rulesOf(d)
		for i := range d.object.fields {
			f := &d.object.fields[i]
			p.tagField(f, rules[f.json])
		}
		if o := d.object; o.tuple != nil {
			parts, _ := p.dive(o.tuple.counts, o.restRef, nil)
			o.restTag = strings.Join(parts, ",")
		} else if o.restRef != nil && !o.unnamed {
			parts, _ := p.dive(nil, o.restRef, nil)
			o.restTag = strings.Join(parts, ",")
		}
	}
	p.strayRules()
}

// tagField puts the tags of a field together: rules about whether it is there,
// then what ends the matter when it is not, then rules and limits of its value.
func (p *prep) tagField(f *fieldDecl, rules fieldRules) {
	own, _ := f.extensions[extraTags].(map[string]any)
	if _, taken := own["validate"]; taken {
		if first := rules.first(); first != nil {
			p.refuse(first.pos, "say the rule there, too, or leave all tags to the contract", "%s has a validate tag of its own in %s, which takes the place of all others", f.json, extraTags)
		}
		return
	}
	if expr, _ := f.typ.field(f.required); strings.HasPrefix(expr, "wire.Nullable[") {
		return // validator looks into it, and knows no rule about the whole of it
	}
	said, deep := p.say(f.ref, nil)
	value := append(slices.Clone(rules.value), said...)
	parts := slices.Clone(rules.presence)
	readOnly := f.ref != nil && f.ref.Value != nil && limitsOf(f.ref.Value).readOnly
	switch {
	case f.canBeAbsent():
		if len(value) > 0 {
			parts = append(parts, "omitnil")
		}
	case readOnly && (deep || len(value) > 0):
		// Required in answers and refused in requests: zero may mean absent.
		parts = append(parts, "omitzero")
	case f.pointer:
		parts = append(parts, "required")
	}
	if parts = append(parts, value...); len(parts) == 0 {
		return
	}
	tags := map[string]any{"validate": strings.Join(parts, ",")}
	maps.Copy(tags, own)
	f.extensions = maps.Clone(f.extensions)
	if f.extensions == nil {
		f.extensions = map[string]any{}
	}
	f.extensions[extraTags] = tags
}

// canBeAbsent reports whether nil is a value that the field may have.
func (f *fieldDecl) canBeAbsent() bool {
	expr, _ := f.typ.field(f.required)
	return strings.HasPrefix(expr, "*") || f.typ.container() && !f.required
}

// told follows references and aliases to the shape that decides the Go type,
// or returns nil where the type is the user's own.
func (p *prep) told(ref *openapi.SchemaRef) *shape {
	for range mostAliases {
		if ref == nil || ref.Value == nil {
			return nil
		}
		if _, own := p.override(ref.Value); own {
			return nil
		}
		sh := p.shapeOf(ref.Value)
		if sh.ref == nil {
			return sh
		}
		ref = sh.ref
	}
	return nil
}

// say returns what tags say about the values of a schema, and whether there are
// structs inside, which have tags of their own. Seen are the lists and maps
// around it: in those that contain themselves there is always a deeper one.
func (p *prep) say(ref *openapi.SchemaRef, seen []*shape) (parts []string, deep bool) {
	sh := p.told(ref)
	if sh == nil || sh.lossy != "" || slices.Contains(seen, sh) {
		return nil, false
	}
	if sh.tuple != nil || len(sh.variants) > 0 || len(sh.props) > 0 {
		return nil, sh.tuple != nil || len(sh.props) > 0
	}
	l := limitsOf(ref.Value)
	switch sh.typ {
	case "string":
		if stringType(sh.format) != "string" {
			return nil, false
		}
		parts = counts(l.minLength, l.maxLength)
		if sh.format == "uuid" && p.strictFormats {
			parts = append(parts, "uuid")
		}
		return append(parts, oneOf(sh)...), false
	case "integer":
		return append(l.intTags(integerType(sh.format)), oneOf(sh)...), false
	case "number":
		if numberType(sh.format) != "float64" {
			return nil, false
		}
		return l.floatTags(), false
	case "array":
		parts = counts(l.minItems, l.maxItems)
		if l.unique && p.hashable(sh.items) {
			parts = append(parts, "unique")
		}
		return p.dive(parts, sh.items, append(seen, sh))
	case "object":
		return p.dive(counts(l.minProps, l.maxProps), sh.rest, append(seen, sh))
	}
	return nil, false
}

// dive adds what is said about items.
func (p *prep) dive(parts []string, items *openapi.SchemaRef, seen []*shape) ([]string, bool) {
	said, deep := p.say(items, seen)
	if len(said) > 0 || deep {
		parts = append(append(parts, "dive"), p.inside(items, said)...)
	}
	return parts, deep
}

// inside prepares what is said about an item, which may be null.
func (p *prep) inside(items *openapi.SchemaRef, said []string) []string {
	if len(said) > 0 && (p.nullable(items) || p.resolve(items).nullable) {
		return append([]string{"omitnil"}, said...)
	}
	return said
}

// hashable reports whether items are equal in Go when they are in JSON: not so
// numbers, which float64 rounds, nor anything with parts.
func (p *prep) hashable(items *openapi.SchemaRef) bool {
	sh := p.told(items)
	if sh == nil || sh.lossy != "" || len(sh.variants) > 0 {
		return false
	}
	return sh.typ == "integer" || sh.typ == "boolean" || sh.typ == "string" && stringType(sh.format) == "string"
}
