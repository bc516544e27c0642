package sample

import (
	"encoding/json"
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// variants are the values that show what a schema takes.
func (m *maker) variants(s *openapi.Schema, depth int) []any {
	if depth > varied || s.Never || !m.spend() {
		return nil
	}
	if s.Const != nil {
		return []any{*s.Const}
	}
	if len(s.Enum) > 0 {
		return slices.Clone(s.Enum[:min(len(s.Enum), Most)])
	}
	var out []any
	if s.Nullable {
		out = append(out, nil)
	}
	for _, typ := range typesOf(s) {
		out = append(out, m.typed(s, typ, depth)...)
	}
	if base, ok := m.least(&openapi.SchemaRef{Value: bare(s)}, depth+1); ok || len(typesOf(s)) == 0 {
		for i, ref := range s.AllOf {
			for _, v := range m.below(ref, depth) {
				around := base
				for j, other := range s.AllOf {
					if w, ok := m.least(other, depth+1); ok && i != j {
						around = joined(around, w)
					}
				}
				out = append(out, joined(around, v))
			}
		}
		for _, ref := range slices.Concat(s.OneOf, s.AnyOf) {
			for _, v := range m.below(ref, depth) {
				out = append(out, named(s, ref, joined(base, v)))
			}
		}
	}
	if len(out) == 0 && len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 {
		return kinds()
	}
	return few(out)
}

// bare is a schema without what it is put together from.
func bare(s *openapi.Schema) *openapi.Schema {
	out := *s
	out.AllOf, out.OneOf, out.AnyOf = nil, nil, nil
	return &out
}

// few keeps as many values as there may be samples.
func few(list []any) []any { return list[:min(len(list), Most)] }

func (m *maker) below(ref *openapi.SchemaRef, depth int) []any {
	if ref == nil || ref.Value == nil {
		return kinds()
	}
	return m.variants(ref.Value, depth+1)
}

// kinds is a value of each type, for what may be any.
func kinds() []any {
	return []any{"text", json.Number("1.5"), true, map[string]any{}, []any{}, nil}
}

// typesOf are the types that a schema names or speaks of.
func typesOf(s *openapi.Schema) []string {
	switch {
	case len(s.Types) > 0:
		return s.Types
	case len(s.Properties)+len(s.PatternProperties)+len(s.Required) > 0, s.AdditionalProperties.Schema != nil:
		return []string{"object"}
	case s.Items != nil, len(s.PrefixItems) > 0:
		return []string{"array"}
	}
	return nil
}

func (m *maker) typed(s *openapi.Schema, typ string, depth int) []any {
	switch typ {
	case "string":
		return texts(s)
	case "integer", "number":
		return numbers(s, typ)
	case "boolean":
		return []any{true, false}
	case "array":
		return m.lists(s, depth)
	case "object":
		return m.objects(s, depth)
	}
	return []any{nil}
}

func (m *maker) lists(s *openapi.Schema, depth int) []any {
	out := []any{m.padded(s, []any{})}
	ref, before := s.Items, []any{}
	for _, p := range s.PrefixItems {
		for _, v := range m.below(p, depth) {
			out = append(out, m.padded(s, append(slices.Clone(before), v)))
		}
		v, ok := m.least(p, depth+1)
		if !ok {
			return few(out)
		}
		before = append(before, v)
	}
	for _, v := range m.below(ref, depth) {
		out = append(out, m.padded(s, append(slices.Clone(before), v)))
	}
	if s.MaxItems != nil && *s.MaxItems <= 32 {
		if v, ok := m.least(ref, depth+1); ok {
			for uint64(len(before)) < *s.MaxItems {
				before = append(before, v)
			}
			out = append(out, before)
		}
	}
	return few(out)
}

// padded repeats the last item until there are as many as there must be.
func (m *maker) padded(s *openapi.Schema, list []any) []any {
	if s.MinItems == nil {
		return list
	}
	for uint64(len(list)) < min(*s.MinItems, 32) {
		ref := s.Items
		if len(list) < len(s.PrefixItems) {
			ref = s.PrefixItems[len(list)]
		}
		v, ok := m.least(ref, 1)
		if !ok {
			return list
		}
		list = append(list, v)
	}
	return list
}
