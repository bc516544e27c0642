package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Union is what a union of a contract (oneOf, anyOf) holds: its value as the JSON
// that it is. What nobody knows is kept, and what is read is written again. The
// zero value holds nothing. Generated types have one in a field, and their methods
// call those here.
//
// These take pointers to values of any type, not type parameters, and are not
// inlined: a contract has hundreds of variants, and each would be compiled with
// a copy of them, and with another for pointers to the union.
type Union json.RawMessage

// MarshalJSON returns the value, or null when there is none.
//
//go:noinline
func (u Union) MarshalJSON() ([]byte, error) { return json.RawMessage(u).MarshalJSON() }

// UnmarshalJSON keeps a copy of the document that a union is read from.
//
//go:noinline
func (u *Union) UnmarshalJSON(data []byte) error {
	*u = append(Union(nil), data...)
	return nil
}

// As reads the value into what v points to.
//
//go:noinline
func (u Union) As(v any) error {
	if len(u) == 0 {
		return errNoValue
	}
	return unmarshalLenient(u, v)
}

// From sets the value to what v points to.
//
//go:noinline
func (u *Union) From(v any) error {
	data, err := Marshal(v)
	if err == nil {
		*u = data
	}
	return err
}

// FromNamed is From for a union whose discriminator tells the types apart. Unless
// the value has one of the names of its type, it gets the first.
//
//go:noinline
func (u *Union) FromNamed(v any, property string, names ...string) error {
	data, err := stamped(v, property, names)
	if err == nil {
		*u = Union(data)
	}
	return err
}

// Merge lays the members of what v points to over the value.
//
//go:noinline
func (u *Union) Merge(v any) error {
	data, err := Marshal(v)
	if err != nil {
		return err
	}
	return u.merge(data)
}

// MergeNamed is Merge for a union with a discriminator.
//
//go:noinline
func (u *Union) MergeNamed(v any, property string, names ...string) error {
	data, err := stamped(v, property, names)
	if err != nil {
		return err
	}
	return u.merge(data)
}

func (u *Union) merge(data json.RawMessage) error {
	merged, err := Merge(json.RawMessage(*u), data)
	if err == nil {
		*u = Union(merged)
	}
	return err
}

func stamped(v any, property string, names []string) (json.RawMessage, error) {
	data, err := Marshal(v)
	if err != nil {
		return nil, err
	}
	name, err := Union(data).Discriminator(property)
	if err == nil && slices.Contains(names, name) {
		return data, nil
	}
	value, err := jsontext.AppendQuote(nil, names[0])
	if err != nil {
		return nil, err
	}
	all, _ := members(data) // none of what is no object
	for _, m := range all { // its type wants what the member is
		if word := jsontext.Value(names[0]); m.name == property && m.value.Kind() != '"' && word.IsValid() && isWord(word.Kind()) && isWord(m.value.Kind()) {
			value = word
		}
	}
	member, err := writeMembers([]member{{property, value}})
	if err != nil {
		return nil, err
	}
	return Merge(data, member)
}

// isWord reports whether JSON of a kind is a number or boolean.
func isWord(k jsontext.Kind) bool { return k == '0' || k == 't' || k == 'f' }

// Discriminator returns the member of the value that tells its type: text, or a number
// or boolean as it is written. It fails when there is none, or it is something else.
//
//go:noinline
func (u Union) Discriminator(property string) (string, error) {
	if len(u) == 0 {
		return "", errNoValue
	}
	all, err := members(u)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if m.name != property {
			continue
		}
		switch m.value.Kind() {
		case '"':
			name, err := jsontext.AppendUnquote(nil, m.value)
			return string(name), err
		}
		if isWord(m.value.Kind()) {
			return string(m.value), nil
		}
		return "", fmt.Errorf("the discriminator %s is not text", property)
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

// Named is what a value of a discriminator names: a nil pointer to a type.
type Named struct {
	Value string
	Type  any
}

// ValueByDiscriminator returns the value in the type that its discriminator names.
// A name that is not there is an *UnknownVariant.
//
//go:noinline
func (u Union) ValueByDiscriminator(property string, types ...Named) (any, error) {
	name, err := u.Discriminator(property)
	if err != nil {
		return nil, &untold{err, types}
	}
	for _, n := range types {
		if n.Value == name {
			v := reflect.New(reflect.TypeOf(n.Type).Elem())
			err := u.As(v.Interface())
			return v.Elem().Interface(), err
		}
	}
	return nil, &UnknownVariant{Property: property, Value: name}
}

// untold is a value whose discriminator tells nothing.
type untold struct {
	error
	types []Named
}

// Known returns what typed returns, or the value as json.RawMessage where its type
// is not known. Where its type is not told, it is what the value fits, as in Value.
// It fails only when the union holds nothing, or a value that is not of the type
// that it names.
//
//go:noinline
func (u Union) Known(typed func() (any, error)) (any, error) {
	if len(u) == 0 {
		return nil, errNoValue
	}
	v, err := typed()
	var unknown *UnknownVariant
	if errors.As(err, &unknown) {
		return json.RawMessage(slices.Clone(u)), nil
	}
	if silent := (*untold)(nil); errors.As(err, &silent) {
		variants := make([]any, len(silent.types))
		for i, n := range silent.types {
			variants[i] = n.Type
		}
		return u.Value(variants...)
	}
	return v, err
}

// Value returns the value as the type that it fits best: the one
// that knows most of its members, and the first of those that know as many. It
// does not fit a type of which a required member is missing, a member has
// another type, or an enum does not list a value. When it fits none, it is
// returned as json.RawMessage. The variants are nil pointers to the types.
//
//go:noinline
func (u Union) Value(variants ...any) (any, error) {
	if len(u) == 0 {
		return nil, errNoValue
	}
	var best any
	least := -1
	for _, variant := range variants {
		if v, unknown, ok := fitAs(json.RawMessage(u), reflect.TypeOf(variant).Elem()); ok && (least < 0 || unknown < least) {
			best, least = v, unknown
		}
	}
	if least < 0 {
		return json.RawMessage(slices.Clone(u)), nil
	}
	return best, nil
}

// Ptr returns a pointer to v.
func Ptr[T any](v T) *T { return &v }
