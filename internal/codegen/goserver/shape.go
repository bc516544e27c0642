package goserver

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// shape is what a schema says about the form of its values, after allOf has
// been merged and annotations have been dropped.
type shape struct {
	// ref is set when the schema is another one under a further name.
	ref      *openapi.SchemaRef
	typ      string // "object", "array", "string", ..., "" for anything
	format   string
	nullable bool
	enum     []any
	enumOf   *openapi.Schema // where the enum stands, for its extensions
	items    *openapi.SchemaRef
	// tuple are the first items of an array, each with a schema of its own; items
	// are those after them, unless it is closed.
	tuple    []*openapi.SchemaRef
	closed   bool
	props    map[string]*openapi.SchemaRef
	required []string
	rest     *openapi.SchemaRef // additional properties with a schema
	anyRest  bool               // additional properties of any kind
	variants []*openapi.SchemaRef
	disc     *openapi.Discriminator
	// validates are the schemas with an x-validate of their own.
	validates []*openapi.Schema
	// lossy says why Go cannot express the schema; it is raw JSON then.
	lossy string
	// limited says that it is for a limit, and not because nothing fits.
	limited bool
}

// structural reports whether a schema says anything about form. Everything
// else is annotation or validation.
func structural(s *openapi.Schema) bool {
	return len(s.Types) > 0 || s.Const != nil || len(s.Properties) > 0 || s.Items != nil || s.AdditionalProperties.Allowed != nil && *s.AdditionalProperties.Allowed ||
		s.AdditionalProperties.Schema != nil || len(s.PatternProperties) > 0 || len(s.PrefixItems) > 0 || len(s.OneOf) > 0 || len(s.AnyOf) > 0 || len(s.AllOf) > 0 || len(s.Enum) > 0
}

// shapeOf works out the shape of a schema.
func (p *prep) shapeOf(s *openapi.Schema) *shape {
	if known, ok := p.shapes[s]; ok {
		return known
	}
	// A schema that contains itself through allOf adds nothing to itself.
	p.shapes[s] = &shape{}
	out := p.ownShape(s)
	if len(s.AllOf) > 0 {
		out = p.mergeAll(s, out)
	}
	out.nullable = out.nullable || s.Nullable
	p.shapes[s] = out
	return out
}

// ownShape leaves allOf aside.
func (p *prep) ownShape(s *openapi.Schema) *shape {
	out := &shape{format: s.Format, nullable: s.Nullable, items: s.Items, props: s.Properties, required: s.Required}
	if s.Extensions[extValidate] != nil {
		out.validates = []*openapi.Schema{s}
	}
	several := false
	switch {
	case len(s.Types) == 1:
		out.typ = s.Types[0]
	case len(s.Types) == 2 && slices.Contains(s.Types, "integer") && slices.Contains(s.Types, "number"):
		out.typ = "number"
	case len(s.Types) > 1 && len(valuesOf(s)) == 0 && len(s.OneOf)+len(s.AnyOf) == 0:
		return &shape{nullable: s.Nullable, variants: p.byType(s), validates: out.validates}
	case len(s.Types) > 1:
		several = true // what it may be is anything
	}
	if s.ContentEncoding == "base64" && out.format == "" {
		out.format = "byte"
	}
	if s.Pattern != "" && !keeps(out.format, s.Pattern) {
		out.format = ""
	}
	if len(s.PrefixItems) > 0 {
		out.tuple, out.items, out.closed = tupleOf(s)
	}
	for _, v := range valuesOf(s) {
		if v == nil {
			out.nullable = true
		} else {
			out.enum = append(out.enum, v)
		}
	}
	if out.enum != nil {
		out.enumOf = s
	}
	if extra := s.AdditionalProperties; extra.Schema != nil {
		if v := extra.Schema.Value; extra.Schema.Ref == "" && (v == nil || !structural(v)) {
			out.anyRest = true
		} else {
			out.rest = extra.Schema
		}
	} else if extra.Allowed != nil && *extra.Allowed {
		out.anyRest = true
	}
	p.addPatterns(s, out)
	if out.typ == "" && !several {
		if implied := impliedType(s, out); !p.choosesOther(s, implied) {
			out.typ = implied
		}
	}
	if out.typ == "object" {
		p.addConditional(s, out)
	}
	if out.typ != "object" {
		out.props, out.required, out.rest, out.anyRest = nil, nil, nil, false
	}
	if out.typ != "array" {
		out.items, out.tuple, out.closed = nil, nil, false
	}
	p.addVariants(s, out)
	return out
}

