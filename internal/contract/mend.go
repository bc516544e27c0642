package contract

import (
	"fmt"
	"regexp"
	"slices"
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

// mendOperation makes a request body of what Swagger 2.0 had as parameters.
func (r *reader) mendOperation(v *value) {
	params := v.get("parameters")
	if responses := v.get("responses"); responses == nil && r.v31 {
		v.set("responses", v.pos, anyResponse(v.pos))
	}
	if params == nil || v.field("requestBody") != nil {
		return
	}
	var form *value
	media := "application/x-www-form-urlencoded"
	kept := params.items[:0:0]
	for _, item := range params.items {
		p := item
		if p.kind == refValue || p.object != parameterObject {
			kept = append(kept, item)
			continue
		}
		switch in, schema := p.str("in"), p.get("schema"); {
		case in == "body" && schema != nil:
			r.list.Warn(ruleParameter, p.get("in").position(p.pos), "a parameter cannot be in \"body\"; it is read as the request body", "describe it by requestBody, with content: {application/json: {schema: ...}}")
			v.set("requestBody", p.pos, bodyOf("application/json", schema, p.flag("required"), p.pos))
		case in == "formData" && schema != nil:
			r.list.Warn(ruleParameter, p.get("in").position(p.pos), "a parameter cannot be in \"formData\"; it is read as a field of a form", "describe the form by requestBody")
			if form == nil {
				form = &value{kind: objectValue, object: schemaObject, pos: p.pos}
				form.set("type", p.pos, textValueAt("object", p.pos))
				form.set("properties", p.pos, &value{kind: mapValue, pos: p.pos})
				form.set("required", p.pos, &value{kind: listValue, pos: p.pos})
			}
			form.get("properties").set(p.str("name"), p.pos, schema)
			if p.flag("required") {
				list := form.get("required")
				list.items = append(list.items, textValueAt(p.str("name"), p.pos))
			}
			if schema.str("format") == "binary" {
				media = "multipart/form-data"
			}
		default:
			kept = append(kept, item)
		}
	}
	if form != nil && v.field("requestBody") == nil {
		if len(form.get("required").items) == 0 {
			form.drop("required")
		}
		v.set("requestBody", form.pos, bodyOf(media, form, false, form.pos))
	}
	params.items = kept
}

func bodyOf(media string, schema *value, required bool, pos config.Pos) *value {
	out := &value{kind: objectValue, object: requestBodyObject, pos: pos}
	out.set("content", pos, contentOf(media, schema, pos))
	if required {
		out.set("required", pos, rawBool(&node{file: &file{name: pos.File}, place: place{int32(pos.Line), int32(pos.Col), -1}}, true))
	}
	return out
}

func contentOf(media string, schema *value, pos config.Pos) *value {
	typ := &value{kind: objectValue, object: mediaTypeObject, pos: pos}
	typ.set("schema", pos, schema)
	content := &value{kind: mapValue, pos: pos}
	content.set(media, pos, typ)
	return content
}

// mendBody takes a schema that stands in a response or request body itself, as
// Swagger 2.0 had it, for that of its JSON.
func (r *reader) mendBody(n *node, v *value, name string) {
	m := n.member("schema")
	if m == nil || v.field("content") != nil {
		return
	}
	r.list.Warn(ruleInvalid, n.keyPos(m), describe(v.object, name)+" has a schema itself; it is read as that of application/json",
		"write content: {application/json: {schema: ...}}")
	if schema := r.read(m.value, obj(schemaObject), "schema", n.keyPos(m)); schema != nil {
		v.set("content", n.keyPos(m), contentOf("application/json", schema, n.keyPos(m)))
	}
}

// mediaType is how media types and their ranges are written (RFC 9110, sections
// 8.3.1 and 12.5.1).
var mediaType = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \\t]*(;[^\\r\\n]*)?$")

// mendContent reports what is no media type, which no message can have. A body
// without a name is one of any.
func (r *reader) mendContent(v *value) {
	content := v.get("content")
	if content == nil || content.kind != mapValue {
		return
	}
	const hint = "write it as application/json, or */* for any"
	whole, idle := content.get("*/*"), []string(nil)
	for _, f := range inOrder(content.fields) {
		switch media := strings.TrimSpace(f.name); {
		case media == "" && whole != nil:
			r.list.Warn(ruleInvalid, f.pos, fmt.Sprintf("%q is no media type; it is left out", f.name), "remove it: */* stands beside it")
			idle = append(idle, f.name)
		case media == "":
			r.list.Warn(ruleInvalid, f.pos, fmt.Sprintf("%q is no media type; */* is read", f.name), hint)
			f.name, whole = "*/*", f.value
		case !mediaType.MatchString(media) && !strings.HasPrefix(media, "x-"):
			r.list.Warn(ruleInvalid, f.pos, fmt.Sprintf("%q is no media type: no message has it", f.name), hint)
		}
	}
	content.sort()
	for _, name := range idle {
		content.drop(name)
	}
}

