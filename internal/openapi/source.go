package openapi

import "github.com/banyan-go/banyan/config"

// Source tells where the parts of an object stand in the files.
type Source interface {
	// At is the place of a part: names of fields, and items by number. It is the
	// place of the last part that is there; false when none is.
	At(path ...string) (config.Pos, bool)
}

// At is the place of a keyword of a schema, such as "enum" and "2" for its third
// value, or the schema's own where that is not known.
func (s *Schema) At(path ...string) config.Pos { return at(s.Source, s.Pos, path) }

// At is the place of a field of a reference: "$ref".
func (r *SchemaRef) At(path ...string) config.Pos { return at(r.Source, r.Pos, path) }

// At is the place of a field of the document, such as "info" and "version".
func (d *Document) At(path ...string) config.Pos { return at(d.Source, d.Pos, path) }

// At is the place of a field of a parameter.
func (p *Parameter) At(path ...string) config.Pos { return at(p.Source, p.Pos, path) }

// At is the place of a field of an operation.
func (o *Operation) At(path ...string) config.Pos { return at(o.Source, o.Pos, path) }

// At is the place of a field of a request body.
func (b *RequestBody) At(path ...string) config.Pos { return at(b.Source, b.Pos, path) }

// At is the place of a field of an answer.
func (r *Response) At(path ...string) config.Pos { return at(r.Source, r.Pos, path) }

// At is the place of a field of a header.
func (h *Header) At(path ...string) config.Pos { return at(h.Source, h.Pos, path) }

// At is the place of a field of an encoding.
func (e *Encoding) At(path ...string) config.Pos { return at(e.Source, e.Pos, path) }

// At is the place of a field of a security scheme, such as "flows", "implicit"
// and "tokenUrl".
func (s *SecurityScheme) At(path ...string) config.Pos { return at(s.Source, s.Pos, path) }

func at(s Source, own config.Pos, path []string) config.Pos {
	if s != nil {
		if pos, ok := s.At(path...); ok {
			return pos
		}
	}
	return own
}
