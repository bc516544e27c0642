package codec

import (
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the recursion. What is deeper, or a circle, is json v2's.
const maxDepth = 500

type encoder struct {
	out   []byte
	depth int
}

// value writes v, which is addressable. It reports false for what cannot be
// written, or not here.
func (e *encoder) value(n *node, v reflect.Value) bool {
	switch n.kind {
	case text:
		return e.text(v.String())
	case boolean:
		e.out = strconv.AppendBool(e.out, v.Bool())
	case integer:
		e.out = strconv.AppendInt(e.out, v.Int(), 10)
	case unsigned:
		e.out = strconv.AppendUint(e.out, v.Uint(), 10)
	case float:
		return e.float(v.Float(), n.bits)
	case instant:
		return e.instant(v.Addr().Interface().(*time.Time))
	case foreign:
		data, err := jsonv2.Marshal(v.Addr().Interface(), encodeOptions)
		e.out = append(e.out, data...)
		return err == nil
	default:
		if e.depth++; e.depth > maxDepth {
			return false
		}
		ok := e.compound(n, v)
		e.depth--
		return ok
	}
	return true
}

func (e *encoder) compound(n *node, v reflect.Value) bool {
	switch n.kind {
	case pointer:
		if v.IsNil() {
			e.out = append(e.out, "null"...)
			return true
		}
		return e.value(n.elem, v.Elem())
	case object:
		return e.object(n, v)
	}
	length := v.Len()
	if length == 0 {
		e.out = append(e.out, "[]"...)
		return true
	}
	start := len(e.out)
	for i := range length {
		e.out = append(e.out, ',')
		if !e.value(n.elem, v.Index(i)) {
			return false
		}
	}
	e.out[start] = '['
	e.out = append(e.out, ']')
	return true
}

func (e *encoder) object(n *node, v reflect.Value) bool {
	start := len(e.out)
	for i := range n.fields {
		f := &n.fields[i]
		fv := v.Field(f.index)
		if f.omit != never && f.omits(fv) {
			continue
		}
		e.out = append(e.out, f.key...)
		if !e.value(f.node, fv) {
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

func (f *field) omits(v reflect.Value) bool {
	switch f.omit {
	case whenZero:
		return v.IsZero()
	case whenIsZero:
		return v.Addr().Interface().(isZeroer).IsZero()
	}
	switch v.Kind() {
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
	special, high := scan(s)
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
func scan[T string | []byte](s T) (special, high bool) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	var sp, hi uint64
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		sp |= (x-ones*0x20)&^x | (quote-ones)&^quote | (slash-ones)&^slash
		hi |= x
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c < 0x20 || c == '"' || c == '\\' {
			return true, true
		}
		hi |= uint64(c)
	}
	return sp&tops != 0, hi&tops != 0
}
