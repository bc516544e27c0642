package contract

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const specContract = `openapi: 3.0.3
info: {title: Trees, version: "2"}
security: [{key: []}]
paths:
  /trees/{id}:
    parameters: [{$ref: "#/components/parameters/Id"}]
    get:
      operationId: getTree
      security: []
      x-cost: 1.50
      responses:
        "200":
          description: a tree
          content: {application/json: {schema: {$ref: "#/components/schemas/Tree", x-note: here}}}
        default: {$ref: "#/components/responses/Problem"}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: integer, minimum: 1, exclusiveMinimum: true, maximum: 9007199254740993}}
  responses:
    Problem: {description: it failed}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
  schemas:
    Tree:
      type: object
      required: [kind]
      properties:
        kind: {type: string, enum: [oak, null], nullable: true, default: oak}
        children: {type: array, items: {$ref: "#/components/schemas/Tree"}}
      additionalProperties: false
`

func TestSpec(t *testing.T) {
	t.Parallel()
	ws, list := LoadFS(fstest.MapFS{
		"banyan.yaml":            {Data: []byte("version: 1\nservices:\n  trees: {contract: api/trees/openapi.yaml}\n")},
		"api/trees/openapi.yaml": {Data: []byte(specContract)},
	}, "")
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	doc, err := ws.Service("trees").Spec()
	if err != nil {
		t.Fatal(err)
	}
	op := doc.Paths["/trees/{id}"].Operations["GET"]
	use := op.Responses["200"].Value.Content["application/json"].Schema
	tree := doc.Components.Schemas["Tree"].Value
	if use.Ref != "#/components/schemas/Tree" || use.Value != tree || tree.Properties["children"].Value.Items.Value != tree {
		t.Error("references to one schema do not share it")
	}
	if doc.Security == nil || op.Security == nil || len(op.Security) != 0 {
		t.Errorf("security of the document %v and of the operation %v", doc.Security, op.Security)
	}
	if p := op.Responses["default"]; p.Ref != "#/components/responses/Problem" || p.Value.Description != "it failed" {
		t.Errorf("default answer: %+v", p)
	}
	id := doc.Paths["/trees/{id}"].Parameters[0].Value.Schema.Value
	kind := tree.Properties["kind"].Value
	got := []any{id.Minimum, id.ExclusiveMinimum, id.Maximum, kind.Enum, *kind.Default, op.Extensions["x-cost"], use.Extensions["x-note"], *tree.AdditionalProperties.Allowed}
	want := []any{json.Number(""), json.Number("1"), json.Number("9007199254740993"), []any{"oak", nil}, any("oak"), json.Number("1.50"), "here", false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if at := tree.Properties["kind"].Pos.String(); at != "api/trees/openapi.yaml:28:9" {
		t.Errorf("the property stands at %s", at)
	}
}
