package session

import (
	"fmt"
	"strconv"
	"strings"
)

// Array is an array of PHP: values by key, in PHP's order. It is immutable.
type Array struct {
	keys   []Key
	values []any
	index  map[Key]int
}

// Key is an array's key: an integer, or a text when Text is set. PHP never has
// an integer's digits as a text key.
type Key struct {
	Text string
	Int  int64
	Is   KeyKind
}

// KeyKind tells keys apart.
type KeyKind uint8

// What keys are.
const (
	IntKey KeyKind = iota
	TextKey
)

// String is the key as text.
func (k Key) String() string {
	if k.Is == IntKey {
		return strconv.FormatInt(k.Int, 10)
	}
	return k.Text
}

// keyOf is the key that a text stands for, as in $array["7"].
func keyOf(text string) Key {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return Key{Int: n}
	}
	return Key{Text: text, Is: TextKey}
}

// Len is the number of values.
func (a *Array) Len() int { return len(a.keys) }

// Key returns the key at a position.
func (a *Array) Key(i int) Key { return a.keys[i] }

// At returns the value at a position.
func (a *Array) At(i int) any { return a.values[i] }

// Get returns the value of a key. Digits are an integer key.
func (a *Array) Get(key string) (any, bool) {
	i, ok := a.index[keyOf(key)]
	if !ok {
		return nil, false
	}
	return a.values[i], true
}

// List reports whether the keys are 0 to n-1 in order.
func (a *Array) List() bool {
	for i, k := range a.keys {
		if k.Is != IntKey || k.Int != int64(i) {
			return false
		}
	}
	return true
}

// put sets a value. Of equal keys the last counts, at the first one's place.
func (a *Array) put(k Key, v any) {
	if i, ok := a.index[k]; ok {
		a.values[i] = v
		return
	}
	if a.index == nil {
		a.index = map[Key]int{}
	}
	a.index[k] = len(a.keys)
	a.keys, a.values = append(a.keys, k), append(a.values, v)
}

// Object is an object of PHP as data: its class is a name, nothing of it is
// ever run.
type Object struct {
	Class string
	// Properties are those of all visibilities, by their plain names.
	Properties *Array
}

// Enum is a case of an enumeration.
type Enum struct{ Class, Case string }

// children are the values within a value.
func children(v any) (*Array, bool) {
	switch v := v.(type) {
	case *Array:
		return v, true
	case *Object:
		return v.Properties, true
	}
	return nil, false
}

// describe names what a value is.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case string:
		return "a text"
	case *Array:
		return "an array"
	case *Object:
		return "an object of class " + v.Class
	case Enum:
		return "a case of " + v.Class
	}
	return fmt.Sprintf("a %T", v)
}

// at is a path as PHP writes it.
func at(path []string) string {
	var out strings.Builder
	out.WriteString("$_SESSION")
	for _, key := range path {
		fmt.Fprintf(&out, "[%q]", key)
	}
	return out.String()
}
