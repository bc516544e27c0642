package contract

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestHintsLeadToTheEnd does what the hints of warnings say, and holds that nothing is
// left to be said: a hint that leads to the next warning is no hint.
func TestHintsLeadToTheEnd(t *testing.T) {
	t.Parallel()
	const null30, null31 = "{type: object, nullable: true, enum: [null]}", `{type: "null"}`
	for _, c := range []struct {
		version, schema string
		hint            string // part of it
		done            string // the schema as the hint wants it
	}{
		{"3.0.3", `{$ref: "#/components/schemas/U", nullable: true}`, "write oneOf: [{$ref: ...}, " + null30 + "] instead", `{oneOf: [{$ref: "#/components/schemas/U"}, ` + null30 + `]}`},
		{"3.0.3", `{$ref: "#/components/schemas/U", nullable: true, description: d, minProperties: 1}`, "the others can stand beside it", `{oneOf: [{$ref: "#/components/schemas/U"}, ` + null30 + `], description: d, minProperties: 1}`},
		{"3.0.3", `{$ref: "#/components/schemas/U", nullable: false}`, "write allOf: [$ref: ...] beside", `{allOf: [{$ref: "#/components/schemas/U"}], nullable: false}`},
		{"3.0.3", `{$ref: "#/components/schemas/U", description: d, minProperties: 1}`, "write allOf: [$ref: ...] beside", `{allOf: [{$ref: "#/components/schemas/U"}], description: d, minProperties: 1}`},
		{"3.0.3", `{allOf: [{$ref: "#/components/schemas/U"}], nullable: true}`, "write oneOf: [{allOf: [...]}, " + null30 + "] instead", `{oneOf: [{allOf: [{$ref: "#/components/schemas/U"}]}, ` + null30 + `]}`},
		{"3.0.3", `{anyOf: [{$ref: "#/components/schemas/U"}, {type: string}], nullable: true}`, "add " + null30 + " to anyOf", `{anyOf: [{$ref: "#/components/schemas/U"}, {type: string}, ` + null30 + `]}`},
		{"3.0.3", `{oneOf: [{$ref: "#/components/schemas/U"}, {type: string}], nullable: true}`, "add " + null30 + " to oneOf", `{oneOf: [{$ref: "#/components/schemas/U"}, {type: string}, ` + null30 + `]}`},
		{"3.0.3", `{type: string, nullable: true, enum: [a]}`, "add null to the enum", `{type: string, nullable: true, enum: [a, null]}`},
		{"3.0.3", `{type: "null"}`, "write enum: [null] and nullable: true", `{enum: [null], nullable: true}`},
		{"3.0.3", `{type: [string, "null"]}`, "write one type, and nullable: true for null", `{type: string, nullable: true}`},
		{"3.0.3", `{type: [string, integer, "null"]}`, "write anyOf, with a branch for each type", `{anyOf: [{type: string, nullable: true}, {type: integer}]}`},
		{"3.0.3", `{type: String}`, "write type: string", `{type: string}`},
		{"3.0.3", `{type: long}`, "write type: integer, format: int64", `{type: integer, format: int64}`},
		{"3.0.3", `{type: any}`, "leave type out", `{}`},
		{"3.1.0", `{type: string, nullable: true}`, `write type: [..., "null"]`, `{type: [string, "null"]}`},
		{"3.1.0", `{type: string, nullable: false}`, "leave it out", `{type: string}`},
		{"3.1.0", `{$ref: "#/components/schemas/U", nullable: true}`, "beside a $ref, write oneOf: [{$ref: ...}, " + null31 + "] instead", `{oneOf: [{$ref: "#/components/schemas/U"}, ` + null31 + `]}`},
		{"3.1.0", `{anyOf: [{type: integer}, {type: string}], nullable: true}`, "add " + null31 + " to anyOf", `{anyOf: [{type: integer}, {type: string}, ` + null31 + `]}`},
		{"3.1.0", `{allOf: [{$ref: "#/components/schemas/U"}], nullable: true}`, "write oneOf: [{allOf: [...]}, " + null31 + "] instead", `{oneOf: [{allOf: [{$ref: "#/components/schemas/U"}]}, ` + null31 + `]}`},
		{"3.1.0", `{nullable: true}`, "leave it out", `{}`},
		{"3.1.0", `{nullable: true, enum: [a]}`, "add null to the enum", `{enum: [a, null]}`},
		{"3.1.0", `{nullable: true, const: a}`, "write enum, with the value and null", `{enum: [a, null]}`},
	} {
		findings := func(schema string) string {
			text := "openapi: " + c.version + `
info: {title: t, version: "1.0.0"}
paths:
  /a:
    get:
      operationId: getA
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}}
components:
  schemas:
    U: {type: object, properties: {n: {type: string}}}
    A: {type: object, properties: {u: {$ref: "#/components/schemas/U"}, p: ` + schema + `}}
`
			_, list := LoadFS(fstest.MapFS{"banyan.yaml": {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\n")}, "openapi.yaml": {Data: []byte(text)}}, "")
			var out strings.Builder
			for _, d := range list {
				out.WriteString(d.Pos.String() + ": " + d.Message + "\n    " + d.Hint + "\n")
			}
			return out.String()
		}
		if got := findings(c.schema); !strings.Contains(got, c.hint) {
			t.Errorf("%s: no hint %q in:\n%s", c.schema, c.hint, got)
		}
		if got := findings(c.done); got != "" {
			t.Errorf("%s became %s, as the hint says:\n%s", c.schema, c.done, got)
		}
	}
}
