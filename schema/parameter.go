package schema

import "strings"

// parameter writes the value of one parameter from its occurrences. It returns
// false when there is nothing to write, or when the style is broken.
func (d *decoder) parameter(p *parameter, first int) bool {
	switch v := &d.values[first-1]; {
	case p.json || p.style == styleForm && p.allowEmpty && v.text == "" && v.next == 0:
		return d.single(p, v)
	case p.kinds&(kindArray|kindObject) == 0 || p.kinds == kindAny && p.style != styleDeepObject:
		return d.single(p, v)
	case p.in == inPath || p.in == inHeader:
		return d.positional(p, first)
	}
	return d.named(p, first)
}

// single writes a parameter that has one value.
func (d *decoder) single(p *parameter, v *value) bool {
	if v.next != 0 && p.in != inHeader {
		d.refuseParameter(p, "must be given once")
		return false
	}
	text := d.joined(v)
	switch p.style {
	case styleLabel:
		text = strings.TrimPrefix(text, ".")
	case styleMatrix:
		text = strings.TrimPrefix(text, ";"+p.name+"=")
	}
	if !d.decode(p, text) {
		return false
	}
	switch {
	case p.json:
		ok, why := d.raw(d.text)
		if !ok {
			d.refuseParameter(p, why)
		}
		return ok
	case p.allowEmpty && len(d.text) == 0 && p.kinds&kindString == 0:
		if p.kinds&kindBoolean != 0 { // ?verbose
			d.buf = append(d.buf, "true"...)
			return true
		}
		return false
	}
	d.fitting(p)
	return true
}

// joined is the text of all lines of a header: they are one list.
func (d *decoder) joined(v *value) string {
	if v.next == 0 {
		return v.text
	}
	var b strings.Builder
	b.WriteString(v.text)
	for next := v.next; next != 0; next = d.values[next-1].next {
		b.WriteString(", ")
		b.WriteString(d.values[next-1].text)
	}
	return b.String()
}

// fitting writes d.text as a scalar of p. Where numbers and strings are both
// possible, it is a number if the schema then accepts it.
func (d *decoder) fitting(p *parameter) {
	k := p.kinds
	if k == kindAny && len(p.node.numbers) > 0 && len(p.node.strings) == 0 {
		k = kindNumber
	}
	start := len(d.buf)
	d.scalar(d.text, k)
	if k&kindString == 0 || k == kindAny || d.buf[start] == '"' {
		return
	}
	st := newState(d.doc, d.buf[start:], Plain)
	st.sink = quiet
	ok := st.value(p.node)
	st.release()
	if !ok {
		d.buf = quoteJSON(d.buf[:start], d.text)
	}
}

// decode puts the text of a part of p into d.text.
func (d *decoder) decode(p *parameter, raw string) bool {
	switch p.in {
	case inHeader:
		d.text = append(d.text[:0], strings.Trim(raw, " \t")...)
	default:
		d.text = unescape(d.text[:0], raw, p.in == inQuery)
	}
	if validText(d.text) {
		return true
	}
	d.refuseParameter(p, "must be valid UTF-8")
	return false
}

// positional writes an array or object parameter of path or header: one text
// with separators.
func (d *decoder) positional(p *parameter, first int) bool {
	text := d.joined(&d.values[first-1])
	separators := commas
	switch p.style {
	case styleLabel:
		if !strings.HasPrefix(text, ".") {
			d.refuseParameter(p, "must begin with a full stop")
			return false
		}
		text = text[1:]
		if p.explode || !strings.Contains(text, ",") {
			separators = []string{"."}
		}
	case styleMatrix:
		return d.matrix(p, text)
	}
	return d.parts(p, text, separators, p.explode)
}

// matrix writes ;name=a,b or, exploded, ;name=a;name=b or ;key=value.
func (d *decoder) matrix(p *parameter, text string) bool {
	if !strings.HasPrefix(text, ";") {
		d.refuseParameter(p, "must begin with a semicolon")
		return false
	}
	prefix := p.name + "="
	if p.explode && p.kinds&kindObject != 0 {
		return d.parts(p, text[1:], []string{";"}, true)
	}
	text, ok := strings.CutPrefix(text[1:], prefix)
	if !ok {
		d.refuseParameter(p, "must begin with ;"+prefix)
		return false
	}
	separator := ","
	if p.explode {
		separator = ";" + prefix
	}
	return d.parts(p, text, []string{separator}, false)
}

