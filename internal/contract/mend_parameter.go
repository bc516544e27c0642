package contract

import (
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// fieldsOfSchemas that Swagger 2.0 had in a parameter itself.
var fieldsOfSchemas = []string{
	"type", "format", "items", "default", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
	"pattern", "minItems", "maxItems", "uniqueItems", "multipleOf", "nullable",
}

// bare collects members of a parameter that belong into its schema.
func bare(n *node) *node {
	out := &node{kind: mapNode, file: n.file, place: n.place}
	for i := range n.members {
		if slices.Contains(fieldsOfSchemas, n.members[i].name) {
			out.members = append(out.members, n.members[i])
		}
	}
	return out
}

// mendParameter checks that a parameter or header says once what it holds
// (OpenAPI 3.0.3, section 4.7.12.1).
func (r *reader) mendParameter(n *node, v *value, name string) {
	r.mendPlace(v)
	r.oneExample(v, name)
	what := describe(v.object, name)
	schema, content := v.field("schema"), v.get("content")
	if schema == nil && content == nil {
		if old := bare(n); len(old.members) > 0 {
			r.list.Warn(ruleParameter, n.keyPos(&old.members[0]), what+" describes its value itself; it is read as its schema", "move these fields into schema: {...}")
			v.set("schema", n.keyPos(&old.members[0]), r.fields(old, schemaObject, name, n.keyPos(&old.members[0])))
		} else {
			r.list.Repairable(ruleParameter, v.pos, what+" has neither a schema nor content; it is read as text", "add one, such as schema: {type: string}",
				n.insert("add schema: {type: string}", "schema", `{"type": "string"}`))
			text := &value{kind: objectValue, object: schemaObject, pos: v.pos}
			text.set("type", v.pos, textValueAt("string", v.pos))
			v.set("schema", v.pos, text)
		}
	}
	switch {
	case schema != nil && content != nil:
		r.list.Warn(ruleParameter, v.field("content").pos, what+" has both a schema and content; the schema is read", "keep one of them")
		v.drop("content")
	case content != nil && len(content.fields) == 0:
		r.list.Add(ruleParameter, content.pos, what+" has no media type under content", "add one, such as application/json: {schema: {}}")
		v.broken = true
	case content != nil && len(content.fields) > 1:
		kept := inOrder(content.fields)[0].name
		r.list.Warn(ruleParameter, content.pos, fmt.Sprintf("%s has %d media types under content; %s is read", what, len(content.fields), kept), "keep one of them")
		content.fields = []valueField{*content.field(kept)}
	}
	r.mendStyle(n, v, what)
}

// styles are those of OpenAPI 3.0.3, section 4.7.12.4; the first is the default.
var styles = map[string][]string{
	"path": {"simple", "label", "matrix"}, "header": {"simple"}, "cookie": {"form"},
	"query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
}

func (r *reader) mendStyle(n *node, v *value, what string) {
	if old := n.get("collectionFormat"); old != nil && v.field("style") == nil && v.field("explode") == nil {
		style := map[string]string{"ssv": "spaceDelimited", "pipes": "pipeDelimited"}[old.text]
		if v.str("in") == "query" && style != "" {
			v.set("style", old.pos(), textValueAt(style, old.pos()))
		}
		if v.str("in") == "query" {
			v.set("explode", old.pos(), rawBool(old, old.text == "multi"))
		}
	}
	style := v.field("style")
	if style == nil {
		return
	}
	in := "header"
	if v.object == parameterObject {
		in = v.str("in")
	}
	if allowed := styles[in]; allowed != nil && !slices.Contains(allowed, style.value.text) {
		r.list.Warn(ruleParameter, style.pos, fmt.Sprintf("%s: the style %q is not one of a %s parameter; %s is read", what, style.value.text, in, allowed[0]),
			config.Suggest(style.value.text, allowed))
		v.drop("style")
	}
}

func rawBool(at *node, b bool) *value {
	text := "false"
	if b {
		text = "true"
	}
	return &value{kind: rawValue, pos: at.pos(), raw: &node{kind: boolNode, text: text, file: at.file, place: at.place}}
}
