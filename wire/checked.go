package wire

import (
	"bytes"
	"io"
	"reflect"
	"strconv"

	"github.com/banyan-go/banyan/problem"
)

// Checked is the body of a request that has been decoded and checked against
// its contract before. Decoding takes what was found then, defaults included,
// and cannot come to another result. Package conform has one.
type Checked interface {
	io.ReadCloser
	// Parameters returns the parameters as one JSON object of their places,
	// or nil.
	Parameters() []byte
	// JSON returns the body of a JSON or urlencoded request as JSON, or nil.
	JSON() []byte
	// Refuse returns the answer to a request that breaks rules between its
	// values, which only the decoded one shows.
	Refuse(broken []problem.Fault) error
}

// checkedParam reads a parameter of a checked request.
func (in *Input) checkedParam(p *Param, dst any) {
	raw := memberOf(memberOf(in.checked, p.In.String()), p.Name)
	if raw == nil || plain(raw, dst) {
		return
	}
	if err := Unmarshal(raw, dst); err != nil {
		pointer, message := jsonFault(err)
		in.paramFault(p, message)
		in.faults[len(in.faults)-1].Pointer += pointer
	}
}

// plain reads what most parameters are, without reflection.
func plain(raw []byte, dst any) bool {
	if raw[0] == '"' {
		text := raw[1 : len(raw)-1]
		if bytes.IndexByte(text, '\\') >= 0 {
			return false
		}
		switch d := dst.(type) {
		case *string:
			*d = string(text)
		case **string:
			s := string(text)
			*d = &s
		default:
			return false
		}
		return true
	}
	switch dst.(type) {
	case *int, **int, *int32, **int32, *int64, **int64:
	default:
		return false
	}
	bits := 64
	if reflect.TypeOf(dst).Elem() == reflect.TypeFor[int32]() || reflect.TypeOf(dst).Elem() == reflect.TypeFor[*int32]() {
		bits = 32
	}
	n, err := strconv.ParseInt(string(raw), 10, bits)
	if err != nil {
		return false
	}
	switch d := dst.(type) {
	case *int:
		*d = int(n)
	case **int:
		v := int(n)
		*d = &v
	case *int32:
		*d = int32(n)
	case **int32:
		v := int32(n)
		*d = &v
	case *int64:
		*d = n
	case **int64:
		*d = &n
	}
	return true
}

// memberOf returns the value of a member of an object, or nil. The JSON is known
// to be valid, and to have no space outside the values of members.
func memberOf(object []byte, name string) []byte {
	if len(object) == 0 || object[0] != '{' {
		return nil
	}
	for i := 1; i < len(object) && object[i] == '"'; {
		colon := i + quoted(object[i:])
		end := colon + 1 + value(object[colon+1:])
		if named(object[i:colon], name) {
			return bytes.TrimSpace(object[colon+1 : end])
		}
		i = end + 1
	}
	return nil
}

// quoted returns the length of the string that data begins with.
func quoted(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// value returns the length of the value that data begins with, up to the comma
// or brace that ends it.
func value(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i += quoted(data[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(data)
}

// named reports whether a JSON string is name.
func named(text []byte, name string) bool {
	inner := text[1 : len(text)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == name
	}
	var s string
	return Unmarshal(text, &s) == nil && s == name
}
