package schema

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// Most parameters are one string, number or boolean. To write them as JSON, to
// check that and to have it decoded again costs several times what the check
// of their texts does. So Decode tries the texts first: it only ever accepts,
// with the rules that the engine has. Whatever it does not accept at once, or
// has no sure opinion of, goes the long way, which also finds the words for
// what is wrong.

// Kind is what the text of a parameter means in JSON.
type Kind = byte

// The kinds, as the JSON values begin.
const (
	Unknown Kind = 0   // the parameter is in the Document, if the request has it
	Absent  Kind = 'n' // the request does not have it, and the contract no default
	String  Kind = '"' // the text is the string itself, without quotes
	Number  Kind = '0' // the text is a JSON number
	Boolean Kind = 't' // the text is true or false
)

// Values are the parameters of a request, decoded and checked. They may be
// used again for the next request, with the memory they have.
type Values struct {
	// Document is a JSON object of the places that have parameters, as Read
	// writes it, of all parameters that Scalar does not know. It is empty when
	// there are none.
	Document []byte

	of    *Parameters
	texts []text // by index in of.list
}

// text is a parameter that is checked without JSON.
type text struct {
	text string
	kind Kind
}

// Scalar returns the text of a parameter of the path, the query, header or
// cookie, and what it means.
func (v *Values) Scalar(place, name string) (string, Kind) {
	for i := range v.texts {
		if p := v.of.list[i]; p.name == name && placeNames[p.in] == place {
			return v.texts[i].text, v.texts[i].kind
		}
	}
	return "", Unknown
}

// Reset forgets everything but the memory.
func (v *Values) Reset() {
	clear(v.texts)
	v.of, v.texts, v.Document = nil, v.texts[:0], v.Document[:0]
}

// Decode decodes the parameters of a request and checks them, as Read does.
// The values mean nothing when there are violations, and hold strings of the
// request otherwise.
func (p *Parameters) Decode(v *Values, r *http.Request) Violations {
	v.Reset()
	d := newDecoder(p.doc, v.Document)
	d.collectAll(p, r)
	root := p.rest
	if len(d.style) > 0 || !v.scalars(p, d) {
		v.Reset()
		root = p.root
	}
	var found Violations
	if root != nil {
		d.document(p, root == p.rest)
		v.Document, found = d.check(root, Request)
	}
	d.release()
	return found
}

// scalars takes the texts of all parameters that are plain, or reports that not
// all of them are sure to be right.
func (v *Values) scalars(p *Parameters, d *decoder) bool {
	if !p.plain {
		return false
	}
	v.of = p
	for i, one := range p.list {
		t := text{kind: Unknown}
		if s := one.scalar; s != nil {
			switch at := d.first[i]; {
			case at == 0 && s.required:
				return false
			case at == 0:
				t = s.absent
			default:
				var ok bool
				if t.text, ok = d.plain(one, &d.values[at-1]); !ok {
					return false
				}
				t.kind = s.kind
			}
		}
		v.texts = append(v.texts, t)
	}
	return true
}

// plain returns the text of a parameter if it is sure to be right.
func (d *decoder) plain(p *parameter, v *value) (string, bool) {
	if v.next != 0 || p.allowEmpty && v.text == "" {
		return "", false
	}
	raw := v.text
	if p.in == inHeader {
		raw = strings.Trim(raw, " \t")
		d.text = append(d.text[:0], raw...)
	} else {
		d.text = unescape(d.text[:0], raw, p.in == inQuery)
	}
	if !validText(d.text) || !p.scalar.accepts(p.node, d) {
		return "", false
	}
	if string(d.text) == raw {
		return raw, true
	}
	return string(d.text), true
}

// scalar is what is known at start of a parameter that is one plain value.
type scalar struct {
	kind     Kind
	required bool
	absent   text // what it is when the request does not have it
}

