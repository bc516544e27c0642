package goserver

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/getkin/kin-openapi/openapi3"
)

// operation pairs what the contract says of an operation with its view.
type operation struct {
	*opView
	model *contract.Operation
	node  *openapi3.Operation
	item  *openapi3.PathItem
	// bodies and answers are the schemas behind the views, in the same order.
	bodies  []*openapi3.SchemaRef
	answers []answerSource
}

type answerSource struct {
	schema  *openapi3.SchemaRef
	headers openapi3.Headers
	shared  string // component response it comes from
	media   string
}

// nameOperations gives every operation and everything named after it Go names:
// x-go-name first, then operationIds that are Go names as they stand or but for
// their first letter, then the rest in order.
func (p *prep) nameOperations(c *contract.Contract) []*operation {
	taken := newScope()
	ops := make([]*operation, 0, len(c.Operations))
	for i, m := range c.Operations {
		item := p.doc.Paths.Value(m.Template)
		if item == nil {
			p.list.Add(ruleInternal, m.Pos, fmt.Sprintf("the path %s is missing from the bundled document", m.Template), "")
			continue
		}
		node := item.GetOperation(m.Method)
		if node == nil {
			p.list.Add(ruleInternal, m.Pos, fmt.Sprintf("%s %s is missing from the bundled document", m.Method, m.Template), "")
			continue
		}
		ops = append(ops, &operation{model: m, node: node, item: item, opView: &opView{
			Index: i, ID: m.ID, Key: m.Key, Method: m.Method, Path: m.Path, Deprecated: m.Deprecated,
		}})
	}
	rank := func(op *operation) (int, string) {
		name := goName(op.ID)
		if asked, ok := op.node.Extensions["x-go-name"].(string); ok {
			if validIdentifier(asked) {
				return 0, asked
			}
			p.list.Add(ruleGoName, op.model.Pos, fmt.Sprintf("%q is not a Go name of letters and digits that starts with an upper case letter", asked), "use "+goName(asked))
		}
		if strings.EqualFold(name[:1], op.ID[:min(1, len(op.ID))]) && name[1:] == op.ID[min(1, len(op.ID)):] {
			return 1, name
		}
		return 2, name
	}
	ranks := make([]int, len(ops))
	wanted := make([]string, len(ops))
	for i, op := range ops {
		ranks[i], wanted[i] = rank(op)
	}
	for r := range 3 {
		for i, op := range ops {
			if ranks[i] == r {
				op.Go = taken.take(wanted[i])
			}
		}
	}
	for _, op := range ops {
		p.nameMessages(op)
	}
	return ops
}

// nameMessages reserves the type names of an operation.
func (p *prep) nameMessages(op *operation) {
	op.Request = p.names.take(op.Go + "RequestObject")
	op.Response = p.names.take(op.Go + "ResponseObject")
	op.Visit = "Visit" + op.Go + "Response"
	op.ParamsType = p.names.take(op.Go + "Params")
	p.findBodies(op)
	p.findAnswers(op)
}

// contents returns a message's media types, one for each that a server can tell
// apart, in order.
func (p *prep) contents(content openapi3.Content, op *operation) []string {
	var out []string
	seen := map[string]string{}
	for _, declared := range sortedKeys(content) {
		base := baseMedia(declared)
		if first, ok := seen[base]; ok {
			if !sameSchema(content[first], content[declared]) {
				p.list.Warn(ruleMedia, op.model.Pos, fmt.Sprintf("%s: %q and %q differ only in parameters; the schema of %q is used for both", op.ID, first, declared, first), "keep one of them")
			}
			continue
		}
		seen[base] = declared
		out = append(out, declared)
	}
	return out
}

