package goserver

import (
	"iter"
	"strings"
	"unicode"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// goType is what a schema is in Go, at one place of use.
type goType struct {
	// expr is the type without a pointer.
	expr string
	kind kind
	// nullable says that null is a value of the schema.
	nullable bool
	// merged says that absent and null are one, though the contract tells them
	// apart: where no style has a null, and where rules look at the value.
	merged bool
}

type kind uint8

const (
	scalarKind kind = iota
	structKind
	listKind // []byte too
	mapKind
	anyKind
	unionKind
)

// container reports whether nil already says "absent".
func (t goType) container() bool { return t.kind == listKind || t.kind == mapKind || t.kind == anyKind }

// field returns the type of a struct field and the options of its json tag. A
// pointer is nil for null in a required field, and for absent in another one;
// what may be both is a wire.Nullable.
func (t goType) field(required bool) (expr string, omit string) {
	switch {
	case t.nullable && !required && !t.merged:
		return "wire.Nullable[" + t.expr + "]", "omitzero"
	case t.kind == anyKind:
		expr = t.expr
	case t.nullable || !required && !t.container():
		expr = "*" + t.expr
	default:
		expr = t.expr
	}
	switch {
	case required:
		return expr, ""
	case t.container() && !t.nullable && t.kind != anyKind:
		return expr, "omitzero" // an empty list is something else than none
	}
	return expr, "omitempty"
}

// item returns the type of a list's item or a map's value.
func (t goType) item() string {
	if t.nullable && t.kind != anyKind {
		return "*" + t.expr
	}
	return t.expr
}

// decl is one type declaration of types.gen.go.
type decl struct {
	name string
	// source is the name in the contract, or empty for what had none.
	source string
	doc    string
	pos    config.Pos
	// exactly one of these shapes:
	alias  *goType     // type X = expr
	elem   *goType     // type X []elem
	value  *goType     // type X map[string]value
	enum   *enumDecl   // type X base, with constants
	object *structDecl // struct, or a union of types
	// extensions of the schema that oapi-codegen reads
	extensions map[string]any
	deprecated bool
}

type structDecl struct {
	fields []fieldDecl
	// rest is the type of additional properties, or nil; restRef is its schema
	// where it has one, restTag what its validate tag says.
	rest    *goType
	restRef *openapi.SchemaRef
	restTag string
	// tuple says that the fields are the items of a list, and rest those after.
	tuple *tupleDecl
	// unnamed says that rest also holds declared properties, which no struct
	// tag can name.
	unnamed bool
	// validates are the schemas that may have an x-validate about properties;
	// ruled says that a field has a rule.
	validates []schemaKey
	ruled     bool
	// variants are declared types, one of which the value is.
	variants      []string
	discriminator string
	// marks are the directions of which its variants have members.
	marks []string
	// mapping goes from discriminator values to variants.
	mapping map[string]string
}

type fieldDecl struct {
	ref        *openapi.SchemaRef
	name       string // Go
	json       string
	doc        string
	typ        goType
	required   bool
	pointer    bool // to break a cycle of values
	deprecated bool
	readOnly   bool
	writeOnly  bool
	only       string // of a boolean: the one that it can be
	extensions map[string]any
}

// fields are those of a struct.
func (d *decl) fields() []fieldDecl {
	if d.object == nil {
		return nil
	}
	return d.object.fields
}

// types are those that values of the type are made of, but for the variants of a
// union, which it has as text.
func (d *decl) types() (out []goType) {
	parts := []*goType{d.alias, d.elem, d.value}
	if d.object != nil {
		parts = append(parts, d.object.rest)
	}
	for _, t := range parts {
		if t != nil {
			out = append(out, *t)
		}
	}
	for _, f := range d.fields() {
		out = append(out, f.typ)
	}
	return out
}

// typeNames are the words of a type, among them the names of those of this package
// that it is made of; those of others have a point in them.
func typeNames(expr string) iter.Seq[string] {
	return strings.FieldsFuncSeq(expr, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

type enumDecl struct {
	base   string // string, int, int32, float64 ...
	values []enumValue
}

type enumValue struct {
	// label is what the constant is named after, name the constant, literal its
	// value in Go.
	label, name, literal string
}

// schemaKey identifies a schema of the private copy.
type schemaKey = *openapi.Schema