// scalarOf returns how a parameter is checked by its text, or nil for one that
// has to be written as JSON: one that may be several things, or whose schema
// looks at a value more than once.
func (p *parameter) scalarOf(section *objectRules, i int) *scalar {
	property := &section.properties[i]
	n := property.node
	if p.json || p.style != styleForm && p.style != styleSimple || n.memo || property.forbid[Request] != nil {
		return nil
	}
	s := &scalar{required: property.required != nil, absent: text{kind: Absent}}
	switch k := n.accepts &^ kindNull; {
	case k == kindString:
		s.kind = String
	case k != 0 && k&^kindNumber == 0:
		s.kind = Number
	case k == kindBoolean:
		s.kind = Boolean
	default:
		return nil
	}
	for _, d := range section.defaults {
		if d.property != i {
			continue
		}
		raw := d.text[d.name:]
		var plain bool
		switch s.kind {
		case String:
			end, _, fault := scan.String(raw, min(1, len(raw)))
			if plain = raw[0] == '"' && fault == scan.OK && end == len(raw)-1; plain {
				raw = scan.Unescape(nil, raw[1:end])
			}
		case Number:
			plain = validNumber(raw)
		default:
			plain = isBoolean(raw)
		}
		if !plain {
			return nil
		}
		s.absent = text{string(raw), s.kind}
	}
	return s
}

// accepts reports whether d.text is a value that n accepts. False may also mean
// that it takes more to tell.
func (s *scalar) accepts(n *node, d *decoder) bool {
	switch s.kind {
	case String:
		return n.acceptsText(d.text)
	case Number:
		return d.acceptsNumber(n)
	}
	if !isBoolean(d.text) {
		return false
	}
	which := 6 - len(d.text)
	for i := range n.enums {
		if !n.enums[i].words[which] {
			return false
		}
	}
	return true
}

func (n *node) acceptsText(text []byte) bool {
	for i := range n.enums {
		if n.enums[i].strings.Find(text) < 0 {
			return false
		}
	}
	for i := range n.strings {
		r := &n.strings[i]
		if r.max >= 0 && len(text) > r.max && utf8.RuneCount(text) > r.max ||
			r.min > 0 && (len(text) < r.min || utf8.RuneCount(text) < r.min) ||
			r.format != nil && !r.format(text) {
			return false
		}
		if r.pattern != nil {
			if ok, err := r.pattern.Match(text); !ok || err != nil {
				return false
			}
		}
	}
	return true
}

// acceptsNumber knows integers of up to 18 digits, and fractions without an
// exponent where any number may be.
func (d *decoder) acceptsNumber(n *node) bool {
	if len(d.text) == 0 || d.text[0] != '-' && d.text[0]-'0' > 9 {
		return false
	}
	num, fault := scan.Number(d.text, 0)
	if fault != scan.OK || num.End != len(d.text) {
		return false
	}
	if !num.Small {
		return !num.Exp && len(n.enums) == 0 && n.types&kindNumber == kindNumber && d.acceptsDigits(n)
	}
	for i := range n.enums {
		if !n.enums[i].hasInteger(num.Int) {
			return false
		}
	}
	for i := range n.numbers {
		if r := &n.numbers[i]; num.Int < r.low || num.Int > r.high || r.multiple != nil && (r.step == 0 || num.Int%r.step != 0) {
			return false
		}
	}
	return n.types&kindInteger != 0
}

func (d *decoder) acceptsDigits(n *node) bool {
	const most = 100 // far from what double precision cannot hold
	if len(d.text) > most {
		return false
	}
	var number decimal.Number
	number, d.digits = decimal.Parse(d.text, d.digits)
	for i := range n.numbers {
		r := &n.numbers[i]
		for j := range r.bounds {
			if !r.bounds[j].holds(number) {
				return false
			}
		}
		if r.multiple != nil && !r.multiple.Divides(number) {
			return false
		}
	}
	return true
}

func (e *enumRules) hasInteger(v int64) bool {
	for _, i := range e.integers {
		if i == v {
			return true
		}
	}
	return false
}