func sameSchema(a, b *openapi3.MediaType) bool {
	if a == nil || b == nil || a.Schema == nil || b.Schema == nil {
		return a == b || a != nil && b != nil && a.Schema == b.Schema
	}
	left, errLeft := a.Schema.MarshalJSON()
	right, errRight := b.Schema.MarshalJSON()
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

func (p *prep) findBodies(op *operation) {
	if op.node.RequestBody == nil || op.node.RequestBody.Value == nil {
		return
	}
	body := op.node.RequestBody.Value
	op.BodyNeeded = body.Required
	media := p.contents(body.Content, op)
	fields := newScope("Params", "ContentType")
	for _, declared := range media {
		base := baseMedia(declared)
		b := &bodyView{Kind: kindOfMedia(base), Media: declared, Field: "Body", Chosen: strings.Contains(base, "*")}
		if len(media) > 1 {
			b.Field = fields.take(mediaTag(base) + "Body")
		}
		if b.Kind == jsonBody || b.Kind == textBody || b.Kind == formBody {
			b.Alias = p.names.take(op.Go + mediaTag(base) + "RequestBody")
		}
		op.Bodies = append(op.Bodies, b)
		op.bodies = append(op.bodies, body.Content[declared].Schema)
	}
}

func (p *prep) findAnswers(op *operation) {
	if op.node.Responses == nil {
		return
	}
	statuses := sortedKeys(op.node.Responses.Map())
	for _, status := range statuses {
		ref := op.node.Responses.Value(status)
		if ref == nil || ref.Value == nil {
			continue
		}
		r := ref.Value
		shared, _ := strings.CutPrefix(ref.Ref, "#/components/responses/")
		label := strings.ToUpper(status)
		code := label
		if status == "default" {
			label, code = "default", ""
		} else if strings.HasSuffix(label, "XX") {
			code = ""
		}
		canonical := label
		media := p.contents(r.Content, op)
		if len(media) == 0 {
			media = []string{""}
		}
		for _, declared := range media {
			a := &answerView{Status: canonical, Code: code, Media: declared, Kind: noBody, Index: len(op.Answers)}
			var schema *openapi3.SchemaRef
			tag := ""
			if declared != "" {
				base := baseMedia(declared)
				a.Kind, tag = kindOfMedia(base), mediaTag(base)
				a.Chosen = strings.Contains(base, "*")
				a.Problem = base == "application/problem+json" && !strings.HasPrefix(canonical, "2") && !strings.HasPrefix(canonical, "3")
				schema = r.Content[declared].Schema
			}
			a.Type = p.names.take(op.Go + label + tag + "Response")
			if r.Description != nil {
				a.Doc = commentLines(*r.Description)
			}
			op.Answers = append(op.Answers, a)
			op.answers = append(op.answers, answerSource{schema: schema, headers: r.Headers, shared: shared, media: tag})
		}
		if len(r.Headers) > 0 {
			h := headersView{Type: p.names.take(op.Go + label + "ResponseHeaders")}
			for _, a := range op.Answers[len(op.Answers)-len(media):] {
				a.Headers = &h
			}
			op.Headers = append(op.Headers, h)
		}
	}
	// The header structs are filled later, through the pointers above.
	for i := range op.Headers {
		for _, a := range op.Answers {
			if a.Headers != nil && a.Headers.Type == op.Headers[i].Type {
				a.Headers = &op.Headers[i]
			}
		}
	}
}

// typeOperation decides the types of an operation's messages.
func (p *prep) typeOperation(op *operation) {
	op.Doc = operationDoc(op.node)
	p.findGaps(op)
	p.typeParams(op)
	for i, b := range op.Bodies {
		p.typeBody(op, b, op.bodies[i])
	}
	for i, a := range op.Answers {
		p.typeAnswer(op, a, op.answers[i])
	}
}

func operationDoc(node *openapi3.Operation) []string {
	out := commentLines(node.Summary)
	if more := commentLines(node.Description); len(more) > 0 && !slices.Equal(more, out) {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, more...)
	}
	return out
}

