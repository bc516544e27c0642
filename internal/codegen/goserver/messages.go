package goserver

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// contents returns a message's media types, one for each that a server can tell
// apart, in order.
func (p *prep) contents(content map[string]*openapi.MediaType, op *operation) []string {
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
	statuses := sortedKeys(op.node.Responses)
	for _, status := range statuses {
		ref := op.node.Responses[status]
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
			var schema *openapi.SchemaRef
			tag := ""
			if declared != "" {
				base := baseMedia(declared)
				a.Kind, tag = kindOfMedia(base), mediaTag(base)
				a.Chosen = strings.Contains(base, "*")
				a.Problem = base == "application/problem+json" && !strings.HasPrefix(canonical, "2") && !strings.HasPrefix(canonical, "3")
				schema = r.Content[declared].Schema
			}
			a.Type = p.names.take(op.Go + label + tag + "Response")
			a.Doc = commentLines(r.Description)
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

func (p *prep) typeBody(op *operation, b *bodyView, ref *openapi.SchemaRef) {
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
func sharedBody(ref *openapi.RequestBodyRef, b *bodyView) string {
	if key, ok := strings.CutPrefix(ref.Ref, "#/components/requestBodies/"); ok {
		return goName(key) + mediaTag(baseMedia(b.Media)) + "Body"
	}
	return ""
}

// messageType returns the type of a body. An inline schema that needs a name
// takes the one reserved for the message, unless it is shared.
func (p *prep) messageType(ref *openapi.SchemaRef, own, shared string) goType {
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
