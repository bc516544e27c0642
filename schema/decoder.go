package schema

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// decoder writes parameters and forms as JSON. Decoders are pooled.
type decoder struct {
	doc    *Document
	buf    []byte // the JSON under way
	values []value
	first  []int  // by parameter: its first value + 1, 0 for none
	last   []int  // by parameter: its last value + 1
	text   []byte // of the value at hand, unescaped
	name   []byte // of the query parameter at hand, unescaped
	digits []byte // of numbers that are compared exactly
	style  Violations
	dst    []byte
}

// value is one occurrence of a parameter, still escaped.
type value struct {
	text string
	path string // unescaped, of a name with brackets: "[a][]"
	name string // of a property of an exploded object: as it is declared, or all of a free one
	next int    // the parameter's next value + 1
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

func newDecoder(doc *Document, dst []byte) *decoder {
	d := decoders.Get().(*decoder)
	d.doc, d.dst = doc, dst
	d.buf, d.values, d.style = d.buf[:0], d.values[:0], nil
	return d
}

func (d *decoder) release() {
	d.doc, d.dst, d.style = nil, nil, nil
	clear(d.values)
	if cap(d.buf)+cap(d.text) < maxKept && cap(d.values) < maxKept/16 {
		decoders.Put(d)
	}
}

// check validates what has been written and appends it to dst.
func (d *decoder) check(n *node, mode Mode) ([]byte, Violations) {
	st := newState(d.doc, d.buf, mode)
	st.fill = true
	st.text(n)
	v := st.violations()
	if len(v) == 0 && len(d.style) == 0 {
		if len(st.patches) > 0 {
			d.dst = st.patched(d.dst)
		} else {
			d.dst = append(d.dst, d.buf...)
		}
	}
	st.release()
	if len(d.style) == 0 {
		return d.dst, v
	}
	// What could not be decoded is not there: it must not count as missing too.
	out := d.style
	for _, one := range v {
		if !covered(d.style, one.Pointer) {
			out = append(out, one)
		}
	}
	return d.dst, out
}

func covered(style Violations, pointer string) bool {
	for _, s := range style {
		if s.Pointer == pointer {
			return true
		}
	}
	return false
}

// refuse notes that a parameter or field is not written as its style demands.
func (d *decoder) refuse(pointer, keyword, at, message string) {
	if len(d.style) < d.doc.options.MaxViolations {
		d.style = append(d.style, Violation{Pointer: pointer, Keyword: keyword, Message: message, Schema: at})
	}
}

func (d *decoder) refuseParameter(p *parameter, message string) {
	d.refuse("/"+placeNames[p.in]+"/"+jsonpointer.Escape(p.name), KeywordStyle, p.at, message)
}

// collectAll finds what the request has of the parameters.
func (d *decoder) collectAll(p *Parameters, r *http.Request) {
	d.first = append(d.first[:0], make([]int, len(p.list))...)
	d.last = append(d.last[:0], make([]int, len(p.list))...)
	d.collectPath(p, r)
	d.collectQuery(p, r.URL.RawQuery)
	for _, h := range p.header {
		for _, line := range r.Header[h.canonical] {
			d.collect(h, value{text: line})
		}
		if h.canonical == "Host" && r.Host != "" && r.Header["Host"] == nil { // net/http takes it out of the headers
			d.collect(h, value{text: r.Host})
		}
	}
	if len(p.cookie) > 0 {
		for _, line := range r.Header["Cookie"] {
			cookies(line, func(name, text string) {
				for _, c := range p.cookie {
					if c.name == name {
						d.collect(c, value{text: text})
					}
				}
			})
		}
	}
}

// document writes the object of all places: of all parameters, or of the rest.
func (d *decoder) document(p *Parameters, rest bool) {
	d.buf = append(d.buf, '{')
	for in := range places {
		d.section(p, in, rest)
	}
	d.buf = append(d.buf, '}')
}

func (d *decoder) collect(p *parameter, v value) {
	d.values = append(d.values, v)
	n := len(d.values)
	if d.first[p.index] == 0 {
		d.first[p.index] = n
	} else {
		d.values[d.last[p.index]-1].next = n
	}
	d.last[p.index] = n
}

func (d *decoder) collectPath(p *Parameters, r *http.Request) {
	find := func(name string) *parameter {
		for _, one := range p.list {
			if one.in == inPath && one.name == name {
				return one
			}
		}
		return nil
	}
	p.path.match(r.URL.EscapedPath(), func(name, raw string) {
		if one := find(name); one != nil {
			d.collect(one, value{text: raw})
		}
	})
}

func (d *decoder) collectQuery(p *Parameters, raw string) {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		d.name = unescape(d.name[:0], name, true)
		o, path := p.query.find(d.name)
		switch {
		case o.parameter != nil:
			d.collect(o.parameter, value{text: text, name: o.property, path: path})
		case p.query.freeFor != nil:
			d.collect(p.query.freeFor, value{text: text, name: string(d.name)})
		default:
			d.unknown()
		}
	}
}