func (p *prep) typeBody(op *operation, b *bodyView, ref *openapi3.SchemaRef) {
	switch b.Kind {
	case jsonBody, formBody:
		t := p.messageType(ref, b.Alias, sharedBody(op.node.RequestBody, b))
		b.Nullable = t.nullable || t.kind == anyKind
		if t.expr != b.Alias {
			b.Type = t.expr
		}
		if b.Kind == formBody && t.kind != structKind && t.kind != mapKind && t.kind != unionKind {
			b.Type = "map[string]interface{}"
		}
	case textBody:
		b.Type = "string"
	}
}

// sharedBody names the type of an inline schema in a component request body:
// every operation that refers to it has the same one.
func sharedBody(ref *openapi3.RequestBodyRef, b *bodyView) string {
	if key, ok := strings.CutPrefix(ref.Ref, "#/components/requestBodies/"); ok {
		return goName(key) + mediaTag(baseMedia(b.Media)) + "Body"
	}
	return ""
}

// messageType returns the type of a body. An inline schema that needs a name
// takes the one reserved for the message, unless it is shared.
func (p *prep) messageType(ref *openapi3.SchemaRef, own, shared string) goType {
	if ref == nil || ref.Value == nil || shared != "" {
		return p.typeOf(ref, shared)
	}
	_, component := p.componentOf(ref.Ref)
	_, overridden := p.override(ref.Value)
	_, known := p.hoisted[ref.Value]
	if sh := p.shapeOf(ref.Value); !component && !overridden && !known && sh.ref == nil && p.needsName(sh) {
		p.hoistAs(ref.Value, own)
		return goType{expr: own, kind: shapeKind(sh), nullable: sh.nullable}
	}
	return p.typeOf(ref, own+"Value")
}

func (p *prep) typeAnswer(op *operation, a *answerView, src answerSource) {
	switch a.Kind {
	case jsonBody, formBody:
		hint := a.Type + "Body"
		if src.shared != "" {
			hint = goName(src.shared) + src.media + "Body"
		}
		t := p.typeOf(src.schema, hint)
		a.Body = t.item()
		// A type that is defined from another one may carry methods only when
		// that is neither a pointer nor an interface.
		a.Plain = !t.nullable && t.kind != anyKind && (t.expr[0] == '[' || strings.HasPrefix(t.expr, "map[") || !strings.Contains(t.expr, "."))
	case textBody:
		a.Body, a.Plain = "string", true
	case multipartBody:
		a.Body, a.Plain = "func(w *multipart.Writer) error", true
	case streamBody:
		a.Body = "io.Reader"
	}
	if a.Headers != nil || a.Ranged() || a.Chosen {
		a.Plain = false
	}
	if a.Headers != nil && a.Headers.Fields == nil {
		p.typeHeaders(a.Headers, src)
	}
}

func (p *prep) typeHeaders(h *headersView, src answerSource) {
	fields := newScope()
	prefix := h.Type
	if src.shared != "" {
		prefix = goName(src.shared) + "ResponseHeaders"
	}
	for _, name := range sortedKeys(src.headers) {
		ref := src.headers[name]
		if ref == nil || ref.Value == nil || strings.EqualFold(name, "Content-Type") {
			continue
		}
		v := ref.Value
		schema := v.Schema
		if schema == nil {
			schema = stringSchema()
		}
		f := headerView{Name: name, Field: fields.take(goName(name)), Required: v.Required, Doc: commentLines(v.Description)}
		if v.Explode != nil {
			f.Explode = *v.Explode
		}
		t := p.typeOf(schema, prefix+f.Field)
		t.nullable = false
		f.Type, _ = t.field(v.Required)
		h.Fields = append(h.Fields, f)
	}
}

func stringSchema() *openapi3.SchemaRef {
	return &openapi3.SchemaRef{Value: &openapi3.Schema{Type: &openapi3.Types{"string"}}}
}

