package sample

import (
	"maps"

	"github.com/banyan-go/banyan/internal/openapi"
)

func (m *maker) objects(s *openapi.Schema, depth int) []any {
	base, ok := m.least(&openapi.SchemaRef{Value: bare(s)}, depth+1)
	object, isObject := base.(map[string]any)
	if !ok || !isObject {
		object = map[string]any{}
	}
	out := []any{object}
	full := map[string]any{}
	for _, name := range sorted(s.Properties) {
		if v, ok := m.least(s.Properties[name], depth+1); ok && !unsaid(s.Properties[name]) {
			full[name] = v
		}
		if len(full) > widest {
			break
		}
	}
	if len(full) <= widest {
		out = append(out, joined(object, full))
	}
	// Each member in turn, the first value of all of them before the second.
	values := map[string][]any{}
	for _, st := range steps(s) {
		if st.kind == member && !unsaid(st.ref) {
			if values[st.name] = m.below(st.ref, depth); len(values) > Most { // more than have their turn
				break
			}
		}
	}
	if allowed := s.AdditionalProperties.Allowed; s.AdditionalProperties.Schema == nil && (allowed == nil || *allowed) {
		values[spare(s)] = kinds() // what is not declared may come all the same
	}
	for i := 0; len(out) < Most; i++ {
		before := len(out)
		for _, name := range sorted(values) {
			if list := values[name]; i < len(list) {
				out = append(out, with(object, name, list[i]))
			}
		}
		if len(out) == before {
			break
		}
	}
	return few(out)
}

// with is an object with another value of a member.
func with(object map[string]any, name string, v any) map[string]any {
	out := maps.Clone(object)
	out[name] = v
	return out
}

// unsaid reports whether a service does not send a property.
func unsaid(ref *openapi.SchemaRef) bool {
	return ref != nil && ref.Value != nil && ref.Value.WriteOnly
}

// least is the smallest value of a schema that is easily found.
func (m *maker) least(ref *openapi.SchemaRef, depth int) (any, bool) {
	if ref == nil || ref.Value == nil {
		return "text", true
	}
	s := ref.Value
	switch {
	case depth > deepest || s.Never || !m.spend():
		return nil, false
	case s.Const != nil:
		return *s.Const, true
	case len(s.Enum) > 0:
		return s.Enum[0], true
	}
	var out any = map[string]any{}
	types := typesOf(s)
	if len(types) > 0 {
		switch types[0] {
		case "object":
			object, ok := m.required(s, depth)
			if !ok {
				return nil, s.Nullable
			}
			out = object
		case "array":
			out = m.padded(s, []any{})
		default:
			out = m.typed(s, types[0], depth)[0]
		}
	}
	for _, part := range s.AllOf {
		v, ok := m.least(part, depth+1)
		if !ok {
			return nil, s.Nullable
		}
		out = joined(out, v)
	}
	for _, choice := range [][]*openapi.SchemaRef{s.OneOf, s.AnyOf} {
		fits := len(choice) == 0
		for _, ref := range choice {
			if v, ok := m.least(ref, depth+1); ok {
				out, fits = named(s, ref, joined(out, v)), true
				break
			}
		}
		if !fits {
			return nil, s.Nullable
		}
	}
	if len(types)+len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 {
		return "text", true
	}
	return out, true
}

// required is an object of what must be in it.
func (m *maker) required(s *openapi.Schema, depth int) (map[string]any, bool) {
	out := map[string]any{}
	for _, name := range s.Required {
		ref := s.Properties[name]
		if unsaid(ref) {
			continue
		}
		if len(out) > widest {
			return nil, false
		}
		v, ok := m.least(ref, depth+1)
		if !ok {
			return nil, false
		}
		if ref != nil || len(s.Properties) > 0 || len(s.AllOf) == 0 {
			out[name] = v
		}
	}
	return out, true
}
