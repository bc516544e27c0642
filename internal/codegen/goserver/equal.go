package goserver

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// equalSchemas reports whether two schemas say the same, wherever they stand.
// What a reference leads to is equal to itself only.
func equalSchemas(a, b *openapi.Schema) bool {
	return equalParts(reflect.ValueOf(a), reflect.ValueOf(b))
}

var (
	posType = reflect.TypeFor[config.Pos]()
	refType = reflect.TypeFor[openapi.SchemaRef]()
	// places say where things stand.
	places = []reflect.Type{posType, reflect.TypeFor[map[string]config.Pos](), reflect.TypeFor[openapi.Source]()}
)

// equalParts compares values of one type.
func equalParts(a, b reflect.Value) bool {
	if slices.Contains(places, a.Type()) {
		return true
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		a, b = a.Elem(), b.Elem()
		return a.Type() == b.Type() && equalParts(a, b)
	case reflect.Struct:
		if a.Type() == refType {
			if l, r := a.Field(0).String(), b.Field(0).String(); l != "" || r != "" {
				return l == r
			}
		}
		for i := range a.NumField() {
			if !equalParts(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !equalParts(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for it := a.MapRange(); it.Next(); {
			other := b.MapIndex(it.Key())
			if !other.IsValid() || !equalParts(it.Value(), other) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// sameValue reports whether two values are one in JSON: 1 and 1.0 are, and so are
// lists and objects of the same values.
func sameValue(a, b any) bool {
	switch a := a.(type) {
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, sameValue)
	case map[string]any:
		other, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, other, sameValue)
	case json.Number:
		other, ok := b.(json.Number)
		if l, r := rational(a), rational(other); ok && l != nil && r != nil {
			return l.Cmp(r) == 0
		}
		return ok && a == other
	}
	return a == b
}
