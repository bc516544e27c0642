package goserver_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/everything"
	"github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/tags"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/wire"
)

// TestTagsAgree: on values as they are drawn for a schema, right and slightly
// wrong, what the engine accepts the tags of the decoded value accept. Where a
// contract has only keywords that tags can say, they refuse what it refuses.
func TestTagsAgree(t *testing.T) {
	t.Parallel()
	spoken := map[string]bool{}
	for _, keyword := range strings.Fields("minLength maxLength minimum maximum minItems maxItems uniqueItems minProperties maxProperties enum format") {
		spoken[keyword] = true
	}
	for _, c := range []struct {
		contract []byte
		name     string
		decode   func([]byte) (any, error)
		all      bool // tags say all that the schema says
	}{
		{tags.Service.Contract, "Said", decode[tags.Said], true},
		{tags.Service.Contract, "Unsaid", decode[tags.Unsaid], false},
		{everything.Service.Contract, "Thing", decode[everything.Thing], false},
	} {
		for _, mode := range []schema.Mode{schema.Request, schema.Answer} {
			t.Run(fmt.Sprint(c.name, "/", mode), func(t *testing.T) {
				t.Parallel()
				doc, err := schema.Load(c.contract, schema.Options{})
				if err != nil {
					t.Fatal(err)
				}
				engine, err := doc.Compile("/components/schemas/" + c.name)
				if err != nil {
					t.Fatal(err)
				}
				draw := newDrawer(t, c.contract)
				accepted, refused := 0, 0
				agree := func(t *rapid.T) {
					data := draw.object(t, c.name)
					violations := engine.Validate(data, mode)
					value, err := c.decode(data)
					if err != nil {
						if len(violations) == 0 {
							t.Fatalf("%s\nis accepted and cannot be decoded: %v", data, err)
						}
						return
					}
					switch err := wire.Validator().Struct(value); {
					case len(violations) == 0 && err != nil:
						t.Fatalf("%s\nis accepted by the engine and refused by tags:\n%v", data, err)
					case err != nil:
						refused++
					case len(violations) == 0:
						accepted++
					case c.all:
						for _, v := range violations {
							if spoken[v.Keyword] {
								t.Fatalf("%s\nis accepted by tags and refused by the engine:\n%s %s", data, v.Pointer, v.Message)
							}
						}
					}
				}
				rapid.Check(t, func(t *rapid.T) {
					for range 10 {
						agree(t)
					}
				})
				if accepted == 0 || refused == 0 && c.all {
					t.Errorf("%d accepted, %d refused: values are drawn badly", accepted, refused)
				}
				t.Logf("%d accepted, %d refused by both", accepted, refused)
			})
		}
	}
}

func decode[T any](data []byte) (any, error) {
	v := new(T)
	return v, wire.Unmarshal(data, v)
}

// drawer draws values for the schemas of a contract.
type drawer struct{ schemas map[string]map[string]any }

func newDrawer(t *testing.T, contract []byte) drawer {
	var doc struct {
		Components struct {
			Schemas map[string]map[string]any
		}
	}
	if err := json.Unmarshal(contract, &doc); err != nil {
		t.Fatal(err)
	}
	return drawer{doc.Components.Schemas}
}

