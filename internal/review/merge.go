package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// merge makes out what is valid for both.
func (f *flattener) merge(out, part *flat) {
	out.lacks(part.unknown)
	out.types &= part.types
	out.enum = intersect(out.enum, part.enum)
	if higher(part.min, out.min) {
		out.min = part.min
	}
	if lower(part.max, out.max) {
		out.max = part.max
	}
	for name, n := range part.counts {
		old, has := out.counts[name]
		if tighter := strings.HasPrefix(name, "min") == (n > old); !has || tighter && n != old {
			out.counts[name] = n
		}
	}
	maps.Copy(out.facts, part.facts)
	for _, format := range part.formats {
		if !slices.Contains(out.formats, format) {
			out.formats = append(out.formats, format)
		}
	}
	slices.Sort(out.formats)
	out.unique = out.unique || part.unique
	out.items, out.rest = f.both(out.items, part.items), f.both(out.rest, part.rest)
	for i, ref := range part.prefix {
		if i < len(out.prefix) {
			out.prefix = slices.Clone(out.prefix)
			out.prefix[i] = f.both(out.prefix[i], ref)
		} else {
			out.prefix = append(slices.Clone(out.prefix), ref)
		}
	}
	f.confine(out, part)
	out.props, out.patterns = f.joinMaps(out.props, part.props), f.joinMaps(out.patterns, part.patterns)
	maps.Copy(out.required, part.required)
	out.closed = out.closed || part.closed
	out.choices = append(slices.Clone(out.choices), part.choices...)
	out.nots = append(slices.Clone(out.nots), part.nots...)
	out.conditions = append(slices.Clone(out.conditions), part.conditions...)
	out.readOnly, out.writeOnly = out.readOnly || part.readOnly, out.writeOnly || part.writeOnly
	if out.fallback == nil {
		out.fallback = part.fallback
	}
	if out.discriminator == nil {
		out.discriminator = part.discriminator
	}
}

// nothing is a schema that no value fits.
var nothing = &openapi.SchemaRef{Value: &openapi.Schema{Never: true}}

// confine holds the properties that only one of two objects declares against what
// the other says about undeclared ones: a closed object takes none, whatever
// stands beside it in allOf.
func (f *flattener) confine(a, b *flat) {
	within := func(of, by *flat) map[string]*openapi.SchemaRef {
		limit := by.rest
		if by.closed {
			limit = nothing
		}
		if limit == nil || len(by.patterns) > 0 {
			return of.props
		}
		out := maps.Clone(of.props)
		for _, name := range slices.Sorted(maps.Keys(of.props)) {
			if by.props[name] == nil {
				out[name] = f.both(out[name], limit)
			}
		}
		return out
	}
	mine, theirs := within(a, b), within(b, a)
	a.props = f.joinMaps(mine, theirs)
}

func (f *flattener) joinMaps(a, b map[string]*openapi.SchemaRef) map[string]*openapi.SchemaRef {
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(a)
	if out == nil {
		out = map[string]*openapi.SchemaRef{}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		out[name] = f.both(out[name], b[name])
	}
	return out
}

// both is a schema that demands what two others do. The same pair gives the
// same schema, so that it has an identity.
func (f *flattener) both(a, b *openapi.SchemaRef) *openapi.SchemaRef {
	switch {
	case a == nil || a.Value == nil:
		return b
	case b == nil || b.Value == nil || a.Value == b.Value:
		return a
	}
	// The set of what is joined is its identity: schemas that hold each other
	// would be joined without end otherwise.
	parts := slices.Clone(f.partsOf(a))
	for _, p := range f.partsOf(b) {
		if !slices.ContainsFunc(parts, func(q *openapi.SchemaRef) bool { return q.Value == p.Value }) {
			parts = append(parts, p)
		}
	}
	numbers := make([]int, len(parts))
	for i, p := range parts {
		n, known := f.numbers[p.Value]
		if !known {
			n = len(f.numbers)
			f.numbers[p.Value] = n
		}
		numbers[i] = n
	}
	slices.Sort(numbers)
	key := fmt.Sprint(numbers)
	if known := f.joined[key]; known != nil {
		return known
	}
	if f.full() {
		return a // whoever compares asks whether it is full, and says so
	}
	out := &openapi.SchemaRef{Value: &openapi.Schema{AllOf: parts, Pos: b.Value.Pos}, Pos: b.Pos}
	f.joined[key], f.parts[out.Value] = out, parts
	return out
}

func (f *flattener) partsOf(ref *openapi.SchemaRef) []*openapi.SchemaRef {
	if parts := f.parts[ref.Value]; parts != nil {
		return parts
	}
	return []*openapi.SchemaRef{ref}
}

// choose adds a oneOf or anyOf. One branch is no choice; a branch for null is
// what nullable says.
func (f *flattener) choose(out *flat, branches []*openapi.SchemaRef, exclusive bool) {
	if len(branches) == 0 {
		return
	}
	var rest []*openapi.SchemaRef
	var union types
	nulls := 0 // branches that take null
	for _, b := range branches {
		one := f.of(b)
		union |= one.types
		if one.types&nullType != 0 {
			nulls++
		}
		if one.types != nullType {
			rest = append(rest, b)
		}
	}
	if exclusive && nulls > 1 {
		union &^= nullType // it fits two branches
	}
	if enum := f.listed(rest, exclusive); enum != nil && len(rest) > 1 {
		if delete(enum, "null"); union&nullType != 0 {
			enum["null"] = true
		}
		out.types, out.enum = out.types&union, intersect(out.enum, enum)
		return
	}
	if len(rest) == 1 {
		one := *f.of(rest[0])
		one.enum = maps.Clone(one.enum)
		if one.types &^= nullType; union&nullType != 0 {
			one.allowNull()
		} else if one.enum != nil {
			delete(one.enum, "null")
		}
		f.merge(out, &one)
		return
	}
	out.types &= union
	if len(rest) > 1 {
		out.choices = append(slices.Clone(out.choices), choice{exclusive, rest})
	}
}
