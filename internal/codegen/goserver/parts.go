package goserver

import (
	"slices"
	"strings"

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
			said := limitsOf(prop.Value)
			f.readOnly, f.writeOnly = said.readOnly, said.writeOnly
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
	case p.isFilePart(ref) && sh.typ == "array":
		return goType{expr: "[]*wire.File", kind: listKind}
	case p.isFilePart(ref):
		return goType{expr: "*wire.File", kind: listKind}
	}
	return p.typeOf(ref, hint)
}

// isFilePart reports whether a part is a file, or several.
func (p *prep) isFilePart(ref *openapi.SchemaRef) bool {
	if sh := p.resolve(ref); sh.typ == "array" {
		ref = sh.items
	}
	if binary(p.resolve(ref)) {
		return true
	}
	s := p.target(ref)
	return s != nil && bytesIn31(s)
}

// bytesIn31 reports whether a schema is OpenAPI 3.1's way to say format: binary:
// a media type that is no text, and no encoding (section 4.8.14.3). Package schema
// has the same rule. No type at all will do there.
func bytesIn31(s *openapi.Schema) bool {
	media := baseMedia(s.ContentMediaType)
	text := strings.HasPrefix(media, "text/") || kindOfMedia(media) == jsonBody
	untyped := len(s.Types) == 0 && len(s.Properties) == 0 && len(s.Enum) == 0
	return media != "" && s.ContentEncoding == "" && !text && (untyped || slices.Equal(s.Types, []string{"string"}))
}

func isFile(t goType) bool { return t.expr == "*wire.File" || t.expr == "[]*wire.File" }

// binary reports whether a shape is bytes as they are.
func binary(sh *shape) bool { return sh.typ == "string" && sh.format == "binary" }
