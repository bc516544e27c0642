package goserver

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// findGaps reports what an operation declares and generated code does not do,
// so that nothing of a contract is lost without a word.
func (p *prep) findGaps(op *operation) {
	for _, declared := range op.model.Parameters {
		if ref := findParameter(op, declared.Name, declared.In); ref != nil && ref.Value != nil && !ignoredHeader(ref.Value) {
			p.parameterGaps("the "+declared.In+" parameter "+declared.Name, ref.Value, cmp.Or(declared.Pos, op.model.Pos))
		}
	}
	for i, b := range op.Bodies {
		media := op.node.RequestBody.Value.Content[b.Media]
		p.bodyGaps(b.Kind, b.Media, op.bodies[i], media.Pos)
		p.encodingGaps(b.Kind, media, op.bodies[i])
	}
	for status, ref := range op.node.Responses {
		if ref != nil && ref.Value != nil && informational(status) {
			p.earlyGaps(op, status, ref.Value)
		}
	}
	for i, a := range op.Answers {
		src := op.answers[i]
		ref := op.node.Responses[statusOf(op, a.Status)]
		if a.Media != "" && ref != nil {
			p.bodyGaps(a.Kind, a.Media, src.schema, ref.Value.Content[a.Media].Pos)
		}
		for _, name := range sortedKeys(src.headers) {
			if h := src.headers[name]; h != nil && h.Value != nil && !strings.EqualFold(name, "Content-Type") {
				v := h.Value
				p.parameterGaps("the header "+name, asParameter(v), v.Pos)
			}
		}
	}
}

// statusOf is the status of an answer as the contract writes it.
func statusOf(op *operation, label string) string {
	for status := range op.node.Responses {
		if strings.EqualFold(status, label) {
			return status
		}
	}
	return label
}

// parameterGaps reports what a parameter, or a header as one, cannot hold.
func (p *prep) parameterGaps(what string, v *openapi.Parameter, pos config.Pos) {
	_, asJSON := parameterSchema(v)
	switch p.nestedIn(v) {
	case nestedInText:
		p.list.Warn(ruleNested, pos, what+" holds lists or objects inside an object, which its style cannot write: it is text in Go, not held against its schema", flatter(v))
	case nestedInTexts:
		p.list.Warn(ruleNested, pos, what+" holds lists or objects inside a list, which its style cannot write: its items are text in Go, not held against their schema", flatter(v))
	case nestedInBrackets:
		p.bracketed[what] = append(p.bracketed[what], pos)
	}
	if v.Schema != nil || asJSON {
		return
	}
	for _, media := range sortedKeys(v.Content) {
		if c := v.Content[media]; !p.isText(c.Schema) {
			p.list.Add(ruleContent, c.Pos, fmt.Sprintf("%s is %s, which is not read: it is text in Go", what, media), "")
		}
	}
}

// isText reports whether a schema says no more than that values are text.
func (p *prep) isText(schema *openapi.SchemaRef) bool {
	sh := p.resolve(schema)
	return len(sh.variants) == 0 && sh.lossy == "" && (sh.typ == "" || sh.typ == "string")
}

// bodyGaps reports bodies that handlers read and write themselves although the
// contract says what is in them, and forms that are none.
func (p *prep) bodyGaps(kind bodyKind, media string, schema *openapi.SchemaRef, pos config.Pos) {
	switch sh := p.resolve(schema); {
	case kindOfMedia(baseMedia(media)) == formBody && !isForm(sh):
		p.list.Warn(ruleForm, pos, "a form is an object, and this one is "+article(sh.typ)+": it is an io.Reader in Go, not held against its schema", "")
	case (kind == streamBody || kind == rawParts) && p.structured(schema):
		p.rawBodies[media] = append(p.rawBodies[media], rawBody{pos, kind})
	}
}

// rawBody is a body that handlers read and write themselves.
type rawBody struct {
	pos  config.Pos
	kind bodyKind
}

// reportRaw reports each media type that is not decoded once, with its first
// place: documents that have one have it everywhere.
func (p *prep) reportRaw() {
	for _, media := range sortedKeys(p.rawBodies) {
		all := p.rawBodies[media]
		slices.SortFunc(all, func(a, b rawBody) int { return comparePos(a.pos, b.pos) })
		all = slices.Compact(all)
		message := media + " is not decoded: such a body is " + rawType(all[0].kind) + " in Go"
		switch n := len(all) - 1; n {
		case 0:
		case 1:
			message += " (here and once more)"
		default:
			message += fmt.Sprintf(" (here and %d times more)", n)
		}
		p.list.Warn(ruleRaw, all[0].pos, message, "")
	}
}

