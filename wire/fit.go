package wire

import (
	"encoding/json"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// fitAs reads a union's value as a generated type, and returns how many members
// it has that the type does not. That a member is required is told by its tag:
// only members that may be absent are omitted when they are.
func fitAs(union json.RawMessage, t reflect.Type) (v any, unknown int, ok bool) {
	if unknown, ok = fits(jsontext.Value(union), t, 0); !ok {
		return nil, 0, false
	}
	p := reflect.New(t)
	if unmarshalLenient(union, p.Interface()) != nil {
		return nil, 0, false
	}
	return p.Elem().Interface(), unknown, true
}

type (
	valid  interface{ Valid() bool }
	choice interface{ Value() (any, error) }
)

// maxFit bounds how deep values are looked into.
const maxFit = 100

// fits reports whether a value is one of a type, and how many members it has
// that the type does not.
func fits(raw jsontext.Value, t reflect.Type, depth int) (unknown int, ok bool) {
	if depth > maxFit {
		return 0, true
	}
	if item := nullableItem(t); item != nil {
		if raw.Kind() == 'n' {
			return 0, true
		}
		return fits(raw, item, depth+1)
	}
	switch t.Kind() {
	case reflect.Pointer:
		if raw.Kind() == 'n' {
			return 0, true
		}
		return fits(raw, t.Elem(), depth+1)
	case reflect.Interface:
		return 0, true
	case reflect.Slice:
		if t == rawMessage {
			return 0, true
		}
		if t.Elem().Kind() != reflect.Uint8 {
			return fitsList(raw, t, depth)
		}
	case reflect.Map:
		return fitsMembers(raw, t, depth)
	case reflect.Struct:
		if tuple, ok := tupleOf(t); ok {
			return fitsTuple(raw, tuple, depth)
		}
		if f := fieldsOf(t); f.union || f.rest >= 0 || !readsItself(t) {
			return fitsStruct(raw, t, f, depth)
		}
	}
	return 0, raw.Kind() != 'n' && reads(raw, t)
}

func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler)
}

// reads reports whether a value can be read as a type, and is one that it lists.
func reads(raw jsontext.Value, t reflect.Type) bool {
	v := reflect.New(t)
	if unmarshalLenient(raw, v.Interface()) != nil {
		return false
	}
	listed, ok := v.Interface().(valid)
	return !ok || listed.Valid()
}

func fitsList(raw jsontext.Value, t reflect.Type, depth int) (unknown int, ok bool) {
	var items []jsontext.Value
	if raw.Kind() != '[' || unmarshalLenient(raw, &items) != nil {
		return 0, false
	}
	for _, item := range items {
		n, ok := fits(item, t.Elem(), depth+1)
		if !ok {
			return 0, false
		}
		unknown += n
	}
	return unknown, true
}

func fitsMembers(raw jsontext.Value, t reflect.Type, depth int) (unknown int, ok bool) {
	all, err := members(raw)
	if err != nil {
		return 0, false
	}
	for _, m := range all {
		n, ok := fits(m.value, t.Elem(), depth+1)
		if !ok {
			return 0, false
		}
		unknown += n
	}
	return unknown, true
}

func fitsStruct(raw jsontext.Value, t reflect.Type, f *structFields, depth int) (unknown int, ok bool) {
	if f.union {
		v := reflect.New(t)
		if unmarshalLenient(raw, v.Interface()) != nil {
			return 0, false
		}
		if c, isChoice := v.Elem().Interface().(choice); isChoice {
			if chosen, err := c.Value(); err != nil || reflect.TypeOf(chosen) == rawMessage {
				return 0, false
			}
		}
		if len(f.index) == 0 {
			return 0, true
		}
	}
	all, err := members(raw)
	if err != nil {
		return 0, false
	}
	seen := make(map[int]bool, len(all))
	for _, m := range all {
		i, known := f.index[m.name]
		switch {
		case known:
			seen[i] = true
			n, ok := fits(m.value, t.Field(i).Type, depth+1)
			if !ok || f.only[i] != "" && m.value.Kind() != 'n' && string(m.value) != f.only[i] {
				return 0, false
			}
			unknown += n
		case f.rest >= 0:
			n, ok := fits(m.value, t.Field(f.rest).Type.Elem(), depth+1)
			if !ok {
				return 0, false
			}
			unknown += n
		case !f.union:
			unknown++
		}
	}
	for _, i := range f.index {
		if f.required[i] && !seen[i] {
			return 0, false
		}
	}
	return unknown, true
}
