package legacyproxy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// contractView is what mappings ask a service's contract. Without a contract
// it knows nothing, and everything is written as the client wrote it.
type contractView struct {
	doc        bundle.Document
	operations map[string]string // operationId -> pointer of the Operation Object
	compiled   *schema.Document  // see document
}

// viewContract reads a bundled contract. What cannot be read here was said
// where contracts are checked.
func viewContract(contract []byte) *contractView {
	v := &contractView{}
	if len(contract) > 0 {
		v.doc, _ = bundle.Read(contract)
	}
	v.operations = v.doc.Operations()
	return v
}

// queries is where the query parameters of operations are put together for
// compiling: beside the contract, without those of path and header.
const queries = "/x-banyan-queries"

// document compiles the contract when it is first asked for: most mappings
// never do. It is nil when that cannot be done.
func (v *contractView) document() *schema.Document {
	if v.compiled == nil && v.doc.Root != nil {
		all := map[string]any{}
		for id := range v.operations {
			all[id] = map[string]any{"get": map[string]any{"parameters": v.queryParameters(id)}}
		}
		root := maps.Clone(v.doc.Root)
		root[queries[1:]] = all
		if data, err := json.Marshal(root); err == nil {
			v.compiled, _ = schema.Load(data, schema.Options{})
		}
	}
	return v.compiled
}

// queryParameters are the Parameter Objects of an operation's query.
func (v *contractView) queryParameters(id string) (out []map[string]any) {
	for _, p := range v.doc.Parameters(v.operations[id]) {
		if p["in"] == "query" {
			out = append(out, p)
		}
	}
	return out
}

func object(node any) map[string]any {
	o, _ := node.(map[string]any)
	return o
}

// statuses are the answers that an operation declares, such as 200, 4XX and
// default.
func (v *contractView) statuses(op *catalog.Operation) []string {
	at := v.operations[op.ID]
	if at == "" {
		return nil
	}
	return slices.Sorted(maps.Keys(object(object(v.doc.At(at))["responses"])))
}

// bodySchema is what a contract says of an operation's bodies.
type bodySchema struct {
	node schemaNode   // of the JSON or form body
	form *schema.Form // nil when there is none
}

func (v *contractView) body(op *catalog.Operation) (out bodySchema) {
	v.bodies(op, func(kind, at string) {
		if document := v.document(); kind == typeForm && document != nil {
			if form, err := document.Form(at); err == nil && form.Named() {
				out.form = form
			}
		}
		out.node = v.node(at + "/schema")
	})
	return out
}

// bodies visits the Media Type Objects of an operation's bodies that are JSON
// or forms.
func (v *contractView) bodies(op *catalog.Operation, visit func(kind, at string)) {
	at := v.operations[op.ID]
	if at == "" {
		return
	}
	bodyAt, body := v.doc.Follow(at + "/requestBody")
	content := object(body["content"])
	for _, media := range slices.Sorted(maps.Keys(content)) {
		kind, _, _ := strings.Cut(strings.ToLower(media), ";")
		if kind = strings.TrimSpace(kind); isJSON(kind) || kind == typeForm || kind == typeMultipart {
			visit(kind, bodyAt+"/content/"+jsonpointer.Escape(media))
		}
	}
}

// takes reports whether an operation has bodies, and whether some of them are
// JSON or forms.
func (v *contractView) takes(op *catalog.Operation) (given, convertible bool) {
	_, body := v.doc.Follow(v.operations[op.ID] + "/requestBody")
	v.bodies(op, func(_, _ string) { convertible = true })
	return body != nil, convertible
}

// properties are the names of an operation's bodies at the top.
func (v *contractView) properties(op *catalog.Operation) (names []string) {
	v.bodies(op, func(_, at string) { names = append(names, v.node(at+"/schema").names()...) })
	return names
}

// queryNames are the names of an operation's parameters.
func (v *contractView) queryNames(op *catalog.Operation) (names []string) {
	if v.operations[op.ID] == "" {
		return nil
	}
	for _, p := range v.queryParameters(op.ID) {
		name, _ := p["name"].(string)
		names = append(names, parseQueryName(name).root)
		names = append(names, schemaOf(v, p).names()...)
	}
	return names
}

// schemaOf is the schema of a Parameter Object.
func schemaOf(v *contractView, p map[string]any) schemaNode {
	n := schemaNode{view: v}
	n.add(object(p["schema"]))
	return n
}

// readForm reads a form by its schema, so that values have their types. One
// that is not as the contract says is read as PHP reads it.
func (s bodySchema) readForm(raw []byte, values *valueForms) (*tree, error) {
	if s.form != nil && values != nil {
		if doc, violations := s.form.Read(nil, raw); violations == nil {
			return treeFromJSON(doc)
		}
	}
	return treeFromForm(raw)
}

// schemaNode is a Schema Object of a contract. The zero value is one that
// nothing is known of.
type schemaNode struct {
	view *contractView
	all  []map[string]any // that apply to one place, allOf and its like included
}

// maxSchemas bounds how many schemas are looked at for one place.
const maxSchemas = 64

func (v *contractView) node(pointer string) schemaNode {
	n := schemaNode{view: v}
	_, s := v.doc.Follow(pointer)
	n.add(s)
	return n
}

// add takes a schema in, with those it is made of.
func (n *schemaNode) add(s map[string]any) {
	if s == nil || len(n.all) >= maxSchemas {
		return
	}
	if ref, ok := s["$ref"].(string); ok {
		target, local := bundle.Target(ref)
		if _, s = n.view.doc.Follow(target); s == nil || !local {
			return
		}
	}
	n.all = append(n.all, s)
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		list, _ := s[keyword].([]any)
		for _, one := range list {
			n.add(object(one))
		}
	}
}

// property is the schema of a member: what properties says, or else
// additionalProperties.
func (n schemaNode) property(name string) schemaNode {
	out, rest := schemaNode{view: n.view}, schemaNode{view: n.view}
	for _, s := range n.all {
		out.add(object(object(s["properties"])[name]))
		rest.add(object(s["additionalProperties"]))
	}
	if len(out.all) == 0 {
		return rest
	}
	return out
}

func (n schemaNode) items() schemaNode {
	out := schemaNode{view: n.view}
	for _, s := range n.all {
		out.add(object(s["items"]))
	}
	return out
}

// format is the schema's, or empty.
func (n schemaNode) format() string {
	for _, s := range n.all {
		if f, ok := s["format"].(string); ok {
			return f
		}
	}
	return ""
}

// secrets are the names of properties that a contract calls secret or
// personal: format: password, writeOnly and x-pii.
func (v *contractView) secrets() secretNames {
	names := secretNames{}
	eachProperty(v.doc.Root, func(name string, s map[string]any) {
		if secretSchema(s) {
			names[name] = true
		}
	})
	return names
}

// eachProperty visits the properties of all schemas in a part of a contract, in
// no order.
func eachProperty(node any, visit func(name string, s map[string]any)) {
	switch n := node.(type) {
	case map[string]any:
		for name, s := range object(n["properties"]) {
			visit(name, object(s))
		}
		for _, child := range n {
			eachProperty(child, visit)
		}
	case []any:
		for _, child := range n {
			eachProperty(child, visit)
		}
	}
}

func secretSchema(s map[string]any) bool {
	pii := s["x-pii"]
	return s["format"] == "password" || s["writeOnly"] == true || pii != nil && pii != false
}
