package goserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// mergeAll merges the members of allOf into what the schema says itself. A
// schema that only annotates one member is that member.
func (p *prep) mergeAll(s *openapi.Schema, own *shape) *shape {
	bare := *s
	bare.AllOf = nil
	var forms []*openapi.SchemaRef
	if own.typ == "" { // which those of allOf have
		own.required = s.Required
	}
	nullable, validates := own.nullable, own.validates
	if !structural(&bare) { // by itself such a schema has no members that could be required
		own.required = s.Required
	}
	for _, m := range s.AllOf {
		if m == nil || m.Value == nil {
			continue
		}
		if m.Ref != "" || structural(m.Value) {
			forms = append(forms, m)
		} else {
			own.required = union(own.required, m.Value.Required)
			if m.Value.Extensions[extValidate] != nil {
				validates = union(validates, []*openapi.Schema{m.Value})
			}
		}
	}
	if !structural(&bare) && len(own.required) == 0 && len(forms) == 1 {
		return &shape{ref: forms[0], nullable: nullable}
	}
	circle := p.merging.holdsItself(s)
	if !structural(&bare) && !circle && len(forms) == 1 && p.resolve(forms[0]).typ != "object" {
		return &shape{ref: forms[0], nullable: nullable}
	}
	var parts []*shape
	if circle {
		parts = p.circleParts(s)
	} else {
		for _, m := range forms {
			parts = append(parts, p.partOf(m))
		}
	}
	// What all members allow, the whole does.
	if !structural(&bare) && !nullable && len(parts) > 0 {
		nullable = !slices.ContainsFunc(parts, func(part *shape) bool { return !part.nullable })
	}
	out := own
	if !structural(&bare) {
		out = &shape{required: own.required}
	}
	out.props = maps.Clone(out.props)
	out.nullable = false
	empty := !structural(&bare)
	for _, part := range parts {
		validates = union(validates, part.validates)
		if part.lossy != "" {
			out.lossy, out.limited = part.lossy, part.limited
		}
		if empty {
			required := out.required
			clone := *part
			clone.props = maps.Clone(part.props)
			clone.required = union(part.required, required)
			clone.nullable = false
			out, empty = &clone, false
			continue
		}
		p.merge(out, part)
	}
	out.nullable, out.validates = nullable, validates
	return out
}

// partOf is the shape of a member of allOf, null included where an alias on the way
// to it allows it.
func (p *prep) partOf(m *openapi.SchemaRef) *shape {
	part := p.resolve(m)
	if !part.nullable && p.nullable(m) {
		clone := *part
		clone.nullable = true
		return &clone
	}
	return part
}

// union is what either list has, once: what schemas share would be counted again on
// every way that leads to it.
func union[E comparable](a, b []E) []E {
	out := slices.Clone(a)
	known := make(map[E]bool, len(a)+len(b))
	for _, e := range a {
		known[e] = true
	}
	for _, e := range b {
		if !known[e] {
			known[e] = true
			out = append(out, e)
		}
	}
	return out
}

// merge adds part to out.
func (p *prep) merge(out, part *shape) {
	switch {
	case part.typ == "" && len(part.variants) == 0:
		if len(part.enum) > 0 && len(out.enum) == 0 {
			out.enum, out.enumOf = part.enum, part.enumOf
		}
		return
	case out.typ == "" && len(out.variants) == 0:
		required := out.required
		*out = *part
		out.props = maps.Clone(part.props)
		out.required = union(part.required, required)
		return
	case (out.typ == "") != (part.typ == ""):
		p.settle(out, part)
		return
	case out.typ != part.typ:
		if numbers := out.typ + part.typ; numbers == "integernumber" || numbers == "numberinteger" {
			out.typ = "integer"
			break
		}
		out.lossy = "its allOf demands " + article(out.typ) + " and " + article(part.typ) + " at once"
		return
	}
	if out.format == "" {
		out.format = part.format
	}
	out.required = union(out.required, part.required)
	if len(part.enum) > 0 {
		p.mergeEnum(out, part)
	}
	p.mergeItems(out, part)
	out.rest = p.anyOrBoth(out.rest, part.rest)
	out.anyRest = out.anyRest || part.anyRest
	switch {
	case len(part.variants) > 0 && len(out.variants) > 0:
		p.combine(out, part)
	case len(part.variants) > 0:
		out.variants, out.disc = part.variants, part.disc
	}
	for _, name := range sortedKeys(part.props) {
		if out.props == nil {
			out.props = map[string]*openapi.SchemaRef{}
		}
		out.props[name] = p.both(out.props[name], part.props[name])
	}
}

