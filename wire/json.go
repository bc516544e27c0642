package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/wire/internal/codec"
)

// Marshal returns v as JSON: names sorted in maps, nil slices and maps as empty
// ones.
func Marshal(v any) ([]byte, error) {
	buf := buffers.Get().(*buffer)
	defer buf.release()
	data, err := codec.Append(buf.data[:0], v)
	if err != nil {
		return nil, err
	}
	buf.data = data
	return bytes.Clone(data), nil
}

// buffer is pooled. It holds an answer, or what of a long one is not sent yet.
type buffer struct{ data []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func (b *buffer) release() {
	const most = 256 << 10
	if cap(b.data) <= most {
		buffers.Put(b)
	}
}

// Unmarshal reads one JSON document and nothing after it. Names match exactly,
// and a name may stand once in an object.
//
//go:noinline
func Unmarshal(data []byte, v any) error { return codec.Unmarshal(data, v, codec.Strict) }

func unmarshalLenient(data []byte, v any) error { return codec.Unmarshal(data, v, codec.Lenient) }

// UnmarshalObject reads an object whose members beyond the known ones go to
// rest. It is for UnmarshalJSON methods: plain must not have one.
func UnmarshalObject[T any](data []byte, plain any, rest *map[string]T, known ...string) error {
	if err := unmarshalLenient(data, plain); err != nil {
		return err
	}
	var members map[string]jsontext.Value
	if err := unmarshalLenient(data, &members); err != nil {
		return err
	}
	for _, name := range known {
		delete(members, name)
	}
	*rest = nil
	for name, raw := range members {
		var v T
		if err := unmarshalLenient(raw, &v); err != nil {
			return err
		}
		if *rest == nil {
			*rest = make(map[string]T, len(members))
		}
		(*rest)[name] = v
	}
	return nil
}

// MarshalObject writes plain's members and those of rest that plain does not
// have. It is for MarshalJSON methods: plain must not have one.
func MarshalObject[T any](plain any, rest map[string]T) ([]byte, error) {
	own, err := Marshal(plain)
	if err != nil || len(rest) == 0 {
		return own, err
	}
	more, err := Marshal(rest)
	if err != nil {
		return nil, err
	}
	return overlay(more, own, nil)
}

// MarshalUnion writes the members of a union's value with those of plain over
// them; a member of plain that is empty does not hide one of the union.
func MarshalUnion(union Union, plain any) ([]byte, error) {
	own, err := Marshal(plain)
	if err != nil {
		return nil, err
	}
	if len(union) == 0 {
		return own, nil
	}
	return overlay(union, own, func(v jsontext.Value) bool {
		switch string(v) {
		case `""`, "0", "false", "null", "[]", "{}":
			return false
		}
		return true
	})
}

// Merge returns the members of base with those of patch over them. Where one of
// them is no object, it is patch.
func Merge(base, patch json.RawMessage) (json.RawMessage, error) {
	if len(base) == 0 || jsontext.Value(base).Kind() != '{' || jsontext.Value(patch).Kind() != '{' {
		return patch, nil
	}
	return overlay(base, patch, nil)
}

// overlay keeps the order of base and appends what only top has, in its order.
func overlay(base, top []byte, wins func(jsontext.Value) bool) ([]byte, error) {
	below, err := members(base)
	if err != nil {
		return nil, err
	}
	above, err := members(top)
	if err != nil {
		return nil, err
	}
	for _, m := range above {
		i := slices.IndexFunc(below, func(b member) bool { return b.name == m.name })
		switch {
		case i < 0:
			below = append(below, m)
		case wins == nil || wins(m.value):
			below[i].value = m.value
		}
	}
	return writeMembers(below)
}

func writeMembers(all []member) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range all {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := jsontext.AppendQuote(nil, m.name)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(m.value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

type member struct {
	name  string
	value jsontext.Value
}

var errNoObject = errors.New("value must be a JSON object")

func members(data []byte) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data), codec.Lenient.Options())
	if dec.PeekKind() != '{' {
		return nil, errNoObject
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var out []member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		out = append(out, m)
	}
	return out, nil
}

// SetMember sets a member of additional properties.
func SetMember[T any](members *map[string]T, name string, v T) {
	if *members == nil {
		*members = map[string]T{}
	}
	(*members)[name] = v
}
