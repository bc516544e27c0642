package goserver

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/media"
)

// contents returns a message's media types, one for each that a server has to
// tell apart, in order: parameters tell apart only what has different schemas.
func (p *prep) contents(content map[string]*openapi.MediaType) []mediaType {
	out, alike := toldApart(content)
	for _, pair := range alike {
		first, own := pair[0], pair[1]
		p.list.Add(ruleMedia, content[own].Pos, fmt.Sprintf("%q and %q are the same media type; the schema of %q is used for both", first, own, first), "keep one of them")
	}
	return out
}

// toldApart tells media types apart, and returns the pairs that cannot be.
func toldApart(content map[string]*openapi.MediaType) (out []mediaType, alike [][2]string) {
	var all []mediaType
	apart := map[string]bool{}
	for _, declared := range sortedKeys(content) {
		own := mediaType{Declared: declared, Type: media.Parse(declared)}
		if i := slices.IndexFunc(all, func(m mediaType) bool { return m.Name == own.Name }); i >= 0 && !sameSchema(content[all[i].Declared], content[declared]) {
			apart[own.Name] = true
		}
		all = append(all, own)
	}
	for _, own := range all {
		own.apart = apart[own.Name]
		i := slices.IndexFunc(out, func(m mediaType) bool { return m.Name == own.Name && (!own.apart || maps.Equal(m.Params, own.Params)) })
		if i < 0 {
			out = append(out, own)
		} else if own.apart && !sameSchema(content[out[i].Declared], content[own.Declared]) {
			alike = append(alike, [2]string{out[i].Declared, own.Declared})
		}
	}
	return out, alike
}

// mediaType is a declared media type.
type mediaType struct {
	Declared string
	media.Type
	apart bool // its parameters tell it from others of the message
}

// tag is the type's part of a Go name.
func (m mediaType) tag() string {
	out := mediaTag(m.Name)
	if m.apart {
		for _, name := range sortedKeys(m.Params) {
			out += goName(name + "_" + m.Params[name])
		}
	}
	return out
}

func sameSchema(a, b *openapi.MediaType) bool {
	if a == nil || b == nil || a.Schema == nil || b.Schema == nil {
		return a == b || a != nil && b != nil && a.Schema == b.Schema
	}
	left, right := a.Schema, b.Schema
	return left.Value == right.Value || left.Ref == "" && right.Ref == "" && equalSchemas(left.Value, right.Value)
}

func (p *prep) findBodies(op *operation) {
	if op.node.RequestBody == nil || op.node.RequestBody.Value == nil {
		return
	}
	body := op.node.RequestBody.Value
	op.BodyNeeded = body.Required
	types := p.contents(body.Content)
	fields := newScope("Params", "ContentType", "Accept")
	for _, m := range types {
		schema := body.Content[m.Declared].Schema
		b := &bodyView{Kind: p.requestKind(m.Name, schema), Media: m.Declared, Tag: m.tag(), Field: "Body", Chosen: strings.Contains(m.Name, "*")}
		if len(types) > 1 {
			b.Field = fields.take(b.Tag + "Body")
		}
		switch b.Kind {
		case jsonBody, textBody, formBody, partsBody:
			b.Alias = p.names.take(op.Go + b.Tag + "RequestBody")
		}
		op.Bodies = append(op.Bodies, b)
		op.bodies = append(op.bodies, schema)
	}
}

func (p *prep) findAnswers(op *operation) {
	used := map[*answerView]bool{}
	for _, status := range sortedKeys(op.node.Responses) {
		ref := op.node.Responses[status]
		if ref == nil || ref.Value == nil {
			continue
		}
		r := ref.Value
		component := componentIn(responsePrefix, ref.Ref)
		label := strings.ToUpper(status)
		code := label
		if status == "default" {
			label, code = "default", ""
		} else if strings.HasSuffix(label, "XX") {
			code = ""
		}
		if informational(label) {
			if label == switching {
				p.findSwitch(op, r)
			}
			continue
		}
		types := p.contents(r.Content)
		if len(types) == 0 {
			types = []mediaType{{}}
		}
		headers := p.findHeaders(op, r.Headers, component, label)
		for _, m := range types {
			a := &answerView{Status: label, Code: code, Media: m.Declared, Kind: noBody, Index: len(op.Answers), Headers: headers, Doc: commentLines(r.Description)}
			src := answerSource{headers: r.Headers, component: component}
			if m.Declared != "" {
				src.schema, src.tag = r.Content[m.Declared].Schema, m.tag()
				a.Kind = p.answerKind(m.Name, src.schema)
				a.Chosen = strings.Contains(m.Name, "*")
				a.Problem = m.Name == "application/problem+json" && !strings.HasPrefix(label, "2") && !strings.HasPrefix(label, "3")
			}
			a.Type = p.names.take(op.Go + label + src.tag + "Response")
			if component != "" {
				// Each type can stand for one answer of an operation.
				if shared := p.sharedAnswer(a, src); !used[shared] {
					used[shared], a.Shared = true, shared
				}
			}
			op.Answers = append(op.Answers, a)
			op.answers = append(op.answers, src)
		}
	}
}

// sharedAnswer returns the type that all operations have in common for an
// answer that is a component. Its name follows when those of operations are given.
func (p *prep) sharedAnswer(a *answerView, src answerSource) *answerView {
	key := answerKey{src.component, a.ranged(), a.Media}
	shared := p.sharedAnswers[key]
	if shared == nil {
		copied := *a
		shared = &copied
		if a.Headers != nil && a.Headers.Shared != nil {
			shared.Headers = a.Headers.Shared
		}
		p.sharedAnswers[key] = shared
	}
	return shared
}

