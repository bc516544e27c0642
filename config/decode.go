package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// At, as a field of a struct, receives the position of the mapping that the
// struct was read from. It needs no tag.
type At struct{ Pos Pos }

// Decode reads a YAML file into a pointer to a struct and returns everything
// that is wrong with it, in the order of the file. What could be read is
// filled in even then, so that callers can check more and report it together.
//
// Fields are named by their `yaml:"key"` tag; fields without one are left
// alone, but the fields of an embedded struct are those of the struct around
// it. A field is a string, bool, integer, float64, time.Duration, a Value,
// a Map, a slice, a struct, a pointer to any of these (nil when absent), or a
// type whose pointer is an Unmarshaler. An empty file leaves into as it is.
func Decode(file string, data []byte, into any) Faults {
	root, faults := parse(file, data)
	if faults != nil || root == nil {
		return faults
	}
	d := &decoder{file: file}
	d.decode(root, into)
	return d.faults
}

type decoder struct {
	file   string
	faults Faults
}

func (d *decoder) pos(n *yaml.Node) Pos { return Pos{File: d.file, Line: n.Line, Col: n.Column} }

func (d *decoder) fault(n *yaml.Node, hint, message string) {
	d.faults = append(d.faults, Fault{Pos: d.pos(n), Message: message, Hint: hint})
}

func (d *decoder) decode(n *yaml.Node, into any) { d.value(n, reflect.ValueOf(into).Elem(), "") }

// holder is implemented by *Value[T]; entries by *Map[T].
type (
	holder  interface{ hold(n *Node, name string) }
	entries interface{ read(n *Node) }
)

func (v *Value[T]) hold(n *Node, name string) {
	v.Pos = n.Pos()
	n.dec.value(n.yaml, reflect.ValueOf(&v.V).Elem(), name)
}

func (m *Map[T]) read(n *Node) {
	n.dec.pairs(n.yaml, func(key, value *yaml.Node) {
		e := Entry[T]{Key: key.Value, Pos: n.dec.pos(key)}
		n.dec.value(value, reflect.ValueOf(&e.Value).Elem(), key.Value)
		*m = append(*m, e)
	})
}

var durationType = reflect.TypeFor[time.Duration]()

// value decodes n into v; name is the key it stands under, for messages.
func (d *decoder) value(n *yaml.Node, v reflect.Value, name string) {
	node := &Node{yaml: n, dec: d}
	switch t := v.Addr().Interface().(type) {
	case Unmarshaler:
		t.UnmarshalConfig(node)
		return
	case holder:
		t.hold(node, name)
		return
	case entries:
		if d.want(node, Mapping, name) {
			t.read(node)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), name)
	case reflect.Struct:
		if d.want(node, Mapping, name) {
			d.fields(n, v)
		}
	case reflect.Slice:
		if !d.want(node, Sequence, name) {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 0, len(n.Content))) // of [] too, which is not nothing
		for _, c := range n.Content {
			e := reflect.New(v.Type().Elem()).Elem()
			d.value(c, e, name)
			v.Set(reflect.Append(v, e))
		}
	default:
		if d.want(node, Scalar, name) {
			d.scalar(n, v, name)
		}
	}
}

// want reports a fault unless n has the kind. Nothing stands for an empty
// mapping or list, as in `users:` with no value.
func (d *decoder) want(n *Node, k Kind, name string) bool {
	if n.Kind() == k {
		return true
	}
	hint := ""
	if k == Mapping && n.Kind() == Sequence {
		hint = "write names and values, such as {name: value}, without dashes or brackets"
	}
	if n.Kind() != Null || k == Scalar {
		n.Faultf(hint, "%swant %s, found %s", prefix(name), k, n.Kind())
	}
	return n.Kind() == Null && k == Mapping
}

func prefix(name string) string {
	if name == "" {
		return ""
	}
	return name + ": "
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, name string) {
	text := n.Value
	bad := func(want string) { d.fault(n, "", fmt.Sprintf("%swant %s, found %q", prefix(name), want, text)) }
	switch {
	case v.Type() == durationType:
		dur, err := time.ParseDuration(text)
		if err != nil {
			bad("a duration such as 500ms or 2s")
			return
		}
		v.SetInt(int64(dur))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		if n.Tag != "!!bool" {
			bad("true or false")
			return
		}
		v.SetBool(strings.EqualFold(text, "true"))
	case v.CanInt():
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			bad("a whole number")
			return
		}
		v.SetInt(i)
	case v.CanFloat():
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			bad("a number")
			return
		}
		v.SetFloat(f)
	default:
		panic("config: cannot decode into " + v.Type().String())
	}
}

// fields decodes a mapping into a struct.
func (d *decoder) fields(n *yaml.Node, v reflect.Value) {
	byKey := map[string]reflect.Value{}
	var known []string
	var collect func(v reflect.Value)
	collect = func(v reflect.Value) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			key := f.Tag.Get("yaml")
			switch {
			case f.Type == reflect.TypeFor[At]():
				v.Field(i).Set(reflect.ValueOf(At{d.pos(n)}))
			case key != "":
				byKey[key] = v.Field(i)
				known = append(known, key)
			case f.Anonymous && f.Type.Kind() == reflect.Struct:
				collect(v.Field(i))
			}
		}
	}
	collect(v)
	d.pairs(n, func(key, value *yaml.Node) {
		field, ok := byKey[key.Value]
		if !ok {
			d.fault(key, Suggest(key.Value, known), fmt.Sprintf("unknown key %q", key.Value))
			return
		}
		d.value(value, field, key.Value)
	})
}

// pairs visits the entries of a mapping whose keys are plain and stand once.
func (d *decoder) pairs(n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!null" {
			d.fault(key, "", "a key must be a plain word")
			continue
		}
		if line, twice := seen[key.Value]; twice {
			d.fault(key, fmt.Sprintf("it stands in line %d already", line), fmt.Sprintf("duplicate key %q", key.Value))
			continue
		}
		seen[key.Value] = key.Line
		visit(key, value)
	}
}
