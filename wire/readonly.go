package wire

import (
	"bytes"
	"reflect"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Members that only answers have are fields with the tag wire:"readOnly". A
// required one has no form in which it is absent, and a value may come from an
// answer: they are taken out of what is sent.

const readOnlyTag = "readOnly"

var readOnlyTypes sync.Map // reflect.Type -> bool

// hasReadOnly reports whether values of a type can hold such members. What
// unions hold is not looked into.
func hasReadOnly(t reflect.Type) bool {
	if known, ok := readOnlyTypes.Load(t); ok {
		return known.(bool)
	}
	found := findReadOnly(t, map[reflect.Type]bool{})
	readOnlyTypes.Store(t, found)
	return found
}

func findReadOnly(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return findReadOnly(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && (f.Tag.Get("wire") == readOnlyTag || findReadOnly(f.Type, seen)) {
				return true
			}
		}
	}
	return false
}

// withoutReadOnly takes the members that only answers have out of a value of a
// type, written as JSON.
func withoutReadOnly(raw jsontext.Value, t reflect.Type) (jsontext.Value, error) {
	for {
		if item := nullableItem(t); item != nil {
			t = item
		} else if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			break
		}
	}
	if !hasReadOnly(t) {
		return raw, nil
	}
	switch kind := raw.Kind(); {
	case kind == '[' && t.Kind() == reflect.Slice:
		var items []jsontext.Value
		if err := unmarshalLenient(raw, &items); err != nil {
			return nil, err
		}
		for i := range items {
			var err error
			if items[i], err = withoutReadOnly(items[i], t.Elem()); err != nil {
				return nil, err
			}
		}
		return slices.Concat([]byte("["), bytes.Join(asBytes(items), []byte(",")), []byte("]")), nil
	case kind == '{' && (t.Kind() == reflect.Map || t.Kind() == reflect.Struct):
		return membersWithout(raw, t)
	}
	return raw, nil
}

func asBytes(items []jsontext.Value) [][]byte {
	out := make([][]byte, len(items))
	for i, item := range items {
		out[i] = item
	}
	return out
}

func membersWithout(raw jsontext.Value, t reflect.Type) (jsontext.Value, error) {
	all, err := members(raw)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, m := range all {
		of := memberType(t, m.name)
		if of.tag == readOnlyTag {
			continue
		}
		if of.typ != nil {
			if m.value, err = withoutReadOnly(m.value, of.typ); err != nil {
				return nil, err
			}
		}
		out = append(out, m)
	}
	return writeMembers(out)
}

type memberOfType struct {
	typ reflect.Type // nil when it is not known
	tag string
}

func memberType(t reflect.Type, name string) memberOfType {
	if t.Kind() == reflect.Map {
		return memberOfType{typ: t.Elem()}
	}
	fields := fieldsOf(t)
	if i, ok := fields.index[name]; ok {
		return memberOfType{t.Field(i).Type, t.Field(i).Tag.Get("wire")}
	}
	if fields.rest >= 0 {
		return memberOfType{typ: t.Field(fields.rest).Type.Elem()}
	}
	return memberOfType{}
}
