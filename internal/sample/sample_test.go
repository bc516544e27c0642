package sample_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/sample"
	"github.com/banyan-go/banyan/schema"
)

// document reads component schemas, and compiles those that are asked for.
func document(t *testing.T, schemas string) (map[string]*openapi.SchemaRef, func(name string) *schema.Schema) {
	t.Helper()
	text := "openapi: 3.1.0\ninfo: {title: t, version: \"1\"}\npaths: {}\ncomponents:\n  schemas:\n" + schemas
	ws, list := contract.LoadFS(fstest.MapFS{"banyan.yaml": {Data: []byte("version: 1\nservices: {x: {contract: x.yaml}}\n")}, "x.yaml": {Data: []byte(text)}}, "")
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	doc, err := ws.Services[0].Spec()
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := ws.Services[0].Bundle()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := schema.Load(bundle, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas, func(name string) *schema.Schema {
		compiled, err := engine.Compile("/components/schemas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return compiled
	}
}

const zoo = `    Enum: {type: string, enum: [a, b, c]}
    Types: {type: [string, integer, boolean, "null"]}
    Limits: {type: integer, minimum: 3, maximum: 9}
    Long: {type: string, minLength: 2, maxLength: 6}
    List: {type: array, minItems: 2, items: {type: boolean}}
    Tuple: {type: array, prefixItems: [{type: string}, {type: integer}], items: {type: boolean}, minItems: 2}
    Object: {type: object, required: [id], properties: {id: {type: string}, n: {type: integer, maximum: 3, minimum: 3}}, additionalProperties: {type: boolean}}
    Both: {allOf: [{$ref: "#/components/schemas/Object"}, {type: object, required: [z], properties: {z: {type: boolean}}}]}
    Cat: {type: object, required: [kind, lives], properties: {kind: {type: string}, lives: {type: integer}}}
    Dog: {type: object, required: [kind, loud], properties: {kind: {type: string}, loud: {type: boolean}}}
    Pet: {oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}], discriminator: {propertyName: kind, mapping: {c: "#/components/schemas/Cat"}}}
    Tree: {type: object, required: [twigs], properties: {twigs: {type: array, items: {$ref: "#/components/schemas/Tree"}}, pet: {$ref: "#/components/schemas/Pet"}}}
    Endless: {type: object, required: [next], properties: {next: {$ref: "#/components/schemas/Endless"}}}
`

// Every schema of the zoo but one that has no values gets samples that fit, the same
// ones each time.
func TestSamplesFit(t *testing.T) {
	t.Parallel()
	schemas, compiled := document(t, zoo)
	for name, ref := range schemas {
		all := sample.Of(ref, nil)
		if diff := cmp.Diff(all, sample.Of(ref, nil)); diff != "" {
			t.Errorf("%s: a second time they differ:\n%s", name, diff)
		}
		fit := 0
		for _, s := range all {
			if compiled(name).Validate(s.JSON, schema.Plain) == nil {
				fit++
			}
		}
		if fit == 0 && name != "Endless" {
			t.Errorf("%s: none of %d samples fit", name, len(all))
		}
	}
}

// What a schema says shows in its samples.
func TestSamplesShow(t *testing.T) {
	t.Parallel()
	schemas, _ := document(t, zoo)
	for _, c := range []struct {
		name string
		want []string
	}{
		{"Enum", []string{`"a"`, `"b"`, `"c"`}},
		{"Types", []string{`null`, `"text"`, `0`, `true`, `false`, `9223372036854775807`}},
		{"Limits", []string{`3`, `9`}},
		{"Long", []string{`"te"`, `"textte"`}},
		{"List", []string{`[true,true]`, `[false,true]`}},
		{"Tuple", []string{`["text",0]`, `["text",0,true]`}},
		{"Object", []string{`{"id":"text"}`, `{"id":"text","n":3}`, `{"id":"text","key":true}`}},
		{"Both", []string{`{"id":"text","z":false}`}},
		{"Pet", []string{`{"kind":"c","lives":1}`, `{"kind":"Dog","loud":false}`}},
	} {
		var got []string
		for _, s := range sample.Of(schemas[c.name], nil) {
			got = append(got, string(s.JSON))
		}
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: no %s in %q", c.name, want, got)
			}
		}
	}
}

// Only what is looked at varies, and samples say where it is.
func TestSamplesVaryOneThing(t *testing.T) {
	t.Parallel()
	schemas, _ := document(t, zoo)
	var got []string
	for _, s := range sample.Of(schemas["Tree"], schemas["Dog"].Value.Properties["loud"].Value) {
		got = append(got, s.At+" "+string(s.JSON))
	}
	want := []string{
		`/pet/loud {"pet":{"kind":"Dog","loud":true},"twigs":[]}`,
		`/pet/loud {"pet":{"kind":"Dog","loud":false},"twigs":[]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if other := sample.Of(schemas["Enum"], schemas["Dog"].Value); other != nil {
		t.Errorf("samples of what is not there: %v", other)
	}
}

// Schemas that hold each other in more ways than can be tried cost no more than
// others.
func TestSamplesAreBounded(t *testing.T) {
	t.Parallel()
	text := ""
	for i := range 20 {
		text += fmt.Sprintf("    S%d:\n      type: object\n      required: [p0, p1, p2, p3, p4, p5, p6, p7, p8, p9]\n      properties:\n", i)
		for j := range 10 {
			text += fmt.Sprintf("        p%d: {$ref: \"#/components/schemas/S%d\"}\n", j, (i+1)%20)
		}
	}
	text += "    Wide:\n      oneOf:\n"
	for i := range 500 {
		text += fmt.Sprintf("        - {type: string, const: v%d}\n", i)
	}
	text += "    Tiny: {type: number, minimum: 1e-999999}\n"
	schemas, _ := document(t, text)
	for name, ref := range schemas {
		if n := len(sample.Of(ref, nil)); n == 0 || n > sample.Most {
			t.Errorf("%s: %d samples", name, n)
		}
	}
	for _, s := range sample.Of(schemas["Tiny"], nil) {
		if strings.Contains(string(s.JSON), "999999") {
			t.Errorf("%s was computed with: it has a megabyte of digits", s.JSON)
		}
	}
}