// find returns whose a name is, and the brackets behind the name.
func (q *queryNames) find(name []byte) (o owner, path string) {
	if i := q.names.Find(name); i >= 0 {
		return q.owners[i], ""
	}
	if len(q.stems) > 0 {
		if o, path, ok := bracket.Under(q.stems, string(name)); ok {
			return o, path
		}
	}
	for i, c := range name {
		if c != '[' || i == 0 {
			continue
		}
		if k := q.names.Find(name[:i]); k >= 0 && q.owners[k].parameter.kinds&(kindArray|kindObject) != 0 {
			return q.owners[k], string(name[i:])
		}
		break
	}
	return owner{}, ""
}

func (d *decoder) unknown() {
	policy := d.doc.options.UnknownQuery
	if policy != Warn && policy != Refuse {
		return
	}
	v := Violation{
		Pointer: "/query/" + jsonpointer.Escape(strings.ToValidUTF8(string(d.name), "\ufffd")), Keyword: KeywordUnknown,
		Message: "is not a query parameter that the contract knows here",
	}
	if policy == Warn {
		if d.doc.options.OnWarning != nil {
			d.doc.options.OnWarning(v)
		}
		return
	}
	d.refuse(v.Pointer, v.Keyword, "", v.Message)
}

// section writes the parameters of one place.
func (d *decoder) section(p *Parameters, in place, rest bool) {
	open := false
	for i, one := range p.list {
		if one.in != in || rest && one.scalar != nil {
			continue
		}
		if !open {
			if len(d.buf) > 1 {
				d.buf = append(d.buf, ',')
			}
			d.buf = append(append(append(d.buf, '"'), placeNames[in]...), `":{`...)
			open = true
		}
		if d.first[i] == 0 {
			continue
		}
		start := len(d.buf)
		if d.buf[start-1] != '{' {
			d.buf = append(d.buf, ',')
		}
		d.buf = append(quoteJSON(d.buf, one.name), ':')
		before := len(d.style)
		if !d.parameter(one, d.first[i]) || len(d.style) > before {
			d.buf = d.buf[:start]
		}
	}
	if open {
		d.buf = append(d.buf, '}')
	}
}

// scalar writes one text as the JSON value that a schema of these kinds means
// by it. Text that is none of them is written as a string, for the schema to
// refuse.
func (d *decoder) scalar(text []byte, k kinds) {
	switch {
	case k == kindAny:
		d.buf = quoteJSON(d.buf, text)
	case k&kindNumber != 0 && validNumber(text), k&kindBoolean != 0 && isBoolean(text):
		d.buf = append(d.buf, text...)
	case k&kindNull != 0 && k&kindString == 0 && (len(text) == 0 || string(text) == "null"):
		d.buf = append(d.buf, "null"...)
	default:
		d.buf = quoteJSON(d.buf, text)
	}
}

// raw writes a JSON text as it is, when it is one.
func (d *decoder) raw(text []byte) (ok bool, why string) {
	st := newState(d.doc, text, Plain)
	st.text(d.doc.compiler.anything)
	v := st.violations()
	st.release()
	if len(v) > 0 && (v.Malformed() || v[0].Keyword == KeywordDepth) {
		return false, "must be JSON: it " + v[0].Message
	}
	d.buf = append(d.buf, text...)
	return true, ""
}

func itoa(i int) string { return strconv.Itoa(i) }

// validText reports whether text can stand in JSON.
func validText(text []byte) bool { return utf8.Valid(text) }
