package goserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema"
)

// What the files say of operations, read as YAML and nothing more, is in the
// model, in the generated code and in the engine that checks messages.
func TestNoMessageIsLost(t *testing.T) {
	for _, d := range corpus(t) {
		t.Run(d.name, func(t *testing.T) {
			c := d.load(t)
			if c == nil {
				t.Fatal("the document has errors")
			}
			doc, made := goserver.OperationsOf(c)
			w := &walk{lost: &lost{T: t}, files: map[string]*yaml.Node{}, seen: map[*yaml.Node]bool{}, model: doc, made: made}
			root := spot{w.parse(filepath.Join(d.root, d.file)), filepath.Join(d.root, d.file)}
			w.pairs(w.get(root, "paths"), func(path string, item spot) {
				item = w.follow(item)
				for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"} {
					if op := w.get(item, method); op.node != nil {
						w.operation(path, method, item, w.follow(op))
					}
				}
			})
			bundle, err := c.Bundle()
			if err != nil {
				t.Fatal(err)
			}
			w.engine(bundle)
			t.Logf("%d operations, %d parameters, %d bodies, %d answers, %d headers, %d keywords; %d constraints refuse; %d lost",
				w.operations, w.parameters, w.bodies, w.answers, w.headers, w.keywords, w.refused, w.count)
		})
	}
}

// spot is a node and the file that it stands in.
type spot struct {
	node *yaml.Node
	file string
}

type walk struct {
	*lost
	files map[string]*yaml.Node
	seen  map[*yaml.Node]bool
	model *openapi.Document
	made  map[string]goserver.Messages

	operations, parameters, bodies, answers, headers, refused int
}

func (w *walk) parse(file string) *yaml.Node {
	if known, ok := w.files[file]; ok {
		return known
	}
	data, err := os.ReadFile(file)
	if err != nil {
		w.Fatal(err)
	}
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '{' { // JSON may hold characters that YAML may not
		data = bytes.Map(func(r rune) rune {
			if r == 0x7f || 0x80 <= r && r <= 0x9f {
				return ' '
			}
			return r
		}, data)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) == 0 {
		w.Fatalf("%s: %v", file, err)
	}
	w.files[file] = doc.Content[0]
	return doc.Content[0]
}

func (w *walk) pairs(p spot, visit func(name string, value spot)) {
	if p = w.follow(p); p.node == nil || p.node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		if name := p.node.Content[i].Value; !strings.HasPrefix(name, "x-") {
			visit(name, spot{unalias(p.node.Content[i+1]), p.file})
		}
	}
}

func unalias(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (w *walk) get(p spot, name string) (found spot) {
	if p.node == nil || p.node.Kind != yaml.MappingNode {
		return spot{}
	}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		if p.node.Content[i].Value == name {
			return spot{unalias(p.node.Content[i+1]), p.file}
		}
	}
	return spot{}
}

func (w *walk) text(p spot, name string) string {
	if v := w.get(p, name); v.node != nil {
		return v.node.Value
	}
	return ""
}

// follow goes where a $ref leads.
func (w *walk) follow(p spot) spot {
	for range 20 {
		ref := w.get(p, "$ref")
		if ref.node == nil || ref.node.Kind != yaml.ScalarNode {
			return p
		}
		name, fragment, _ := strings.Cut(ref.node.Value, "#")
		if name != "" {
			p.file = filepath.Join(filepath.Dir(p.file), filepath.FromSlash(name))
		}
		p.node = w.parse(p.file)
		for token := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
			if token == "" {
				continue
			}
			if plain, err := url.PathUnescape(token); err == nil {
				token = plain
			}
			token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
			if i, err := strconv.Atoi(token); err == nil && p.node != nil && p.node.Kind == yaml.SequenceNode && i < len(p.node.Content) {
				p = spot{unalias(p.node.Content[i]), p.file}
			} else {
				p = w.get(p, token)
			}
		}
	}
	return p
}

