package goserver_test

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/sample"
)

// circles is how many contracts TestCircles draws, always the same ones;
// FuzzCircles draws others.
const circles = 150

// TestCircles draws small contracts whose schemas hold each other in every way, and
// does with them what the command does: nothing may go on without end, and what is
// made stays in proportion to what was drawn.
func TestCircles(t *testing.T) {
	// Recursion without end fails at once, and not when the memory is used up.
	defer debug.SetMaxStack(debug.SetMaxStack(256 << 20))
	drawn := rapid.Custom(drawCircles)
	loaded := 0
	var before *openapi.Document
	for i := range circles {
		doc, _ := throughAll(t, drawn.Example(i))
		if doc == nil {
			continue
		}
		loaded++
		if found := review.Compare(doc, doc, review.Options{}); len(found) > 0 {
			t.Errorf("contract %d differs from itself: %s", i, found[0].Rule)
		}
		if before != nil && i%5 == 0 { // the hardest of them take a while to compare
			review.Compare(before, doc, review.Options{})
		}
		before = doc
	}
	if loaded < circles/4 {
		t.Errorf("%d of %d contracts could be loaded", loaded, circles)
	}
}

// FuzzCircles draws contracts as TestCircles does.
func FuzzCircles(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) { throughAll(t, drawCircles(t)) }))
}