// parts writes text as the array or the object that p is; pairs says that an
// object's members are written key=value, and not key and value in turn.
func (d *decoder) parts(p *parameter, text string, separators []string, pairs bool) bool {
	if p.kinds&kindArray != 0 && p.kinds&kindObject == 0 || p.kinds&kindArray != 0 && !strings.Contains(text, "=") {
		return d.array(p, text, separators)
	}
	if p.kinds&kindObject == 0 {
		return d.decode(p, text) && d.written(p)
	}
	return d.object(p, text, separators, pairs)
}

func (d *decoder) written(p *parameter) bool {
	d.fitting(p)
	return true
}

func (d *decoder) array(p *parameter, text string, separators []string) bool {
	d.buf = append(d.buf, '[')
	open, ok := len(d.buf), true
	if text != "" {
		k := kindsOf(p.items)
		split(text, separators, func(part string) {
			if len(d.buf) > open {
				d.buf = append(d.buf, ',')
			}
			if ok = ok && d.decode(p, part); ok {
				d.scalar(d.text, k)
			}
		})
	}
	d.buf = append(d.buf, ']')
	return ok
}

func (d *decoder) object(p *parameter, text string, separators []string, pairs bool) bool {
	d.buf = append(d.buf, '{')
	open, ok, n, before := len(d.buf), true, 0, len(d.style)
	member := func(key string) kinds {
		if len(d.buf) > open {
			d.buf = append(d.buf, ',')
		}
		if ok = ok && d.decode(p, key); !ok {
			return 0
		}
		d.buf = append(quoteJSON(d.buf, d.text), ':')
		return kindsOf(memberNodes([]*node{p.node}, string(d.text)))
	}
	var k kinds
	if text != "" {
		split(text, separators, func(part string) {
			n++
			if pairs {
				key, rest, found := strings.Cut(part, "=")
				ok = ok && found
				k, part = member(key), rest
			} else if n%2 == 1 {
				k = member(part)
				return
			}
			if ok = ok && d.decode(p, part); ok {
				d.scalar(d.text, k)
			}
		})
	}
	d.buf = append(d.buf, '}')
	if ok && !pairs && n%2 == 1 || !ok && len(d.style) == before {
		how := "must be names and values in turn"
		if pairs {
			how = "must be name=value pairs"
		}
		d.refuseParameter(p, how)
		return false
	}
	return ok
}

// named writes an array or object parameter of query or cookie.
func (d *decoder) named(p *parameter, first int) bool {
	v := &d.values[first-1]
	once := v.next == 0 && v.path == "" && v.name == ""
	bracketed := false
	for i := first; i != 0; i = d.values[i-1].next {
		bracketed = bracketed || d.values[i-1].path != "" || d.values[i-1].name != ""
	}
	switch {
	case bracketed || p.style == styleDeepObject || p.kinds&kindArray == 0 && p.explode:
		return d.bracketed(p, first)
	case !p.explode && !once:
		d.refuseParameter(p, "must be given once, with all its items")
		return false
	case !p.explode && p.kinds&kindArray != 0 && p.kinds&(kindString|kindNumber) != 0 && !d.delimited(p, v.text):
		return d.decode(p, v.text) && d.written(p)
	case !p.explode:
		return d.parts(p, v.text, p.style.delimiter(v.text), false)
	case once && p.kinds&(kindString|kindNumber|kindBoolean) != 0:
		return d.decode(p, v.text) && d.written(p)
	}
	k := kindsOf(p.items)
	d.buf = append(d.buf, '[')
	for i := first; i != 0; i = d.values[i-1].next {
		if i != first {
			d.buf = append(d.buf, ',')
		}
		if !d.decode(p, d.values[i-1].text) {
			return false
		}
		d.scalar(d.text, k)
	}
	d.buf = append(d.buf, ']')
	return true
}

func (d *decoder) delimited(p *parameter, text string) bool {
	n := 0
	split(text, p.style.delimiter(text), func(string) { n++ })
	return n > 1
}