var schemeTypes = []string{"apiKey", "http", "oauth2", "openIdConnect"}

// mendScheme checks a security scheme (OpenAPI 3.0.3, section 4.7.27).
func (r *reader) mendScheme(n *node, v *value, name string) {
	what := describe(v.object, name)
	typ := v.field("type")
	known := schemeTypes
	if r.v31 {
		known = append(slices.Clone(known), "mutualTLS")
	}
	if typ == nil {
		guess := ""
		switch {
		case v.field("flows") != nil:
			guess = "oauth2"
		case v.field("scheme") != nil:
			guess = "http"
		case v.field("openIdConnectUrl") != nil:
			guess = "openIdConnect"
		case v.field("in") != nil:
			guess = "apiKey"
		default:
			return // reported as missing
		}
		r.list.Repairable(ruleMissingField, v.pos, what+" has no type; "+guess+" is read", "add type: "+guess, n.insert("add type: "+guess, "type", guess))
		v.set("type", v.pos, textValueAt(guess, v.pos))
		typ = v.field("type")
	}
	for _, t := range append(slices.Clone(known), "mutualTLS") {
		if typ.value.text != t && strings.EqualFold(typ.value.text, t) {
			r.list.Warn(ruleInvalid, typ.pos, fmt.Sprintf("%s: the type %q is written %s", what, typ.value.text, t), "write it as "+t)
			typ.value.text = t
		}
	}
	warn := func(field, hint string) {
		r.list.Warn(ruleMissingField, v.pos, what+" of type "+typ.value.text+" has no "+field, hint)
	}
	switch typ.value.text {
	case "apiKey":
		switch in := v.str("in"); {
		case v.str("name") == "" || in == "":
			r.list.Add(ruleMissingField, v.pos, what+" of type apiKey needs a name and in", "such as name: X-Api-Key, in: header")
			v.broken = true
		case !slices.Contains([]string{"query", "header", "cookie"}, in):
			r.list.Add(ruleInvalid, v.field("in").pos, fmt.Sprintf("%s: an apiKey cannot be in %q", what, in), config.Suggest(in, []string{"query", "header", "cookie"}))
			v.broken = true
		}
	case "http":
		if v.str("scheme") == "" {
			r.list.Add(ruleMissingField, v.pos, what+" of type http has no scheme", "such as scheme: bearer")
			v.broken = true
		}
	case "oauth2":
		r.mendFlows(v, what, warn)
	case "openIdConnect":
		if v.str("openIdConnectUrl") == "" {
			warn("openIdConnectUrl", "add the URL where the provider describes itself")
		}
	case "mutualTLS":
		if !r.v31 {
			r.list.Warn(ruleLaterField, typ.pos, what+": the type mutualTLS is OpenAPI 3.1's", "start the document with openapi: 3.1.0")
		}
	case "basic":
		r.list.Repairable(ruleInvalid, typ.pos, what+": the type basic is Swagger 2.0's; it is read as type: http, scheme: basic", "write type: http, scheme: basic", nil)
		typ.value.text = "http"
		v.set("scheme", typ.pos, textValueAt("basic", typ.pos))
	default:
		r.list.Add(ruleInvalid, typ.pos, fmt.Sprintf("%s: the type %q is not known", what, typ.value.text), config.Suggest(typ.value.text, known))
		v.broken = true
	}
}

func (r *reader) mendFlows(v *value, what string, warn func(field, hint string)) {
	flows := v.get("flows")
	if flows == nil {
		warn("flows", "add those that the provider has, such as clientCredentials")
		return
	}
	for i := range flows.fields {
		f := &flows.fields[i]
		if f.value.object != flowObject {
			continue
		}
		if (f.name == "implicit" || f.name == "authorizationCode") && f.value.str("authorizationUrl") == "" {
			r.list.Warn(ruleMissingField, f.pos, what+": the flow "+f.name+" has no authorizationUrl", "add it")
		}
		if f.name != "implicit" && f.value.str("tokenUrl") == "" {
			r.list.Warn(ruleMissingField, f.pos, what+": the flow "+f.name+" has no tokenUrl", "add it")
		}
	}
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
