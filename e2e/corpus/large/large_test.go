package large

import (
	"bytes"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
)

const small = `{"openapi": "3.0.3", "info": {"title": "S", "version": "1"}, "security": [{"key": []}], "paths": {
	"/a": {"get": {"operationId": "a", "security": [{"key": []}], "responses": {"200": {"$ref": "#/components/responses/Fine"}}},
		"put": {"operationId": "b", "responses": {"200": {"$ref": "#/components/responses/Fine"}}}}},
	"components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
		"responses": {"Fine": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}}},
		"schemas": {"Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}}}}`

func TestBuild(t *testing.T) {
	t.Parallel()
	for _, goal := range []Goal{{Operations: 7, Bytes: 100}, {Operations: 3, Bytes: 20_000}, {Operations: 41, Bytes: 10_000}} {
		t.Run(fmt.Sprint(goal), func(t *testing.T) {
			t.Parallel()
			data, err := Build([][]byte{[]byte(small)}, goal)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := Build([][]byte{[]byte(small)}, goal)
			if !bytes.Equal(data, again) || len(data) < goal.Bytes {
				t.Errorf("%d bytes, the same twice: %v", len(data), bytes.Equal(data, again))
			}
			w, findings := contract.LoadFS(fstest.MapFS{
				contract.WorkspaceFile: {Data: []byte("version: 1\nservices: {large: {contract: large.json}}\n")},
				"large.json":           {Data: data},
			}, "")
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if got := len(w.Services[0].Operations); got != goal.Operations {
				t.Errorf("%d operations, want %d", got, goal.Operations)
			}
		})
	}
	if _, err := Build(nil, Goal{}); err == nil {
		t.Error("made of nothing")
	}
	if _, err := Build([][]byte{[]byte(`{"openapi": "3.0.3"}`)}, Goal{Operations: 1}); err == nil {
		t.Error("made of what has no operations")
	}
}
