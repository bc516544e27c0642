package goserver_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/yaml12"
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
			w := &walk{lost: &lost{T: t}, model: doc, made: made}
			w.document(d)
			bundle, err := c.Bundle()
			if err != nil {
				t.Fatal(err)
			}
			e := newEngine(w.lost, bundle)
			e.visit("", e.root)
			t.Logf("%d operations, %d webhooks and callbacks, %d parameters, %d bodies, %d answers, %d headers, %d keywords; %d schemas refuse what breaks %d constraints; %d lost",
				w.operations, w.exchanges, w.parameters, w.bodies, w.answers, w.headers, w.keywords, e.schemas, e.refused, w.count)
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

	operations, exchanges, parameters, bodies, answers, headers int
}

// methods are the fields of a path that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// document compares all that a document says of messages with the model and the
// code.
func (w *walk) document(d document) {
	w.files, w.seen = map[string]*yaml.Node{}, map[*yaml.Node]bool{}
	root := spot{w.parse(filepath.Join(d.root, d.file)), filepath.Join(d.root, d.file)}
	w.pairs(w.get(root, "paths"), func(path string, item spot) {
		item = w.follow(item)
		for _, method := range methods {
			if op := w.get(item, method); op.node != nil {
				w.operation(path, method, item, w.follow(op))
			}
		}
	})
	w.pairs(w.get(root, "webhooks"), func(name string, item spot) {
		w.exchange("the webhook "+name, item, w.model.Webhooks[name])
	})
}

// exchange compares the bodies of a webhook or callback.
func (w *walk) exchange(at string, item spot, model *openapi.PathItem) {
	item = w.follow(item)
	if model == nil {
		w.say(at, "it is not in the model")
		return
	}
	for _, method := range methods {
		op := w.get(item, method)
		if op.node == nil {
			continue
		}
		w.exchanges++
		o := model.Operations[strings.ToUpper(method)]
		if o == nil {
			w.say(at, "%s is not in the model", method)
			continue
		}
		if body := w.follow(w.get(op, "requestBody")); body.node != nil {
			if o.RequestBody == nil || o.RequestBody.Value == nil {
				w.say(at, "the request body is not in the model")
				continue
			}
			w.content(at+" body", w.get(body, "content"), o.RequestBody.Value.Content, nil)
		}
		w.pairs(w.get(op, "responses"), func(status string, answer spot) {
			if status != "default" {
				status = strings.ToUpper(status)
			}
			ref := o.Responses[status]
			if ref == nil || ref.Value == nil {
				w.say(at+" "+status, "the answer is not in the model")
				return
			}
			w.content(at+" "+status, w.get(w.follow(answer), "content"), ref.Value.Content, nil)
		})
	}
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
	restore := func(*yaml.Node) {}
	if plain, back := yaml12.Slashes(data); plain != nil {
		data, restore = plain, back
	}
	data = tabbed.ReplaceAll(data, nil)
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) == 0 {
		w.Fatalf("%s: %v", file, err)
	}
	restore(&doc)
	w.files[file] = doc.Content[0]
	return doc.Content[0]
}

// tabbed are remarks behind tabs, which the library does not take for remarks.
var tabbed = regexp.MustCompile(`(?m)^ *\t[ \t]*#.*$`)

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
		next, ok := w.step(p)
		if !ok {
			return p
		}
		p = next
	}
	return p
}

