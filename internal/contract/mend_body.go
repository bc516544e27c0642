package contract

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/banyan-go/banyan/config"
)

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
