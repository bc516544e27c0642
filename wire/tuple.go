package wire

import (
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// Tuple is a JSON array whose items have a place and a type each: what
// prefixItems of JSON Schema describes. Generated types return one, which says
// where in them the items are.
type Tuple struct {
	// Items point to the first items, in order.
	Items []any
	// Least is how many of them are always there. One after these is absent when
	// it is a nil pointer, slice or map, or a Nullable that is absent.
	Least int
	// Rest points to a slice of the items after those, or is nil where there may
	// be none.
	Rest any
}

// tupled are the generated types.
type tupled interface{ Tuple() Tuple }

// MarshalJSON writes the items up to the last one that is there. It fails when
// one before that is absent: a list has no holes.
func (t Tuple) MarshalJSON() ([]byte, error) {
	var rest []byte
	if t.Rest != nil && reflect.ValueOf(t.Rest).Elem().Len() > 0 {
		data, err := Marshal(t.Rest)
		if err != nil {
			return nil, err
		}
		rest = data[1 : len(data)-1]
	}
	n := len(t.Items)
	for rest == nil && n > t.Least && reflect.ValueOf(t.Items[n-1]).Elem().IsZero() {
		n--
	}
	out := []byte{'['}
	for i, item := range t.Items[:n] {
		if i >= t.Least && reflect.ValueOf(item).Elem().IsZero() {
			return nil, fmt.Errorf("item %d of a tuple is absent, and one after it is there", i)
		}
		data, err := Marshal(item)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, data...)
	}
	if rest != nil {
		if n > 0 {
			out = append(out, ',')
		}
		out = append(out, rest...)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads the items, of which there must be as many as the tuple
// has. Those that are not there become absent.
func (t Tuple) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil // as everywhere in encoding/json
	}
	var raw []jsontext.Value
	if err := unmarshalLenient(data, &raw); err != nil {
		return err
	}
	if err := t.count(len(raw)); err != nil {
		return err
	}
	for i, item := range t.Items {
		reflect.ValueOf(item).Elem().SetZero()
		if i >= len(raw) {
			continue
		}
		if err := unmarshalLenient(raw[i], item); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	if t.Rest == nil {
		return nil
	}
	rest := reflect.ValueOf(t.Rest).Elem()
	rest.SetZero()
	for i := len(t.Items); i < len(raw); i++ {
		item := reflect.New(rest.Type().Elem())
		if err := unmarshalLenient(raw[i], item.Interface()); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		rest.Set(reflect.Append(rest, item.Elem()))
	}
	return nil
}

// count refuses lists that are too short or too long.
func (t Tuple) count(n int) error {
	switch {
	case n < t.Least:
		return fmt.Errorf("must have at least %d items", t.Least)
	case n > len(t.Items) && t.Rest == nil:
		return fmt.Errorf("must have at most %d items", len(t.Items))
	}
	return nil
}

// assign sets the items from a parameter or a field of a form.
func (t Tuple) assign(n node) error {
	items, ok := n.listed()
	if !ok || n.kind == object {
		return errNotList
	}
	if err := t.count(len(items)); err != nil {
		return err
	}
	for i, item := range t.Items[:min(len(items), len(t.Items))] {
		if err := assign(reflect.ValueOf(item).Elem(), items[i]); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	if len(items) > len(t.Items) {
		return assignList(reflect.ValueOf(t.Rest).Elem(), node{kind: list, items: items[len(t.Items):]})
	}
	return nil
}

// tupleOf returns the items of a new value of a type that is a tuple.
func tupleOf(t reflect.Type) (Tuple, bool) {
	if t.Kind() != reflect.Struct || !reflect.PointerTo(t).Implements(tupleType) {
		return Tuple{}, false
	}
	return reflect.New(t).Interface().(tupled).Tuple(), true
}

var tupleType = reflect.TypeFor[tupled]()

func fitsTuple(raw jsontext.Value, t Tuple, depth int) (unknown int, ok bool) {
	var items []jsontext.Value
	if raw.Kind() != '[' || unmarshalLenient(raw, &items) != nil || t.count(len(items)) != nil {
		return 0, false
	}
	for i, item := range items {
		var of reflect.Type
		if i < len(t.Items) {
			of = reflect.TypeOf(t.Items[i]).Elem()
		} else {
			of = reflect.TypeOf(t.Rest).Elem().Elem()
		}
		n, ok := fits(item, of, depth+1)
		if !ok {
			return 0, false
		}
		unknown += n
	}
	return unknown, true
}
