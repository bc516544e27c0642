package schema

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// Most parameters are one string, number or boolean, or a list of these. To write them as JSON, to
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
	List    Kind = '[' // it is a list: see Items
)

// Values are the parameters of a request, decoded and checked. They may be
// used again for the next request, with the memory they have.
type Values struct {
	// Document is a JSON object of the places that have parameters, as Read
	// writes it, of all parameters that Scalar does not know. It is empty when
	// there are none.
	Document []byte

	of    *Parameters
	texts []text   // by index in of.list
	items []string // of all lists
}

// text is a parameter that is checked without JSON.
type text struct {
	text     string
	kind     Kind
	from, to int // of a list: its items
}

// Scalar returns the text of a parameter of the path, the query, header or
// cookie, and what it means.
func (v *Values) Scalar(place, name string) (string, Kind) {
	if i := v.find(place, name); i >= 0 {
		return v.texts[i].text, v.texts[i].kind
	}
	return "", Unknown
}

// Items returns the texts of a parameter that is a List, and what each of them
// means. The slice is good until the Values are used again.
func (v *Values) Items(place, name string) ([]string, Kind) {
	i := v.find(place, name)
	if i < 0 || v.texts[i].kind != List {
		return nil, Unknown
	}
	return v.items[v.texts[i].from:v.texts[i].to], v.of.list[i].scalar.kind
}

func (v *Values) find(place, name string) int {
	for i := range v.texts {
		if p := v.of.list[i]; p.name == name && placeNames[p.in] == place {
			return i
		}
	}
	return -1
}

// Reset forgets everything but the memory.
func (v *Values) Reset() {
	clear(v.texts)
	clear(v.items)
	v.of, v.texts, v.items, v.Document = nil, v.texts[:0], v.items[:0], v.Document[:0]
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
			case s.list != nil:
				t = text{kind: List, from: len(v.items)}
				if !v.list(d, one, at) {
					return false
				}
				t.to = len(v.items)
			default:
				value := &d.values[at-1]
				if value.next != 0 || one.allowEmpty && value.text == "" {
					return false
				}
				var ok bool
				if t.text, ok = d.plain(one, one.node, value.text); !ok {
					return false
				}
				t.kind = s.kind
			}
		}
		v.texts = append(v.texts, t)
	}
	return true
}

// list takes the items of a list, or reports that they are not sure to be right.
func (v *Values) list(d *decoder, p *parameter, first int) bool {
	start, ok := len(v.items), true
	item := func(raw string) {
		var s string
		if ok {
			s, ok = d.plain(p, p.scalar.list, raw)
			v.items = append(v.items, s)
		}
	}
	switch value := &d.values[first-1]; {
	case p.explode && (p.in == inQuery || p.in == inCookie):
		for i := first; i != 0; i = d.values[i-1].next {
			ok = ok && d.values[i-1].path == ""
			item(d.values[i-1].text)
		}
	case value.next != 0 || value.path != "":
		return false
	case value.text == "":
	case p.in == inQuery || p.in == inCookie:
		split(value.text, p.style.delimiter(value.text), item)
	default:
		split(value.text, commas, item)
	}
	count := len(v.items) - start
	for _, r := range p.node.array.sizes {
		ok = ok && count >= r.min && (r.max < 0 || count <= r.max)
	}
	return ok
}

// plain returns the text of a value that n is to accept, if it is sure to.
func (d *decoder) plain(p *parameter, n *node, raw string) (string, bool) {
	if p.in == inHeader {
		raw = strings.Trim(raw, " \t")
		d.text = append(d.text[:0], raw...)
	} else {
		d.text = unescape(d.text[:0], raw, p.in == inQuery)
	}
	if !validText(d.text) || !d.accepts(p.scalar.kind, n) {
		return "", false
	}
	if string(d.text) == raw {
		return raw, true
	}
	return string(d.text), true
}

// scalar is what is known at start of a parameter that is one plain value, or a
// list of them.
type scalar struct {
	kind     Kind // of the value, or of each item
	list     *node
	required bool
	absent   text // what it is when the request does not have it
}

// scalarOf returns how a parameter is checked by its text, or nil for one that
// has to be written as JSON: one that may be several things, or whose schema
// looks at a value more than once.
func (p *parameter) scalarOf(section *objectRules, i int) *scalar {
	property := &section.properties[i]
	n := property.node
	if p.json || property.forbid[Request] != nil {
		return nil
	}
	s := &scalar{required: property.required != nil, absent: text{kind: Absent}}
	if a := n.array; a != nil && p.listed() && len(a.prefix)+len(a.contains) == 0 && a.unique == nil {
		s.list = a.items
		n = a.items
	} else if p.style != styleForm && p.style != styleSimple {
		return nil
	}
	if s.kind = n.plainKind(); s.kind == Unknown {
		return nil
	}
	for _, d := range section.defaults {
		if d.property != i {
			continue
		}
		raw := d.text[d.name:]
		var plain bool
		switch {
		case s.list != nil:
		case s.kind == String:
			end, _, fault := scan.String(raw, min(1, len(raw)))
			if plain = raw[0] == '"' && fault == scan.OK && end == len(raw)-1; plain {
				raw = scan.Unescape(nil, raw[1:end])
			}
		case s.kind == Number:
			plain = validNumber(raw)
		default:
			plain = isBoolean(raw)
		}
		if !plain {
			return nil
		}
		s.absent = text{text: string(raw), kind: s.kind}
	}
	return s
}

// listed reports whether p is a list and nothing else, in a style that says
// where each item ends.
func (p *parameter) listed() bool {
	n := p.node
	return n.accepts&^kindNull == kindArray && !n.memo && len(n.enums) == 0 && !p.allowEmpty && p.style != styleDeepObject &&
		(p.in == inQuery || p.in == inCookie || p.style == styleSimple)
}

// plainKind is the kind of the values that n accepts, if it is one and can be
// checked by itself.
func (n *node) plainKind() Kind {
	switch k := n.accepts &^ kindNull; {
	case n.memo:
	case k == kindString:
		return String
	case k != 0 && k&^kindNumber == 0:
		return Number
	case k == kindBoolean:
		return Boolean
	}
	return Unknown
}

// accepts reports whether d.text is a value of that kind that n accepts. False
// may also mean that it takes more to tell.
func (d *decoder) accepts(kind Kind, n *node) bool {
	switch kind {
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
