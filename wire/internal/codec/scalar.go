package codec

import (
	"reflect"
	"time"
	"unsafe"
)

// SetScalar sets what v points to, which is zero, to one JSON value: a string
// when it is quoted, whose text this is without the quotes, and otherwise a
// number, true or false. It reports false, with nothing set, for what it leaves
// to Unmarshal.
func SetScalar(v any, text string, quoted bool) bool {
	if s, ok := v.(*string); ok { // most path parameters
		if quoted {
			*s = text
		}
		return quoted
	}
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && !rv.IsNil() && nodeOf(rv.Type().Elem()).scalar(rv.UnsafePointer(), text, quoted)
}

func (n *node) scalar(p unsafe.Pointer, s string, quoted bool) bool {
	if quoted != (n.kind == text || n.kind == instant) && n.kind != pointer && n.kind != nullable {
		return false
	}
	data := unsafe.Slice(unsafe.StringData(s), len(s))
	switch n.kind {
	case text:
		*(*string)(p) = s
	case boolean:
		*(*bool)(p) = s == "true"
		return s == "true" || s == "false"
	case integer, unsigned:
		return readInteger(n, p, data, 0) == len(data)
	case float:
		return readFloat(n, p, data, 0) == len(data)
	case instant:
		return (*time.Time)(p).UnmarshalText(data) == nil
	case pointer, nullable:
		if *(*unsafe.Pointer)(p) != nil {
			return false // json v2 reads into what is there
		}
		to := reflect.New(n.elem.typ).UnsafePointer()
		if !n.elem.scalar(to, s, quoted) {
			return false
		}
		*(*unsafe.Pointer)(p) = to
	default:
		return false
	}
	return true
}

// SetList is SetScalar for a list of such values.
func SetList(v any, texts []string, quoted bool) bool {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() || !rv.Elem().IsZero() {
		return false
	}
	n, p := nodeOf(rv.Type().Elem()), rv.UnsafePointer()
	if n.kind != list {
		return false
	}
	items := reflect.MakeSlice(n.typ, len(texts), len(texts))
	data := items.UnsafePointer()
	for i, s := range texts {
		if !n.elem.scalar(unsafe.Add(data, uintptr(i)*n.size), s, quoted) {
			return false
		}
	}
	*(*slice)(p) = slice{data, len(texts), len(texts)}
	return true
}