// settle merges a choice with what has a type: of what it leaves to choose, only that
// is left which can be of the type. One that is left over is merged. Of several a list
// or a value takes its own form, as it does where they stand beside its type.
func (p *prep) settle(out, part *shape) {
	if p.settling >= mostSettled {
		out.limited, out.lossy = true, "its allOf demands "+article(out.typ)+" and "+article(part.typ)+" at once, which is one of itself"
		return
	}
	p.settling++
	defer func() { p.settling-- }()
	choice, fixed := out, part
	if out.typ != "" {
		choice, fixed = part, out
	}
	var left []*openapi.SchemaRef
	for _, v := range choice.variants {
		if p.mayBe(p.resolve(v), fixed.typ, 0) {
			left = append(left, v)
		}
	}
	merged := *fixed
	merged.props = maps.Clone(fixed.props)
	switch {
	case len(left) == 0:
		out.lossy = "its allOf demands " + article(out.typ) + " and " + article(part.typ) + " at once"
		return
	case len(left) == 1 && p.resolve(left[0]).lossy != "":
		out.lossy, out.limited = p.resolve(left[0]).lossy, p.resolve(left[0]).limited
		return
	case len(left) == 1:
		p.merge(&merged, p.resolve(left[0]))
	case fixed.typ == "object":
		rest := *choice
		rest.typ, rest.variants = "object", left
		p.merge(&merged, &rest)
	}
	*out = merged
}

// mayBe reports whether values of a shape can be of a type.
func (p *prep) mayBe(sh *shape, typ string, depth int) bool {
	if sh.typ != "" || len(sh.variants) == 0 || depth > mostDeep {
		return sh.typ == "" || sh.typ == typ || typ == "integer" && sh.typ == "number" || typ == "number" && sh.typ == "integer"
	}
	return slices.ContainsFunc(sh.variants, func(v *openapi.SchemaRef) bool { return p.mayBe(p.resolve(v), typ, depth+1) })
}

// mostSettled bounds the choices that are settled for one another: what is a choice of
// itself would be without end.
const mostSettled = 64

// mostDeep bounds the choices within choices that are looked into.
const mostDeep = 8

// mostCombined bounds the types that two choices make together.
const mostCombined = 64

// combine makes one choice of two: of every type of the one with every type of
// the other, but for those that nothing can be at once.
func (p *prep) combine(out, part *shape) {
	if len(out.variants)*len(part.variants) > mostCombined {
		out.limited, out.lossy = true, fmt.Sprintf("its allOf combines two choices (oneOf, anyOf) of more than %d pairs", mostCombined)
		return
	}
	var pairs []*openapi.SchemaRef
	for _, a := range out.variants {
		for _, b := range part.variants {
			pair := p.both(a, b)
			if pair != a && pair != b && pair.Value.Title == "" && !p.joints.isBeyond(pair) {
				pair.Value.Title = p.joints.called(pair)
			}
			switch sh := p.resolve(pair); {
			case sh.limited:
				out.limited, out.lossy = true, sh.lossy
				return
			case sh.lossy == "" && !slices.Contains(pairs, pair):
				pairs = append(pairs, pair)
			}
		}
	}
	if out.variants, out.disc = pairs, nil; len(pairs) == 0 {
		out.lossy = "its allOf combines two choices (oneOf, anyOf) that have nothing in common"
	}
}

// calledFor is what a branch is called, in words.
func calledFor(ref *openapi.SchemaRef) string {
	if i := strings.LastIndexByte(ref.Ref, '/'); i >= 0 {
		return ref.Ref[i+1:]
	}
	if ref.Value.Title != "" {
		return ref.Value.Title
	}
	return strings.Join(append(slices.Clone(ref.Value.Types), sortedKeys(ref.Value.Properties)...), " ")
}

func article(typ string) string {
	switch typ {
	case "":
		return "a choice"
	case "array", "integer", "object":
		return "an " + typ
	}
	return "a " + typ
}

// mergeEnum keeps the values that both know.
func (p *prep) mergeEnum(out, part *shape) {
	if len(out.enum) == 0 {
		out.enum, out.enumOf = part.enum, part.enumOf
		return
	}
	var common []any
	for _, v := range out.enum {
		if slices.ContainsFunc(part.enum, func(other any) bool { return sameValue(v, other) }) {
			common = append(common, v)
		}
	}
	if len(common) > 0 {
		if len(common) < len(out.enum) {
			out.enumOf = nil // its names no longer fit
		}
		out.enum = common
	}
}

// both returns a property that two members of an allOf describe.
func (p *prep) both(a, b *openapi.SchemaRef) *openapi.SchemaRef {
	switch {
	case a == nil || a.Value == nil:
		return b
	case b == nil || b.Value == nil || a.Value == b.Value || a.Ref != "" && a.Ref == b.Ref:
		return a
	case p.joints.isBeyond(a):
		return a
	case p.joints.isBeyond(b):
		return b
	case b.Ref == "" && !structural(b.Value):
		return a
	case a.Ref == "" && !structural(a.Value):
		return b
	}
	merged := p.joints.of(a, b)
	if p.joints.isBeyond(merged) && p.shapes[merged.Value] == nil {
		p.shapes[merged.Value] = &shape{limited: true, lossy: fmt.Sprintf("its allOf joins more than %d schemas that hold each other, or more than %d at once", p.joints.most, mostParts)}
	}
	return merged
}
