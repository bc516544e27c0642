package wire

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	rawMessage      = reflect.TypeFor[json.RawMessage]()
	numberType      = reflect.TypeFor[json.Number]()
)

// assign sets v, which is settable and zero, to what n says.
func assign(v reflect.Value, n node) error {
	t := v.Type()
	switch {
	case n.fault != "":
		return errors.New(n.fault)
	case n.kind == document:
		return assignDocument(v, n)
	case t.Kind() == reflect.Pointer && n.nothing(t.Elem()):
		return nil // null, or absent, which no pointer tells apart
	case t.Kind() == reflect.Pointer:
		p := reflect.New(t.Elem())
		if err := assign(p.Elem(), n); err != nil {
			return err
		}
		v.Set(p)
		return nil
	case t == rawMessage:
		v.SetBytes(n.guess())
		return n.once()
	case nullableItem(t) != nil:
		if n.nothing(nullableItem(t)) {
			v.FieldByName("Null").SetBool(true)
			return nil
		}
		return assign(v.Field(0), n)
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		if err := n.single(); err != nil {
			return err
		}
		if err := Unmarshal(appendRaw(nil, n.text, '"'), v.Addr().Interface()); err != nil { // as in a body
			return fmt.Errorf("must be a %s", textual(t))
		}
		return nil
	case t.Kind() == reflect.Struct:
		if tuple, ok := v.Addr().Interface().(tupled); ok {
			return tuple.Tuple().assign(n)
		}
		return assignStruct(v, n)
	case reflect.PointerTo(t).Implements(jsonUnmarshaler):
		if err := n.once(); err != nil {
			return err
		}
		return v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(n.guess())
	}
	switch t.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf(n.any()))
		return n.once()
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 && n.kind == scalar {
			return assignBytes(v, n.text)
		}
		return assignList(v, n)
	case reflect.Map:
		return assignMap(v, n)
	}
	if err := n.single(); err != nil {
		return err
	}
	return assignScalar(v, n.text)
}

// assignDocument sets v to what JSON says. Where a list is wanted, JSON that is
// neither a list nor null is an item of it, as of any value that is given once.
func assignDocument(v reflect.Value, n node) error {
	t := v.Type()
	if kind := jsontext.Value(n.text).Kind(); kind != 'n' {
		switch {
		case nullableItem(t) != nil:
			return assignDocument(v.Field(0), n)
		case t.Kind() == reflect.Pointer:
			p := reflect.New(t.Elem())
			if err := assignDocument(p.Elem(), n); err != nil {
				return err
			}
			v.Set(p)
			return nil
		case kind != '[' && wants(t) == list && t.Kind() == reflect.Slice:
			return assignList(v, node{kind: list, items: []node{n}})
		}
	} else if wants(t) == list && t.Kind() == reflect.Slice { // only an item can be null
		return assignList(v, node{kind: list, items: []node{n}})
	}
	if err := Unmarshal([]byte(n.text), v.Addr().Interface()); err != nil {
		pointer, message := jsonFault(err)
		return errors.New(strings.TrimSpace(message + " " + pointer))
	}
	return nil
}

// nothing reports whether a text stands for null where a value of a type may be
// null: one that is empty, or the word, unless such values are texts themselves.
// Package schema says the same, and refuses it where there is no null.
func (n node) nothing(t reflect.Type) bool {
	if n.kind != scalar || n.text != "" && n.text != "null" {
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	}
	return t == numberType || wants(t) == object
}

func textual(t reflect.Type) string {
	if strings.Contains(t.String(), "Date") {
		return "date such as 2006-01-02"
	}
	if strings.Contains(t.String(), "Time") {
		return "date and time such as 2006-01-02T15:04:05Z"
	}
	return "valid " + strings.ToLower(t.Name())
}