func (d drawer) object(t *rapid.T, name string) []byte {
	data, err := json.Marshal(d.value(t, d.schemas[name], name, 0))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// slip says whether something is to be wrong this time.
func slip(t *rapid.T, label string) bool {
	return rapid.IntRange(0, 40).Draw(t, label+" is wrong") == 40
}

func (d drawer) value(t *rapid.T, s map[string]any, label string, depth int) any {
	if ref, ok := s["$ref"].(string); ok {
		return d.value(t, d.schemas[ref[strings.LastIndexByte(ref, '/')+1:]], label, depth)
	}
	if s["nullable"] == true && rapid.Bool().Draw(t, label+" is null") {
		return nil
	}
	if values, ok := s["enum"].([]any); ok {
		if slip(t, label) {
			return rapid.SampledFrom([]any{"other", 17, "Red", 0.25}).Draw(t, label)
		}
		return rapid.SampledFrom(values).Draw(t, label)
	}
	for _, choice := range []string{"allOf", "oneOf"} {
		if list, ok := s[choice].([]any); ok {
			merged := map[string]any{}
			if choice == "oneOf" {
				list = list[rapid.IntRange(0, len(list)-1).Draw(t, label+" branch"):][:1]
			}
			for _, one := range list {
				one := one.(map[string]any)
				if ref, ok := one["$ref"].(string); ok {
					one = d.schemas[ref[strings.LastIndexByte(ref, '/')+1:]]
				}
				maps.Copy(merged, one)
			}
			return d.value(t, merged, label, depth)
		}
	}
	switch s["type"] {
	case "object":
		return d.members(t, s, label, depth)
	case "array":
		items, _ := s["items"].(map[string]any)
		out := []any{}
		least, most := size(s, "minItems", 0), size(s, "maxItems", 3)
		for i := range count(t, label, least, most) {
			if depth > 6 {
				break
			}
			one := d.value(t, items, label+"[]", depth+1)
			if items["type"] == "number" && slip(t, label) {
				one = json.Number([]string{"0.1", "0.10000000000000001"}[i%2]) // different, and equal as float64
			}
			if s["uniqueItems"] == true && i > 0 && !slip(t, label) && containsJSON(out, one) {
				continue
			}
			out = append(out, one)
		}
		return out
	case "string":
		return d.text(t, s, label)
	case "integer":
		low, high := bounds(s, -3, 12)
		if low >= 1<<53 {
			return rapid.SampledFrom([]json.Number{"9007199254740993", "9007199254740992", "9223372036854775807"}).Draw(t, label)
		}
		if slip(t, label) {
			return rapid.SampledFrom([]any{low - 1, high + 1, 1.5, 3e9, 70000, -1}).Draw(t, label)
		}
		return int64(math.Round(rapid.Float64Range(low, high).Draw(t, label)))
	case "number":
		low, high := bounds(s, -3, 12)
		if s["multipleOf"] != nil {
			return rapid.SampledFrom([]json.Number{"19.99", "1", "0.5", "1e3", "0.001"}).Draw(t, label)
		}
		if slip(t, label) {
			return rapid.SampledFrom([]float64{low, high, math.Nextafter(low, -9), math.Nextafter(high, 99), -0.5}).Draw(t, label)
		}
		return rapid.OneOf(rapid.Float64Range(low, high), rapid.SampledFrom([]float64{low, high, (low + high) / 2})).Draw(t, label)
	case "boolean":
		return rapid.Bool().Draw(t, label)
	}
	return rapid.SampledFrom([]any{"a", "free", 1, nil, []any{1}, map[string]any{"x": 1}}).Draw(t, label)
}

func (d drawer) members(t *rapid.T, s map[string]any, label string, depth int) any {
	out := map[string]any{}
	props, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(props)) {
		there := slices.Contains(required, any(name)) && !slip(t, name)
		if !there && (depth > 3 || rapid.IntRange(0, 2).Draw(t, name+" is there") > 0) {
			continue
		}
		one := props[name].(map[string]any)
		if (one["readOnly"] == true || one["writeOnly"] == true) && rapid.Bool().Draw(t, name+" is left out") {
			continue
		}
		out[name] = d.value(t, one, name, depth+1)
	}
	least, most := size(s, "minProperties", 0), size(s, "maxProperties", 3)
	if more, ok := s["additionalProperties"].(map[string]any); ok || s["additionalProperties"] == true {
		for i := range count(t, label, least, most) {
			out["more"+strconv.Itoa(i)] = d.value(t, more, label+" more", depth+1)
		}
	}
	return out
}

func (d drawer) text(t *rapid.T, s map[string]any, label string) any {
	samples := map[string][]string{
		"uuid":      {"a987fbc9-4bed-3078-8f07-9141ba07c9f3", "A987FBC9-4BED-3078-8F07-9141BA07C9F3", "00000000-0000-0000-0000-000000000000", "a987fbc94bed3078cf079141ba07c9f3", "a987fbc9-4bed-3078-8f07-9141ba07c9f3\n", ""},
		"date-time": {"2026-11-22T10:00:00Z", "2026-11-22t10:00:00.5+01:00", "2016-12-31T23:59:60Z"},
		"date":      {"2026-11-22", "0001-01-01"},
		"byte":      {"", "AP8+Pw==", "AA=="},
		"email":     {"a@localhost", "a@example.com", `"a b"@example.com`},
		"uri":       {"urn:a:b", "http://[::1]:80/", "x:"},
		"hostname":  {"1a.com", "localhost"},
		"ipv4":      {"127.0.0.1"},
		"ipv6":      {"::ffff:1.2.3.4", "::1"},
	}[fmt.Sprint(s["format"])]
	if samples != nil {
		return rapid.SampledFrom(samples).Draw(t, label)
	}
	if s["pattern"] != nil {
		return rapid.SampledFrom([]string{"a", "abc", "abcdefghij", "A"}).Draw(t, label)
	}
	least, most := size(s, "minLength", 0), size(s, "maxLength", 5)
	n := count(t, label, least, most)
	return rapid.StringOfN(rapid.SampledFrom([]rune("aZé 0\n\t\u0000\"'€😀\u200d")), n, n, -1).Draw(t, label)
}

func size(s map[string]any, keyword string, otherwise int) int {
	if n, ok := s[keyword].(float64); ok {
		return int(n)
	}
	return otherwise
}

// count draws a number within limits, or just outside.
func count(t *rapid.T, label string, least, most int) int {
	if slip(t, label+" size") {
		return rapid.SampledFrom([]int{max(least-1, 0), most + 1}).Draw(t, label+" size")
	}
	return rapid.IntRange(least, max(least, most)).Draw(t, label+" size")
}

func bounds(s map[string]any, low, high float64) (float64, float64) {
	if v, ok := s["minimum"].(float64); ok {
		low = v
	}
	if v, ok := s["maximum"].(float64); ok {
		high = v
	}
	return low, max(low, high)
}

func containsJSON(list []any, v any) bool {
	return slices.ContainsFunc(list, func(one any) bool {
		a, _ := json.Marshal(one)
		b, _ := json.Marshal(v)
		return string(a) == string(b)
	})
}
