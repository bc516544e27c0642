package goserver

import (
	"github.com/banyan-go/banyan/internal/openapi"
)

// basesFirst returns the component schemas in an order in which each comes after
// those that it is merged from: what stands inside of one is named after it, and not
// after whoever is merged with it and comes first in the alphabet. Of those that are
// merged from each other the first in the alphabet begins.
func (p *prep) basesFirst() []string {
	out := make([]string, 0, len(p.schemas()))
	seen, chosen := map[string]bool{}, map[string]bool{}
	var visit func(key string)
	var walk func(ref *openapi.SchemaRef, merged bool)
	visit = func(key string) {
		if seen[key] {
			return
		}
		seen[key] = true
		walk(p.schemas()[key], true)
		out = append(out, key)
	}
	walk = func(ref *openapi.SchemaRef, merged bool) {
		if ref == nil || ref.Value == nil {
			return
		}
		if ref.Ref != "" {
			key, ok := p.componentOf(ref.Ref)
			if !ok || !merged {
				return
			}
			visit(key)
			if chosen[key] {
				return
			}
			chosen[key] = true
			for _, list := range [][]*openapi.SchemaRef{ref.Value.OneOf, ref.Value.AnyOf} {
				for _, branch := range list { // choices that are merged become choices of what is merged
					walk(branch, true)
				}
			}
			return
		}
		eachInside(ref.Value, walk)
	}
	for _, key := range sortedKeys(p.schemas()) {
		visit(key)
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

// ownItem is a path as one of its operations has it: what stands in the parameters
// that they share is copied, so that each has types of its own, and none is called
// after another one that comes first in the alphabet.
func ownItem(item *openapi.PathItem) *openapi.PathItem {
	own := *item
	own.Parameters = make([]*openapi.ParameterRef, len(item.Parameters))
	for i, ref := range item.Parameters {
		own.Parameters[i] = ref
		if ref == nil || ref.Value == nil || ref.Ref != "" {
			continue
		}
		v := *ref.Value
		v.Schema = copied(v.Schema)
		v.Content = make(map[string]*openapi.MediaType, len(v.Content))
		for media, of := range ref.Value.Content {
			one := *of
			one.Schema = copied(of.Schema)
			v.Content[media] = &one
		}
		own.Parameters[i] = &openapi.ParameterRef{Value: &v}
	}
	return &own
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
