package wire

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// direction is what a message leaves out. Members that only answers have are
// fields with the tag wire:"readOnly", those that only requests have
// wire:"writeOnly"; a union says of which kind its types have some. A required
// one may have no form in which it is absent, and a value may come from a message
// of the other direction: they are taken out of what is sent.
type direction string

const (
	// asRequest is what clients send, and whoever answers a webhook.
	asRequest direction = "readOnly"
	// asAnswer is what the owner of the data sends: answers, and webhooks.
	asAnswer direction = "writeOnly"
)

// requestsAs is what the shape's requests leave out, answersAs what its answers do.
// Of a webhook or callback the owner of the data sends the request.
func requestsAs(s *Shape) direction {
	if s.Outgoing {
		return asAnswer
	}
	return asRequest
}

func answersAs(s *Shape) direction {
	if s.Outgoing {
		return asRequest
	}
	return asAnswer
}

type leaves struct {
	direction direction
	typ       reflect.Type
}

var leaving sync.Map // leaves -> bool

// holds reports whether values of a type can hold members to leave out.
func (d direction) holds(t reflect.Type) bool {
	if known, ok := leaving.Load(leaves{d, t}); ok {
		return known.(bool)
	}
	found := d.find(t, map[reflect.Type]bool{})
	leaving.Store(leaves{d, t}, found)
	return found
}

func (d direction) find(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return d.find(t.Elem(), seen)
	case reflect.Struct:
		if item := nullableItem(t); item != nil {
			return d.find(item, seen)
		}
		for i := range t.NumField() {
			f := t.Field(i)
			if d.tagged(f) || f.IsExported() && d.find(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

func (d direction) tagged(f reflect.StructField) bool {
	return slices.Contains(strings.Split(f.Tag.Get("wire"), ","), string(d))
}

// marshal is Marshal for a message of the direction.
func (d direction) marshal(v any) ([]byte, error) {
	data, err := Marshal(v)
	if err == nil && v != nil {
		data, err = d.strip(data, reflect.TypeOf(v))
	}
	return data, err
}

// strip takes what the message leaves out from a value of a type, written as
// JSON.
func (d direction) strip(raw jsontext.Value, t reflect.Type) (jsontext.Value, error) {
	for {
		if item := nullableItem(t); item != nil {
			t = item
		} else if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			break
		}
	}
	if !d.holds(t) {
		return raw, nil
	}
	var err error
	switch kind := raw.Kind(); {
	case kind == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Struct):
		raw, err = d.items(raw, t)
	case kind == '{' && (t.Kind() == reflect.Map || t.Kind() == reflect.Struct):
		raw, err = d.members(raw, t)
	}
	if err != nil || t.Kind() != reflect.Struct || !fieldsOf(t).union {
		return raw, err
	}
	if variant := variantOf(raw, t); variant != nil && variant != t {
		return d.strip(raw, variant)
	}
	return raw, nil
}

// items strips the items of a list, or of a tuple, whose fields are called after
// their places.
func (d direction) items(raw jsontext.Value, t reflect.Type) (jsontext.Value, error) {
	var items []jsontext.Value
	if err := unmarshalLenient(raw, &items); err != nil {
		return nil, err
	}
	for i := range items {
		of := t
		if t.Kind() == reflect.Slice {
			of = t.Elem()
		} else if fields := fieldsOf(t); fields.union {
			return raw, nil
		} else if at, ok := fields.index[strconv.Itoa(i)]; ok {
			of = t.Field(at).Type
		} else if rest, ok := t.FieldByName("Rest"); ok && rest.Type.Kind() == reflect.Slice {
			of = rest.Type.Elem()
		} else {
			continue
		}
		var err error
		if items[i], err = d.strip(items[i], of); err != nil {
			return nil, err
		}
	}
	parts := make([][]byte, len(items))
	for i, item := range items {
		parts[i] = item
	}
	return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]")), nil
}

func (d direction) members(raw jsontext.Value, t reflect.Type) (jsontext.Value, error) {
	all, err := members(raw)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, m := range all {
		of, left := d.member(t, m.name)
		if left {
			continue
		}
		if of != nil {
			if m.value, err = d.strip(m.value, of); err != nil {
				return nil, err
			}
		}
		out = append(out, m)
	}
	return writeMembers(out)
}

// member returns the type of a member, nil where it is not known, and whether it
// is left out.
func (d direction) member(t reflect.Type, name string) (of reflect.Type, left bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), false
	}
	fields := fieldsOf(t)
	if i, ok := fields.index[name]; ok {
		return t.Field(i).Type, d.tagged(t.Field(i))
	}
	if fields.rest >= 0 {
		return t.Field(fields.rest).Type.Elem(), false
	}
	return nil, false
}

// variantOf returns which type of a union a value is of, or nil.
func variantOf(raw jsontext.Value, union reflect.Type) reflect.Type {
	v := reflect.New(union)
	if unmarshalLenient(raw, v.Interface()) != nil {
		return nil
	}
	u, ok := v.Interface().(interface{ Value() (any, error) })
	if !ok {
		return nil
	}
	value, err := u.Value()
	if err != nil || value == nil || reflect.TypeOf(value) == rawMessage {
		return nil
	}
	return reflect.TypeOf(value)
}
