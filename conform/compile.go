package conform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/schema/media"
)

// compiler turns a contract into Operations.
type compiler struct {
	documents  twin[*schema.Document]
	doc        bundle.Document
	ids        map[string]string // operationId -> JSON pointer
	validation catalog.Validation
	mode       schema.Mode // of requests
	countOnly  map[string]bool
	headers    map[string]string // pointer of an answer -> pointer of its headers as parameters
	schemas    map[string]twin[*schema.Schema]
	exchanges  []exchange // webhooks and callbacks, where these are compiled

	operation *catalog.Operation
	faults    Faults
}

// extra is where things stand that are added to a contract for compiling:
// a schema for JSON without one, and the headers of answers as parameters.
const extra = "/x-banyan-conform"

// newCompiler returns a compiler of a contract that is not loaded yet.
func newCompiler(contract []byte, v catalog.Validation) (*compiler, error) {
	c := &compiler{
		validation: v, mode: schema.Request, ids: map[string]string{}, countOnly: map[string]bool{}, headers: map[string]string{},
		schemas: map[string]twin[*schema.Schema]{},
	}
	var err error
	if c.doc, err = bundle.Read(contract); err != nil {
		return nil, err
	}
	return c, nil
}

// load reads the contract for compiling what was found in it.
func (c *compiler) load() error {
	contract, err := c.extend()
	if err != nil {
		return err
	}
	v := c.validation
	strict := schema.Options{}
	if v.UnknownQuery == catalog.UnknownRefuse || v.UnknownQuery == catalog.UnknownWarn {
		strict.UnknownQuery = schema.Refuse
	}
	lenient := strict
	if v.UnknownQuery == catalog.UnknownWarn {
		lenient.UnknownQuery = schema.Ignore
		c.countOnly[schema.KeywordUnknown] = true
	}
	if v.Formats == catalog.FormatsWarn {
		lenient.Formats = schema.Ignore
		c.countOnly["format"] = true
	}
	if c.documents.strict, err = schema.Load(contract, strict); err == nil && len(c.countOnly) > 0 {
		c.documents.lenient, err = schema.Load(contract, lenient)
	}
	return err
}

// both compiles something in one document, or in both.
func both[T any](c *compiler, compile func(*schema.Document) (T, error)) (t twin[T]) {
	var err error
	if t.strict, err = compile(c.documents.strict); err == nil && c.documents.lenient != nil {
		t.lenient, err = compile(c.documents.lenient)
	}
	c.add(err)
	return t
}

// extend adds to the contract what is compiled beside it.
func (c *compiler) extend() ([]byte, error) {
	type parameter struct {
		Name     string            `json:"name"`
		In       string            `json:"in"`
		Required bool              `json:"required"`
		Explode  bool              `json:"explode,omitempty"`
		Schema   map[string]string `json:"schema,omitempty"`
		Content  map[string]any    `json:"content,omitempty"`
	}
	var answers []map[string]any
	var places []string
	for _, id := range sortedKeys(c.ids) {
		places = append(places, c.ids[id])
	}
	for _, e := range c.exchanges {
		places = append(places, e.at)
	}
	for _, operation := range places {
		responses := bundle.Member[map[string]any](c.doc.At(operation), "responses")
		for _, status := range sortedKeys(responses) {
			at, answer := c.doc.Follow(operation + "/responses/" + jsonpointer.Escape(status))
			if c.headers[at] != "" {
				continue
			}
			var list []parameter
			headers := bundle.Member[map[string]any](answer, "headers")
			for _, name := range sortedKeys(headers) {
				headerAt, header := c.doc.Follow(at + "/headers/" + jsonpointer.Escape(name))
				p := parameter{Name: name, In: "header", Required: bundle.Member[bool](header, "required"), Explode: bundle.Member[bool](header, "explode")}
				switch {
				case http.CanonicalHeaderKey(name) == "Content-Type":
					continue // OpenAPI ignores it
				case header["schema"] != nil:
					p.Schema = map[string]string{"$ref": bundle.Ref(headerAt + "/schema")}
				case header["content"] != nil:
					p.Content = bundle.Member[map[string]any](header, "content")
				default:
					continue
				}
				list = append(list, p)
			}
			if len(list) > 0 {
				c.headers[at] = fmt.Sprintf("%s/answers/%d/get", extra, len(answers))
				answers = append(answers, map[string]any{"get": map[string]any{"parameters": list}})
			}
		}
	}
	added, err := json.Marshal(map[string]any{"any": map[string]any{}, "answers": answers, "exchanges": c.parametersOfExchanges()})
	if err != nil {
		return nil, err
	}
	var more any
	if err := json.Unmarshal(added, &more); err != nil {
		return nil, err
	}
	c.doc.Root[extra[1:]] = more
	bound(c.doc.Root)
	return json.Marshal(c.doc.Root)
}

// byName are the members that hold objects by names, which may be any words; asData
// those that hold no part of the contract.
var (
	byName = []string{"properties", "patternProperties", "schemas", "responses", "parameters", "headers", "requestBodies", "callbacks"}
	asData = []string{"example", "examples", "default", "enum", "const"}
)

// bound makes integers of no format those of 64 bits: generated code, PHP and
// most clients hold no others, and a body that nobody can decode is better
// refused with all that is wrong with it.
func bound(node any) {
	switch n := node.(type) {
	case map[string]any:
		if n["type"] == "integer" && n["format"] == nil {
			n["format"] = "int64"
		}
		for name, child := range n {
			named, isObject := child.(map[string]any)
			switch {
			case isObject && slices.Contains(byName, name):
				for _, one := range named {
					bound(one)
				}
			case !slices.Contains(asData, name):
				bound(child)
			}
		}
	case []any:
		for _, child := range n {
			bound(child)
		}
	}
}

