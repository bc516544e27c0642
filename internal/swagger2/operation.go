package swagger2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
	"go.yaml.in/yaml/v3"
)

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

// pathItem converts a path item (Swagger 2.0, section 5.2.9). A body that it has
// for all its operations becomes one of each.
func (u *upgrade) pathItem(n *yaml.Node) *yaml.Node {
	out := mapping()
	if ref := get(n, "$ref"); ref != nil {
		u.external(ref)
	}
	shared := items(get(n, "parameters"))
	var own []*yaml.Node
	for _, p := range shared {
		if in := text1(get(u.parameterOf(p), "in")); in != "body" && in != "formData" {
			own = append(own, u.parameter(p))
		}
	}
	for key, value := range members(n) {
		switch {
		case slices.Contains(methods, key.Value):
			u.remarked(out, key, func() *yaml.Node { return u.operation(value, shared) })
		case key.Value == "parameters":
			if len(own) > 0 {
				add(out, key, sequence(own...))
			}
		case strings.HasPrefix(key.Value, "x-"):
			add(out, key, value)
		case key.Value != "$ref":
			u.lose(key, fmt.Sprintf("%q is no method and no field of a path; it is left out", key.Value), "")
		}
	}
	return out
}

// parameterOf follows references to a parameter.
func (u *upgrade) parameterOf(p *yaml.Node) *yaml.Node {
	for range 10 {
		ref := text1(get(p, "$ref"))
		name, found := strings.CutPrefix(ref, "#/parameters/")
		if !found {
			return p
		}
		target := get(get(u.root, "parameters"), unescape(name))
		if target == nil {
			return p
		}
		p = target
	}
	return p
}

func (u *upgrade) operation(n *yaml.Node, shared []*yaml.Node) *yaml.Node {
	consumes, produces := u.consumes, u.produces
	if has(n, "consumes") {
		consumes = u.types("consumes", n)
	}
	if has(n, "produces") {
		produces = u.types("produces", n)
	}

	// What the path declares counts unless the operation has it anew.
	own := items(get(n, "parameters"))
	all := slices.Clone(own)
	for _, p := range shared {
		q := u.parameterOf(p)
		in := text1(get(q, "in"))
		overridden := slices.ContainsFunc(own, func(p *yaml.Node) bool {
			p = u.parameterOf(p)
			return text1(get(p, "in")) == in && (in == "body" || text1(get(p, "name")) == text1(get(q, "name")))
		})
		if (in == "body" || in == "formData") && !overridden {
			all = append(all, p)
		}
	}
	var parameters, bodies, form []*yaml.Node
	for _, p := range all {
		switch text1(get(u.parameterOf(p), "in")) {
		case "body":
			bodies = append(bodies, p)
		case "formData":
			form = append(form, u.parameterOf(p))
		default:
			parameters = append(parameters, u.parameter(p))
		}
	}
	body := u.requestBody(bodies, form, consumes)

	out := mapping()
	for key, value := range members(n) {
		switch key.Value {
		case "consumes", "produces":
		case "schemes":
			if servers := u.serversOf(value); servers != nil && !same(servers, u.servers) {
				set(out, "servers", servers)
			}
		case "parameters":
			if len(parameters) > 0 {
				add(out, key, sequence(parameters...))
			}
			if body != nil {
				set(out, "requestBody", body)
				body = nil
			}
		case "responses":
			if body != nil { // of the path
				set(out, "requestBody", body)
				body = nil
			}
			responses := mapping()
			for status, r := range members(value) {
				if strings.HasPrefix(status.Value, "x-") {
					add(responses, status, r)
					continue
				}
				add(responses, status, u.response(r, produces, has(n, "produces")))
			}
			add(out, key, responses)
		default:
			add(out, key, value)
		}
	}
	if body != nil {
		set(out, "requestBody", body)
	}
	return out
}

const (
	jsonType      = "application/json"
	urlencoded    = "application/x-www-form-urlencoded"
	multipartForm = "multipart/form-data"
	octets        = "application/octet-stream"
)

func isForm(mediaType string) bool {
	base, _, _ := strings.Cut(mediaType, ";")
	base = strings.ToLower(strings.TrimSpace(base))
	return base == urlencoded || base == multipartForm
}

