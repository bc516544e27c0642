package wire

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/banyan-go/banyan/wire/internal/codec"
)

// Nullable is a member of an object that may be absent, null, or a T: all three
// are told apart. The zero value is absent. Its fields are those of a
// [NullablePointer]; [Some] and [Null] make one with a value and one with null.
type Nullable[T any] = NullablePointer[*T]

// NullablePointer is what a [Nullable] is; P is a pointer. A contract has hundreds of
// types that may be null, and of generic code the compiler makes one copy for all
// pointers, but one for each other type.
type NullablePointer[P any] struct {
	// Value is nil when the member is absent or null.
	Value P `json:"-" validate:"omitnil"`
	// To compare addresses would be a mistake, and Go need not compile how, for
	// each P. Not at the end, where it would take up space.
	_ [0]func()
	// Null says that the member is there and null; Value counts for more. What
	// was read has one of the two at most.
	Null bool `json:"-"`
}

// Some returns a member with a value.
func Some[T any](v T) Nullable[T] { return Nullable[T]{Value: &v} }

// Null returns a member that is null.
func Null[T any]() Nullable[T] { return Nullable[T]{Null: true} }

// MarshalJSON writes the value, or null.
//
//go:noinline
func (n NullablePointer[P]) MarshalJSON() ([]byte, error) { return writeNullable(n.Value) }

// UnmarshalJSON reads the value, or null.
//
//go:noinline
func (n *NullablePointer[P]) UnmarshalJSON(data []byte) error {
	return readNullable(data, &n.Value, &n.Null)
}

// What the two methods do is no generic code, and not inlined: it would be compiled
// with each type. That is also why there are no other methods.

//go:noinline
func writeNullable(value any) ([]byte, error) {
	if reflect.ValueOf(value).IsNil() {
		return []byte("null"), nil
	}
	return Marshal(value)
}

// readNullable sets a pointer to a new value, which value points to.
//
//go:noinline
func readNullable(data []byte, value any, null *bool) error {
	p := reflect.ValueOf(value).Elem()
	if string(data) == "null" {
		p.SetZero()
		*null = true
		return nil
	}
	v := reflect.New(p.Type().Elem())
	if err := unmarshalLenient(data, v.Interface()); err != nil {
		return err
	}
	p.Set(v)
	*null = false
	return nil
}

// nullableItem returns the T of a Nullable, or nil for other types.
func nullableItem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Struct && t.PkgPath() == nullablePackage && strings.HasPrefix(t.Name(), "NullablePointer[") {
		return t.Field(0).Type.Elem()
	}
	return nil
}

// isNull reports whether a member is there and null: a pointer says so where it is
// required.
func isNull(v reflect.Value, required bool) bool {
	if nullableItem(v.Type()) != nil {
		return v.Field(0).IsNil() && v.FieldByName("Null").Bool()
	}
	return required && v.Kind() == reflect.Pointer && v.IsNil()
}

// blank reports whether a text of nothing is null where a member of a type is
// wanted: of scalars that are no texts themselves.
func blank(t reflect.Type) bool {
	if item := nullableItem(t); item != nil {
		t = item
	} else if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return text("").nothing(t) && wants(t) != object
}

var nullablePackage = reflect.TypeFor[Nullable[int]]().PkgPath()

func init() { codec.NullableItem = nullableItem }

var _ json.Unmarshaler = (*Nullable[int])(nil)