func assignScalar(v reflect.Value, s string) error {
	bits := 64
	if k := v.Kind(); k >= reflect.Int && k <= reflect.Float64 && k != reflect.Uintptr {
		bits = v.Type().Bits()
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == numberType && (!jsontext.Value(s).IsValid() || jsontext.Value(s).Kind() != '0') {
			return errors.New("must be a number")
		}
		v.SetString(s)
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("must be true or false")
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			return fmt.Errorf("must be an integer of %d bits", bits)
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		i, err := strconv.ParseUint(s, 10, bits)
		if err != nil {
			return fmt.Errorf("must be a positive integer of %d bits", bits)
		}
		v.SetUint(i)
	case reflect.Float32, reflect.Float64:
		// ParseFloat also takes hexadecimal, Inf and NaN, which are no numbers
		// of a contract.
		if !jsontext.Value(s).IsValid() || jsontext.Value(s).Kind() != '0' {
			return errors.New("must be a number")
		}
		f, err := strconv.ParseFloat(s, bits)
		if err != nil {
			return errors.New("must be a number")
		}
		v.SetFloat(f)
	default:
		return fmt.Errorf("cannot hold a %s", v.Type())
	}
	return nil
}

func assignBytes(v reflect.Value, s string) error {
	s = strings.TrimRight(s, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	data, err := enc.DecodeString(s)
	if err != nil {
		return errors.New("must be base64")
	}
	v.SetBytes(data)
	return nil
}

func assignList(v reflect.Value, n node) error {
	items, ok := n.listed()
	if !ok {
		return errNotList
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := assign(out.Index(i), item); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	v.Set(out)
	return nil
}

var (
	errNotObject = errors.New("must be an object")
	errNotList   = errors.New("must be a list")
)

// members says what is wrong where an object is wanted.
func (n node) members() error {
	switch {
	case n.repeated:
		return errors.New(notOnce)
	case n.kind == scalar || n.kind == list && len(n.items) > 0:
		return errNotObject
	}
	return nil
}

func assignMap(v reflect.Value, n node) error {
	if err := n.members(); err != nil {
		return err
	}
	t := v.Type()
	if t.Key().Kind() != reflect.String {
		return fmt.Errorf("cannot hold a %s", t)
	}
	out := reflect.MakeMapWithSize(t, len(n.items))
	for i, item := range n.items {
		e := reflect.New(t.Elem()).Elem()
		if err := assign(e, item); err != nil {
			return fmt.Errorf("%s: %w", n.names[i], err)
		}
		out.SetMapIndex(reflect.ValueOf(n.names[i]).Convert(t.Key()), e)
	}
	v.Set(out)
	return nil
}

func assignStruct(v reflect.Value, n node) error {
	fields := fieldsOf(v.Type())
	if fields.union {
		if err := n.once(); err != nil {
			return err
		}
		return v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(n.guess())
	}
	if err := n.members(); err != nil {
		return err
	}
	var rest node
	rest.kind = object
	for i, item := range n.items {
		index, ok := fields.index[n.names[i]]
		if !ok {
			rest.names = append(rest.names, n.names[i])
			rest.items = append(rest.items, item)
			continue
		}
		if err := assign(v.Field(index), item); err != nil {
			return fmt.Errorf("%s: %w", n.names[i], err)
		}
	}
	if fields.rest >= 0 && len(rest.items) > 0 {
		return assign(v.Field(fields.rest), rest)
	}
	return nil
}

// any returns the node as text, []any or map[string]any.
func (n node) any() any {
	switch n = n.settled(); n.kind {
	case list:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.any()
		}
		return out
	case object:
		out := make(map[string]any, len(n.items))
		for i, item := range n.items {
			out[n.names[i]] = item.any()
		}
		return out
	case document:
		var v any
		_ = Unmarshal([]byte(n.text), &v) // it is valid
		return v
	}
	return n.text
}

// guess writes the node as JSON for a type that only reads JSON: what looks
// like a number or a boolean is one.
func (n node) guess() []byte {
	switch n = n.settled(); n.kind {
	case list:
		out := []byte{'['}
		for i, item := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, item.guess()...)
		}
		return append(out, ']')
	case object:
		out := []byte{'{'}
		for i, item := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out, _ = jsontext.AppendQuote(out, strings.ToValidUTF8(n.names[i], "\uFFFD"))
			out = append(out, ':')
			out = append(out, item.guess()...)
		}
		return append(out, '}')
	case document:
		return []byte(n.text)
	}
	if raw := jsontext.Value(n.text); raw.IsValid() && (raw.Kind() == '0' || raw.Kind() == 't' || raw.Kind() == 'f') {
		return []byte(strings.TrimSpace(n.text))
	}
	out, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(n.text, "\uFFFD"))
	return out
}
