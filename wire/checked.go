package wire

import (
	"bytes"
	"io"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

// Checked is the body of a request that has been decoded and checked against
// its contract before. Decoding takes what was found then, defaults included,
// and cannot come to another result. Package conform has one.
type Checked interface {
	io.ReadCloser
	// Scalar returns the text of a parameter and what it means in JSON, by the
	// byte that such values begin with: '"' for a string (without its quotes),
	// '0' for a number, 't' for true or false, '[' for a list of these, 'n' for
	// a parameter that the request does not have. 0 is one in Parameters.
	Scalar(place, name string) (text string, kind byte)
	// Items returns the texts of a list, and what each of them means.
	Items(place, name string) (texts []string, kind byte)
	// Parameters returns all others as one JSON object of their places, or nil
	// for an operation without parameters.
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

// checkedParam reads the i-th parameter of a checked request into the t at an
// address.
func (in *Input) checkedParam(i int, t *codec.Type, at unsafe.Pointer) {
	p := &in.shape.Params[i]
	var raw []byte
	switch text, kind := in.known.Scalar(p.In.String(), p.Name); {
	case kind == 0:
		raw = in.locatedParam(i)
	case kind == '[':
		items, of := in.known.Items(p.In.String(), p.Name)
		if t.SetList(at, items, of == '"') {
			return
		}
		raw = rawList(items, of)
	case kind == 'n' || t.SetScalar(at, text, kind == '"'):
		return
	default:
		raw = appendRaw(nil, text, kind)
	}
	if len(raw) == 0 {
		return
	}
	if err := Unmarshal(raw, t.At(at).Interface()); err != nil {
		pointer, message := jsonFault(err)
		in.paramFault(p, message)
		in.faults[len(in.faults)-1].Pointer += pointer
	}
}

// appendRaw appends a plain value as JSON.
func appendRaw(dst []byte, text string, kind byte) []byte {
	if kind != '"' {
		return append(dst, text...)
	}
	dst, _ = jsontext.AppendQuote(dst, text) // it is valid UTF-8
	return dst
}

func rawList(items []string, kind byte) []byte {
	raw := []byte{'['}
	for i, item := range items {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = appendRaw(raw, item, kind)
	}
	return append(raw, ']')
}

// locatedParam returns the i-th parameter as it stands in Parameters.
func (in *Input) locatedParam(i int) []byte {
	if !in.located {
		in.locate()
	}
	at := in.few[i%len(in.few)]
	if in.more != nil {
		at = in.more[i]
	}
	return in.checked[at.from:at.to]
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
