package sample

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"

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

// formats are values of what is more than text.
var formats = map[string][]string{
	"date-time": {"2026-01-02T03:04:05Z", "1999-12-31T23:59:59.123456789+02:00"},
	"date":      {"2026-01-02", "2024-02-29"},
	"time":      {"03:04:05Z", "23:59:59.5+01:00"},
	"duration":  {"P1DT2H"},
	"byte":      {"YWJj", ""},
	"uuid":      {"0b6e2f6c-6c0b-4c8e-9d5c-5d0c3f1c9a11"},
	"email":     {"a@example.com"},
	"uri":       {"https://example.com/a?b=c#d"},
	"hostname":  {"example.com"},
	"ipv4":      {"127.0.0.1"},
	"ipv6":      {"::1"},
	"decimal":   {"0.10"},
}

func texts(s *openapi.Schema) []any {
	var out []any
	for _, text := range formats[s.Format] {
		out = append(out, text)
	}
	if out != nil {
		return out
	}
	if s.ContentEncoding == "base64" {
		return []any{"YWJj"}
	}
	low, high := 0, 4
	if s.MinLength != nil {
		low = int(min(*s.MinLength, longest))
		high = low + 1
	}
	if s.MaxLength != nil {
		high = int(min(*s.MaxLength, longest/2))
	}
	if low <= 4 && high >= 4 {
		out = append(out, "text")
	}
	for _, n := range []int{low, max(high, low)} {
		out = append(out, strings.Repeat("text", n/4+1)[:n])
	}
	if low < 2 && high > 0 {
		out = append(out, "1")
	}
	return out
}

// edges are the ends of what integers of some width hold, and a step further.
var edges = []string{"0", "1", "-1", "128", "256", "32768", "65536", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807"}

func numbers(s *openapi.Schema, typ string) []any {
	var out []any
	add := func(n openapi.Number, offset int64) {
		if r := openapi.Rational(n); r != nil && len(n.String()) < 40 {
			r.Add(r, new(big.Rat).SetInt64(offset))
			switch {
			case r.IsInt():
				out = append(out, json.Number(r.Num().String()))
			case typ == "number":
				out = append(out, json.Number(n.String()))
			}
		}
	}
	add(s.Minimum, 0)
	add(s.Maximum, 0)
	add(s.ExclusiveMinimum, 1)
	add(s.ExclusiveMaximum, -1)
	add(s.MultipleOf, 0)
	if typ == "number" {
		out = append(out, json.Number("1.5"), json.Number("-0.25"), json.Number("0.1"), json.Number("1e20"))
	}
	for _, edge := range edges {
		out = append(out, json.Number(edge))
	}
	if s.Format == "uint64" {
		out = append(out, json.Number("18446744073709551615"))
	}
	return out
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
