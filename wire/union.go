package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// A union of a contract (oneOf, anyOf) holds its value as the JSON that it is:
// what nobody knows is kept, and what is read is written again. The functions
// here are what its generated methods call.

// As returns the value that a union holds as a T.
func As[T any](union json.RawMessage) (T, error) {
	var v T
	err := UnmarshalUnion(union, &v)
	return v, err
}

// From sets the value of a union.
func From[T any](union *json.RawMessage, v T) error {
	data, err := Marshal(&v)
	if err == nil {
		*union = data
	}
	return err
}

// FromNamed sets the value of a union whose discriminator tells the types
// apart. Unless the value has one of the names of its type, it gets the first.
func FromNamed[T any](union *json.RawMessage, v T, property string, names ...string) error {
	data, err := stamped(v, property, names)
	if err == nil {
		*union = data
	}
	return err
}

// MergeIn lays the members of v over the value of a union.
func MergeIn[T any](union *json.RawMessage, v T) error {
	data, err := Marshal(&v)
	if err != nil {
		return err
	}
	*union, err = Merge(*union, data)
	return err
}

// MergeNamed is MergeIn for a union with a discriminator.
func MergeNamed[T any](union *json.RawMessage, v T, property string, names ...string) error {
	data, err := stamped(v, property, names)
	if err != nil {
		return err
	}
	*union, err = Merge(*union, data)
	return err
}

func stamped[T any](v T, property string, names []string) (json.RawMessage, error) {
	data, err := Marshal(&v)
	if err != nil {
		return nil, err
	}
	if name, err := Discriminator(data, property); err == nil && slices.Contains(names, name) {
		return data, nil
	}
	quoted, err := jsontext.AppendQuote(append(mustQuote("{", property), ':'), names[0])
	if err != nil {
		return nil, err
	}
	return Merge(data, append(quoted, '}'))
}

func mustQuote(before, s string) []byte {
	out, _ := jsontext.AppendQuote([]byte(before), s)
	return out
}

// Discriminator returns the member of a union's value that tells its type. It
// fails when there is none, or it is not text.
func Discriminator(union json.RawMessage, property string) (string, error) {
	if len(union) == 0 {
		return "", errNoValue
	}
	all, err := members(union)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if m.name == property {
			if m.value.Kind() != '"' {
				return "", fmt.Errorf("the discriminator %s is not text", property)
			}
			name, err := jsontext.AppendUnquote(nil, m.value)
			return string(name), err
		}
	}
	return "", fmt.Errorf("the discriminator %s is missing", property)
}

var errNoValue = errors.New("the union holds no value")

// UnknownVariant is a value whose discriminator names no type of the contract.
type UnknownVariant struct {
	// Property is the discriminator, Value what it says.
	Property, Value string
}

// Error names the value.
func (e *UnknownVariant) Error() string {
	return fmt.Sprintf("unknown discriminator value: %s is %q", e.Property, e.Value)
}

// Known returns what typed returns, or the raw value of the union where its type
// is not known or not told. It fails only when the union holds nothing, or a
// value that is not of the type that it names.
func Known(union json.RawMessage, typed func() (any, error)) (any, error) {
	if len(union) == 0 {
		return nil, errNoValue
	}
	v, err := typed()
	var unknown *UnknownVariant
	if errors.As(err, &unknown) {
		return slices.Clone(union), nil
	}
	return v, err
}

// A Variant tries to read a union's value as one of its types. Unknown is how
// many members of it the type does not have; ok is false when the value is not
// of the type: a required member is missing, a member has another type, or a
// value that its enum does not list.
type Variant func(union json.RawMessage) (v any, unknown int, ok bool)

// Value returns the value of a union as the type that it fits best: the one
// that knows most of its members, and the first of those that know as many.
// When it fits none, it is returned as json.RawMessage.
func Value(union json.RawMessage, variants ...Variant) (any, error) {
	if len(union) == 0 {
		return nil, errNoValue
	}
	var best any
	least := -1
	for _, try := range variants {
		if v, unknown, ok := try(union); ok && (least < 0 || unknown < least) {
			best, least = v, unknown
		}
	}
	if least < 0 {
		return slices.Clone(union), nil
	}
	return best, nil
}

// Ptr returns a pointer to v.
func Ptr[T any](v T) *T { return &v }
