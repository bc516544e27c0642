package review

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/schema"
	"pgregory.net/rapid"
)

// TestVerdictsAreSound draws pairs of schemas and values. What a change calls
// compatible on the wire must be: no value that an old client could send is
// refused now, and no value that the server can send now was unknown before.
// Properties that the sender's contract does not declare play no part: an open
// object says nothing about them.
func TestVerdictsAreSound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old := drawSchema(t, 3)
		now := drawSchema(t, 3)
		if rapid.Bool().Draw(t, "edit") {
			now = edited(t, clone(old))
		}
		checkVerdict(t, old, now)
	})
}

// TestVerdictsAreSoundIn31 does the same in the words of OpenAPI 3.1, from either
// version to it.
func TestVerdictsAreSoundIn31(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old, version := drawSchema(t, 3), "3.0.3"
		now := clone(old)
		if rapid.Bool().Draw(t, "both") {
			old, version = in31(t, old), "3.1.0"
		}
		if now = in31(t, now); rapid.Bool().Draw(t, "edit") {
			now = in31(t, edited(t, now))
		}
		checkVersions(t, version, "3.1.0", old, now)
	})
}

// in31 writes a schema of 3.0 in the words of 3.1, and limits it by some that only
// 3.1 has.
func in31(t *rapid.T, s any) any {
	switch v := s.(type) {
	case []any:
		for i := range v {
			v[i] = in31(t, v[i])
		}
	case map[string]any:
		if typ, ok := v["type"].(string); ok && v["nullable"] == true {
			v["type"] = []any{typ, "null"}
			delete(v, "nullable")
		}
		if v["exclusiveMinimum"] == true {
			v["exclusiveMinimum"] = v["minimum"]
			delete(v, "minimum")
		} else if v["exclusiveMinimum"] == false {
			delete(v, "exclusiveMinimum")
		}
		if v["type"] == "array" && v["prefixItems"] == nil && rapid.IntRange(0, 3).Draw(t, "tuple") == 0 {
			v["prefixItems"] = []any{drawSchema31(t)}
		}
		if list, ok := v["enum"].([]any); ok && len(list) == 1 && rapid.Bool().Draw(t, "const") {
			v["const"] = list[0]
			delete(v, "enum")
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			switch name {
			case "properties":
				for _, p := range slices.Sorted(maps.Keys(v[name].(map[string]any))) {
					v[name].(map[string]any)[p] = in31(t, v[name].(map[string]any)[p])
				}
			case "items", "additionalProperties", "allOf", "anyOf", "oneOf", "not":
				v[name] = in31(t, v[name])
			}
		}
	}
	return s
}

func drawSchema31(t *rapid.T) any { return in31(t, clone(drawSchema(t, 0))) }

func checkVerdict(t *rapid.T, old, now any) { checkVersions(t, "3.0.3", "3.0.3", old, now) }

func checkVersions(t *rapid.T, from, to string, old, now any) {
	client, server := verdicts(t, from, to, old, now)
	before, after := compiled(t, from, old), compiled(t, to, now)
	for range 60 {
		if value := valueOf(t, old, 4); client == OK {
			text := encode(value)
			if v := before.Validate(text, schema.Request); v == nil {
				if v := after.Validate(text, schema.Request); v != nil {
					t.Fatalf("a request that passed is refused, but no change breaks it\nold %s\nnew %s\nvalue %s: %s", encode(old), encode(now), text, v[0].Message)
				}
			}
		}
		if value := valueOf(t, now, 4); server == OK {
			text := encode(value)
			if v := after.Validate(text, schema.Answer); v == nil {
				// A property that was writeOnly is one more that old clients do not read.
				v := slices.DeleteFunc(before.Validate(text, schema.Answer), func(v schema.Violation) bool { return v.Keyword == "writeOnly" })
				if len(v) > 0 {
					t.Fatalf("an answer is new to old clients, but no change breaks them\nold %s\nnew %s\nvalue %s: %s", encode(old), encode(now), text, v[0].Message)
				}
			}
		}
	}
}