func (w *walk) operation(path, method string, item, op spot) {
	w.operations++
	at := method + " " + path
	model := w.model.Paths[path]
	if model == nil {
		model = w.model.Paths["/"+path]
	}
	if model == nil || model.Operations[strings.ToUpper(method)] == nil {
		w.say(at, "the operation is not in the model")
		return
	}
	o := model.Operations[strings.ToUpper(method)]
	made, ok := w.made[o.OperationID]
	if !ok {
		w.say(at, "the operation is not in the code")
		return
	}
	seen := map[string]bool{}
	for _, holder := range []spot{op, item} {
		list := w.get(holder, "parameters")
		if list.node == nil {
			continue
		}
		for _, one := range list.node.Content {
			w.parameter(at, path, w.follow(spot{unalias(one), list.file}), slices.Concat(o.Parameters, model.Parameters), made, seen)
		}
	}
	if body := w.follow(w.get(op, "requestBody")); body.node != nil {
		if o.RequestBody == nil || o.RequestBody.Value == nil {
			w.say(at, "the request body is not in the model")
		} else {
			w.bodies++
			w.content(at+" body", w.get(body, "content"), o.RequestBody.Value.Content, made.Bodies)
			if w.text(body, "required") == "true" && !(o.RequestBody.Value.Required && made.BodyNeeded) {
				w.say(at, "the body is no longer required")
			}
		}
	}
	w.pairs(w.get(op, "responses"), func(status string, answer spot) {
		w.answers++
		where := at + " " + status
		if status != "default" {
			status = strings.ToUpper(status)
		}
		ref := o.Responses[status]
		if ref == nil || ref.Value == nil {
			w.say(where, "the answer is not in the model")
			return
		}
		answer = w.follow(answer)
		w.content(where, w.get(answer, "content"), ref.Value.Content, made.Answers[status])
		if made.Answers[status] == nil {
			w.say(where, "the answer is not in the code")
		}
		w.pairs(w.get(answer, "headers"), func(name string, header spot) {
			w.headers++
			h := ref.Value.Headers[name]
			if h == nil || h.Value == nil {
				w.say(where+" "+name, "the header is not in the model")
				return
			}
			if !strings.EqualFold(name, "Content-Type") && !slices.Contains(made.Headers[status], name) {
				w.say(where+" "+name, "the header is not in the code")
			}
			w.compare(where+" "+name, w.get(w.follow(header), "schema"), h.Value.Schema)
		})
	})
}

func (w *walk) parameter(at, path string, p spot, model []*openapi.ParameterRef, made goserver.Messages, seen map[string]bool) {
	name, in := w.text(p, "name"), w.text(p, "in")
	key := in + " " + name
	if seen[key] || in == "body" || in == "formData" || in == "path" && !strings.Contains(path, "{"+name+"}") {
		return // overridden, of Swagger 2.0, or without a place in the path, which is said
	}
	seen[key] = true
	w.parameters++
	i := slices.IndexFunc(model, func(r *openapi.ParameterRef) bool { return r.Value != nil && r.Value.Name == name && r.Value.In == in })
	if i < 0 {
		w.say(at+" "+key, "the parameter is not in the model")
		return
	}
	if lower := strings.ToLower(name); in == "header" && (lower == "accept" || lower == "content-type" || lower == "authorization") {
		return // OpenAPI ignores it, which is said
	}
	if !slices.Contains(made.Parameters, key) {
		w.say(at+" "+key, "the parameter is not in the code")
	}
	v := model[i].Value
	if w.text(p, "required") == "true" && !v.Required {
		w.say(at+" "+key, "it is no longer required")
	}
	w.compare(at+" "+key, w.get(p, "schema"), v.Schema)
}

// content compares the media types of a message.
func (w *walk) content(at string, content spot, model map[string]*openapi.MediaType, made []string) {
	w.pairs(content, func(media string, value spot) {
		m := model[media]
		if m == nil {
			w.say(at+" "+media, "the media type is not in the model")
			return
		}
		base, _, _ := strings.Cut(media, ";")
		if !slices.ContainsFunc(made, func(s string) bool { s, _, _ = strings.Cut(s, ";"); return strings.EqualFold(s, base) }) {
			w.say(at+" "+media, "the media type is not in the code")
		}
		w.compare(at+" "+media, w.get(value, "schema"), m.Schema)
	})
}

// constraints are the keywords that are compared word by word.
var constraints = []string{"minLength", "maxLength", "pattern", "format", "enum", "required", "minimum", "maximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
	"minProperties", "maxProperties", "readOnly", "writeOnly"}

