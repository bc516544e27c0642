package wire

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/banyan-go/banyan/wire/internal/codec"
)

// Nullable is a member of an object that may be absent, null, or a T: all three
// are told apart. The zero value is absent.
//
// Its field is exported so that the rules of the value inside are looked at.
type Nullable[T any] struct {
	// Value is nil when the member is absent or null.
	Value *T `json:"-" validate:"omitnil"`
	// Null says that the member is there and null; Value counts for more.
	Null bool `json:"-"`
}

// Some returns a member with a value.
func Some[T any](v T) Nullable[T] { return Nullable[T]{Value: &v} }

// Null returns a member that is null.
func Null[T any]() Nullable[T] { return Nullable[T]{Null: true} }

// Get returns the value, and an error when there is none.
func (n Nullable[T]) Get() (T, error) {
	switch {
	case n.Value != nil:
		return *n.Value, nil
	case n.Null:
		return *new(T), errors.New("value is null")
	}
	return *new(T), errors.New("value is not specified")
}

// Set sets the value.
func (n *Nullable[T]) Set(v T) { *n = Some(v) }

// SetNull sets the member to null.
func (n *Nullable[T]) SetNull() { *n = Null[T]() }

// SetUnspecified takes the member away.
func (n *Nullable[T]) SetUnspecified() { *n = Nullable[T]{} }

// IsNull reports whether the member is there and null.
func (n Nullable[T]) IsNull() bool { return n.Value == nil && n.Null }

// IsSpecified reports whether the member is there.
func (n Nullable[T]) IsSpecified() bool { return n.Value != nil || n.Null }

// IsZero reports whether the member is absent, which leaves it out of JSON.
func (n Nullable[T]) IsZero() bool { return !n.IsSpecified() }

// MarshalJSON writes the value, or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.Value == nil {
		return []byte("null"), nil
	}
	return Marshal(n.Value)
}

// UnmarshalJSON reads the value, or null.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		n.SetNull()
		return nil
	}
	v := new(T)
	if err := unmarshalLenient(data, v); err != nil {
		return err
	}
	*n = Nullable[T]{Value: v}
	return nil
}

func (*Nullable[T]) item() reflect.Type { return reflect.TypeFor[T]() }

// nullableItem returns the T of a Nullable, or nil for other types.
func nullableItem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Struct && t.NumField() == 2 {
		if n, ok := reflect.New(t).Interface().(interface{ item() reflect.Type }); ok {
			return n.item()
		}
	}
	return nil
}

func init() { codec.NullableItem = nullableItem }

var _ json.Unmarshaler = (*Nullable[int])(nil)