// verdicts are those for a value that the client sends and for one that the
// server sends.
func verdicts(t *rapid.T, from, to string, old, now any) (client, server Verdict) {
	named := rapid.Bool().Draw(t, "component")
	doc := func(version string, s any, request bool) []byte {
		components := map[string]any{}
		if named {
			components["schemas"] = map[string]any{"S": s}
			s = map[string]any{"type": "array", "items": map[string]any{"$ref": "#/components/schemas/S"}}
		}
		body := map[string]any{"application/json": map[string]any{"schema": s}}
		op := map[string]any{"operationId": "a", "responses": map[string]any{"200": map[string]any{"description": "ok"}}}
		if request {
			op["requestBody"] = map[string]any{"content": body}
		} else {
			op["responses"] = map[string]any{"200": map[string]any{"description": "ok", "content": body}}
		}
		return encode(map[string]any{"openapi": version, "info": map[string]any{"title": "t", "version": "1"}, "paths": map[string]any{"/a": map[string]any{"post": op}}, "components": components})
	}
	worst := func(request bool) Verdict {
		v := OK
		for _, c := range Compare(read(t, doc(from, old, request)), read(t, doc(to, now, request)), Options{Now: time.Unix(0, 0)}) {
			v = max(v, c.Wire)
		}
		return v
	}
	return worst(true), worst(false)
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func clone(v any) any {
	var out any
	if err := json.Unmarshal(encode(v), &out); err != nil {
		panic(err)
	}
	return out
}

// compiled is the schema as a server has it: out of the bundle, which says what
// the reader took the contract to mean.
func compiled(t *rapid.T, version string, s any) *schema.Schema {
	data := encode(map[string]any{"openapi": version, "info": map[string]any{"title": "t", "version": "1"}, "paths": map[string]any{},
		"components": map[string]any{"schemas": map[string]any{"S": s}}})
	ws, list := contract.LoadFS(fstest.MapFS{
		"banyan.yaml":  {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.json}\n")},
		"openapi.json": {Data: data},
	}, "")
	if ws == nil || len(ws.Services) != 1 {
		t.Fatal(list)
	}
	bundle, err := ws.Services[0].Bundle()
	if err != nil {
		t.Fatal(err, list)
	}
	doc, err := schema.Load(bundle, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := doc.Compile("/components/schemas/S")
	if err != nil {
		t.Fatalf("%v in %s", err, encode(s))
	}
	return out
}

var (
	someNames  = []string{"a", "b", "c"}
	someWords  = []string{"", "x", "xy", "xyz", "longer"}
	someLimits = []int{0, 1, 2, 3, 4}
)

// drawSchema draws a schema of OpenAPI 3.0.
func drawSchema(t *rapid.T, depth int) any {
	s := map[string]any{}
	kinds := []string{"string", "integer", "number", "boolean", "enum"}
	if depth > 0 {
		kinds = append(kinds, "object", "object", "array", "allOf", "oneOf", "anyOf", "any")
	}
	sometimes := func(name string, f func()) {
		if rapid.IntRange(0, 2).Draw(t, name) == 0 {
			f()
		}
	}
	limit := func(name string) func() {
		return func() { s[name] = rapid.SampledFrom(someLimits).Draw(t, name) }
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "enum":
		s["type"] = "string"
		s["enum"] = rapid.SliceOfNDistinct(rapid.SampledFrom(someWords), 1, 3, rapid.ID).Draw(t, "enum")
	case "string":
		s["type"] = kind
		sometimes("minLength", limit("minLength"))
		sometimes("maxLength", limit("maxLength"))
	case "integer", "number":
		s["type"] = kind
		sometimes("minimum", limit("minimum"))
		sometimes("maximum", limit("maximum"))
		sometimes("multipleOf", func() { s["multipleOf"] = rapid.SampledFrom([]any{1, 2, 3, 0.5}).Draw(t, "multipleOf") })
		sometimes("exclusive", func() {
			if s["minimum"] != nil {
				s["exclusiveMinimum"] = true
			}
		})
	case "object":
		s["type"] = kind
		props := map[string]any{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(someNames), 0, 3, rapid.ID).Draw(t, "names") {
			props[name] = sided(t, drawSchema(t, depth-1))
		}
		s["properties"] = props
		sometimes("required", func() {
			s["required"] = rapid.SliceOfNDistinct(rapid.SampledFrom(someNames), 1, 2, rapid.ID).Draw(t, "required")
		})
		sometimes("minProperties", limit("minProperties"))
		sometimes("maxProperties", limit("maxProperties"))
		sometimes("closed", func() { s["additionalProperties"] = false })
		sometimes("rest", func() { s["additionalProperties"] = drawSchema(t, 0) })
	case "array":
		s["type"] = kind
		s["items"] = drawSchema(t, depth-1)
		sometimes("minItems", limit("minItems"))
		sometimes("maxItems", limit("maxItems"))
		sometimes("uniqueItems", func() { s["uniqueItems"] = true })
	case "allOf", "oneOf", "anyOf":
		s[kind] = []any{drawSchema(t, depth-1), drawSchema(t, depth-1)}
	}
	if s["type"] != nil {
		sometimes("nullable", func() { s["nullable"] = true })
	}
	return s
}

// sided marks some properties as those that only one side sends.
func sided(t *rapid.T, s any) any {
	if m := s.(map[string]any); m["$ref"] == nil {
		switch rapid.IntRange(0, 7).Draw(t, "side") {
		case 0:
			m["readOnly"] = true
		case 1:
			m["writeOnly"] = true
		}
	}
	return s
}

// edited changes one thing somewhere in a schema.
func edited(t *rapid.T, s any) any {
	m, ok := s.(map[string]any)
	if !ok || len(m) == 0 || rapid.Bool().Draw(t, "here") {
		return drawSchema(t, 1)
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	key := rapid.SampledFrom(keys).Draw(t, "key")
	switch v := m[key].(type) {
	case map[string]any:
		if key == "properties" {
			for name := range v {
				v[name] = sided(t, edited(t, v[name]))
				break
			}
			return m
		}
		m[key] = edited(t, v)
	case []any:
		if i := rapid.IntRange(0, len(v)-1).Draw(t, "item"); key != "enum" && key != "required" && key != "type" {
			v[i] = edited(t, v[i])
		} else if len(v) > 1 {
			m[key] = slices.Delete(v, i, i+1)
		}
	case float64:
		m[key] = v + float64(rapid.IntRange(0, 1).Draw(t, "step"))
	case bool:
		m[key] = !v
	case string:
		delete(m, key)
	}
	return m
}

// valueOf draws a value that has a chance to be valid.
func valueOf(t *rapid.T, s any, depth int) any {
	m, _ := s.(map[string]any)
	if m["nullable"] == true && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return nil
	}
	for _, word := range []string{"allOf", "oneOf", "anyOf"} {
		if list, ok := m[word].([]any); ok && len(list) > 0 {
			value := valueOf(t, list[rapid.IntRange(0, len(list)-1).Draw(t, word)], depth)
			if word == "allOf" {
				for _, part := range list {
					value = united(value, valueOf(t, part, depth))
				}
			}
			return value
		}
	}
	kind := m["type"]
	if list, ok := kind.([]any); ok {
		kind = list[rapid.IntRange(0, len(list)-1).Draw(t, "type")]
	}
	switch kind {
	case "null":
		return nil
	case "string":
		return rapid.SampledFrom(someWords).Draw(t, "word")
	case "integer":
		return rapid.SampledFrom(someLimits).Draw(t, "integer")
	case "number":
		return float64(rapid.IntRange(0, 10).Draw(t, "number")) / 2
	case "boolean":
		return rapid.Bool().Draw(t, "boolean")
	case "array":
		out := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			out = append(out, valueOf(t, m["items"], depth-1))
		}
		return out
	case "object":
		out := map[string]any{}
		props, _ := m["properties"].(map[string]any)
		for _, name := range someNames {
			if p, ok := props[name]; ok && (rapid.IntRange(0, 3).Draw(t, "has") > 0 || strings.Contains(fmt.Sprint(m["required"]), name)) {
				out[name] = valueOf(t, p, depth-1)
			}
		}
		return out
	}
	return rapid.SampledFrom([]any{nil, true, 1, 1.5, "x", []any{}, map[string]any{}}).Draw(t, "any")
}

func united(a, b any) any {
	x, ok := a.(map[string]any)
	y, ok2 := b.(map[string]any)
	if !ok || !ok2 {
		return a
	}
	for name, v := range y {
		if x[name] == nil {
			x[name] = v
		}
	}
	return x
}