// compare compares a schema wherever it leads with the model, once.
func (w *walk) compare(at string, p spot, ref *openapi.SchemaRef) {
	p = w.follow(p)
	if p.node == nil || p.node.Kind != yaml.MappingNode || w.seen[p.node] {
		return
	}
	w.seen[p.node] = true
	if ref == nil || ref.Value == nil {
		w.say(at, "the schema is not in the model")
		return
	}
	s := ref.Value
	for _, name := range constraints {
		if v := w.get(p, name); v.node != nil && w.says(name, v.node) {
			w.keywords++
			said := plain(v.node)
			if values, ok := said.([]any); ok && name == "enum" && w.text(p, "nullable") == "true" && !slices.Contains(values, nil) {
				said = append(values, nil) // which is said to be meant
			}
			w.keyword(at+"/"+name, name, said, s)
		}
	}
	w.pairs(w.get(p, "properties"), func(name string, prop spot) {
		if s.Properties[name] == nil {
			w.say(at+"/"+name, "the property is not in the model")
			return
		}
		w.compare(at+"/"+name, prop, s.Properties[name])
	})
	if items := w.get(p, "items"); s.Items != nil {
		w.compare(at+"/items", items, s.Items)
	}
	if all := w.get(p, "allOf"); all.node != nil && len(all.node.Content) == len(s.AllOf) {
		for i, one := range all.node.Content {
			w.compare(at+"/allOf", spot{unalias(one), all.file}, s.AllOf[i])
		}
	}
}

// says reports whether a keyword says what it is for: documents have numbers in
// quotes and required: true, which are mended.
func (w *walk) says(name string, n *yaml.Node) bool {
	switch name {
	case "enum", "required":
		return n.Kind == yaml.SequenceNode && len(n.Content) > 0
	case "pattern", "format":
		return n.Kind == yaml.ScalarNode && n.Tag == "!!str"
	}
	return n.Kind == yaml.ScalarNode && n.Tag != "!!str"
}

// plain is a node as JSON has it; numbers are as written, dates are text.
func plain(n *yaml.Node) any {
	switch n = unalias(n); {
	case n.Kind == yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i := range n.Content {
			out[i] = plain(n.Content[i])
		}
		return out
	case n.Kind == yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return out
	case n.Tag == "!!int" || n.Tag == "!!float":
		return json.Number(n.Value)
	case n.Tag == "!!bool":
		return n.Value == "true"
	case n.Tag == "!!null":
		return nil
	}
	return n.Value
}

// engine breaks one constraint after the other of the schemas under components,
// and expects the engine to say so.
func (w *walk) engine(bundle []byte) {
	doc, err := schema.Load(bundle, schema.Options{})
	if err != nil {
		w.Fatal(err)
	}
	for name, ref := range w.model.Components.Schemas {
		if ref.Value == nil || ref.Ref != "" {
			continue
		}
		at := "/components/schemas/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		w.breaks(doc, at, ref.Value)
		for key, prop := range ref.Value.Properties {
			if prop.Ref == "" && prop.Value != nil {
				w.breaks(doc, at+"/properties/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), prop.Value)
			}
		}
	}
}

func (w *walk) breaks(doc *schema.Document, at string, s *openapi.Schema) {
	try := func(keyword, value string) {
		compiled, err := doc.Compile(at)
		if err != nil {
			w.say(at, "%v", err)
			return
		}
		if found := compiled.Validate([]byte(value), schema.Plain); len(found) == 0 {
			w.say(at+"/"+keyword, "the engine takes %.80s", value)
		}
		w.refused++
	}
	text := func(n uint64) string { return `"` + strings.Repeat("a", int(n)) + `"` }
	switch {
	case s.Is("string"):
		if s.MaxLength != nil && *s.MaxLength < 10000 {
			try("maxLength", text(*s.MaxLength+1))
		}
		if s.MinLength != nil && *s.MinLength > 0 && *s.MinLength < 10000 {
			try("minLength", text(*s.MinLength-1))
		}
		if s.Enum != nil {
			try("enum", `"no value of any enum at all"`)
		}
	case s.Is("object") && len(s.Required) > 0:
		try("required", "{}")
	case s.Is("array") && s.MinItems != nil && *s.MinItems > 0:
		try("minItems", "[]")
	case s.Is("integer") || s.Is("number"):
		if s.Minimum != "" {
			try("minimum", "-1e18")
		}
		if s.Maximum != "" {
			try("maximum", "1e19")
		}
	}
	if len(s.Types) == 1 && !s.Is("object") {
		try("type", fmt.Sprintf("{%q: 1}", "no"))
	}
}
