package contract

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// Mending turns what real documents write, and what is plain though wrong, into
// what the specification has for it. Each such place is a warning.

// special reads a member whose value has another form than the specification
// wants. It reports whether it did.
func (r *reader) special(n *node, m *member, o *object, out *value) bool {
	return o == schemaObject && r.specialSchema(n, m, out)
}

// mend completes an object that was read.
func (r *reader) mend(n *node, v *value, name string) {
	switch v.object {
	case schemaObject:
		r.mendSchema(n, v)
	case parameterObject, headerObject:
		r.mendParameter(n, v, name)
	case documentObject:
		r.mendDocument(v)
	case serverObject:
		r.mendServer(v, name)
	case operationObject:
		r.mendID(n, v)
		r.mendOperation(v)
	case responseObject, requestBodyObject:
		r.mendBody(n, v, name)
		r.mendContent(v)
	case securityScheme:
		r.mendScheme(n, v, name)
	case exampleObject:
		switch given, external := v.field("value"), v.field("externalValue"); {
		case given == nil && external == nil && r.v32 && (n.get("dataValue") != nil || n.get("serializedValue") != nil):
			if data := n.member("dataValue"); data != nil {
				v.set("value", n.keyPos(data), &value{kind: rawValue, raw: data.value, pos: n.keyPos(data)})
			}
		case given == nil && external == nil:
			r.list.Warn(ruleExample, v.pos, describe(v.object, name)+" has neither a value nor an externalValue", "add the value")
		case given != nil && external != nil:
			r.list.Warn(ruleExample, external.pos, describe(v.object, name)+" has both a value and an externalValue", "keep one of them")
		}
	case linkObject:
		r.mendID(n, v)
		if id, ref := v.field("operationId"), v.field("operationRef"); (id == nil) == (ref == nil) {
			r.list.Warn(ruleInvalid, v.pos, describe(v.object, name)+" wants either an operationId or an operationRef", "see OpenAPI 3.0.3, section 4.7.20")
		}
	case mediaTypeObject:
		r.oneExample(v, name)
		r.mendMedia(n, v, name)
	}
}

// oneExample reports an object that has an example and examples.
func (r *reader) oneExample(v *value, name string) {
	if one, many := v.field("example"), v.field("examples"); one != nil && many != nil {
		r.list.Warn(ruleExample, one.pos, describe(v.object, name)+" has both example and examples", "keep one of them")
	}
}

// mendID takes the space around an operationId away, which nobody could write who
// names the operation elsewhere: a block of text ends its last line.
func (r *reader) mendID(n *node, v *value) {
	id := v.field("operationId")
	if id == nil || id.value.kind != textValue {
		return
	}
	trimmed := strings.TrimSpace(id.value.text)
	if trimmed == "" || trimmed == id.value.text {
		return
	}
	var fix *diag.Fix
	if m := n.member("operationId"); m != nil {
		fix = m.value.file.rewrite("write operationId: "+trimmed, m.value, quotedLike(m.value, trimmed))
	}
	r.list.Repairable(ruleInvalid, id.pos, fmt.Sprintf("the operationId %q has space around it; %s is read", id.value.text, trimmed), "write it without", fix)
	id.value.text = trimmed
}

// mendDocument completes the version and looks at what only the whole tells.
func (r *reader) mendDocument(v *value) {
	if field := v.field("openapi"); field != nil && field.value.kind == textValue {
		switch { // the patch is what tools ask for and says nothing
		case field.value.text == "3.0":
			field.value.text = "3.0.3"
		case field.value.text == "3.1":
			field.value.text = "3.1.0"
		case r.v32:
			field.value.text = readAs
		}
	}
	if field := v.field("jsonSchemaDialect"); field != nil {
		if r.dialect(v.str("jsonSchemaDialect"), field.pos) {
			v.drop("jsonSchemaDialect") // the bundle says what is read
		}
	}
	if v.field("paths") == nil && r.v31 {
		v.set("paths", v.pos, &value{kind: objectValue, object: pathsObject, pos: v.pos})
	}
	seen := map[string]config.Pos{}
	for _, tag := range v.get("tags").list() {
		name := tag.str("name")
		if first, twice := seen[name]; twice && name != "" {
			r.list.Warn(ruleInvalid, tag.pos, fmt.Sprintf("the tag %q is declared twice", name), "the first is at "+first.String())
		}
		seen[name] = tag.pos
	}
}

// dialect reports a dialect of schemas that is not read as what it is, and
// whether it did.
func (r *reader) dialect(uri string, pos config.Pos) bool {
	other := uri != "" && !strings.Contains(uri, "spec.openapis.org/oas/3.1/") && !strings.Contains(uri, "json-schema.org/draft/2020-12/")
	if other {
		r.list.Add(ruleDialect, pos, fmt.Sprintf("the schema dialect %q is read as OpenAPI 3.1's own", uri), "write schemas in JSON Schema 2020-12")
	}
	return other
}

// mendServer holds a server's variables against its URL (OpenAPI 3.0.3, section
// 4.7.5).
func (r *reader) mendServer(v *value, name string) {
	url := v.str("url")
	pos := v.get("url").position(v.pos)
	if strings.Count(url, "{") != strings.Count(url, "}") {
		r.list.Warn(ruleServer, pos, fmt.Sprintf("the URL %q opens and closes braces unevenly", url), "")
	}
	variables := v.get("variables")
	for _, found := range serverVariable.FindAllStringSubmatch(url, -1) {
		if variables.get(found[1]) == nil {
			r.list.Warn(ruleServer, pos, fmt.Sprintf("%s does not declare its variable %q", describe(v.object, name), found[1]), "add it under variables, with a default")
		}
	}
}