// compile compiles the operation at hand.
func (c *compiler) compile() *Operation {
	o := c.begin()
	at := c.ids[c.operation.ID]
	if at == "" {
		c.add(schema.Faults{{Pointer: "/paths", Message: fmt.Sprintf("the contract has no operation %q; run banyan generate", c.operation.ID)}})
		return o
	}
	o.at = at
	c.parameters(o, at)
	c.body(o, at)
	c.answers(o, at)
	return o
}

func (c *compiler) begin() *Operation {
	return &Operation{key: c.operation.Key, status: c.validation.Status, mode: c.mode, countOnly: c.countOnly}
}

func (c *compiler) parameters(o *Operation, at string) {
	parameters := len(bundle.Member[[]any](c.doc.At(at), "parameters")) + len(bundle.Member[[]any](c.doc.At(at[:strings.LastIndexByte(at, '/')]), "parameters"))
	if parameters > 0 || c.validation.UnknownQuery != catalog.UnknownIgnore {
		o.parameters = both(c, func(d *schema.Document) (*schema.Parameters, error) { return d.Parameters(at) })
	}
}

func (c *compiler) body(o *Operation, at string) {
	if bundle.Member[any](c.doc.At(at), "requestBody") == nil {
		return
	}
	bodyAt, body := c.doc.Follow(at + "/requestBody")
	o.bodyAt, o.required = bodyAt, bundle.Member[bool](body, "required")
	for _, declared := range sortedKeys(bundle.Member[map[string]any](body, "content")) {
		o.bodies = append(o.bodies, c.content(bodyAt, declared))
	}
	var types []media.Type
	for _, b := range o.bodies {
		types = append(types, b.media)
	}
	o.consumes = spelled(types)
}

// content compiles one Media Type Object.
func (c *compiler) content(parent, declared string) content {
	at := parent + "/content/" + jsonpointer.Escape(declared)
	out := content{declared: declared, media: media.Parse(declared), at: at}
	out.kind = kindOfMedia(out.media.Name)
	has := bundle.Member[any](c.doc.At(at), "schema") != nil
	switch out.kind {
	case jsonBody:
		where := at + "/schema"
		if !has {
			where = extra + "/any"
		}
		out.schema = c.schema(where)
	case textBody:
		// Anything else than a string says nothing about a text.
		if c.isString(at + "/schema") {
			out.schema = c.schema(at + "/schema")
		} else {
			out.kind = streamBody
		}
	case linesBody, eventsBody:
		// A list stands for its items.
		where, s := c.doc.Follow(at + "/schema")
		if bundle.Member[string](s, "type") == "array" && bundle.Member[any](s, "items") != nil {
			where, s = c.doc.Follow(where + "/items")
		}
		if s == nil || out.kind == eventsBody && (bundle.Member[any](s, "type") == nil && bundle.Member[any](s, "$ref") == nil && len(s) < 2 || bundle.Member[string](s, "type") == "string") {
			out.kind = streamBody // the data is text
		} else {
			out.schema = c.schema(where)
		}
	case formBody, multipartBody:
		out.form = both(c, func(d *schema.Document) (*schema.Form, error) {
			form, err := d.Form(at)
			if err == nil {
				form = form.As(c.mode)
			}
			return form, err
		})
		if out.kind == formBody && out.form.strict != nil && !out.form.strict.Named() {
			out.kind = streamBody // a list or a text alone has no form
		}
	}
	return out
}

func (c *compiler) schema(at string) twin[*schema.Schema] {
	if known, ok := c.schemas[at]; ok {
		return known
	}
	s := both(c, func(d *schema.Document) (*schema.Schema, error) { return d.Compile(at) })
	c.schemas[at] = s
	return s
}

// isString reports whether a schema is one of texts.
func (c *compiler) isString(at string) bool {
	_, s := c.doc.Follow(at)
	binary := bundle.Member[string](s, "format") == "binary"
	return bundle.Member[string](s, "type") == "string" && !binary
}

func (c *compiler) answers(o *Operation, at string) {
	responses := bundle.Member[map[string]any](c.doc.At(at), "responses")
	for _, status := range sortedKeys(responses) {
		if strings.HasPrefix(status, "x-") {
			continue
		}
		answerAt, node := c.doc.Follow(at + "/responses/" + jsonpointer.Escape(status))
		a := answer{status: strings.ToUpper(status), at: answerAt}
		for _, declared := range sortedKeys(bundle.Member[map[string]any](node, "content")) {
			a.contents = append(a.contents, c.content(answerAt, declared))
		}
		if headers := c.headers[answerAt]; headers != "" {
			a.headers = both(c, func(d *schema.Document) (*schema.Parameters, error) { return d.Parameters(headers) })
		}
		o.success(status, node)
		o.answers = append(o.answers, a)
	}
}

// success notes which media types an answer has that is one.
func (o *Operation) success(status string, answer map[string]any) {
	if !strings.HasPrefix(status, "2") {
		return
	}
	content := bundle.Member[map[string]any](answer, "content")
	for _, declared := range sortedKeys(content) {
		o.produces = append(o.produces, media.Parse(declared))
	}
	o.silent = o.silent || len(content) == 0
}
