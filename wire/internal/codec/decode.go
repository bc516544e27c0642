package codec

import (
	"reflect"
	"strconv"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads a document into a value that is zero. Its methods take the
// index of what they read and return the index after it, or failed: for what is
// at fault, and for what they leave to json v2. What they have read until then
// is thrown away.
type decoder struct {
	data []byte
	mode Mode
	// window is a copy of data[from:until].
	window      string
	from, until int
	// strings are allocated a few at a time: optional members point to one each.
	strings []string
}

const failed = -1

// document reads all of the data into p.
func (d *decoder) document(n *node, p unsafe.Pointer) bool {
	i := d.value(n, p, space(d.data, 0), maxDepth)
	return i != failed && space(d.data, i) == len(d.data)
}

// value reads a value, with lists and pointers nested up to depth, into p.
func (d *decoder) value(n *node, p unsafe.Pointer, i, depth int) int {
	if n.kind == foreign {
		end := skip(d.data, i)
		if jsonv2.Unmarshal(d.data[i:end], n.At(p).Interface(), options[d.mode]) != nil {
			return failed
		}
		return end
	}
	if byteAt(d.data, i) == 'n' {
		if n.kind == nullable {
			*isNull(p) = true
		}
		return literal(d.data, i, "null") // it is zero
	}
	switch n.kind {
	case text:
		return d.text((*string)(p), i)
	case boolean:
		if byteAt(d.data, i) == 't' {
			*(*bool)(p) = true
			return literal(d.data, i, "true")
		}
		return literal(d.data, i, "false")
	case integer, unsigned:
		return readInteger(n, p, d.data, i)
	case float:
		return readFloat(n, p, d.data, i)
	case instant:
		end := plain(d.data, i)
		if end == failed || (*time.Time)(p).UnmarshalText(d.data[i+1:end-1]) != nil {
			return failed
		}
		return end
	case object:
		return d.object(n, p, i, depth)
	}
	if depth == 0 {
		return failed
	}
	if n.kind == list {
		return d.list(n, (*slice)(p), i, depth-1)
	}
	if n.elem.kind == text { // the most common by far
		if len(d.strings) == 0 {
			d.strings = make([]string, 4)
		}
		to := &d.strings[0]
		d.strings = d.strings[1:]
		*(**string)(p) = to
		return d.text(to, i)
	}
	to := reflect.New(n.elem.typ).UnsafePointer()
	*(*unsafe.Pointer)(p) = to
	return d.value(n.elem, to, i, depth-1)
}

func (d *decoder) list(n *node, items *slice, i, depth int) int {
	if byteAt(d.data, i) != '[' {
		return failed
	}
	if i = space(d.data, i+1); byteAt(d.data, i) == ']' {
		n.At(unsafe.Pointer(items)).Elem().Set(reflect.MakeSlice(n.typ, 0, 0))
		return i + 1
	}
	for {
		if items.len == items.cap {
			n.At(unsafe.Pointer(items)).Elem().Grow(4) // and by a factor once there are more
		}
		items.len++
		i = d.value(n.elem, unsafe.Add(items.data, uintptr(items.len-1)*n.size), i, depth)
		if i == failed {
			return failed
		}
		i = space(d.data, i)
		switch byteAt(d.data, i) {
		case ',':
			i = space(d.data, i+1)
		case ']':
			return i + 1
		default:
			return failed
		}
	}
}

func (d *decoder) object(n *node, p unsafe.Pointer, i, depth int) int {
	data := d.data
	if byteAt(data, i) != '{' {
		return failed
	}
	if i = space(data, i+1); byteAt(data, i) == '}' {
		return i + 1
	}
	var seen [maxFields / 64]uint64
	next := 0 // most write members in one order
	for {
		k, at := n.member(data, i, next)
		if at == failed {
			return failed
		}
		if i = space(data, at); k >= 0 {
			if seen[k/64]&(1<<(k%64)) != 0 {
				return failed // json v2 merges, or refuses
			}
			seen[k/64] |= 1 << (k % 64)
			next = k + 1
			f := &n.fields[k]
			if i = d.value(f.node, unsafe.Add(p, f.offset), i, depth); i == failed {
				return failed
			}
		} else if i = d.unknown(i); i == failed {
			return failed
		}
		i = space(data, i)
		switch byteAt(data, i) {
		case ',':
			i = space(data, i+1)
		case '}':
			return i + 1
		default:
			return failed
		}
	}
}

// unknown passes over the value of a member that the type does not have. Only
// json v2 remembers the names of these.
func (d *decoder) unknown(i int) int {
	end := skip(d.data, i)
	if d.mode == Strict || !jsontext.Value(d.data[i:end]).IsValid(options[d.mode]) {
		return failed
	}
	return end
}

// member reads the name of a member with the colon after it. It returns the
// index of its field, or -1 for one that n does not have.
func (n *node) member(data []byte, i, next int) (field, end int) {
	for k := next; k < len(n.fields) && k < next+3; k++ {
		if key := n.fields[k].key[1:]; len(data)-i >= len(key) && string(data[i:i+len(key)]) == key {
			return k, i + len(key)
		}
	}
	end = plain(data, i)
	if end == failed {
		return 0, failed
	}
	colon := space(data, end)
	if byteAt(data, colon) != ':' {
		return 0, failed
	}
	if k, known := n.byName[string(data[i+1:end-1])]; known {
		return k, colon + 1
	}
	return -1, colon + 1
}

func (d *decoder) text(to *string, i int) int {
	if end := plain(d.data, i); end != failed {
		*to = d.keep(i+1, end-1)
		return end
	}
	if byteAt(d.data, i) != '"' {
		return failed
	}
	end := skip(d.data, i)
	s, err := jsontext.AppendUnquote(nil, d.data[i:end])
	if err != nil {
		return failed
	}
	*to = string(s)
	return end
}

// keep copies data[start:end]. Short strings that stand close to each other
// share a copy of the document's part that holds them: an allocation costs more
// than a kilobyte of copying. Who keeps one string keeps that much at most.
func (d *decoder) keep(start, end int) string {
	const window, short = 1024, 256
	if end > d.until {
		if end-start > short {
			return string(d.data[start:end])
		}
		d.from, d.until = start, min(start+window, len(d.data))
		d.window = string(d.data[d.from:d.until])
	}
	return d.window[start-d.from : end-d.from]
}

// readInteger reads an integer of up to 18 digits.
func readInteger(n *node, p unsafe.Pointer, data []byte, i int) int {
	negative := byteAt(data, i) == '-'
	if negative {
		i++
	}
	start, u := i, uint64(0)
	for i < len(data) && data[i]-'0' <= 9 {
		u = u*10 + uint64(data[i]-'0')
		i++
	}
	most := uint64(1)<<n.bits - 1
	if n.kind == integer {
		most >>= 1
	}
	digits := i - start
	if digits == 0 || digits > 18 || digits > 1 && data[start] == '0' || u > most || negative && n.kind == unsigned {
		return failed
	}
	switch byteAt(data, i) {
	case '.', 'e', 'E':
		return failed
	}
	if negative {
		u = -u
	}
	store(p, n.bits, u)
	return i
}

func readFloat(n *node, p unsafe.Pointer, data []byte, i int) int {
	end := skip(data, i)
	raw := data[i:end]
	if c := byteAt(raw, 0); c != '-' && (c < '0' || c > '9') || !jsontext.Value(raw).IsValid() {
		return failed
	}
	f, err := strconv.ParseFloat(string(raw), n.bits)
	if err != nil {
		return failed
	}
	if n.bits == 32 {
		*(*float32)(p) = float32(f)
	} else {
		*(*float64)(p) = f
	}
	return end
}
