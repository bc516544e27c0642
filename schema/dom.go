package schema

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// element is a value of a contract or, where two values are compared, of a
// body. Bodies are otherwise never turned into a tree.
type element struct {
	kind    kinds
	raw     []byte
	text    string     // of a string
	names   []string   // of an object's members
	members []*element // of an object or an array
	index   map[string]int
}

// maxDocumentDepth bounds the nesting of contracts.
const maxDocumentDepth = 1000

// parseElement reads one JSON text, nested no deeper than depth. Duplicate
// names are refused.
func parseElement(data []byte, depth int) (*element, error) {
	p := &elementParser{data: data, depth: depth}
	p.pos = scan.Space(data, 0)
	e, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.pos = scan.Space(data, p.pos); p.pos < len(data) {
		return nil, p.errorf(p.pos, "there is data after the JSON value")
	}
	return e, nil
}

type elementParser struct {
	data  []byte
	pos   int
	depth int
}

func (p *elementParser) errorf(at int, format string, args ...any) error {
	line, column := position(p.data, at)
	return fmt.Errorf("not JSON: line %d, column %d: %s", line, column, fmt.Sprintf(format, args...))
}

// position returns the line and the column, in bytes, of an offset.
func position(data []byte, at int) (line, column int) {
	before := data[:min(at, len(data))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

func (p *elementParser) value(depth int) (*element, error) {
	if depth > p.depth {
		return nil, p.errorf(p.pos, "nested too deeply")
	}
	if p.pos >= len(p.data) {
		return nil, p.errorf(p.pos, "a value is expected")
	}
	start := p.pos
	e := new(element)
	var err error
	switch c := p.data[start]; {
	case c == '{' || c == '[':
		err = p.container(e, depth)
	case c == '"':
		e.kind = kindString
		e.text, err = p.str()
	case c == '-' || c-'0' < 10:
		n, fault := scan.Number(p.data, start)
		if fault != scan.OK {
			return nil, p.errorf(n.End, "%s", fault)
		}
		e.kind, p.pos = kindInteger|kindFraction, n.End
	default:
		word, kind := literalAt(p.data, start)
		if word == 0 {
			return nil, p.errorf(start, "a value is expected")
		}
		e.kind, p.pos = kind, start+word
	}
	e.raw = p.data[start:p.pos]
	return e, err
}

// literalAt returns the length and the kind of true, false or null; 0 for none.
func literalAt(b []byte, i int) (int, kinds) {
	b = b[i:]
	switch {
	case len(b) >= 4 && string(b[:4]) == "true":
		return 4, kindBoolean
	case len(b) >= 5 && string(b[:5]) == "false":
		return 5, kindBoolean
	case len(b) >= 4 && string(b[:4]) == "null":
		return 4, kindNull
	}
	return 0, 0
}

func (p *elementParser) str() (string, error) {
	from := p.pos + 1
	end, shape, fault := scan.String(p.data, from)
	if fault != scan.OK {
		return "", p.errorf(end, "%s", fault)
	}
	p.pos = end + 1
	if shape&scan.Escaped != 0 {
		return string(scan.Unescape(nil, p.data[from:end])), nil
	}
	return string(p.data[from:end]), nil
}

func (p *elementParser) container(e *element, depth int) error {
	object := p.data[p.pos] == '{'
	e.kind = kindArray
	closing := byte(']')
	if object {
		e.kind, closing = kindObject, '}'
	}
	p.pos = scan.Space(p.data, p.pos+1)
	if p.pos < len(p.data) && p.data[p.pos] == closing {
		p.pos++
		return nil
	}
	for {
		if object {
			if err := p.name(e); err != nil {
				return err
			}
		}
		child, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		e.members = append(e.members, child)
		p.pos = scan.Space(p.data, p.pos)
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == closing:
			p.pos++
			return e.indexNames(p)
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos = scan.Space(p.data, p.pos+1)
		default:
			return p.errorf(p.pos, "%q or a comma is expected", string(closing))
		}
	}
}

func (p *elementParser) name(e *element) error {
	if p.pos >= len(p.data) || p.data[p.pos] != '"' {
		return p.errorf(p.pos, "a name in quotes is expected")
	}
	name, err := p.str()
	if err != nil {
		return err
	}
	e.names = append(e.names, name)
	p.pos = scan.Space(p.data, p.pos)
	if p.pos >= len(p.data) || p.data[p.pos] != ':' {
		return p.errorf(p.pos, "a colon is expected")
	}
	p.pos = scan.Space(p.data, p.pos+1)
	return nil
}

func (e *element) indexNames(p *elementParser) error {
	if e.names == nil {
		return nil
	}
	e.index = make(map[string]int, len(e.names))
	for i, name := range e.names {
		if _, twice := e.index[name]; twice {
			return p.errorf(p.pos, "the name %q occurs twice in an object", name)
		}
		e.index[name] = i
	}
	return nil
}

// get returns the member of that name; nil when there is none.
func (e *element) get(name string) *element {
	if i, ok := e.index[name]; ok {
		return e.members[i]
	}
	return nil
}

func (e *element) is(kind kinds) bool { return e != nil && e.kind&kind != 0 }

// isTrue reports whether e is the literal true.
func (e *element) isTrue() bool { return e != nil && string(e.raw) == "true" }

// equal compares as JSON Schema does: numbers by value, objects without order.
func (e *element) equal(o *element) bool {
	if e.kind != o.kind || len(e.members) != len(o.members) {
		return false
	}
	switch {
	case e.kind == kindString:
		return e.text == o.text
	case e.kind == kindArray:
		return slices.EqualFunc(e.members, o.members, (*element).equal)
	case e.kind == kindObject:
		for i, name := range e.names {
			if other := o.get(name); other == nil || !e.members[i].equal(other) {
				return false
			}
		}
		return true
	case e.kind&kindInteger != 0:
		a, _ := decimal.Parse(e.raw, nil)
		b, _ := decimal.Parse(o.raw, nil)
		return decimal.Compare(a, b) == 0
	}
	return string(e.raw) == string(o.raw)
}
