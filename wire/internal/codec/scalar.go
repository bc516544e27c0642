package codec

import (
	"reflect"
	"time"
	"unsafe"
)

// SetScalar sets what p points to, which is zero, to one JSON value: a string
// when it is quoted, whose text this is without the quotes, and otherwise a
// number, true or false. It reports false, with nothing set, for what it leaves
// to Unmarshal.
func (n *node) SetScalar(p unsafe.Pointer, text string, quoted bool) bool {
	return n.scalar(p, text, quoted)
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
func (n *node) SetList(p unsafe.Pointer, texts []string, quoted bool) bool {
	if n.kind != list || (*slice)(p).data != nil {
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
