package goserver_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/openapi"
)

// Dropping any one thing from the model, from the code or from what the engine
// reads is seen by the tests that look for what got lost, and at its place: a
// test of these tests.
func TestLossIsSeen(t *testing.T) {
	d := document{"lost", filepath.Join("testdata"), "lost.yaml"}
	body := func(doc *openapi.Document) *openapi.Schema {
		return put(doc).RequestBody.Value.Content["application/json"].Schema.Value
	}
	person := func(doc *openapi.Document) *openapi.Schema { return doc.Components.Schemas["Person"].Value }
	for name, m := range map[string]struct {
		drop func(*openapi.Document, map[string]goserver.Messages)
		want string
	}{
		"operation": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			delete(doc.Paths["/things/{id}"].Operations, "PUT")
		}, "put /things/{id}: the operation"},
		"parameter": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			put(doc).Parameters = put(doc).Parameters[1:]
		}, "query limit: the parameter"},
		"shared": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			doc.Paths["/things/{id}"].Parameters = nil
		}, "path id: the parameter"},
		"required": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			put(doc).Parameters[0].Value.Required = false
		}, "query limit: it is no longer required"},
		"media type": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			delete(put(doc).RequestBody.Value.Content, "text/plain")
		}, "body text/plain: the media type"},
		"body": {func(doc *openapi.Document, _ map[string]goserver.Messages) { put(doc).RequestBody = nil }, "the request body"},
		"body needed": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			put(doc).RequestBody.Value.Required = false
		}, "the body is no longer required"},
		"answer": {func(doc *openapi.Document, _ map[string]goserver.Messages) { delete(put(doc).Responses, "4XX") }, "4XX: the answer"},
		"header": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			put(doc).Responses["200"].Value.Headers = nil
		}, "200 X-Left: the header"},
		"property": {func(doc *openapi.Document, _ map[string]goserver.Messages) { delete(body(doc).Properties, "tags") }, "body application/json/tags: the property"},
		"minLength": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			body(doc).Properties["name"].Value.MinLength = nil
		}, "name/minLength"},
		"pattern": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			doc.Paths["/things/{id}"].Parameters[0].Value.Schema.Value.Pattern = ""
		}, "path id/pattern"},
		"format": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			person(doc).Properties["email"].Value.Format = ""
		}, "email/format"},
		"multipleOf": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			put(doc).Parameters[0].Value.Schema.Value.MultipleOf = ""
		}, "query limit/multipleOf"},
		"enum": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			s := body(doc).Properties["tags"].Value.Items.Value
			s.Enum = s.Enum[:1]
		}, "tags/items/enum"},
		"rest": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			body(doc).Properties["rest"].Value.AdditionalProperties.Schema = nil
		}, "rest/additionalProperties"},
		"branch": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			s := doc.Components.Schemas["Owner"].Value
			s.OneOf = s.OneOf[:1]
		}, "owner/oneOf"},
		"in a branch": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			person(doc).Properties["code"].Value.AnyOf[0].Value.MaxLength = nil
		}, "code/anyOf/maxLength"},
		"not": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			person(doc).Properties["other"].Value.Not = nil
		}, "other/not: the schema"},
		"readOnly": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			person(doc).Properties["born"].Value.ReadOnly = false
		}, "born/readOnly"},
		"webhook": {func(doc *openapi.Document, _ map[string]goserver.Messages) { delete(doc.Webhooks, "gone") }, "the webhook gone: it"},
		"its body": {func(doc *openapi.Document, _ map[string]goserver.Messages) {
			doc.Webhooks["gone"].Operations["POST"].RequestBody = nil
		}, "the webhook gone: the request body"},
		"callback": {func(doc *openapi.Document, _ map[string]goserver.Messages) { put(doc).Callbacks = nil }, "the callback done"},
		"code":     {func(_ *openapi.Document, made map[string]goserver.Messages) { delete(made, "putThing") }, "the operation is not in the code"},
		"its parameter": {func(_ *openapi.Document, made map[string]goserver.Messages) {
			m := made["putThing"]
			m.Parameters = nil
			made["putThing"] = m
		}, "the parameter is not in the code"},
		"its header": {func(_ *openapi.Document, made map[string]goserver.Messages) { made["putThing"].Headers["200"] = nil }, "X-Left: the header is not in the code"},
		"its answer": {func(_ *openapi.Document, made map[string]goserver.Messages) { delete(made["putThing"].Answers, "4XX") }, "4XX"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, made := goserver.OperationsOf(d.load(t)) // anew: it is changed
			m.drop(doc, made)
			w := &walk{lost: &lost{T: t, wanted: true}, model: doc, made: made}
			w.document(d)
			if !strings.Contains(w.first, m.want) {
				t.Errorf("%d findings, the first %q; want %q", w.count, w.first, m.want)
			}
		})
	}
	bundle, err := d.load(t).Bundle()
	if err != nil {
		t.Fatal(err)
	}
	for keyword, text := range map[string]string{
		"minLength": `"minLength": 2`, "maxLength": `"maxLength": 5`, "pattern": `"pattern": "^[a-z]+$"`, "format": `"format": "email"`, "multipleOf": `"multipleOf": 0.5`,
		"minimum": `"minimum": 10`, "maximum": `"maximum": 9`, "minItems": `"minItems": 1`, "maxItems": `"maxItems": 3`, "type": `"type": "number"`,
	} {
		t.Run("engine without "+keyword, func(t *testing.T) {
			if strings.Count(string(bundle), text) != 1 {
				t.Fatalf("%s is not there once:\n%s", text, bundle)
			}
			l := &lost{T: t, wanted: true}
			e := newEngine(l, []byte(strings.Replace(string(bundle), text, `"title": "lost"`, 1)))
			e.root = newEngine(l, bundle).root // what the contract says
			if e.visit("", e.root); !strings.Contains(l.first, "/"+keyword+": the engine takes") || l.count > 2 {
				t.Errorf("%d findings, the first %q", l.count, l.first)
			}
		})
	}
}

// put is the operation of the contract.
func put(doc *openapi.Document) *openapi.Operation {
	return doc.Paths["/things/{id}"].Operations["PUT"]
}