// requestBody makes one of body parameters, of which there should be one, and of
// form parameters.
func (u *upgrade) requestBody(bodies, form []*yaml.Node, consumes []string) *yaml.Node {
	if len(bodies) == 0 && len(form) == 0 {
		return nil
	}
	if len(bodies) > 1 {
		u.lose(bodies[1], "there are two bodies; the first counts", "a request has one body")
	}
	out := mapping()
	content := mapping()
	var required *yaml.Node
	if len(bodies) > 0 {
		p := u.parameterOf(bodies[0])
		if name, shared := strings.CutPrefix(text1(get(bodies[0], "$ref")), "#/parameters/"); shared && len(form) == 0 && slices.Equal(consumes, u.consumes) {
			return mapping("$ref", text("#/components/requestBodies/"+jsonpointer.Escape(u.name("requestBodies", unescape(name)))))
		}
		move(out, p, "description")
		required = get(p, "required")
		types := consumes
		if len(form) > 0 {
			u.lose(bodies[0], "there are a body and form fields; a request may have either", "Swagger 2.0 allows one of them only")
			types = slices.DeleteFunc(slices.Clone(consumes), isForm)
		}
		if len(types) == 0 {
			types = []string{jsonType}
		}
		schema := get(p, "schema")
		if schema == nil {
			u.lose(p, "the body has no schema; anything is allowed", "")
			schema = mapping()
		}
		for _, t := range types {
			set(content, t, mapping("schema", u.schema(schema)))
		}
		u.bodyExamples(content, p)
		if name := text1(get(p, "name")); name != "" && name != "body" && !has(p, "x-codegen-request-body-name") {
			set(out, "x-codegen-request-body-name", text(name))
		}
		u.extensions(out, p)
	}
	if len(form) > 0 {
		schema, encoding, files := u.form(form)
		types := slices.DeleteFunc(slices.Clone(consumes), func(t string) bool {
			return !isForm(t) || files && !strings.HasPrefix(strings.ToLower(t), multipartForm)
		})
		switch {
		case len(types) > 0:
		case files:
			types = []string{multipartForm}
		default:
			types = []string{urlencoded}
		}
		for _, t := range types {
			media := mapping("schema", schema)
			if len(encoding.Content) > 0 {
				set(media, "encoding", encoding)
			}
			set(content, t, media)
		}
		if len(bodies) == 0 && has(schema, "required") {
			required = yes()
		}
	}
	if isTrue(required) {
		set(out, "required", yes())
	}
	set(out, "content", content)
	return out
}

// bodyExamples moves what tools write as examples of a body by media type.
func (u *upgrade) bodyExamples(content, p *yaml.Node) {
	for mediaType, example := range members(get(p, "x-examples")) {
		if media := get(content, mediaType.Value); media != nil && !has(media, "example") {
			set(media, "example", example)
		}
	}
}

// form is the schema of form fields, and how those are written that have another
// form than OpenAPI 3.0's own.
func (u *upgrade) form(fields []*yaml.Node) (schema, encoding *yaml.Node, files bool) {
	properties, required := mapping(), sequence()
	encoding = mapping()
	for _, p := range fields {
		name := text1(get(p, "name"))
		if name == "" {
			u.lose(p, "a form field has no name; it is left out", "")
			continue
		}
		property := mapping()
		move(property, p, "description")
		u.simple(property, p)
		for key, value := range members(p) {
			switch {
			case key.Value == "x-nullable" || key.Value == "x-isnullable":
				if isTrue(value) {
					nullable(property)
				}
			case strings.HasPrefix(key.Value, "x-"):
				add(property, key, value)
			}
		}
		set(properties, name, property)
		if isTrue(get(p, "required")) {
			required.Content = append(required.Content, text(name))
		}
		files = files || text1(get(p, "type")) == "file" || text1(get(get(p, "items"), "type")) == "file"
		if text1(get(p, "type")) == "array" && text1(get(get(p, "items"), "type")) != "file" {
			if style, explode := u.style(p, "form"); style != "" && !explode {
				set(encoding, name, mapping("style", text(style), "explode", no()))
			}
		}
	}
	schema = mapping("type", text("object"))
	if len(required.Content) > 0 {
		set(schema, "required", required)
	}
	set(schema, "properties", properties)
	return schema, encoding, files
}