// written are values of formats as Go writes them.
var written = map[string][]string{
	"date-time": {"2006-01-02T15:04:05Z", "2026-12-31T23:59:59Z", "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z"},
	"date":      {"2006-01-02", "2026-12-31", "1999-12-31", "2000-01-01"},
}

// keeps reports whether a pattern takes a format as Go writes it. One that asks
// for another writing, such as +00:00 where Go has Z, would refuse each value that
// has been read: there it stays text.
func keeps(format, pattern string) bool {
	texts := written[format]
	re, err := regexp.Compile(pattern)
	return texts == nil || err != nil || slices.ContainsFunc(texts, re.MatchString)
}

// byType returns a schema for each type that values may have.
func (p *prep) byType(s *openapi.Schema) []*openapi.SchemaRef {
	if known := p.types[s]; known != nil {
		return known
	}
	var out []*openapi.SchemaRef
	for _, typ := range s.Types {
		one := *s
		one.Types, one.Nullable, one.Title, one.Description = []string{typ}, false, typ, ""
		out = append(out, &openapi.SchemaRef{Value: &one, Pos: s.Pos})
	}
	p.types[s] = out
	return out
}

// addPatterns reads patternProperties: what a map holds when there is one
// pattern and nothing else beside it.
func (p *prep) addPatterns(s *openapi.Schema, out *shape) {
	for _, pattern := range sortedKeys(s.PatternProperties) {
		ref := s.PatternProperties[pattern]
		switch {
		case out.anyRest:
		case out.rest == nil, out.rest.Value == ref.Value:
			out.rest = ref
		default:
			out.rest, out.anyRest = nil, true
		}
	}
}

// addConditional adds the properties that an object has under a condition: the
// schema engine holds them against it, and Go has a place for them.
func (p *prep) addConditional(s *openapi.Schema, out *shape) {
	refs := []*openapi.SchemaRef{s.Then, s.Else}
	for _, name := range sortedKeys(s.DependentSchemas) {
		refs = append(refs, s.DependentSchemas[name])
	}
	own := false
	for _, ref := range refs {
		if ref == nil || ref.Value == nil {
			continue
		}
		for name, prop := range p.resolve(ref).props {
			if out.props[name] != nil {
				continue
			}
			if !own { // those of the schema itself stay as they are
				own = true
				if out.props = maps.Clone(out.props); out.props == nil {
					out.props = map[string]*openapi.SchemaRef{}
				}
			}
			out.props[name] = prop
		}
	}
}

// impliedType guesses the type that a schema without one speaks of.
func impliedType(s *openapi.Schema, out *shape) string {
	switch {
	case len(s.Properties) > 0 || out.rest != nil || out.anyRest:
		return "object"
	case s.Items != nil || len(s.PrefixItems) > 0:
		return "array"
	case len(out.enum) > 0:
		return enumType(out.enum)
	}
	return ""
}

// choosesOther reports whether a branch of a schema is of another type than the one
// that its other words speak of: they hold of values of that type, and the branch
// allows others.
func (p *prep) choosesOther(s *openapi.Schema, implied string) bool {
	other := func(b *openapi.SchemaRef) bool {
		typ := p.resolve(b).typ
		return typ != "" && typ != implied
	}
	return len(valuesOf(s)) == 0 && (slices.ContainsFunc(s.OneOf, other) || slices.ContainsFunc(s.AnyOf, other))
}

// valuesOf returns the values that a schema lists: those of its enum, or its
// constant.
func valuesOf(s *openapi.Schema) []any {
	if s.Const != nil {
		return []any{*s.Const}
	}
	return s.Enum
}

