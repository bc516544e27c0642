package wire

import (
	"bytes"
	"io"

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

// span is where a parameter's value stands in Input.checked; an absent one is
// empty.
type span struct{ from, to uint32 }

// checkedParam reads the i-th parameter of a checked request.
func (in *Input) checkedParam(i int, dst any) {
	if !in.located {
		in.locate()
	}
	var at span
	if in.more != nil {
		at = in.more[i]
	} else {
		at = in.few[i]
	}
	raw := in.checked[at.from:at.to]
	if len(raw) == 0 {
		return
	}
	if s, ok := dst.(*string); ok && plainText(raw) {
		*s = string(raw[1 : len(raw)-1]) // most path parameters
		return
	}
	if err := Unmarshal(raw, dst); err != nil {
		pointer, message := jsonFault(err)
		in.paramFault(&in.shape.Params[i], message)
		in.faults[len(in.faults)-1].Pointer += pointer
	}
}

// locate finds all parameters in one pass over the places and their members.
// The JSON is known to be valid, and to have no space outside the values.
func (in *Input) locate() {
	in.located = true
	if n := len(in.shape.Params); n > len(in.few) {
		in.more = make([]span, n)
	}
	doc := in.checked
	for i := 1; i < len(doc) && doc[i] == '"'; i += 2 { // the brace and the comma
		end := i + quoted(doc[i:])
		place := doc[i:end]
		for i = end + 2; i < len(doc) && doc[i] == '"'; i++ { // the colon and the brace
			colon := i + quoted(doc[i:])
			end := min(colon+1+value(doc[min(colon+1, len(doc)):]), len(doc))
			for k := range in.shape.Params {
				if p := &in.shape.Params[k]; named(doc[i:colon], p.Name) && named(place, p.In.String()) {
					at := span{uint32(colon + 1), uint32(end)}
					if in.more != nil {
						in.more[k] = at
					} else {
						in.few[k] = at
					}
				}
			}
			if i = end; i >= len(doc) || doc[i] != ',' {
				break
			}
		}
	}
}

// plainText reports whether a JSON text is a string that means itself.
func plainText(raw []byte) bool {
	return len(raw) >= 2 && raw[0] == '"' && raw[len(raw)-1] == '"' && bytes.IndexByte(raw, '\\') < 0
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
	if plainText(text) {
		return string(text[1:len(text)-1]) == name
	}
	var s string
	return Unmarshal(text, &s) == nil && s == name
}
