package codec

import (
	"reflect"
	"unsafe"
)

// AppendItems appends v as Append does, and calls item after each item of a list:
// v itself, or one in an object of it, but none within another list. The item
// begins at start; what item returns is appended to, so that it may change the
// item, or take away everything there is and keep nothing. An error of item ends
// it. Besides that one, the error says that v cannot be written.
func (n *node) AppendItems(dst []byte, v any, item func(dst []byte, start int) ([]byte, error)) ([]byte, error) {
	if n == nil || !n.lists || reflect.TypeOf(v) != n.pointer {
		return n.Append(dst, v)
	}
	to := reflect.ValueOf(Unseen(v))
	if to.IsNil() {
		return n.Append(dst, v)
	}
	if !n.ours {
		seen := reflect.New(n.typ)
		seen.Elem().Set(to.Elem())
		to = seen
	}
	return n.writeItems(dst, to.UnsafePointer(), maxDepth, item)
}

func (n *node) writeItems(dst []byte, p unsafe.Pointer, depth int, item func([]byte, int) ([]byte, error)) (_ []byte, err error) {
	switch {
	case (n.kind == pointer || n.kind == nullable) && depth > 0 && *(*unsafe.Pointer)(p) != nil:
		return n.elem.writeItems(dst, *(*unsafe.Pointer)(p), depth-1, item)
	case n.kind == list:
		items := (*slice)(p)
		dst = append(dst, '[')
		for i := range items.len {
			if i > 0 {
				dst = append(dst, ',')
			}
			start := len(dst)
			if dst, err = n.elem.writeOr(dst, unsafe.Add(items.data, uintptr(i)*n.size), depth); err != nil {
				return dst, err
			}
			if dst, err = item(dst, start); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case n.kind == object:
		empty := true
		for i := range n.fields {
			f := &n.fields[i]
			at := unsafe.Add(p, f.offset)
			if f.omit != never && f.omits(at) {
				continue
			}
			if dst = append(dst, f.key...); empty {
				dst[len(dst)-len(f.key)] = '{' // in place of the comma
				empty = false
			}
			if f.node.kind < pointer { // which no list can be in
				dst, err = f.node.writeOr(dst, at, depth)
			} else {
				dst, err = f.node.writeItems(dst, at, depth, item)
			}
			if err != nil {
				return dst, err
			}
		}
		if empty {
			dst = append(dst, '{')
		}
		return append(dst, '}'), nil
	}
	return n.writeOr(dst, p, depth)
}

// writeOr is write, or what json v2 says to the value.
func (n *node) writeOr(dst []byte, p unsafe.Pointer, depth int) ([]byte, error) {
	if out, ok := n.write(dst, p, depth); ok {
		return out, nil
	}
	return appendCopy(dst, n.typ, n.At(p).Elem())
}

// holdsLists reports whether AppendItems finds a list in values of the type.
func (n *node) holdsLists(seen map[*node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	switch n.kind {
	case list:
		return true
	case pointer, nullable:
		return n.elem.holdsLists(seen)
	case object:
		for i := range n.fields {
			if n.fields[i].node.holdsLists(seen) {
				return true
			}
		}
	}
	return false
}
