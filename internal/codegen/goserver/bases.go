package goserver

import (
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// base is a component schema that others are merged from, or the choices of one:
// those that are merged become choices of what is merged.
type base struct {
	key     string
	choices bool
}

// basesFirst returns the component schemas in an order in which each comes after
// those that it is merged from: what stands inside of one is named after it, and not
// after whoever is merged with it and comes first in the alphabet. Those that are
// merged from each other come together, in the order of their names.
func (p *prep) basesFirst() (out [][]string) {
	c := newCycles(p.basesOf)
	for _, key := range sortedKeys(p.schemas()) {
		c.find(base{key: key})
	}
	for _, set := range c.sets {
		var keys []string
		for _, b := range set {
			if !b.choices {
				keys = append(keys, b.key)
			}
		}
		if len(keys) > 0 {
			slices.Sort(keys)
			out = append(out, keys)
		}
	}
	return out
}

// basesOf are those that something is merged from.
func (p *prep) basesOf(of base) (out []base) {
	var walk func(ref *openapi.SchemaRef, merged bool)
	walk = func(ref *openapi.SchemaRef, merged bool) {
		switch {
		case ref == nil || ref.Value == nil:
		case ref.Ref == "":
			eachInside(ref.Value, walk)
		case merged:
			if key, ok := p.componentOf(ref.Ref); ok {
				out = append(out, base{key: key}, base{key, true})
			}
		}
	}
	schema := p.schemas()[of.key]
	if !of.choices {
		walk(schema, true)
	} else if schema != nil && schema.Value != nil {
		for _, list := range [][]*openapi.SchemaRef{schema.Value.OneOf, schema.Value.AnyOf} {
			for _, branch := range list {
				walk(branch, true)
			}
		}
	}
	return out
}

// eachInside calls f with every schema that stands in a schema and says something
// about the form of its values, and whether it is merged into it.
func eachInside(s *openapi.Schema, f func(ref *openapi.SchemaRef, merged bool)) {
	for _, m := range s.AllOf {
		f(m, true)
	}
	f(s.Then, true)
	f(s.Else, true)
	for _, name := range sortedKeys(s.DependentSchemas) {
		f(s.DependentSchemas[name], true)
	}
	for _, list := range [][]*openapi.SchemaRef{s.OneOf, s.AnyOf, s.PrefixItems, {s.Items, s.UnevaluatedItems, s.AdditionalProperties.Schema}} {
		for _, ref := range list {
			f(ref, false)
		}
	}
	for _, named := range []map[string]*openapi.SchemaRef{s.Properties, s.PatternProperties} {
		for _, name := range sortedKeys(named) {
			f(named[name], false)
		}
	}
}

// copied is a schema with all that stands in it; what references lead to is not.
func copied(ref *openapi.SchemaRef) *openapi.SchemaRef {
	if ref == nil || ref.Value == nil || ref.Ref != "" {
		return ref
	}
	list := func(refs []*openapi.SchemaRef) []*openapi.SchemaRef {
		out := make([]*openapi.SchemaRef, len(refs))
		for i, one := range refs {
			out[i] = copied(one)
		}
		return out
	}
	named := func(refs map[string]*openapi.SchemaRef) map[string]*openapi.SchemaRef {
		out := make(map[string]*openapi.SchemaRef, len(refs))
		for name, one := range refs {
			out[name] = copied(one)
		}
		return out
	}
	r, s := *ref, *ref.Value
	r.Value = &s
	s.AllOf, s.OneOf, s.AnyOf, s.PrefixItems = list(s.AllOf), list(s.OneOf), list(s.AnyOf), list(s.PrefixItems)
	s.Properties, s.PatternProperties, s.DependentSchemas = named(s.Properties), named(s.PatternProperties), named(s.DependentSchemas)
	s.Then, s.Else, s.Items, s.UnevaluatedItems, s.AdditionalProperties.Schema = copied(s.Then), copied(s.Else), copied(s.Items), copied(s.UnevaluatedItems), copied(s.AdditionalProperties.Schema)
	return &r
}
