package codec

import (
	"bytes"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads a document into a value that is zero. Its methods report false
// for what is at fault, and for what they leave to json v2; what they have
// read until then is thrown away.
type decoder struct {
	data  []byte
	pos   int
	mode  Mode
	depth int
	texts strings.Builder
}

func (d *decoder) document(n *node, v reflect.Value) bool {
	d.space()
	if !d.value(n, v) {
		return false
	}
	d.space()
	return d.pos == len(d.data)
}

func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

// next takes c, with the space around it.
func (d *decoder) next(c byte) bool {
	d.space()
	if d.peek() != c {
		return false
	}
	d.pos++
	d.space()
	return true
}

// peek returns the next byte, or 0 at the end, which no value begins with.
func (d *decoder) peek() byte {
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

func (d *decoder) literal(s string) bool {
	if string(d.data[d.pos:min(d.pos+len(s), len(d.data))]) != s {
		return false
	}
	d.pos += len(s)
	return true
}

// value reads the value that d is at the beginning of.
func (d *decoder) value(n *node, v reflect.Value) bool {
	if n.kind == foreign {
		return jsonv2.Unmarshal(d.raw(), v.Addr().Interface(), options[d.mode]) == nil
	}
	if d.peek() == 'n' {
		return d.literal("null") // v is zero
	}
	switch n.kind {
	case text:
		s, ok := d.text()
		if ok {
			v.SetString(s)
		}
		return ok
	case boolean:
		if d.peek() == 't' {
			v.SetBool(true)
			return d.literal("true")
		}
		return d.literal("false")
	case integer:
		u, negative, ok := d.integer(uint64(1)<<(n.bits-1) - 1)
		if ok && negative {
			v.SetInt(-int64(u))
		} else if ok {
			v.SetInt(int64(u))
		}
		return ok
	case unsigned:
		u, negative, ok := d.integer(1<<n.bits - 1)
		if ok {
			v.SetUint(u)
		}
		return ok && !negative
	case float:
		raw := d.raw()
		if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') || !jsontext.Value(raw).IsValid() {
			return false
		}
		f, err := strconv.ParseFloat(string(raw), n.bits)
		v.SetFloat(f)
		return err == nil
	case instant:
		raw, ok := d.quoted()
		return ok && v.Addr().Interface().(*time.Time).UnmarshalText(raw) == nil
	}
	if d.depth++; d.depth > maxDepth {
		return false
	}
	ok := d.compound(n, v)
	d.depth--
	return ok
}

func (d *decoder) compound(n *node, v reflect.Value) bool {
	switch n.kind {
	case pointer:
		v.Set(reflect.New(n.points))
		return d.value(n.elem, v.Elem())
	case list:
		return d.list(n, v)
	}
	return d.object(n, v)
}

func (d *decoder) list(n *node, v reflect.Value) bool {
	if !d.next('[') {
		return false
	}
	if d.peek() == ']' {
		d.pos++
		v.Set(n.empty)
		return true
	}
	for i := 0; ; i++ {
		if i == v.Cap() {
			v.Grow(4) // and by a factor once there are more
		}
		v.SetLen(i + 1)
		if !d.value(n.elem, v.Index(i)) {
			return false
		}
		if c := d.peek(); c == ',' && d.pos+1 < len(d.data) && d.data[d.pos+1] > ' ' {
			d.pos++ // as most write it
		} else if !d.next(',') {
			return d.next(']')
		}
	}
}

func (d *decoder) object(n *node, v reflect.Value) bool {
	if !d.next('{') {
		return false
	}
	if d.peek() == '}' {
		d.pos++
		return true
	}
	var seen [maxFields / 64]uint64
	guess := 0 // most write members in one order
	for {
		i, ok := d.name(n, guess)
		if !ok {
			return false
		}
		if i < 0 {
			if d.mode == Strict || !jsontext.Value(d.raw()).IsValid(options[d.mode]) {
				return false
			}
		} else {
			if seen[i/64]&(1<<(i%64)) != 0 {
				return false // json v2 merges, or refuses
			}
			seen[i/64] |= 1 << (i % 64)
			guess = i + 1
			f := &n.fields[i]
			if !d.value(f.node, v.Field(f.index)) {
				return false
			}
		}
		if d.peek() == ',' && d.pos+1 < len(d.data) && d.data[d.pos+1] == '"' {
			d.pos++ // as most write it
		} else if !d.next(',') {
			return d.next('}')
		}
	}
}

// name reads the name of a member with the colon after it and returns the
// field's index, or -1 for a member that n does not have.
func (d *decoder) name(n *node, guess int) (int, bool) {
	for i := guess; i < len(n.fields) && i < guess+3; i++ {
		if key := n.fields[i].key[1:]; len(d.data)-d.pos > len(key) && string(d.data[d.pos:d.pos+len(key)]) == key {
			d.pos += len(key)
			d.space()
			return i, true
		}
	}
	name, ok := d.quoted()
	if !ok || !d.next(':') {
		return 0, false
	}
	if i, known := n.byName[string(name)]; known {
		return i, true
	}
	return -1, true
}

// quoted reads a string that needs no decoding.
func (d *decoder) quoted() ([]byte, bool) {
	if d.peek() != '"' {
		return nil, false
	}
	rest := d.data[d.pos+1:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, false
	}
	s := rest[:end]
	if special, high := scan(s); special || high && !utf8.Valid(s) {
		return nil, false
	}
	d.pos += end + 2
	return s, true
}

func (d *decoder) text() (string, bool) {
	if s, ok := d.quoted(); ok {
		return d.keep(s), true
	}
	raw := d.raw()
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	s, err := jsontext.AppendUnquote(nil, raw)
	return string(s), err == nil
}

// keep copies a string. Short ones of a document share memory: an allocation
// costs more than the copy. Who keeps one keeps a kilobyte at most.
func (d *decoder) keep(s []byte) string {
	const chunk, short = 1024, 128
	if len(s) > short {
		return string(s)
	}
	if d.texts.Cap()-d.texts.Len() < len(s) {
		d.texts.Reset()
		d.texts.Grow(min(chunk, len(d.data)-d.pos+len(s)+2))
	}
	start := d.texts.Len()
	d.texts.Write(s)
	return d.texts.String()[start:]
}

// integer reads an integer of up to 18 digits that is not above most.
func (d *decoder) integer(most uint64) (u uint64, negative, ok bool) {
	if negative = d.peek() == '-'; negative {
		d.pos++
	}
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos]-'0' <= 9 {
		u = u*10 + uint64(d.data[d.pos]-'0')
		d.pos++
	}
	digits := d.pos - start
	switch d.peek() {
	case '.', 'e', 'E':
		return 0, false, false
	}
	return u, negative, digits > 0 && digits <= 18 && u <= most && (digits == 1 || d.data[start] != '0')
}

// raw takes the value that d is at the beginning of. It is not known to be
// valid: only where it ends if it is.
func (d *decoder) raw() []byte {
	start, depth := d.pos, 0
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case '"':
			d.skipText()
			if depth == 0 {
				return d.data[start:d.pos]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				d.pos++
			}
			if depth <= 0 {
				return d.data[start:d.pos]
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return d.data[start:d.pos]
			}
		}
		d.pos++
	}
	return d.data[start:]
}

func (d *decoder) skipText() {
	for d.pos++; d.pos < len(d.data); d.pos++ {
		switch d.data[d.pos] {
		case '\\':
			d.pos++
		case '"':
			d.pos++
			return
		}
	}
	d.pos = len(d.data)
}
