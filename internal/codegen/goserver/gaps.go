package goserver

import (
	"fmt"
	"slices"

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
	for _, declared := range op.model.Parameters {
		ref := findParameter(op, declared.Name, declared.In)
		if ref == nil || ref.Value == nil || ignoredHeader(ref.Value) {
			continue
		}
		if schema, asJSON := parameterSchema(ref.Value); !asJSON && p.nests(ref.Value, schema) {
			warn(declared.Pos, "the %s parameter %s holds lists or objects inside a list or object, which its style cannot write; declare it as application/json content", declared.In, declared.Name)
		}
	}
	raw := map[string]bool{}
	for _, b := range op.Bodies {
		raw[baseMedia(b.Media)] = true
	}
	for _, a := range op.Answers {
		raw[baseMedia(a.Media)] = true
	}
	for _, media := range sortedKeys(raw) {
		if isXML(media) {
			warn(config.Pos{}, "%s is not decoded: such a body is an io.Reader in Go", media)
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
	case sh.tuple != nil && slices.ContainsFunc(sh.tuple, deep):
		return true
	case sh.typ == "array":
		// In a query the items of exploded lists are written in brackets.
		return deep(sh.items) && (v.In != "query" || v.Explode != nil && !*v.Explode || v.Style != "" && v.Style != "form")
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
