package codec

import (
	"reflect"
	"strconv"
	"time"
	"unsafe"

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

	// window is a copy of data[from:until].
	window      string
	from, until int
}

func (d *decoder) document(n *node, p unsafe.Pointer) bool {
	d.space()
	if !d.value(n, p) {
		return false
	}
	d.space()
	return d.pos == len(d.data)
}

// value reads the value that d is at the beginning of into p.
func (d *decoder) value(n *node, p unsafe.Pointer) bool {
	if n.kind == foreign {
		return jsonv2.Unmarshal(d.raw(), n.at(p).Interface(), options[d.mode]) == nil
	}
	if d.peek() == 'n' {
		return d.literal("null") // it is zero
	}
	switch n.kind {
	case text:
		return d.text((*string)(p))
	case boolean:
		if d.peek() == 't' {
			*(*bool)(p) = true
			return d.literal("true")
		}
		return d.literal("false")
	case integer:
		u, negative, ok := d.integer(uint64(1)<<(n.bits-1) - 1)
		if negative {
			u = -u
		}
		store(p, n.bits, u)
		return ok
	case unsigned:
		u, negative, ok := d.integer(1<<n.bits - 1)
		store(p, n.bits, u)
		return ok && !negative
	case float:
		return d.float(p, n.bits)
	case instant:
		raw, ok := d.quoted()
		return ok && (*time.Time)(p).UnmarshalText(raw) == nil
	}
	if d.depth++; d.depth > maxDepth {
		return false
	}
	ok := d.compound(n, p)
	d.depth--
	return ok
}

func (d *decoder) compound(n *node, p unsafe.Pointer) bool {
	switch n.kind {
	case pointer:
		if n.elem.kind == text { // the most common by far
			to := new(string)
			*(**string)(p) = to
			return d.text(to)
		}
		to := reflect.New(n.elem.typ).UnsafePointer()
		*(*unsafe.Pointer)(p) = to
		return d.value(n.elem, to)
	case list:
		return d.list(n, p)
	}
	return d.object(n, p)
}

func (d *decoder) list(n *node, p unsafe.Pointer) bool {
	if !d.next('[') {
		return false
	}
	if d.peek() == ']' {
		d.pos++
		n.at(p).Elem().Set(reflect.MakeSlice(n.typ, 0, 0))
		return true
	}
	for items := (*slice)(p); ; {
		if items.len == items.cap {
			n.at(p).Elem().Grow(4) // and by a factor once there are more
		}
		items.len++
		if !d.value(n.elem, unsafe.Add(items.data, uintptr(items.len-1)*n.size)) {
			return false
		}
		if c := d.peek(); c == ',' && d.pos+1 < len(d.data) && d.data[d.pos+1] > ' ' {
			d.pos++ // as most write it
		} else if !d.next(',') {
			return d.next(']')
		}
	}
}

func (d *decoder) object(n *node, p unsafe.Pointer) bool {
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
			if !d.value(f.node, unsafe.Add(p, f.offset)) {
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
			if d.data[d.pos] <= ' ' {
				d.space()
			}
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

func (d *decoder) text(to *string) bool {
	start := d.pos + 1
	if _, ok := d.quoted(); ok {
		*to = d.keep(start, d.pos-1)
		return true
	}
	raw := d.raw()
	if len(raw) == 0 || raw[0] != '"' {
		return false
	}
	s, err := jsontext.AppendUnquote(nil, raw)
	*to = string(s)
	return err == nil
}

func (d *decoder) float(p unsafe.Pointer, bits int) bool {
	raw := d.raw()
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') || !jsontext.Value(raw).IsValid() {
		return false
	}
	f, err := strconv.ParseFloat(string(raw), bits)
	if bits == 32 {
		*(*float32)(p) = float32(f)
	} else {
		*(*float64)(p) = f
	}
	return err == nil
}
