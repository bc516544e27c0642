package contract

import (
	"fmt"
	"maps"
	"slices"

	"github.com/banyan-go/banyan/config"
)

func sortedRequired(o *object) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if o.fields[name].required {
			out = append(out, name)
		}
	}
	return out
}

// missing reports a required field. A response without description is so
// common and so harmless that it only gets a warning and an empty one.
func (r *reader) missing(v *value, field, name string) {
	message := fmt.Sprintf("%s has no %s", describe(v.object, name), field)
	switch {
	case v.object == responseObject && field == "description":
		r.list.Warn(ruleMissingField, v.pos, message, "add a description; OpenAPI requires one")
		v.set(field, v.pos, &value{kind: textValue, pos: v.pos})
	case v.object == documentObject && field == "openapi":
		// checkVersion says more.
	case v.object == infoObject && field == "version", v.object == infoObject && field == "title":
		r.list.Add(ruleMissingField, v.pos, message, "")
		v.set(field, v.pos, &value{kind: textValue, text: "?", pos: v.pos, broken: true})
	default:
		r.list.Add(ruleMissingField, v.pos, message, "see OpenAPI 3.0.3, section "+v.object.link)
		v.broken = v.broken || v.object != documentObject && v.object != operationObject
	}
}

// oneContent checks that a parameter or header says once what it holds
// (OpenAPI 3.0.3, section 4.7.12.1).
func (r *reader) oneContent(v *value, name string) {
	if v.object != parameterObject && v.object != headerObject {
		return
	}
	schema, content := v.field("schema"), v.get("content")
	switch {
	case schema != nil && content != nil:
		r.list.Add(ruleParameter, schema.pos, describe(v.object, name)+" has both a schema and content", "keep one of them")
	case schema == nil && content == nil:
		r.list.Add(ruleParameter, v.pos, describe(v.object, name)+" has neither a schema nor content", "add one, such as schema: {type: string}")
	case content != nil && len(content.fields) != 1:
		r.list.Add(ruleParameter, content.pos, fmt.Sprintf("%s has %d media types under content", describe(v.object, name), len(content.fields)), "keep one of them")
	default:
		return
	}
	v.broken = true
}

// describe names an object for a message: its kind, and its key where the kind
// alone does not say which.
func describe(o *object, name string) string {
	if name == "" || o == documentObject || o == infoObject || o == pathsObject {
		return o.name
	}
	return fmt.Sprintf("%s (%s)", o.name, name)
}

// prose are fields that only document: where they do not belong, leaving them
// out loses nothing on the wire.
var prose = []string{"title", "description", "summary", "example", "examples", "externalDocs", "tags", "xml", "readOnly", "deprecated"}

// unknown reports a field that its object does not have. It is an error where
// the writer must have meant something by it that now gets lost.
func (r *reader) unknown(n *node, m *member, o *object) {
	pos := n.keyPos(m)
	known := slices.Sorted(maps.Keys(o.fields))
	if slices.Contains(o.later, m.name) {
		r.list.Warn(ruleLaterField, pos, fmt.Sprintf("%q is a field of OpenAPI 3.1 and is ignored", m.name), "")
		return
	}
	message := fmt.Sprintf("%q is not a field of %s", m.name, o.name)
	switch near, ok := config.Nearest(m.name, known); {
	case o == pathsObject:
		r.list.Add(rulePathSyntax, pos, fmt.Sprintf("the path %q does not start with /", m.name), "")
	case o == responsesObject:
		r.list.Add(ruleUnknownField, pos, fmt.Sprintf("%q is not a status", m.name), "use a status such as 200, a class such as 4XX, or default")
	case slices.Contains(prose, m.name):
		r.list.Warn(ruleUnknownField, pos, message+" and is ignored", "")
	case ok:
		r.list.Add(ruleUnknownField, pos, message, fmt.Sprintf("did you mean %q?", near))
	case meaningful(m.name):
		r.list.Add(ruleUnknownField, pos, message, "move it where it belongs; its objects are in OpenAPI 3.0.3, section 4.7")
	default:
		r.list.Warn(ruleUnknownField, pos, message+" and is ignored", `start the names of extensions with "x-"`)
	}
}

// meaningful reports whether another object has such a field.
func meaningful(name string) bool {
	for _, o := range []*object{parameterObject, operationObject, pathItemObject, responseObject, schemaObject, mediaTypeObject, requestBodyObject} {
		if _, ok := o.fields[name]; ok {
			return true
		}
	}
	return slices.Contains([]string{"consumes", "produces", "collectionFormat", "definitions", "basePath", "securityDefinitions"}, name)
}
