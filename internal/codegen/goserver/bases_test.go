package goserver_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
)

const growing = `
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /files/{kind}:
    parameters: [{name: kind, in: path, required: true, schema: {type: string, enum: [text, image]}}, {name: by, in: query, schema: {type: array, items: {type: object, properties: {x: {type: string}}}}}]
    get: {operationId: getFile, responses: {"204": {description: Fine.}}}
    # put: {operationId: addFile, responses: {"204": {description: Fine.}}}
components:
  schemas:
    # Admin: {allOf: [{$ref: '#/components/schemas/Order'}, {properties: {more: {type: string}}}]}
    # All: {properties: {order: {allOf: [{$ref: '#/components/schemas/Named'}], description: One., required: [status]}}}
    # Any: {allOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Age'}]}
    # Bird: {allOf: [{$ref: '#/components/schemas/Pet'}], if: {required: [a]}, then: {$ref: '#/components/schemas/Young'}}
    Age: {oneOf: [{$ref: '#/components/schemas/Old'}, {$ref: '#/components/schemas/Young'}]}
    Cat: {allOf: [{$ref: '#/components/schemas/Animal'}, {properties: {claws: {enum: [in, out]}}}]}
    Named: {$ref: '#/components/schemas/Order'}
    Old: {type: object, properties: {years: {enum: [80, 90]}}}
    Order: {type: object, properties: {status: {enum: [open, closed]}, address: {type: object, properties: {kind: {enum: [home, work]}}}}}
    Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Old'}]}
    Young: {type: object, properties: {months: {enum: [1, 2]}}}
    Animal: {type: object, properties: {size: {enum: [small, large]}}}
`

// What is added to a contract changes no name of what is there, though what is added
// comes first in the alphabet and is merged from it.
func TestAdditionsRenameNothing(t *testing.T) {
	t.Parallel()
	symbols := func(text string) map[string]codegen.Symbol {
		ws, list := contract.LoadFS(fstest.MapFS{
			"banyan.yaml":          {Data: []byte("version: 1\nservices: {svc: {}}\ntargets: {goserver: {output: gen}}\n")},
			"api/svc/openapi.yaml": {Data: []byte(text)},
		}, "example.com/growing")
		if list.Errors() > 0 {
			t.Fatal(list)
		}
		s, err := goserver.Target{}.Surface(ws, ws.Services[0])
		if err != nil {
			t.Fatal(err)
		}
		return s.Symbols
	}
	after := symbols(strings.ReplaceAll(growing, "# ", ""))
	for name, was := range symbols(growing) {
		if is, ok := after[name]; !ok || is.Signature != was.Signature {
			t.Errorf("%s %s became %q", name, was.Signature, is.Signature)
		}
	}
	for _, name := range []string{"Admin", "All", "Any", "Bird", "AddFileParamsKind", "AddFileParamsByItem"} {
		if _, ok := after[name]; !ok {
			t.Errorf("%s was not added", name)
		}
	}
}
