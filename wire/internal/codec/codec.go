// Package codec writes Go values as JSON and reads them back, by the rules of
// json v2 and several times faster for the types that generated code has.
//
// json v2 carries a state machine, a name table and options through every
// token. Here a type is compiled once to the few things that can happen to it,
// and a document is written or read in one pass. Whatever that pass does not
// know, a type, an unusual escape, a fault, it leaves to json v2, which starts
// again: there is one set of rules, and one source of errors.
package codec

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// A nil slice is [] and a nil map {}: the contract says array and object, and
// null would be neither. Struct tags keep the meaning encoding/json gives them.
var encodeOptions = jsonv2.JoinOptions(
	jsonv1.OmitEmptyWithLegacySemantics(true),
	jsonv2.Deterministic(true),
	jsonv2.WithMarshalers(writers),
)

// Mode is how a document is read.
type Mode uint8

const (
	// Strict refuses a name that stands twice in an object, and bytes that are
	// not UTF-8.
	Strict Mode = iota
	// Lenient takes them.
	Lenient
)

// options is what json v2 is told, by Mode.
var options = [...]jsonv2.Options{
	Strict: jsonv2.WithUnmarshalers(readers),
	Lenient: jsonv2.JoinOptions(
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
		jsonv2.WithUnmarshalers(readers),
	),
}

// Options returns the mode's options for json v2.
func (m Mode) Options() jsonv2.Options { return options[m] }

// Append appends v as JSON to dst. v had better be a pointer: other values are
// copied first. On an error dst is returned as it was.
func Append(dst []byte, v any) ([]byte, error) {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer {
		return appendCopy(dst, t, reflect.ValueOf(Unseen(v)))
	}
	return Compile(t.Elem()).append(dst, Unseen(v))
}

// Append is like the function of that name, and saves looking for the type
// where v is a pointer to a value of it. A nil Type looks.
func (n *node) Append(dst []byte, v any) ([]byte, error) {
	if n == nil || reflect.TypeOf(v) != n.pointer {
		return Append(dst, v)
	}
	return n.append(dst, Unseen(v))
}

// append appends what p, a pointer to such a value, points to.
func (n *node) append(dst []byte, p any) ([]byte, error) {
	if n.ours {
		if to := reflect.ValueOf(p).UnsafePointer(); to != nil {
			if out, ok := n.write(dst, to, maxDepth); ok {
				return out, nil
			}
		}
	}
	return appendCopy(dst, n.typ, reflect.ValueOf(p).Elem())
}

// appendCopy appends a value, or nil where there is none, by way of a copy that
// others may see.
func appendCopy(dst []byte, t reflect.Type, v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return append(dst, "null"...), nil
	}
	seen := reflect.New(t)
	seen.Elem().Set(v)
	if n := Compile(t); n.kind != foreign {
		if out, ok := n.write(dst, seen.UnsafePointer(), maxDepth); ok {
			return out, nil
		}
	}
	data, err := jsonv2.Marshal(seen.Interface(), encodeOptions)
	if err != nil {
		return dst, err
	}
	return append(dst, data...), nil
}

// Unseen is v, a pointer, without the compiler seeing that it is passed on: what v points
// to, most answers, may then live on the stack of the handler that makes it.
// The caller must not let it get anywhere else.
//
// What is reached from there may be passed on, so that has to be on the heap.
func Unseen(v any) (same any) {
	if passed {
		reached = *(*unsafe.Pointer)((*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1])
	}
	// Addresses are only numbers here, but there is no call in between, and
	// stacks move only at calls.
	*(*[2]uintptr)(unsafe.Pointer(&same)) = *(*[2]uintptr)(unsafe.Pointer(&v))
	return same
}

var (
	passed bool // never
	//lint:ignore U1000 nobody reads it: the compiler only has to see that somebody could
	reached unsafe.Pointer
)

// Unmarshal reads one JSON document, and nothing after it, into v, which is a
// pointer. Names match exactly.
func Unmarshal(data []byte, v any, mode Mode) error {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() {
		// json v2 merges into what is there; reading here starts from nothing.
		if n := Compile(rv.Type().Elem()); n.kind != foreign && rv.Elem().IsZero() {
			d := decoder{data: data, mode: mode}
			if d.document(n, rv.UnsafePointer()) {
				return nil
			}
			rv.Elem().SetZero()
		}
	}
	return slowly(data, v, mode)
}

// New reads one JSON document, and nothing after it, as a new value of the type, and
// returns its address.
func (n *node) New(data []byte, mode Mode) (unsafe.Pointer, error) {
	v := reflect.New(n.typ)
	p := v.UnsafePointer()
	if n.kind != foreign {
		d := decoder{data: data, mode: mode}
		if d.document(n, p) {
			return p, nil
		}
		v.Elem().SetZero()
	}
	if err := slowly(data, v.Interface(), mode); err != nil {
		return nil, err
	}
	return p, nil
}

// slowly reads with json v2.
func slowly(data []byte, v any, mode Mode) error {
	err := jsonv2.Unmarshal(data, v, options[mode])
	if err == nil {
		return nil
	}
	if wrong := (*time.ParseError)(nil); errors.As(err, &wrong) {
		// RFC 3339 also has lower case and leap seconds, which time.Time does
		// not read. They are too rare to look for them in every value.
		return jsonv2.Unmarshal(data, v, options[mode], timeOptions)
	}
	return err
}

var timeOptions = jsonv2.WithUnmarshalers(jsonv2.JoinUnmarshalers(readers, jsonv2.UnmarshalFunc(func(data []byte, t *time.Time) error {
	s, err := jsontext.AppendUnquote(nil, data)
	if err != nil {
		return err
	}
	text := bytes.ToUpper(s)
	leap := len(text) > 19 && text[17] == '6' && text[18] == '0'
	if leap {
		copy(text[17:19], "59")
	}
	if *t, err = time.Parse(time.RFC3339Nano, string(text)); leap {
		*t = t.Add(time.Second)
	}
	return err
})))

var types sync.Map // reflect.Type -> *Type

// Compile returns what a type is compiled to. It does so once for each type.
func Compile(t reflect.Type) *Type {
	if known, ok := types.Load(t); ok {
		return known.(*Type)
	}
	c := compiler{}
	n := c.node(t)
	n.pointer, n.ours, n.lists = reflect.PointerTo(t), true, n.holdsLists(map[*node]bool{})
	for _, part := range c {
		n.ours = n.ours && part.kind != foreign && !slices.ContainsFunc(part.fields, func(f field) bool { return f.omit == whenIsZero })
	}
	known, _ := types.LoadOrStore(t, n)
	return known.(*Type)
}