// nameAnswers gives the types that operations have in common their names.
func (p *prep) nameAnswers() {
	keys := slices.SortedFunc(maps.Keys(p.sharedAnswers), func(a, b answerKey) int {
		return cmp.Or(cmp.Compare(a.component, b.component), strings.Compare(p.shared.answers[a], p.shared.answers[b]))
	})
	for _, key := range keys {
		p.sharedAnswers[key].Type = p.names.take(p.shared.answers[key])
	}
	for _, component := range sortedKeys(p.sharedHeaders) {
		p.sharedHeaders[component].Type = p.names.take(p.shared.responses[component] + "ResponseHeaders")
	}
}

// findHeaders returns the struct of an answer's headers, or nil.
func (p *prep) findHeaders(op *operation, declared map[string]*openapi.HeaderRef, component, label string) *headersView {
	if len(declared) == 0 {
		return nil
	}
	h := &headersView{Type: p.names.take(op.Go + label + "ResponseHeaders")}
	op.Headers = append(op.Headers, h)
	if component != "" {
		if h.Shared = p.sharedHeaders[component]; h.Shared == nil {
			h.Shared = &headersView{}
			p.sharedHeaders[component] = h.Shared
		}
	}
	return h
}

func (p *prep) typeBody(op *operation, b *bodyView, ref *openapi.SchemaRef) {
	declared := op.node.RequestBody.Value.Content[b.Media]
	switch b.Kind {
	case jsonBody, formBody:
		t := p.messageType(ref, b.Alias, op.node.RequestBody.Ref != "", p.hintFor(op.node.RequestBody.Ref, b.Media))
		b.Nullable = t.nullable || t.kind == anyKind
		if t.expr != b.Alias {
			b.Type = t.expr
		}
		if b.Kind == formBody && t.kind != structKind && t.kind != mapKind && t.kind != unionKind {
			b.Type = "map[string]interface{}"
		}
	case textBody:
		b.Type = "string"
	case partsBody:
		if op.node.RequestBody.Ref != "" {
			ref = copied(ref) // what is in the parts is called after them
		}
		p.declareParts(b.Alias, ref)
	case linesBody:
		if op.node.RequestBody.Ref != "" {
			ref = copied(ref)
		}
		b.Type = "wire.Lines[" + p.typeOf(p.streamed(ref), op.Go+b.Tag+"Line").item() + "]"
	}
	if b.Kind == formBody || b.Kind == partsBody {
		b.Encoding = encodings(declared, b.Kind)
	}
}

// messageType returns the type of a body. An inline schema that needs a name
// takes the one reserved for the message, or hint where operations share it.
func (p *prep) messageType(ref *openapi.SchemaRef, own string, shared bool, hint string) goType {
	if ref == nil || ref.Value == nil || shared {
		return p.typeOf(ref, hint)
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

func (p *prep) typeAnswer(a *answerView, src answerSource) {
	if a.Shared != nil && a.Shared != a {
		if a.Shared.Body == "" {
			p.typeAnswer(a.Shared, src)
		}
		a.Body, a.Plain = a.Shared.Body, a.Shared.Plain
		return
	}
	hint := a.Type + "Body"
	if src.component != "" {
		hint = p.hintFor(responsePrefix+src.component, a.Media)
	}
	switch a.Kind {
	case jsonBody, formBody:
		t := p.typeOf(src.schema, hint)
		a.Body = t.item()
		// A type that is defined from another one may carry methods only when
		// that is neither a pointer nor an interface.
		a.Plain = !t.nullable && t.kind != anyKind && (t.expr[0] == '[' || strings.HasPrefix(t.expr, "map[") || !strings.Contains(t.expr, "."))
	case textBody:
		a.Body, a.Plain = "string", true
	case rawParts:
		a.Body, a.Plain = "func(w *multipart.Writer) error", true
	case streamBody:
		a.Body = "io.Reader"
		if a.Headers == nil && !a.ranged() && !a.Chosen {
			a.Body, a.Plain = "wire.Stream", true
		}
	case eventsBody:
		a.Body = "wire.Events[" + p.typeOf(p.streamed(src.schema), hint).item() + "]"
	case linesBody:
		a.Body = "wire.Lines[" + p.typeOf(p.streamed(src.schema), hint).item() + "]"
	case switchBody:
		a.Body, a.Plain = "wire.Switch", true
	}
	if a.Headers != nil || a.ranged() || a.Chosen {
		a.Plain = false
	}
	if a.Headers != nil {
		p.typeHeaders(a.Headers, src)
	}
}

func (p *prep) typeHeaders(h *headersView, src answerSource) {
	if h.Shared != nil {
		h = h.Shared
	}
	if h.Fields != nil {
		return
	}
	fields := newScope()
	h.Fields = []headerView{}
	for _, name := range sortedKeys(src.headers) {
		ref := src.headers[name]
		if ref == nil || ref.Value == nil || strings.EqualFold(name, "Content-Type") {
			continue
		}
		v := ref.Value
		schema, asJSON := p.heldAs(asParameter(v))
		f := headerView{Name: name, Field: fields.take(p.words.goName(name)), Required: v.Required, JSON: asJSON, Doc: brief(v.Description)}
		if v.Explode != nil {
			f.Explode = *v.Explode
		}
		t := p.typeOf(schema, cmp.Or(p.hintFor(ref.Ref, ""), h.Type+f.Field))
		t.nullable = false
		f.Type, _ = t.field(v.Required)
		h.Fields = append(h.Fields, f)
	}
}

// asParameter is a header as the parameter that it would be.
func asParameter(v *openapi.Header) *openapi.Parameter {
	return &openapi.Parameter{In: "header", Explode: v.Explode, Schema: v.Schema, Content: v.Content}
}
