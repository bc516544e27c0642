package codec

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the recursion. What is deeper, or a circle, is json v2's.
const maxDepth = 500

type encoder struct {
	out   []byte
	depth int
}

// value writes the value at p. It reports false for what cannot be written, or
// not here.
func (e *encoder) value(n *node, p unsafe.Pointer) bool {
	switch n.kind {
	case text:
		return e.text(*(*string)(p))
	case boolean:
		e.out = strconv.AppendBool(e.out, *(*bool)(p))
	case integer:
		e.out = strconv.AppendInt(e.out, loadInt(p, n.bits), 10)
	case unsigned:
		e.out = strconv.AppendUint(e.out, loadUint(p, n.bits), 10)
	case float:
		return e.float(loadFloat(p, n.bits), n.bits)
	case instant:
		return e.instant((*time.Time)(p))
	case foreign:
		data, err := jsonv2.Marshal(n.at(p).Interface(), encodeOptions)
		e.out = append(e.out, data...)
		return err == nil
	default:
		if e.depth++; e.depth > maxDepth {
			return false
		}
		ok := e.compound(n, p)
		e.depth--
		return ok
	}
	return true
}

func (e *encoder) compound(n *node, p unsafe.Pointer) bool {
	switch n.kind {
	case pointer:
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			e.out = append(e.out, "null"...)
			return true
		}
		return e.value(n.elem, to)
	case object:
		return e.object(n, p)
	}
	items := (*slice)(p)
	if items.len == 0 {
		e.out = append(e.out, "[]"...)
		return true
	}
	start := len(e.out)
	for i := range items.len {
		e.out = append(e.out, ',')
		if !e.value(n.elem, unsafe.Add(items.data, uintptr(i)*n.size)) {
			return false
		}
	}
	e.out[start] = '['
	e.out = append(e.out, ']')
	return true
}

func (e *encoder) object(n *node, p unsafe.Pointer) bool {
	start := len(e.out)
	for i := range n.fields {
		f := &n.fields[i]
		at := unsafe.Add(p, f.offset)
		if f.omit != never && f.omits(at) {
			continue
		}
		e.out = append(e.out, f.key...)
		if !e.value(f.node, at) {
			return false
		}
	}
	if len(e.out) == start {
		e.out = append(e.out, "{}"...)
		return true
	}
	e.out[start] = '{' // in place of the first comma
	e.out = append(e.out, '}')
	return true
}

func (f *field) omits(p unsafe.Pointer) bool {
	if f.node.kind == pointer {
		return *(*unsafe.Pointer)(p) == nil
	}
	v := f.node.at(p)
	switch f.omit {
	case whenZero:
		return v.Elem().IsZero()
	case whenIsZero:
		return v.Interface().(isZeroer).IsZero()
	}
	switch v = v.Elem(); v.Kind() {
	case reflect.String, reflect.Map, reflect.Slice, reflect.Array:
		return v.Len() == 0
	case reflect.Float32, reflect.Float64:
		return v.Float() == 0 // -0 is, too
	case reflect.Struct, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	}
	return v.IsZero()
}

func (e *encoder) text(s string) bool {
	special, high := scan(unsafe.Slice(unsafe.StringData(s), len(s)))
	if special || high && !utf8.ValidString(s) {
		out, err := jsontext.AppendQuote(e.out, s)
		e.out = out
		return err == nil
	}
	e.out = append(e.out, '"')
	e.out = append(e.out, s...)
	e.out = append(e.out, '"')
	return true
}

// float writes the shortest number that reads back as f, as JavaScript does.
func (e *encoder) float(f float64, bits int) bool {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return false
	}
	format := byte('f')
	abs := math.Abs(f)
	switch {
	case abs == 0:
	case bits == 32:
		if float32(abs) < 1e-6 || float32(abs) >= 1e21 {
			format = 'e'
		}
	case abs < 1e-6 || abs >= 1e21:
		format = 'e'
	}
	e.out = strconv.AppendFloat(e.out, f, format, -1, bits)
	if n := len(e.out); format == 'e' && n >= 4 && e.out[n-4] == 'e' && e.out[n-3] == '-' && e.out[n-2] == '0' {
		e.out[n-2] = e.out[n-1] // e-09 is e-9
		e.out = e.out[:n-1]
	}
	return true
}

func (e *encoder) instant(t *time.Time) bool {
	var err error
	e.out = append(e.out, '"')
	if e.out, err = t.AppendText(e.out); err != nil {
		return false
	}
	e.out = append(e.out, '"')
	return true
}

// scan reports whether s holds something that JSON escapes, and whether it
// holds something beyond ASCII. It looks at eight bytes at a time.
func scan(s []byte) (special, high bool) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	if len(s) < 8 {
		var all byte
		for _, c := range s {
			if c < 0x20 || c == '"' || c == '\\' {
				return true, true
			}
			all |= c
		}
		return false, all >= utf8.RuneSelf
	}
	var sp, hi uint64
	for rest := s; ; rest = rest[8:] {
		if len(rest) < 8 {
			rest = s[len(s)-8:] // some of it again
		}
		x := binary.LittleEndian.Uint64(rest)
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		sp |= (x-ones*0x20)&^x | (quote-ones)&^quote | (slash-ones)&^slash
		hi |= x
		if len(rest) == 8 {
			return sp&tops != 0, hi&tops != 0
		}
	}
}
