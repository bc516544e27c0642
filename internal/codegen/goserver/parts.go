package goserver

import (
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// declareParts declares the struct of a multipart form: a field for each part,
// in which files are *wire.File.
func (p *prep) declareParts(name string, ref *openapi.SchemaRef) {
	sh := p.resolve(ref)
	d := &decl{name: name, object: &structDecl{}}
	if ref.Ref == "" || ref.Value.Description != "" {
		d.doc, d.pos = ref.Value.Description, ref.Value.Pos
	}
	p.decls = append(p.decls, d)
	for _, f := range p.fieldNames(sh.props, newScope(), name) {
		prop := sh.props[f.json]
		f.ref, f.required = prop, slices.Contains(sh.required, f.json)
		f.typ = p.partType(prop, name+f.name)
		if prop != nil && prop.Value != nil {
			f.doc, f.deprecated, f.extensions = prop.Value.Description, prop.Value.Deprecated, propertyExtensions(prop)
		}
		if isFile(f.typ) {
			f.ref = nil // its values are not Go's to check
		}
		d.object.fields = append(d.object.fields, f)
	}
}

// partType is the type of a part.
func (p *prep) partType(ref *openapi.SchemaRef, hint string) goType {
	switch sh := p.resolve(ref); {
	case binary(sh):
		return goType{expr: "*wire.File", kind: listKind}
	case sh.typ == "array" && binary(p.resolve(sh.items)):
		return goType{expr: "[]*wire.File", kind: listKind}
	}
	return p.typeOf(ref, hint)
}

func isFile(t goType) bool { return t.expr == "*wire.File" || t.expr == "[]*wire.File" }

// binary reports whether a shape is bytes as they are.
func binary(sh *shape) bool { return sh.typ == "string" && sh.format == "binary" }
