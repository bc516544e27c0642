package contract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// printer writes JSON with every name and every item on a line of its own.
type printer struct {
	out    bytes.Buffer
	indent int
}

// text is the bundle as JSON, with the header as the first member unless it is
// empty. Names are sorted.
func (b *bundle) text(header string) []byte {
	p := &printer{}
	p.document(b.whole(), header)
	return p.out.Bytes()
}

func (p *printer) document(root *value, header string) {
	p.open('{')
	first := true
	if header != "" {
		p.member(&first, "x-generated")
		p.str(header)
	}
	for i := range root.fields {
		if f := &root.fields[i]; f.name != "x-generated" {
			p.field(&first, f)
		}
	}
	p.close('}')
	p.out.WriteByte('\n')
}

// whole is the document with its components in their sections.
func (b *bundle) whole() *value {
	if b.complete != nil {
		return b.complete
	}
	root := *b.root
	root.fields = slices.Clone(b.root.fields)
	components := &value{kind: objectValue, object: componentsObject, pos: root.pos}
	if c := root.get("components"); c != nil {
		components.pos = c.pos
		for _, f := range c.fields {
			if strings.HasPrefix(f.name, "x-") {
				components.set(f.name, f.pos, f.value)
			}
		}
	}
	for section, targets := range b.components {
		v := &value{kind: mapValue, pos: components.pos}
		for _, t := range targets { // sorted by name
			v.fields = append(v.fields, valueField{t.name, t.value.pos, t.value})
		}
		components.set(section, components.pos, v)
	}
	if len(components.fields) > 0 {
		root.set("components", components.pos, components)
	} else {
		root.drop("components")
	}
	b.complete = &root
	return b.complete
}

func (p *printer) open(bracket byte) {
	p.out.WriteByte(bracket)
	p.indent++
}

func (p *printer) close(bracket byte) {
	p.indent--
	if c := p.out.Bytes()[p.out.Len()-1]; c != '{' && c != '[' {
		p.newline()
	}
	p.out.WriteByte(bracket)
}

func (p *printer) newline() {
	p.out.WriteByte('\n')
	for n := p.indent; n > 0; n -= len(spaces) {
		p.out.WriteString(spaces[:min(n, len(spaces))])
	}
}

const spaces = "                                                                "

func (p *printer) next(first *bool) {
	if !*first {
		p.out.WriteByte(',')
	}
	*first = false
	p.newline()
}

func (p *printer) member(first *bool, name string) {
	p.next(first)
	p.str(name)
	p.out.WriteString(": ")
}

func (p *printer) field(first *bool, f *valueField) {
	if f.value.left() {
		return
	}
	p.member(first, f.name)
	p.value(f.value)
}

// left reports whether a value is left out because it is broken and nothing
// harmless can stand in for it.
func (v *value) left() bool {
	return v.broken && (v.kind == rawValue || v.kind == objectValue && standIns[v.object] == "")
}

// standIns take the place of broken objects, so that what is around them can
// still be checked.
var standIns = map[*object]string{
	schemaObject:      `{}`,
	responseObject:    `{"description": ""}`,
	headerObject:      `{"schema": {}}`,
	requestBodyObject: `{"content": {"*/*": {}}}`,
	pathItemObject:    `{}`,
	securityScheme:    `{"type": "http", "scheme": "basic"}`,
}

func (p *printer) value(v *value) {
	first := true
	switch v.kind {
	case objectValue, mapValue:
		if v.broken && v.kind == objectValue {
			p.out.WriteString(standIns[v.object])
			return
		}
		if v.never {
			p.out.WriteString("false")
			return
		}
		p.open('{')
		for i := range v.fields {
			p.field(&first, &v.fields[i])
		}
		p.close('}')
	case listValue:
		p.open('[')
		for _, item := range v.items {
			if !item.left() {
				p.next(&first)
				p.value(item)
			}
		}
		p.close(']')
	case textValue:
		p.str(v.text)
	case rawValue:
		p.raw(v.raw)
	case refValue:
		p.open('{')
		p.member(&first, "$ref")
		p.str(v.ref.path())
		for i := range v.fields {
			p.field(&first, &v.fields[i])
		}
		p.close('}')
	case uriValue:
		p.str(v.ref.path())
	}
}

func (t *target) path() string { return "#/components/" + t.object.section + "/" + t.name }

func (p *printer) raw(n *node) {
	first := true
	switch n.kind {
	case mapNode:
		p.open('{')
		members := slices.Clone(n.members)
		slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
		for i := range members {
			m := &members[i]
			p.member(&first, m.name)
			p.raw(m.value)
		}
		p.close('}')
	case listNode:
		p.open('[')
		for _, item := range n.items {
			p.next(&first)
			p.raw(item)
		}
		p.close(']')
	case stringNode:
		p.str(n.text)
	case nullNode:
		p.out.WriteString("null")
	default:
		p.out.WriteString(n.text)
	}
}

// str writes a JSON string that is a YAML string as well: what YAML does not
// print is escaped.
func (p *printer) str(s string) { p.out.Write(appendString(p.out.AvailableBuffer(), s)) }

func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	plain := 0 // start of what needs no escape
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		escape := ""
		switch {
		case c == '"':
			escape = `\"`
		case c == '\\':
			escape = `\\`
		case c == '\n':
			escape = `\n`
		case c == '\t':
			escape = `\t`
		case c < ' ' || c >= 0x7f && c <= 0x9f || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff:
			escape = fmt.Sprintf(`\u%04x`, c)
		}
		if escape != "" {
			out = append(append(out, s[plain:i]...), escape...)
			plain = i + size
		}
		i += size
	}
	return append(append(out, s[plain:]...), '"')
}

// appendJSON writes a value of a source file as JSON without spaces.
func (n *node) appendJSON(out []byte) []byte {
	switch n.kind {
	case mapNode:
		out = append(out, '{')
		for i := range n.members {
			if i > 0 {
				out = append(out, ',')
			}
			out = n.members[i].value.appendJSON(append(appendString(out, n.members[i].name), ':'))
		}
		return append(out, '}')
	case listNode:
		out = append(out, '[')
		for i, item := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.appendJSON(out)
		}
		return append(out, ']')
	case stringNode:
		return appendString(out, n.text)
	case nullNode:
		return append(out, "null"...)
	}
	return append(out, n.text...)
}
