package swagger2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
	"go.yaml.in/yaml/v3"
)

// response converts a response (section 5.2.14). A reference to a component that
// is not there stays one: the check of the new document reports it. Own says that the operation
// itself names its media types.
func (u *upgrade) response(n *yaml.Node, produces []string, own bool) *yaml.Node {
	if ref := get(n, "$ref"); ref != nil {
		name, found := strings.CutPrefix(ref.Value, "#/responses/")
		target := get(get(u.root, "responses"), unescape(name))
		switch {
		case !found:
			if target := u.elsewhere(ref); target != nil {
				return u.response(target, produces, own)
			}
			return mapping()
		case !slices.Equal(produces, u.produces) && has(target, "schema") && !has(target, "$ref"):
			return u.response(target, produces, own) // of other media types than the shared one
		}
		return mapping("$ref", text("#/components/responses/"+jsonpointer.Escape(u.name("responses", unescape(name)))))
	}
	out := mapping()
	content := mapping()
	schema := get(n, "schema")
	if schema == nil && has(n, "type") { // as Swagger 1.2 wrote it
		schema = mapping()
		for key, value := range members(n) {
			if slices.Contains(bareSchema, key.Value) {
				add(schema, key, value)
			}
		}
		u.lose(get(n, "type"), "a response has the fields of a schema itself; they are read as its schema", "")
	}
	if schema != nil {
		for _, t := range u.answerTypes(schema, produces, own) {
			set(content, t, mapping("schema", u.schema(schema)))
		}
	}
	for mediaType, example := range members(get(n, "examples")) {
		if strings.HasPrefix(mediaType.Value, "x-") {
			continue
		}
		if !strings.Contains(mediaType.Value, "/") {
			u.lose(mediaType, fmt.Sprintf("the example is for %q, which is no media type; it is left out", mediaType.Value), "")
			continue
		}
		media := get(content, mediaType.Value)
		if media == nil {
			media = mapping()
			if schema != nil {
				u.lose(mediaType, fmt.Sprintf("the example is for %s, which the operation does not produce; the answer has it now", mediaType.Value), "")
				set(media, "schema", u.schema(schema))
			}
			set(content, mediaType.Value, media)
		}
		set(media, "example", example)
	}
	for key, value := range members(n) {
		switch {
		case key.Value == "description" || strings.HasPrefix(key.Value, "x-"):
			add(out, key, value)
		case key.Value == "headers":
			headers := mapping()
			for name, h := range members(value) {
				add(headers, name, u.header(h))
			}
			add(out, key, headers)
		case key.Value == "schema" || key.Value == "examples" || !has(n, "schema") && has(n, "type") && slices.Contains(bareSchema, key.Value):
		default:
			u.lose(key, fmt.Sprintf("%q is no field of a response; it is left out", key.Value), "")
		}
	}
	if !has(out, "description") {
		set(out, "description", text(""))
	}
	if len(content.Content) > 0 {
		set(out, "content", content)
	}
	return out
}

// bareSchema are fields of schemas that responses had themselves once.
var bareSchema = []string{"type", "format", "items", "enum", "properties", "additionalProperties", "required", "allOf"}

// answerTypes are the media types of an answer with a body.
func (u *upgrade) answerTypes(schema *yaml.Node, produces []string, own bool) []string {
	file := text1(get(schema, "type")) == "file"
	structured := func(t string) bool { return strings.Contains(t, "json") || strings.Contains(t, "xml") }
	switch {
	case file && (len(produces) == 0 || !own && slices.ContainsFunc(produces, structured)):
		if len(produces) > 0 {
			u.lose(schema, "the answer is a file, while the document produces "+strings.Join(produces, ", ")+" unless said otherwise; it is "+octets, "name its media type")
		}
		return []string{octets}
	case len(produces) == 0:
		return []string{jsonType}
	}
	return produces
}

func (u *upgrade) header(n *yaml.Node) *yaml.Node {
	out, schema := mapping(), mapping()
	move(out, n, "description")
	u.simple(schema, n)
	if text1(get(n, "type")) == "array" {
		u.style(n, "header")
	}
	for key, value := range members(n) {
		if key.Value == "x-nullable" && isTrue(value) {
			nullable(schema)
		} else if strings.HasPrefix(key.Value, "x-") {
			add(out, key, value)
		}
	}
	set(out, "schema", schema)
	return out
}
