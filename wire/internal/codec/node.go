package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// kind is what is done with a type.
type kind uint8

const (
	foreign kind = iota // left to json v2
	text
	boolean
	integer
	unsigned
	float
	instant // time.Time
	pointer
	list
	object
	nullable // a pointer, and whether null is meant where it is nil
)

// Type is a compiled type. Its methods may be called from several goroutines at
// once.
type Type = node

// node is a type, or a part of one. Values are read and written at their addresses: to
// go through reflect for every member costs as much again as the JSON does. The
// addresses come from a value of the type that the node was compiled from, and
// the offsets from its layout.
type node struct {
	kind kind
	bits int // of a number
	typ  reflect.Type
	elem *node   // of a pointer or list
	size uintptr // of an item of a list

	fields []field
	byName map[string]int

	// The rest is known of what Compile returns, not of the parts.
	pointer reflect.Type // to this type
	// ours: nobody else's code gets to see a value while it is written.
	ours bool
	// lists: a value can be a list or have one, outside other lists.
	lists bool
}

// field is a member of an object.
type field struct {
	offset uintptr
	key    string // with what stands before and after: `,"name":`
	omit   omission
	node   *node
}

// slice is how Go lays out a slice.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

// At returns a pointer to the value at an address, for what only reflect can do.
func (n *node) At(p unsafe.Pointer) reflect.Value { return reflect.NewAt(n.typ, p) }

// omission is when a member is left out.
type omission uint8

const (
	never omission = iota
	whenEmpty
	whenZero
	whenIsZero // its method says so
	whenUnset  // of a nullable
)

// NullableItem returns the T of a type that is a struct of a *T, nil for null
// and for nothing, and of a bool, true for null; nil for all others. Package
// wire, whose type that is, sets it before anything is read or written.
var NullableItem = func(reflect.Type) reflect.Type { return nil }

// isNull is the bool of a nullable.
func isNull(p unsafe.Pointer) *bool { return (*bool)(unsafe.Add(p, unsafe.Sizeof(p))) }

// maxFields is how many members are told apart while an object is read.
const maxFields = 256

type isZeroer interface{ IsZero() bool }

var (
	timeType = reflect.TypeFor[time.Time]()
	// methods are those with which a type writes or reads itself.
	methods = []reflect.Type{
		reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[jsonv2.MarshalerTo](), reflect.TypeFor[jsonv2.UnmarshalerFrom](),
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](), reflect.TypeFor[encoding.TextAppender](),
	}
	isZeroType = reflect.TypeFor[isZeroer]()
)

// compiler holds the types that are being compiled: types are recursive.
type compiler map[reflect.Type]*node

func (c compiler) node(t reflect.Type) *node {
	if known, ok := c[t]; ok {
		return known
	}
	n := &node{typ: t}
	c[t] = n
	if t == numberType {
		return n
	}
	if t == timeType {
		n.kind = instant
		return n
	}
	if item := NullableItem(t); item != nil {
		if elem := c.node(item); elem.kind != foreign {
			n.kind, n.elem = nullable, elem
		}
		return n
	}
	if t.Kind() != reflect.Pointer {
		for _, m := range methods {
			if reflect.PointerTo(t).Implements(m) {
				return n
			}
		}
	}
	switch t.Kind() {
	case reflect.String:
		n.kind = text
	case reflect.Bool:
		n.kind = boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if t != reflect.TypeFor[time.Duration]() { // which has no JSON of its own
			n.kind, n.bits = integer, t.Bits()
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n.kind, n.bits = unsigned, t.Bits()
	case reflect.Float32, reflect.Float64:
		n.kind, n.bits = float, t.Bits()
	case reflect.Pointer:
		n.kind, n.elem = pointer, c.node(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // which is base64
			n.kind, n.elem, n.size = list, c.node(t.Elem()), t.Elem().Size()
		}
	case reflect.Struct:
		if c.fields(n, t) {
			n.kind = object
		}
	}
	return n
}

// fields compiles the members of a struct, or reports that it is not one of
// those that generated code has.
func (c compiler) fields(n *node, t reflect.Type) bool {
	n.byName = make(map[string]int, t.NumField())
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("json")
		if tag == "-" || !sf.IsExported() && !tagged && !sf.Anonymous {
			continue
		}
		name, option, _ := strings.Cut(tag, ",")
		if name == "" {
			name = sf.Name
		}
		_, twice := n.byName[name]
		quoted, err := jsontext.AppendQuote(nil, name)
		if !sf.IsExported() || sf.Anonymous || twice || err != nil || strings.ContainsAny(name, "\\'\"`") {
			return false
		}
		f := field{offset: sf.Offset, key: "," + string(quoted) + ":", node: c.node(sf.Type)}
		switch option {
		case "":
			if strings.HasSuffix(tag, ",") {
				return false
			}
		case "omitempty":
			f.omit = whenEmpty
		case "omitzero":
			f.omit = whenZero
			if sf.Type.Kind() == reflect.Interface || sf.Type.Kind() == reflect.Pointer && sf.Type.Implements(isZeroType) {
				return false
			}
			if reflect.PointerTo(sf.Type).Implements(isZeroType) {
				f.omit = whenIsZero
			}
			if f.node.kind == nullable {
				f.omit = whenUnset
			}
		default:
			return false
		}
		n.byName[name] = len(n.fields)
		n.fields = append(n.fields, f)
	}
	return len(n.fields) > 0 && len(n.fields) <= maxFields
}
