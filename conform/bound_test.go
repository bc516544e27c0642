package conform_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
)

// An integer of no format has 64 bits wherever it stands, also where its name is
// a word of JSON Schema; what only looks like a schema is data.
func TestIntegersAreBounded(t *testing.T) {
	t.Parallel()
	const contract = `{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {"operationId": "a",
		"requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
			"n": {"type": "integer"}, "default": {"type": "integer"}, "example": {"$ref": "#/components/schemas/const"}, "properties": {"type": "integer"},
			"chosen": {"enum": [{"type": "integer"}]}}}}}},
		"responses": {"default": {"description": "d", "content": {"application/json": {"schema": {"type": "integer"}}}}}}}},
		"components": {"schemas": {"const": {"type": "integer"}}}}`
	service := &catalog.Service{Name: "t", Contract: []byte(contract), Operations: []catalog.Operation{{ID: "a", Key: "t.a"}}}
	compiled, err := conform.Compile(service, catalog.Validation{Status: 422})
	if err != nil {
		t.Fatal(err)
	}
	for body, fine := range map[string]bool{
		`{"n": 9223372036854775807}`:            true,
		`{"n": 9223372036854775808}`:            false,
		`{"default": 9223372036854775808}`:      false,
		`{"example": 9223372036854775808}`:      false,
		`{"properties": 9223372036854775808}`:   false,
		`{"chosen": {"type": "integer"}}`:       true,
		`{"default": 1, "example": 2, "n": -1}`: true,
	} {
		r := httptest.NewRequest("POST", "/a", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		found, err := compiled.Operation("a").Request(r, conform.Fill)
		if err != nil {
			t.Fatal(err)
		}
		if got := found.Problem() == nil; got != fine {
			t.Errorf("%s: fine %v, want %v: %v", body, got, fine, found.Violations)
		}
		found.Release()
	}
	answer := compiled.Operation("a").Answer("POST", 500, http.Header{"Content-Type": {"application/json"}})
	if len(answer.Check([]byte("9223372036854775808"))) == 0 {
		t.Error("an answer by default has integers of any size")
	}
}