// typeParams decides the fields of path, query, header and cookie parameters.
func (p *prep) typeParams(op *operation) {
	inRequest := newScope("Params", "Body", "ContentType")
	for _, b := range op.Bodies {
		inRequest[b.Field] = true
	}
	inParams := newScope()
	for _, declared := range op.model.Parameters {
		ref := findParameter(op, declared.Name, declared.In)
		if ref == nil || ref.Value == nil || ignoredHeader(ref.Value) {
			continue
		}
		v := ref.Value
		name := goName(v.Name)
		if asked, ok := v.Extensions["x-go-name"].(string); ok && validIdentifier(asked) {
			name = asked
		}
		schema, asJSON := parameterSchema(v)
		hint := op.Go + "Params" + name
		if key, ok := strings.CutPrefix(ref.Ref, "#/components/parameters/"); ok {
			hint = goName(key)
		}
		t := p.typeOf(schema, hint)
		t.nullable = t.nullable && asJSON
		required := v.Required || v.In == "path"
		f := fieldView{Doc: commentLines(v.Description)}
		f.Type, _ = t.field(required)
		if v.In == "path" {
			f.Name = inRequest.take(name)
			op.PathFields = append(op.PathFields, f)
			op.Params = append(op.Params, paramView{Literal: paramLiteral(v, asJSON), Field: f.Name})
			continue
		}
		f.Name = inParams.take(name)
		op.ParamFields = append(op.ParamFields, f)
		op.Params = append(op.Params, paramView{Literal: paramLiteral(v, asJSON), Field: "Params." + f.Name})
	}
}

// ignoredHeader reports the headers that OpenAPI does not let parameters
// describe (3.0.3, section 4.7.12.1).
func ignoredHeader(v *openapi3.Parameter) bool {
	if v.In != "header" {
		return false
	}
	switch strings.ToLower(v.Name) {
	case "accept", "content-type", "authorization":
		return true
	}
	return false
}

func findParameter(op *operation, name, in string) *openapi3.ParameterRef {
	for _, list := range []openapi3.Parameters{op.node.Parameters, op.item.Parameters} {
		for _, ref := range list {
			if ref != nil && ref.Value != nil && ref.Value.Name == name && ref.Value.In == in {
				return ref
			}
		}
	}
	return nil
}

// parameterSchema returns a parameter's schema and whether its text is JSON. Any
// other content is plain text to us.
func parameterSchema(v *openapi3.Parameter) (*openapi3.SchemaRef, bool) {
	if v.Schema != nil {
		return v.Schema, false
	}
	for _, media := range sortedKeys(v.Content) {
		if kindOfMedia(baseMedia(media)) == jsonBody {
			return v.Content[media].Schema, true
		}
	}
	return stringSchema(), false
}

var styleNames = map[string]string{
	"simple": "Simple", "label": "Label", "matrix": "Matrix", "form": "Form",
	"spaceDelimited": "SpaceDelimited", "pipeDelimited": "PipeDelimited", "deepObject": "DeepObject",
}

// paramLiteral writes a parameter as a wire.Param.
func paramLiteral(v *openapi3.Parameter, asJSON bool) string {
	style := v.Style
	if style == "" {
		style = "simple"
		if v.In == "query" || v.In == "cookie" {
			style = "form"
		}
	}
	explode := style == "form" || style == "deepObject"
	if v.Explode != nil {
		explode = *v.Explode || style == "deepObject"
	}
	name := styleNames[style]
	if asJSON {
		name, explode = "JSON", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{Name: %s, In: wire.In%s, Style: wire.%s", strconv.Quote(v.Name), goName(v.In), name)
	for _, flag := range []struct {
		set  bool
		name string
	}{{explode, "Explode"}, {v.Required || v.In == "path", "Required"}, {v.AllowEmptyValue, "AllowEmpty"}, {v.AllowReserved && v.In == "query", "AllowReserved"}} {
		if flag.set {
			fmt.Fprintf(&b, ", %s: true", flag.name)
		}
	}
	return b.String() + "}"
}