func rawType(kind bodyKind) string {
	if kind == rawParts {
		return "its parts"
	}
	return "an io.Reader"
}

// structured reports whether a schema says more of a value than that it is text,
// or bytes.
func (p *prep) structured(schema *openapi.SchemaRef) bool {
	sh := p.resolve(schema)
	switch {
	case len(sh.variants) > 0 || sh.lossy != "" || len(sh.enum) > 0:
		return true
	case sh.typ == "object":
		return len(sh.props) > 0 || sh.rest != nil
	case sh.typ == "string":
		s := p.target(schema)
		return s != nil && (s.Pattern != "" || s.MinLength != nil || s.MaxLength != nil)
	}
	return sh.typ != ""
}

// target is the schema that a reference ends at.
func (p *prep) target(ref *openapi.SchemaRef) *openapi.Schema {
	for range mostAliases {
		if ref == nil || ref.Value == nil {
			return nil
		}
		next := p.shapeOf(ref.Value).ref
		if next == nil {
			return ref.Value
		}
		ref = next
	}
	return nil
}

// encodingGaps reports what the encoding of a form says and nobody does.
func (p *prep) encodingGaps(kind bodyKind, media *openapi.MediaType, schema *openapi.SchemaRef) {
	if kind != formBody && kind != partsBody && kind != rawParts {
		return // OpenAPI has encodings for forms only
	}
	sh := p.resolve(schema)
	for _, name := range sortedKeys(media.Encoding) {
		e := media.Encoding[name]
		say := func(hint, format string, args ...any) {
			p.list.Add(ruleEncoding, e.Pos, fmt.Sprintf("the encoding of %s: ", name)+fmt.Sprintf(format, args...), hint)
		}
		prop := sh.props[name]
		if prop == nil && sh.typ == "object" && sh.rest == nil && !sh.anyRest && len(sh.variants) == 0 {
			say("", "there is no such property")
			continue
		}
		if kind == formBody {
			if e.ContentType != "" && kindOfMedia(baseMedia(e.ContentType)) != jsonBody && !(baseMedia(e.ContentType) == "text/plain" && p.flat(prop)) {
				say("write application/json, or leave it out", "its value is not written as %s", e.ContentType)
			}
			continue
		}
		headers := slices.DeleteFunc(sortedKeys(e.Headers), func(h string) bool { return strings.EqualFold(h, "Content-Type") })
		switch {
		case len(headers) == 0:
		case p.isFilePart(prop) || kind == rawParts:
			p.list.Warn(ruleRaw, e.Pos, fmt.Sprintf("the encoding of %s: headers of parts are text in Go", name), "read them from the Header of the part's wire.File")
		default:
			say("make the part a file, or the header a part of its own", "the header %s of a part that is no file does not reach handlers", headers[0])
		}
		// OpenAPI 3.0 says itself that these are to be ignored here.
		if later := !strings.HasPrefix(p.doc.Version, "3.0"); later && (e.Style != "" || e.Explode != nil || e.AllowReserved) {
			say("leave it out: lists are parts of one name, objects are JSON", "style, explode and allowReserved are for urlencoded forms")
		}
	}
}

// flat reports whether values are no objects and hold none.
func (p *prep) flat(ref *openapi.SchemaRef) bool {
	sh := p.resolve(ref)
	if sh.typ == "array" {
		sh = p.resolve(sh.items)
	}
	return sh.typ != "object" && sh.typ != "array" && len(sh.variants) == 0
}

// exchangeGaps reports what is not done about webhooks and callbacks.
func (p *prep) exchangeGaps(exchanges []*operation) {
	if !p.observed {
		return
	}
	for _, op := range exchanges {
		if len(op.Bodies) > 0 || len(op.Params) > 0 {
			p.list.Warn(ruleUnwatched, op.model.Pos, "requests to Go are observed, but nobody observes what receivers of webhooks and callbacks get: it is not held against its schemas",
				"check it with requests: {go: enforce}")
			return
		}
	}
}
