// Package sample makes JSON values from schemas: boundaries, each type of a list of
// types, each value of an enum, each branch of a choice, members there and absent.
//
// What is made is always the same, and bounded in number, depth and length. It need
// not fit: what schemas say together (patterns, factors, conditions) is not worked
// out, and the caller holds the samples against the schema.
package sample

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

const (
	// Most is how many samples there are of a schema.
	Most = 64
	// longest is how many bytes a sample has at most.
	longest = 2048
	// widest is how many members an object has at most: each takes five bytes.
	widest = longest / 5
	// deepest is how many schemas a sample goes down at most, below what is varied;
	// varied is how many of them are varied themselves.
	deepest, varied = 16, 4
	// maxMade bounds how many schemas are looked at for the samples of one.
	maxMade = 20_000
)

// maker counts what making costs: schemas can hold each other in more ways than can
// be tried.
type maker struct{ left int }

// spend reports whether another schema may be looked at.
func (m *maker) spend() bool {
	m.left--
	return m.left >= 0
}

// Sample is a value of a schema.
type Sample struct {
	// JSON is the value, with the members of objects in the order of their names.
	JSON []byte
	// At is the JSON pointer of what was varied in it.
	At string
}

// Of returns samples of root that vary in what focus, a schema somewhere in it, says,
// and have nothing else but what must be there. There are none where focus is not in
// root. A nil focus is root itself.
func Of(root *openapi.SchemaRef, focus *openapi.Schema) []Sample {
	return new(Maker).Of(root, focus)
}

// Maker makes samples. It remembers what it found in the last root, for those who ask
// for many of its schemas. The zero Maker is ready; it is not safe for concurrent use.
type Maker struct {
	root *openapi.Schema
	in   *search
}

// Of is the function of that name.
func (k *Maker) Of(root *openapi.SchemaRef, focus *openapi.Schema) []Sample {
	if root == nil || root.Value == nil {
		return nil
	}
	var way []step
	if focus != nil {
		if k.root != root.Value {
			k.root, k.in = root.Value, newSearch(root.Value)
		}
		var found bool
		if way, found = k.in.find(focus); !found {
			return nil
		}
	}
	m := &maker{left: maxMade}
	var out []Sample
	seen := map[string]bool{}
	for _, v := range m.along(root.Value, way) {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v.value); err != nil || buf.Len() > longest {
			continue
		}
		text := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
		if key := v.at + "\x00" + string(text); !seen[key] {
			seen[key] = true
			out = append(out, Sample{text, v.at})
		}
		if len(out) == Most {
			break
		}
	}
	return out
}

// placed is a value with the pointer of what was varied in it.
type placed struct {
	value any
	at    string
}

// along makes values of a schema in which what the way leads to is varied.
func (m *maker) along(s *openapi.Schema, way []step) []placed {
	if len(way) == 0 {
		var out []placed
		for _, v := range m.variants(s, 0) {
			out = append(out, placed{v, ""})
		}
		return out
	}
	to := way[0]
	inner := m.along(to.schema, way[1:])
	if len(inner) == 0 {
		return nil
	}
	around, ok := m.around(to, s)
	if !ok {
		return nil
	}
	out := make([]placed, len(inner))
	for i, v := range inner {
		out[i] = around(v)
	}
	return out
}

// around returns what puts a value where the step leads in the least value of s;
// false where there is none.
func (m *maker) around(to step, s *openapi.Schema) (func(placed) placed, bool) {
	switch to.kind {
	case part:
		own := m.own(s, to.schema)
		return func(v placed) placed { return placed{joined(own, v.value), v.at} }, true
	case branch:
		own := m.own(s, to.schema)
		return func(v placed) placed { return placed{named(s, to.ref, joined(own, v.value)), v.at} }, true
	case item:
		list := []any{}
		for _, before := range s.PrefixItems[:min(to.index, len(s.PrefixItems))] {
			first, ok := m.least(before, 1)
			if !ok {
				return nil, false
			}
			list = append(list, first)
		}
		at := "/" + strconv.Itoa(to.index)
		return func(v placed) placed { return placed{m.padded(s, append(slices.Clone(list), v.value)), at + v.at} }, true
	}
	object, ok := m.own(s, nil).(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	at := "/" + jsonpointer.Escape(to.name)
	return func(v placed) placed { return placed{with(object, to.name, v.value), at + v.at} }, true
}

// own is the least value of what a schema says, with the first of each choice but
// those that hold one of its schemas.
func (m *maker) own(s, without *openapi.Schema) any {
	rest := *s
	if without != nil {
		rest.AllOf, rest.OneOf, rest.AnyOf = but(s.AllOf, without), whole(s.OneOf, without), whole(s.AnyOf, without)
	}
	v, ok := m.least(&openapi.SchemaRef{Value: &rest}, 1)
	if !ok {
		return map[string]any{}
	}
	return v
}

// joined is a value that is two at once, where they are objects, and else the second.
func joined(a, b any) any {
	left, ok := a.(map[string]any)
	right, also := b.(map[string]any)
	if !ok || !also {
		return b
	}
	out := make(map[string]any, len(left)+len(right))
	for name, v := range left {
		out[name] = v
	}
	for name, v := range right {
		if known, twice := out[name]; twice {
			v = joined(known, v)
		}
		out[name] = v
	}
	return out
}

// named sets the discriminator of a value to what names its branch.
func named(s *openapi.Schema, ref *openapi.SchemaRef, v any) any {
	object, ok := v.(map[string]any)
	if s.Discriminator == nil || !ok || ref.Ref == "" {
		return v
	}
	name := ref.Ref[strings.LastIndexByte(ref.Ref, '/')+1:]
	for _, value := range sorted(s.Discriminator.Mapping) {
		if to := s.Discriminator.Mapping[value]; to == ref.Ref || to == name {
			name = value
			break
		}
	}
	return joined(object, map[string]any{s.Discriminator.PropertyName: name})
}

func but(refs []*openapi.SchemaRef, without *openapi.Schema) []*openapi.SchemaRef {
	var out []*openapi.SchemaRef
	for _, r := range refs {
		if r.Value != without {
			out = append(out, r)
		}
	}
	return out
}

// whole is a choice, or nothing where one of its branches is left out.
func whole(refs []*openapi.SchemaRef, without *openapi.Schema) []*openapi.SchemaRef {
	if len(but(refs, without)) < len(refs) {
		return nil
	}
	return refs
}
