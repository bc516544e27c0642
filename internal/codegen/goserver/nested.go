package goserver

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// nesting is what a style makes of lists and objects inside a list or object.
// Package schema reads parameters by the same rules.
type nesting uint8

const (
	notNested nesting = iota
	nestedInBrackets
	nestedInText  // no text for the whole: it is one text
	nestedInTexts // no text for the items of a list: each is one text
)

// nestedIn says what a parameter, or a header as one, is read as.
func (p *prep) nestedIn(v *openapi.Parameter) nesting {
	if v.Schema == nil {
		return notNested
	}
	outer := p.holds(v.Schema, maxVariants)
	if outer == 0 || outer&holdsOther != 0 {
		// Stripe's time ranges are a number or an object: flat either way.
		return notNested
	}
	inner := p.nests(v.Schema, maxVariants)
	switch style := styleOf(v); {
	case style == "deepObject" && (inner || outer == holdsList):
		return nestedInBrackets
	case style == "deepObject", !inner, v.In == "query" && style == "form" && explodes(v):
		return notNested // members and items of exploded forms have names of their own
	case outer == holdsList:
		return nestedInTexts
	}
	return nestedInText
}

// heldAs returns the schema that a parameter's Go type is made from, and whether
// its text is JSON.
func (p *prep) heldAs(v *openapi.Parameter) (*openapi.SchemaRef, bool) {
	switch p.nestedIn(v) {
	case nestedInText:
		return stringSchema(), false
	case nestedInTexts:
		return &openapi.SchemaRef{Value: &openapi.Schema{Types: []string{"array"}, Items: stringSchema()}}, false
	}
	return parameterSchema(v)
}

// held is what values of a schema can be.
type held uint8

const (
	holdsList held = 1 << iota
	holdsObject
	holdsOther
)

// maxVariants bounds how deep choices among choices are looked through.
const maxVariants = 16

func (p *prep) holds(ref *openapi.SchemaRef, depth int) (out held) {
	switch sh := p.resolve(ref); {
	case sh.typ == "array":
		return holdsList
	case sh.typ == "object":
		return holdsObject
	case sh.typ == "null":
		return 0
	case sh.typ != "" || sh.lossy != "" || len(sh.variants) == 0 || depth == 0:
		return holdsOther
	default:
		for _, variant := range sh.variants {
			out |= p.holds(variant, depth-1)
		}
	}
	return out
}

// nests reports whether something within values can only be a list or an object.
func (p *prep) nests(ref *openapi.SchemaRef, depth int) bool {
	sh := p.resolve(ref)
	deep := func(r *openapi.SchemaRef) bool {
		h := p.holds(r, maxVariants)
		return h != 0 && h&holdsOther == 0
	}
	if sh.items != nil && deep(sh.items) || sh.rest != nil && deep(sh.rest) || slices.ContainsFunc(sh.tuple, deep) {
		return true
	}
	for _, prop := range sh.props {
		if deep(prop) {
			return true
		}
	}
	return depth > 0 && slices.ContainsFunc(sh.variants, func(r *openapi.SchemaRef) bool { return p.nests(r, depth-1) })
}

func styleOf(v *openapi.Parameter) string {
	byPlace := "simple"
	if v.In == "query" || v.In == "cookie" {
		byPlace = "form"
	}
	return cmp.Or(v.Style, byPlace)
}

func explodes(v *openapi.Parameter) bool {
	if style := styleOf(v); v.Explode == nil || style == "deepObject" {
		return style == "form" || style == "deepObject"
	}
	return *v.Explode
}

// flatter says how a parameter, or a header, can be declared so that its values
// have a text.
func flatter(v *openapi.Parameter) string {
	const content = "write content: {application/json: {schema: ...}} in the place of schema and style, and clients send JSON"
	if v.In != "query" {
		return content
	}
	if v.Style == "deepObject" || v.Style == "form" || v.Style == "" {
		return "leave out explode: false, and nested values are written in brackets; or " + content
	}
	return "leave out style: " + v.Style + ", and nested values are written in brackets; or " + content
}

// reportBrackets reports each parameter that is read and written in brackets
// once, with its first place: whole documents have the same one everywhere.
func (p *prep) reportBrackets() {
	for _, what := range sortedKeys(p.bracketed) {
		all := p.bracketed[what]
		slices.SortFunc(all, comparePos)
		message := what + " holds lists or objects in the style deepObject, which OpenAPI leaves undefined: it is read and written with brackets, a[b][c]=1, a[b][]=1 or a[b][0]=1"
		if n := len(slices.Compact(all)) - 1; n > 0 {
			message += fmt.Sprintf(" (here and in %d more)", n)
		}
		p.list.Warn(ruleBrackets, all[0], message, "")
	}
}

func comparePos(a, b config.Pos) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}
