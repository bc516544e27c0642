package codec

import (
	"math"
	"reflect"
	"strconv"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the recursion. What is deeper, or a circle, is json v2's.
const maxDepth = 500

// write appends the value at p, which may hold depth pointers and lists in each
// other. It reports false for what cannot be written, or not here. The bytes go from call to call, and not through a struct: they are
// then held in registers.
func (n *node) write(dst []byte, p unsafe.Pointer, depth int) ([]byte, bool) {
	switch n.kind {
	case text:
		return writeText(dst, *(*string)(p))
	case boolean:
		return strconv.AppendBool(dst, *(*bool)(p)), true
	case integer:
		return strconv.AppendInt(dst, loadInt(p, n.bits), 10), true
	case unsigned:
		return strconv.AppendUint(dst, loadUint(p, n.bits), 10), true
	case float:
		return writeFloat(dst, loadFloat(p, n.bits), n.bits)
	case instant:
		dst, err := (*time.Time)(p).AppendText(append(dst, '"'))
		return append(dst, '"'), err == nil
	case pointer, nullable:
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			return append(dst, "null"...), true
		}
		if depth == 0 {
			return dst, false
		}
		return n.elem.write(dst, to, depth-1)
	case list:
		if depth == 0 {
			return dst, false
		}
		return n.writeList(dst, (*slice)(p), depth-1)
	case object:
		return n.writeObject(dst, p, depth)
	}
	data, err := jsonv2.Marshal(n.At(p).Interface(), encodeOptions)
	return append(dst, data...), err == nil
}

func (n *node) writeList(dst []byte, items *slice, depth int) (_ []byte, ok bool) {
	if items.len == 0 {
		return append(dst, "[]"...), true
	}
	start := len(dst)
	for i := range items.len {
		dst = append(dst, ',')
		if dst, ok = n.elem.write(dst, unsafe.Add(items.data, uintptr(i)*n.size), depth); !ok {
			return dst, false
		}
	}
	dst[start] = '['
	return append(dst, ']'), true
}

func (n *node) writeObject(dst []byte, p unsafe.Pointer, depth int) (_ []byte, ok bool) {
	start := len(dst)
	for i := range n.fields {
		f := &n.fields[i]
		at := unsafe.Add(p, f.offset)
		if f.omit != never && f.omits(at) {
			continue
		}
		if dst, ok = f.node.write(append(dst, f.key...), at, depth); !ok {
			return dst, false
		}
	}
	if len(dst) == start {
		return append(dst, "{}"...), true
	}
	dst[start] = '{' // in place of the first comma
	return append(dst, '}'), true
}

func (f *field) omits(p unsafe.Pointer) bool {
	if f.node.kind == pointer {
		return *(*unsafe.Pointer)(p) == nil
	}
	if f.omit == whenUnset {
		return *(*unsafe.Pointer)(p) == nil && !*isNull(p)
	}
	v := f.node.At(p)
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

func writeText(dst []byte, s string) ([]byte, bool) {
	if !plainText(unsafe.Slice(unsafe.StringData(s), len(s))) {
		dst, err := jsontext.AppendQuote(dst, s)
		return dst, err == nil
	}
	return append(append(append(dst, '"'), s...), '"'), true
}

// writeFloat appends the shortest number that reads back as f, as JavaScript does.
func writeFloat(dst []byte, f float64, bits int) ([]byte, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, false
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
	dst = strconv.AppendFloat(dst, f, format, -1, bits)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is e-9
		dst = dst[:n-1]
	}
	return dst, true
}