// TestLadders holds that what doubles on each rung does not on each of many, and that
// what is beyond a limit is said where it stands.
func TestLadders(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(256 << 20))
	const rungs = 40
	ref := func(i int) string { return fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, i) }
	// A property that on each rung is joined with another set of those above: there are
	// as many sets as there are ways up, two to the power of the rungs that differ.
	sets := func(ways int) func(i int) string {
		return func(i int) string {
			next := i%ways + 1
			both := fmt.Sprintf(`{"allOf":[%s,%s]}`, ref(next), ref(1))
			if i < ways/2 {
				both = ref(next)
			}
			return fmt.Sprintf(`{"type":"object","properties":{"x":%s,"y":%s,"n%d":{"type":"string"}}}`, both, ref(next), i)
		}
	}
	for name, ladder := range map[string]struct {
		rung func(i int) string
		want string
	}{
		"required names, on two ways to each rung below": {rung: func(i int) string {
			return fmt.Sprintf(`{"allOf":[%s,{"allOf":[%s,{"type":"object","required":["r%d"]}]}]}`, ref(i-1), ref(i-1), i)
		}},
		"choices that are multiplied": {want: "more than 64 pairs", rung: func(i int) string {
			return fmt.Sprintf(`{"allOf":[%s,{"oneOf":[{"type":"object","properties":{"a%d":{"type":"string"}}},{"type":"object","properties":{"b%d":{"type":"string"}}}]}]}`, ref(i-1), i, i)
		}},
		"choices that hold two of the next": {rung: func(i int) string {
			return fmt.Sprintf(`{"oneOf":[{"allOf":[%[1]s,{"type":"object","properties":{"a":%[1]s}}]},{"allOf":[%[1]s,{"type":"object","properties":{"b":%[1]s}}]}]}`, ref(i-1))
		}},
		"more sets than are made types":          {want: "joins more than", rung: sets(13)},
		"more sets than are held against values": {want: "combine to more than 200000", rung: sets(rungs)},
	} {
		t.Run(name, func(t *testing.T) {
			parts := []string{`"S0":{"type":"object","properties":{"id":{"type":"string"}}}`}
			for i := 1; i <= rungs; i++ {
				parts = append(parts, fmt.Sprintf(`"S%d":%s`, i, ladder.rung(i)))
			}
			_, found := throughAll(t, []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{`+strings.Join(parts, ",")+`}}}`))
			said := ladder.want == "" && len(found.WithoutNotes()) == 0
			for _, d := range found {
				said = said || ladder.want != "" && strings.Contains(d.Message, ladder.want) && d.Pos.Line > 0
			}
			if !said {
				t.Errorf("want %q, got %v", ladder.want, found)
			}
		})
	}
}

// drawCircles draws a contract.
func drawCircles(t *rapid.T) []byte {
	names := []string{"A", "B", "C", "D", "E"}[:rapid.IntRange(1, 5).Draw(t, "components")]
	schemas := map[string]any{}
	for _, name := range names {
		schemas[name] = drawCircle(t, names, 3)
	}
	return encodeCircles(t, schemas)
}

// drawCircle draws a schema of some levels that refers to components by name.
func drawCircle(t *rapid.T, names []string, depth int) map[string]any {
	ref := func() map[string]any {
		return map[string]any{"$ref": "#/components/schemas/" + rapid.SampledFrom(names).Draw(t, "ref")}
	}
	below := func() any {
		if depth == 0 || rapid.IntRange(0, 2).Draw(t, "refers") > 0 {
			return ref()
		}
		return drawCircle(t, names, depth-1)
	}
	out := map[string]any{}
	for range rapid.IntRange(1, 2).Draw(t, "keywords") {
		switch word := rapid.SampledFrom([]string{"allOf", "allOf", "oneOf", "anyOf", "properties", "properties", "items", "additionalProperties", "type"}).Draw(t, "keyword"); word {
		case "allOf", "oneOf", "anyOf":
			var list []any
			for range rapid.IntRange(1, 3).Draw(t, "branches") {
				list = append(list, below())
			}
			out[word] = list
		case "properties":
			props := map[string]any{}
			for range rapid.IntRange(1, 3).Draw(t, "members") {
				props[rapid.SampledFrom([]string{"p", "q", "r"}).Draw(t, "name")] = below()
			}
			out["type"], out[word] = "object", props
			if rapid.Bool().Draw(t, "needed") {
				out["required"] = []any{"p"}
			}
		case "items":
			out["type"], out[word] = "array", below()
		case "additionalProperties":
			out["type"], out[word] = "object", below()
		default:
			out["type"] = rapid.SampledFrom([]string{"string", "integer", "object"}).Draw(t, "type")
		}
	}
	return out
}

func encodeCircles(t *rapid.T, schemas map[string]any) []byte {
	operations := map[string]any{}
	for name := range schemas {
		body := map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/" + name}}}
		operations["/"+name] = map[string]any{"post": map[string]any{
			"operationId": "send" + name, "requestBody": map[string]any{"content": body},
			"responses": map[string]any{"200": map[string]any{"description": "ok", "content": body}},
		}}
	}
	data, err := json.Marshal(map[string]any{"openapi": "3.0.3", "info": map[string]any{"title": "t", "version": "1"}, "paths": operations,
		"components": map[string]any{"schemas": schemas}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// throughAll loads, checks and generates a contract and makes samples of it. There is
// no document when it cannot be loaded; what was found is returned.
func throughAll(t interface {
	Errorf(format string, args ...any)
	Fatal(args ...any)
}, data []byte) (*openapi.Document, diag.List) {
	ws, list := contract.LoadFS(fstest.MapFS{
		"banyan.yaml":          {Data: []byte("version: 1\nservices: {svc: {base-path: /v1}}\ntargets: {goserver: {output: gen}}\n")},
		"api/svc/openapi.yaml": {Data: data},
	}, "example.com/circles")
	if list.Errors() > 0 {
		return nil, list
	}
	checked := goserver.Target{}.Check(ws, ws.Targets[0])
	files, generated := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
	if len(checked) != len(generated) {
		t.Errorf("check says\n%v\ngenerate says\n%v", checked, generated)
	}
	size := 0
	for _, f := range files {
		size += len(f.Data)
	}
	if most := 64 << 20; size > most {
		t.Errorf("%d bytes of code are made of %d bytes of contract", size, len(data))
	}
	doc, err := ws.Services[0].Spec()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range doc.Components.Schemas {
		if n := len(sample.Of(s, nil)); n > sample.Most {
			t.Errorf("%s has %d samples", name, n)
		}
	}
	return doc, generated
}
