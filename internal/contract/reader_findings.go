package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// missing reports a required field. Where a harmless stand-in exists, that is
// taken and the finding is a warning.
func (r *reader) missing(n *node, v *value, field, name string) {
	message := fmt.Sprintf("%s has no %s", describe(v.object, name), field)
	link := "see OpenAPI 3.0.3, section " + v.object.link
	stand := func(hint string, c *value, fix *diag.Fix) {
		if there := n.get(field); there == nil || there.kind != mapNode { // otherwise it was left out, and said
			r.list.Repairable(ruleMissingField, v.pos, message, hint, fix)
		}
		if c != nil {
			v.set(field, v.pos, c)
		}
	}
	switch o := v.object; {
	case o == responseObject && r.v32:
		v.set(field, v.pos, textValueAt("", v.pos))
	case o == responseObject:
		stand("add a description; OpenAPI requires one", textValueAt("", v.pos), n.insert("add an empty description", field, `""`))
	case o == documentObject && field == "openapi":
		// checkVersion says more.
	case o == documentObject && field == "info":
		info := &value{kind: objectValue, object: infoObject, pos: v.pos}
		info.set("title", v.pos, textValueAt(r.title, v.pos))
		info.set("version", v.pos, textValueAt("0.0.0", v.pos))
		stand("add info: {title: "+r.title+", version: 0.0.0}", info, nil)
	case o == infoObject && field == "title":
		stand("add a title", textValueAt(r.title, v.pos), n.insert("add the title "+r.title, field, quoted(r.title)))
	case o == infoObject:
		stand("add a version, such as 0.0.0", textValueAt("0.0.0", v.pos), n.insert("add version 0.0.0", field, quoted("0.0.0")))
	case o == serverObject:
		stand("add the URL where the service is; / is taken", textValueAt("/", v.pos), nil)
	case o == serverVariableObject:
		first := ""
		if values := v.strs("enum"); len(values) > 0 {
			first = values[0]
		}
		stand(fmt.Sprintf("add a default; %q is taken", first), textValueAt(first, v.pos), n.insert("add the default "+first, field, quoted(first)))
	case o == flowObject:
		stand("add the scopes, or {}", &value{kind: mapValue, pos: v.pos}, n.insert("add empty scopes", field, "{}"))
	case o == operationObject:
		stand("declare at least the answer of success", anyResponse(v.pos), nil)
	case o == requestBodyObject:
		content := &value{kind: mapValue, pos: v.pos}
		content.set("*/*", v.pos, &value{kind: objectValue, object: mediaTypeObject, pos: v.pos})
		stand("say which media types it takes; any is taken for now", content, nil)
	case o == discriminatorObject:
		// mendSchema says more.
	case o == tagObject || o == licenseObject || o == docsObject:
		stand(link, nil, nil)
	default:
		r.list.Add(ruleMissingField, v.pos, message, link)
		v.broken = v.broken || o != documentObject
	}
}

// anyResponse is what an operation answers that declares no response.
func anyResponse(pos config.Pos) *value {
	response := &value{kind: objectValue, object: responseObject, pos: pos}
	response.set("description", pos, textValueAt("", pos))
	out := &value{kind: objectValue, object: responsesObject, pos: pos}
	out.set("default", pos, response)
	return out
}

func textValueAt(text string, pos config.Pos) *value {
	return &value{kind: textValue, text: text, pos: pos}
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

// unknown reports a field that its object does not have. It returns the name and
// the form to read it under where what is meant is plain. All else is ignored,
// which is said; it is an error where no reading is left.
func (r *reader) unknown(n *node, m *member, o *object) (string, field) {
	pos := n.keyPos(m)
	warn := func(message, hint string, fix *diag.Fix) {
		r.list.Repairable(ruleUnknownField, pos, message, hint, fix)
	}
	switch {
	case (o == parameterObject || o == headerObject) && (slices.Contains(fieldsOfSchemas, m.name) || m.name == "collectionFormat") && n.get("schema") == nil && n.get("content") == nil:
		return "", field{} // mendParameter reads it
	case (o == responseObject || o == requestBodyObject) && m.name == "schema" && n.get("content") == nil:
		return "", field{} // mendBody reads it
	case o == requestBodyObject && (m.name == "in" || m.name == "name"):
		warn(fmt.Sprintf("%q is not a field of %s and is ignored", m.name, o.name), "", nil)
		return "", field{}
	}
	if _, later := o.in31[m.name]; later {
		r.list.Warn(ruleLaterField, pos, fmt.Sprintf("%q is a field of OpenAPI 3.1 and is ignored", m.name), laterHints[m.name])
		return "", field{}
	}
	message := fmt.Sprintf("%q is not a field of %s", m.name, o.name)
	lower := strings.ToLower(m.name)
	switch f, known := o.field(lower, r.v31); {
	case o == pathsObject && m.value.kind == mapNode:
		r.list.Repairable(rulePathSyntax, pos, fmt.Sprintf("the path %q does not start with /; it is read so", m.name), "write it as /"+m.name,
			n.rename("write the path as /"+m.name, m, "/"+m.name))
		return "/" + m.name, field{form: o.rest}
	case o == pathsObject:
		r.list.Add(rulePathSyntax, pos, fmt.Sprintf("the path %q does not start with /", m.name), "")
		return "", field{}
	case o == responsesObject && isStatus(strings.ToUpper(strings.TrimSpace(m.name))):
		status := strings.ToUpper(strings.TrimSpace(m.name))
		warn(fmt.Sprintf("%q is not a status; %s is read", m.name, status), "write it as "+status, n.rename("write the status as "+status, m, status))
		return status, field{form: o.rest}
	case o == responsesObject:
		r.list.Add(ruleUnknownField, pos, fmt.Sprintf("%q is not a status", m.name), "use a status such as 200, a class such as 4XX, or default")
		return "", field{}
	case known && lower != m.name && n.get(lower) == nil:
		warn(fmt.Sprintf("%s; %s is read", message, lower), "write it as "+lower, n.rename("write "+lower, m, lower))
		return lower, f
	case slices.Contains(prose, m.name):
		warn(message+" and is ignored", "", nil)
		return "", field{}
	}
	known := slices.Sorted(maps.Keys(o.fields))
	if r.v31 {
		known = append(known, slices.Sorted(maps.Keys(o.in31))...)
	}
	switch near, ok := config.Nearest(m.name, known); {
	case ok:
		warn(message+" and is ignored", fmt.Sprintf("did you mean %q?", near), nil)
	case meaningful(m.name):
		warn(message+" and is ignored", "move it where it belongs; its objects are in OpenAPI 3.0.3, section 4.7", nil)
	default:
		warn(message+" and is ignored", `start the names of extensions with "x-"`, nil)
	}
	return "", field{}
}

// laterHints say what to write in OpenAPI 3.0 in place of a field of 3.1.
var laterHints = map[string]string{
	"examples":          "write one as example",
	"prefixItems":       "describe every item by items: {anyOf: [...]}",
	"patternProperties": "describe the values by additionalProperties",
	"contentMediaType":  "write format: binary for bytes",
	"contentEncoding":   "write format: byte for base64",
	"$defs":             "move the schemas to components/schemas",
	"webhooks":          "describe them as callbacks, or start the document with openapi: 3.1.0",
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
