package goserver

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"

	"github.com/banyan-go/banyan/config"
)

// findGaps reports what an operation declares and generated code does not do,
// so that nothing of a contract is lost without a word.
func (p *prep) findGaps(op *operation) {
	warn := func(pos config.Pos, format string, args ...any) {
		if pos.Line == 0 {
			pos = op.model.Pos
		}
		p.list.Warn(ruleGap, pos, op.ID+": "+fmt.Sprintf(format, args...), "")
	}
	for _, name := range sortedKeys(op.node.Callbacks) {
		warn(config.Pos{}, "the callback %s is not generated", name)
	}
	for _, declared := range op.model.Parameters {
		ref := findParameter(op, declared.Name, declared.In)
		if ref == nil || ref.Value == nil || ignoredHeader(ref.Value) {
			continue
		}
		if schema, asJSON := parameterSchema(ref.Value); !asJSON && p.nests(ref.Value, schema) {
			warn(declared.Pos, "the %s parameter %s holds lists or objects inside a list or object, which its style cannot write; declare it as application/json content", declared.In, declared.Name)
		}
	}
	if op.node.RequestBody != nil && op.node.RequestBody.Value != nil {
		content := op.node.RequestBody.Value.Content
		for _, media := range sortedKeys(content) {
			if kindOfMedia(baseMedia(media)) != formBody {
				continue
			}
			for _, name := range sortedKeys(content[media].Encoding) {
				if e := content[media].Encoding[name]; e != nil && !defaultEncoding(e) {
					warn(op.model.Body.Pos, "the encoding of %s in the form is not honoured: lists are repeated names, objects have brackets", name)
				}
			}
		}
	}
}

// nests reports whether a parameter's values have more levels than its style.
func (p *prep) nests(v *openapi.Parameter, schema *openapi.SchemaRef) bool {
	sh := p.resolve(schema)
	deep := func(r *openapi.SchemaRef) bool {
		inner := p.resolve(r)
		return inner.typ == "array" || inner.typ == "object"
	}
	switch {
	case sh.typ == "array":
		return deep(sh.items)
	case sh.typ != "object" || v.Style == "deepObject":
		return false
	case v.In == "query" && (v.Explode == nil || *v.Explode):
		return false // members are written in brackets
	}
	for _, prop := range sh.props {
		if deep(prop) {
			return true
		}
	}
	return sh.rest != nil && deep(sh.rest)
}

// defaultEncoding reports whether an encoding says what happens anyway.
func defaultEncoding(e *openapi.Encoding) bool {
	plain := e.ContentType == "" || strings.HasPrefix(e.ContentType, "text/plain")
	style := e.Style == "" || e.Style == "form" || e.Style == "deepObject"
	return plain && style && (e.Explode == nil || *e.Explode)
}