// step follows one $ref, if there is one.
func (w *walk) step(p spot) (spot, bool) {
	ref := w.get(p, "$ref")
	if ref.node == nil || ref.node.Kind != yaml.ScalarNode {
		return p, false
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
	return p, true
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
	w.pairs(w.get(op, "callbacks"), func(name string, callback spot) {
		model := o.Callbacks[name]
		if model == nil {
			w.say(at, "the callback %s is not in the model", name)
			return
		}
		w.pairs(callback, func(expression string, item spot) {
			w.exchange(at+" callback "+name, item, model.Paths[expression])
		})
	})
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

// content compares the media types of a message. What follows a change of
// protocols (101) is the handler's, whatever media type is named for it.
func (w *walk) content(at string, content spot, model map[string]*openapi.MediaType, made []string) {
	w.pairs(content, func(media string, value spot) {
		m := model[media]
		if m == nil {
			w.say(at+" "+media, "the media type is not in the model")
			return
		}
		base, _, _ := strings.Cut(media, ";")
		if made != nil && !strings.HasSuffix(at, " 101") && !slices.ContainsFunc(made, func(s string) bool { s, _, _ = strings.Cut(s, ";"); return strings.EqualFold(s, base) }) {
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
	for range 20 {
		next, ok := w.step(p)
		if !ok {
			break
		}
		switch {
		case ref == nil || ref.Value == nil:
		case ref.Ref != "":
			ref = &openapi.SchemaRef{Value: ref.Value}
		default: // words beside a reference (3.1): it is one more member of allOf
			name := w.text(p, "$ref")
			name = name[strings.LastIndexByte(name, '/')+1:]
			if i := slices.IndexFunc(ref.Value.AllOf, func(m *openapi.SchemaRef) bool { return m.Ref != "" && strings.HasSuffix(m.Ref, name) }); i >= 0 {
				w.here(at, p, ref)
				ref = &openapi.SchemaRef{Value: ref.Value.AllOf[i].Value}
			}
		}
		p = next
	}
	w.here(at, p, ref)
}

// here compares the keywords of one schema, and goes on in those below it.
func (w *walk) here(at string, p spot, ref *openapi.SchemaRef) {
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
			if name == "enum" {
				said = meant(v.node, s)
				if values := said.([]any); w.text(p, "nullable") == "true" && !slices.Contains(values, nil) {
					said = append(values, nil) // which is said to be meant
				}
			}
			w.keyword(at+"/"+name, name, said, s)
		}
	}
	w.pairs(w.get(p, "properties"), func(name string, prop spot) {
		if prop.node.Kind == yaml.ScalarNode {
			return // a remark that slipped in, which is said
		}
		if s.Properties[name] == nil {
			w.say(at+"/"+name, "the property is not in the model")
			return
		}
		w.compare(at+"/"+name, prop, s.Properties[name])
	})
	if items := w.get(p, "items"); s.Items != nil {
		w.compare(at+"/items", items, s.Items)
	}
	for name, model := range map[string][]*openapi.SchemaRef{"allOf": s.AllOf, "oneOf": s.OneOf, "anyOf": s.AnyOf} {
		all := w.get(p, name)
		if all.node == nil || all.node.Kind != yaml.SequenceNode {
			continue
		}
		if len(all.node.Content) > len(model) && !s.Nullable && len(s.AllOf) == 0 { // null is said in another way
			w.say(at+"/"+name, "%d of %d are in the model", len(model), len(all.node.Content))
		}
		if len(all.node.Content) == len(model) {
			for i, one := range all.node.Content {
				w.compare(at+"/"+name, spot{unalias(one), all.file}, model[i])
			}
		}
	}
	if not := w.get(p, "not"); not.node != nil {
		w.compare(at+"/not", not, s.Not)
	}
	if rest := w.get(p, "additionalProperties"); rest.node != nil && rest.node.Kind == yaml.MappingNode {
		w.compare(at+"/additionalProperties", rest, s.AdditionalProperties.Schema)
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

// meant are the values of an enum as the type beside it has them: 1, in a schema
// of strings, is "1", which is said.
func meant(enum *yaml.Node, s *openapi.Schema) []any {
	values := plain(enum).([]any)
	for i, n := range enum.Content {
		if n = unalias(n); n.Kind == yaml.ScalarNode && n.Tag != "!!null" && slices.Equal(s.Types, []string{"string"}) {
			values[i] = n.Value
		}
	}
	return values
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