func enumType(values []any) string {
	typ := ""
	for _, v := range values {
		var t string
		switch v := v.(type) {
		case string:
			t = "string"
		case bool:
			t = "boolean"
		case json.Number:
			t = "number"
			if n := rational(v); n != nil && n.IsInt() {
				t = "integer"
			}
		}
		switch {
		case t == "" || typ != "" && t != typ && (t == "string" || typ == "string" || t == "boolean" || typ == "boolean"):
			return ""
		case typ == "" || t == "number":
			typ = t
		}
	}
	return typ
}

// addVariants reads oneOf and anyOf. Branches that only validate, such as a
// list of required names, make no type.
func (p *prep) addVariants(s *openapi.Schema, out *shape) {
	branches := s.OneOf
	if len(branches) == 0 {
		branches = s.AnyOf
	} else if len(s.AnyOf) > 0 {
		branches = append(slices.Clone(s.OneOf), s.AnyOf...)
	}
	seen := map[string]bool{}
	dropped := 0
	for _, b := range branches {
		if b == nil || b.Value == nil {
			continue
		}
		if b.Ref == "" && isNull(b.Value) {
			out.nullable = true
			continue
		}
		if b.Ref == "" && !structural(b.Value) {
			dropped++
			continue
		}
		if b.Ref != "" {
			if seen[b.Ref] {
				continue
			}
			seen[b.Ref] = true
		}
		out.variants = append(out.variants, b)
		out.nullable = out.nullable || p.resolve(b).nullable
	}
	switch {
	case len(out.variants) == 0:
		return
	case dropped > 0 && out.typ == "" && len(out.props) == 0:
		// One branch allows anything at all.
		out.variants = nil
		return
	}
	out.disc = s.Discriminator
	if bare := out.typ == "" || out.typ == "object" && len(out.props) == 0 && out.rest == nil && !out.anyRest; bare {
		if len(out.variants) == 1 {
			out.ref, out.variants, out.disc = out.variants[0], nil, nil
			return
		}
		if p.allStrings(out.variants) {
			out.typ, out.variants, out.disc = "string", nil, nil
			return
		}
		out.typ = "" // a union by itself
		return
	}
	if out.typ != "object" {
		// The branches of a scalar or list narrow it; they are no types of their own.
		out.variants, out.disc = nil, nil
		return
	}
	var kept []*openapi.SchemaRef
	for _, b := range out.variants {
		if b.Ref == "" && onlyNarrows(b.Value, out.props) {
			continue
		}
		kept = append(kept, b)
	}
	out.variants = kept
	if len(kept) == 0 {
		out.disc = nil
	}
}

// onlyNarrows reports whether an inline branch speaks only of properties that
// its parent has.
func onlyNarrows(b *openapi.Schema, parent map[string]*openapi.SchemaRef) bool {
	for name := range b.Properties {
		if parent[name] == nil {
			return false
		}
	}
	return len(b.OneOf)+len(b.AnyOf)+len(b.AllOf) == 0 && b.AdditionalProperties.Schema == nil
}

func isNull(s *openapi.Schema) bool {
	values := valuesOf(s)
	// A branch that says nothing but nullable allows anything, to the letter.
	// Generators of contracts write it for null, and nobody for anything.
	return len(values) == 1 && values[0] == nil || s.Nullable && !structural(s)
}

// allStrings reports whether every branch is text on the wire and in Go.
func (p *prep) allStrings(refs []*openapi.SchemaRef) bool {
	for _, r := range refs {
		sh := p.resolve(r)
		if sh.typ != "string" || len(sh.variants) > 0 || sh.lossy != "" || stringType(sh.format) != "string" {
			return false
		}
	}
	return true
}

// resolve follows references and aliases to a shape with a form of its own.
func (p *prep) resolve(r *openapi.SchemaRef) *shape {
	for range mostAliases {
		if r == nil || r.Value == nil {
			return &shape{}
		}
		sh := p.shapeOf(r.Value)
		if sh.ref == nil {
			return sh
		}
		r = sh.ref
	}
	return &shape{}
}