// parameter converts one that is neither a body nor a form field (section 5.2.10).
func (u *upgrade) parameter(n *yaml.Node) *yaml.Node {
	if ref := get(n, "$ref"); ref != nil {
		if name, found := strings.CutPrefix(ref.Value, "#/parameters/"); found {
			return mapping("$ref", text("#/components/parameters/"+jsonpointer.Escape(u.name("parameters", unescape(name)))))
		}
		if target := u.elsewhere(ref); target != nil {
			return u.parameter(target)
		}
		return mapping()
	}
	out := mapping()
	out.Line, out.Column = n.Line, n.Column // where the source has it; see Places
	schema := get(n, "schema")
	if schema != nil {
		schema = u.schema(schema)
	} else {
		schema = mapping()
		u.simple(schema, n)
	}
	in := text1(get(n, "in"))
	for key, value := range members(n) {
		switch {
		case key.Value == "name" || key.Value == "in" || key.Value == "description":
			add(out, key, value)
		case key.Value == "required" && in != "path":
			add(out, key, value)
		case key.Value == "allowEmptyValue" && in == "query":
			add(out, key, value)
		case key.Value == "x-nullable" || key.Value == "x-isnullable":
			if isTrue(value) {
				nullable(schema)
			}
		case key.Value == "x-example" && !has(n, "example"):
			set(out, "example", value)
		case key.Value == "example" || key.Value == "deprecated":
			add(out, key, value)
		case strings.HasPrefix(key.Value, "x-"):
			add(out, key, value)
		case key.Value != "required" && key.Value != "schema" && key.Value != "collectionFormat" && !slices.Contains(inSchema, key.Value):
			u.lose(key, fmt.Sprintf("%q is no field of a parameter; it is left out", key.Value), "")
		}
	}
	if in == "path" {
		set(out, "required", yes())
	}
	if text1(get(n, "type")) == "array" {
		style, explode := u.style(n, in)
		if in == "query" {
			if style == "" {
				style = "form"
			}
			set(out, "style", text(style))
			if explode {
				set(out, "explode", yes())
			} else {
				set(out, "explode", no())
			}
		}
	}
	set(out, "schema", schema)
	return out
}

var separators = map[string]string{"tsv": "tabs", "ssv": "spaces", "pipes": "the sign |"}

// style is how OpenAPI 3.0 calls a collectionFormat; empty when it has no name
// for it. The default of Swagger 2.0 is commas in one value, and not a value
// each.
func (u *upgrade) style(n *yaml.Node, in string) (style string, explode bool) {
	format := get(n, "collectionFormat")
	flat := in == "path" || in == "header"
	switch f := text1(format); {
	case f == "" || f == "csv":
		if flat {
			return "simple", false
		}
		return "form", false
	case f == "multi" && !flat:
		return "form", true
	case f == "ssv" && !flat:
		return "spaceDelimited", false
	case f == "pipes" && !flat:
		return "pipeDelimited", false
	case separators[f] != "":
		u.lose(format, fmt.Sprintf("OpenAPI 3.0 has no name for collectionFormat: %s here; commas are written", f), "clients and PHP go on with "+separators[f])
		return "", false
	default:
		u.lose(format, fmt.Sprintf("collectionFormat: %s is not known here; commas are written", f), "it is one of csv, ssv, tsv, pipes and multi")
		if flat {
			return "simple", false
		}
		return "form", false
	}
}

// inSchema are the fields of a parameter, header or item that OpenAPI 3.0 has in
// its schema.
var inSchema = []string{
	"type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
	"pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf", "title",
}

// simple adds the schema of a parameter, header or item to out.
func (u *upgrade) simple(out, n *yaml.Node) {
	for key, value := range members(n) {
		switch {
		case key.Value == "type" && value.Value == "file":
			set(out, "type", text("string"))
			set(out, "format", text("binary"))
		case key.Value == "format" && text1(get(n, "type")) == "file":
		case key.Value == "items":
			if ref := get(value, "$ref"); ref != nil {
				add(out, key, u.schema(value))
				continue
			}
			item := mapping()
			u.simple(item, value)
			if format := get(value, "collectionFormat"); format != nil {
				u.lose(format, "OpenAPI 3.0 cannot say how lists within lists are written", "")
			}
			u.extensions(item, value)
			add(out, key, item)
		case slices.Contains(inSchema, key.Value):
			add(out, key, value)
		}
	}
}
