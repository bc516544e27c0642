package goserver

import (
	"github.com/banyan-go/banyan/internal/openapi"
)

// typeOf returns the Go type of a schema where it is used. hint names the type
// if it must be declared.
func (p *prep) typeOf(ref *openapi.SchemaRef, hint string) goType {
	if ref == nil || ref.Value == nil {
		return goType{expr: "interface{}", kind: anyKind}
	}
	s := ref.Value
	if key, ok := p.componentOf(ref.Ref); ok {
		target := p.resolve(ref)
		return goType{expr: p.components[key], kind: p.kindOf(ref), nullable: target.nullable || p.nullable(ref)}
	}
	if t, ok := p.override(s); ok {
		return t
	}
	sh := p.shapeOf(s)
	if sh.ref != nil {
		t := p.typeOf(sh.ref, hint)
		t.nullable = t.nullable || sh.nullable
		return t
	}
	if name, ok := p.hoisted[s]; ok {
		return goType{expr: name, kind: p.kindOf(ref), nullable: sh.nullable}
	}
	if p.busy[s] {
		// A list or map that contains itself needs a name.
		return goType{expr: "interface{}", kind: anyKind}
	}
	if p.needsName(sh) {
		return goType{expr: p.hoist(s, hint), kind: p.kindOf(ref), nullable: sh.nullable}
	}
	if sh.lossy != "" {
		p.warnRaw(s, hint, sh)
	}
	p.busy[s] = true
	defer delete(p.busy, s)
	t := p.plainType(sh, hint)
	t.nullable = sh.nullable
	return t
}

// nullable reports whether a reference or any alias behind it allows null.
func (p *prep) nullable(r *openapi.SchemaRef) bool {
	for range mostAliases {
		if r == nil || r.Value == nil {
			return false
		}
		sh := p.shapeOf(r.Value)
		if sh.nullable || sh.ref == nil {
			return sh.nullable
		}
		r = sh.ref
	}
	return false
}

// plainType returns the type of a shape that needs no name.
func (p *prep) plainType(sh *shape, hint string) goType {
	switch {
	case sh.lossy != "":
		return goType{expr: "json.RawMessage", kind: listKind}
	case sh.typ == "array":
		return goType{expr: "[]" + p.itemType(sh.items, hint+"Item").item(), kind: listKind}
	case sh.typ == "object" && sh.rest != nil:
		return goType{expr: "map[string]" + p.typeOf(sh.rest, hint+"Value").item(), kind: mapKind}
	case sh.typ == "object":
		return goType{expr: "map[string]interface{}", kind: mapKind}
	case sh.typ == "string":
		expr := stringType(sh.format)
		if expr == "[]byte" {
			return goType{expr: expr, kind: listKind}
		}
		return goType{expr: expr}
	case sh.typ == "integer":
		return goType{expr: integerType(sh.format)}
	case sh.typ == "number":
		return goType{expr: numberType(sh.format)}
	case sh.typ == "boolean":
		return goType{expr: "bool"}
	}
	return goType{expr: "interface{}", kind: anyKind}
}

// stringType is string for every format whose values a server may want to pass
// on as they came: a uuid in upper case, an email that a pattern of ours would
// refuse. Only what Go computes with has a type.
func stringType(format string) string {
	switch format {
	case "byte":
		return "[]byte"
	case "date":
		return "openapi_types.Date"
	case "date-time":
		return "time.Time"
	}
	return "string"
}

// numberType is float64, or the text of the number where the contract asks for
// all digits.
func numberType(format string) string {
	if format == "decimal" {
		return "json.Number"
	}
	return "float64"
}

func integerType(format string) string {
	switch format {
	case "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64":
		return format
	}
	return "int"
}

// itemType is typeOf for the items of a list: one of uint8 would be a []byte in
// Go, which is base64 and no list in JSON, so that they are wider there.
func (p *prep) itemType(ref *openapi.SchemaRef, hint string) goType {
	t := p.typeOf(ref, hint)
	if sh := p.resolve(ref); !t.nullable && sh.typ == "integer" && sh.format == "uint8" && len(sh.variants) == 0 && ref.Value.Extensions["x-go-type"] == nil {
		t.expr = "uint16"
	}
	return t
}

// kindOf is the kind of the type that a reference leads to.
func (p *prep) kindOf(ref *openapi.SchemaRef) kind {
	for range mostAliases {
		if ref == nil || ref.Value == nil {
			return anyKind
		}
		if t, ok := p.override(ref.Value); ok {
			return t.kind
		}
		sh := p.shapeOf(ref.Value)
		if sh.ref == nil {
			return shapeKind(sh)
		}
		ref = sh.ref
	}
	return anyKind
}

func shapeKind(sh *shape) kind {
	switch {
	case sh.tuple != nil && sh.lossy == "":
		return structKind
	case sh.lossy != "" || sh.typ == "array":
		return listKind
	case len(sh.variants) > 0:
		return unionKind
	case sh.typ == "object" && len(sh.props) > 0:
		return structKind
	case sh.typ == "object":
		return mapKind
	case sh.typ == "":
		return anyKind
	case sh.typ == "string" && stringType(sh.format) == "[]byte":
		return listKind
	}
	return scalarKind
}
