package schema_test

import (
	"testing"

	"github.com/banyan-go/banyan/schema"
)

// A base whose oneOf lists its variants, each of which extends the base.
func TestBaseOfItsOwnVariants(t *testing.T) {
	t.Parallel()
	const text = `{"openapi": "3.0.3", "components": {"schemas": {
		"Pet": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
			"discriminator": {"propertyName": "kind"},
			"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
		"Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer"}}}]},
		"Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "string"}}}]}
	}}}`
	doc, err := schema.Load([]byte(text), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body string
		fits       bool
	}{
		{"Pet", `{"kind":"Cat","lives":9}`, true},
		{"Pet", `{"kind":"Dog","bark":"wau"}`, true},
		{"Pet", `{"kind":"Dog","lives":9}`, false},
		{"Pet", `{"lives":9}`, false},
		{"Cat", `{"kind":"Cat","lives":9}`, true},
		{"Cat", `{"kind":"Cat","lives":"nine"}`, false},
		{"Cat", `{"lives":9}`, false},
	} {
		s, err := doc.Compile("/components/schemas/" + c.name)
		if err != nil {
			t.Fatal(err)
		}
		if found := s.Validate([]byte(c.body), schema.Plain); len(found) == 0 != c.fits {
			t.Errorf("%s against %s: %v", c.body, c.name, found)
		}
	}
}
