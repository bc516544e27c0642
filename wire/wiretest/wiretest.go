// Package wiretest is what generated tests call: data and one call, so that
// what the tests do wrong is mended by an upgrade.
package wiretest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/wire"
)

// Tags runs the validate tags of structs. Validator reads a tag when it first
// meets it and panics when it makes no sense, or does not fit the type; Tags
// reports that for every part of every tag, whatever the parts before it say.
func Tags(t testing.TB, models ...any) {
	t.Helper()
	for _, model := range models {
		typ := reflect.TypeOf(model)
		for _, depth := range []int{0, 1, most} {
			value := reflect.New(typ)
			fill(value.Elem(), depth)
			if failure := run(func() { _ = wire.Validator().Struct(value.Interface()) }); failure != nil {
				t.Errorf("%s: validator panics: %v", typ, failure)
			}
		}
		value := reflect.New(typ)
		fill(value.Elem(), most)
		for i := range typ.NumField() {
			field := typ.Field(i)
			for _, part := range parts(field.Tag.Get("validate")) {
				v := wire.NewValidator()
				v.RegisterStructValidationMapRules(map[string]string{field.Name: part}, reflect.Zero(typ).Interface())
				if failure := run(func() { _ = v.Struct(value.Interface()) }); failure != nil {
					t.Errorf("%s.%s: validator panics at %q: %v", typ, field.Name, part, failure)
				}
			}
		}
	}
}

// Tag runs a tag that leads to the structs in a list or map.
func Tag[T any](t testing.TB, tag string) {
	t.Helper()
	for _, depth := range []int{0, 1, most} {
		var value T
		fill(reflect.ValueOf(&value).Elem(), depth)
		for _, part := range append(parts(tag), tag) {
			if failure := run(func() { _ = wire.NewValidator().Var(value, part) }); failure != nil {
				t.Errorf("%s: validator panics at %q: %v", reflect.TypeFor[T](), part, failure)
			}
		}
	}
}

// parts takes a tag apart: each part alone, at the level where it stands.
func parts(tag string) (out []string) {
	level := ""
	for part := range strings.SplitSeq(tag, ",") {
		switch part {
		case "", "-", "omitnil", "omitzero", "omitempty":
		case "dive":
			level += "dive,"
			out = append(out, strings.TrimSuffix(level, ","))
		default:
			out = append(out, level+part)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func run(f func()) (failure any) {
	defer func() { failure = recover() }()
	f()
	return nil
}

// most is how deep values are filled.
const most = 4

// fill sets everything in a value, down to a depth.
func fill(v reflect.Value, depth int) {
	if depth == 0 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth)
	case reflect.Struct:
		if v.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) {
			v.Set(reflect.ValueOf(time.Unix(1<<30, 0)).Convert(v.Type()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), depth-1)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte("{}"))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			if key.Kind() == reflect.String {
				key.SetString(fmt.Sprint("key", i))
			}
			fill(value, depth-1)
			v.SetMapIndex(key, value)
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf(map[string]any{"key": []any{"value", 1.5, nil}}))
		}
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	default:
		switch {
		case v.CanInt():
			v.SetInt(1)
		case v.CanUint():
			v.SetUint(1)
		case v.CanFloat():
			v.SetFloat(1.5)
		}
	}
}
