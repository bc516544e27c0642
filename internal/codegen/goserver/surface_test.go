package goserver

import (
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
)

func TestSurface(t *testing.T) {
	t.Parallel()
	ws, list := contract.LoadFS(fstest.MapFS{
		"banyan.yaml": {Data: []byte("version: 1\nservices:\n  trees: {contract: openapi.yaml}\n")},
		"openapi.yaml": {Data: []byte(`openapi: 3.0.3
info: {title: Trees, version: "1"}
paths:
  /trees/{id}:
    get:
      operationId: getTree
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: with-roots, in: query, schema: {type: boolean}}
      responses:
        "200": {description: a tree, content: {application/json: {schema: {$ref: "#/components/schemas/Tree"}}}}
components:
  schemas:
    Tree:
      type: object
      required: [kind]
      properties:
        kind: {type: string, enum: [oak, elm]}
        place: {type: object, properties: {lat: {type: number}}}
`)},
	}, "")
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	surface, err := Target{}.Surface(ws, ws.Services[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ name, place, pointer string }{
		{"Tree", "schema Tree", ""},
		{"Tree.Kind", "schema Tree", "/kind"},
		{"TreeKindOak", "schema Tree", "/kind"},
		{"TreePlace.Lat", "schema Tree", "/place/lat"},
		{"GetTreeRequestObject.Id", "GET /trees/{id}", "/path/id"},
		{"GetTreeParams.WithRoots", "GET /trees/{id}", "/query/with-roots"},
		{"GetTree200JSONResponse", "GET /trees/{id}", "/200"},
		{"Handlers.GetTree", "GET /trees/{id}", ""},
		{"Port.GetTree", "GET /trees/{id}", ""},
		{"StrictServerInterface.GetTree", "GET /trees/{id}", ""},
	} {
		s, ok := surface.Symbols[want.name]
		if !ok {
			t.Errorf("there is no %s", want.name)
			continue
		}
		if s.Place != want.place || s.Pointer != want.pointer {
			t.Errorf("%s comes from %q %q, want %q %q", want.name, s.Place, s.Pointer, want.place, want.pointer)
		}
	}
}
