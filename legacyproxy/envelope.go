package legacyproxy

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/go-json-experiment/json/jsontext"
)

// envelope says where a PHP answer keeps code, message and data. A nil pointer
// means that the envelope does not have it.
type envelope struct {
	code, message, data pointer
	status              pointer // the HTTP status that counts
	success             codeSet // empty: the HTTP status alone says success
	fields              *fieldFaults
}

// wraps reports whether successes have to be read, and not only errors.
func (e *envelope) wraps() bool {
	return e.data != nil || e.status != nil || !e.success.empty()
}

func (e *envelope) succeeds(code string) bool {
	return e.success.empty() || e.success.matches(code)
}

// content is what an envelope held, as it stood there.
type content struct {
	code    string // text of a string, number, true or false; else empty
	message string // text of a string; else empty
	data    []byte // raw JSON; nil when it is missing
	status  int    // 0 when there is none
	fields  []byte // raw JSON; nil when it is missing
}

// open reads a JSON document. Numbers are never converted: data is a part of
// doc itself. A document that is not exactly one JSON value is an error.
func (e *envelope) open(doc []byte) (content, error) {
	var code, message, status jsontext.Value
	var c content
	all := [...]target{{e.code, (*[]byte)(&code)}, {e.message, (*[]byte)(&message)}, {e.data, &c.data}, {e.status, (*[]byte)(&status)}, {}}
	if e.fields != nil {
		all[4] = target{e.fields.at, &c.fields}
	}
	targets := make([]target, 0, len(all))
	for _, t := range all {
		if t.path != nil {
			targets = append(targets, t)
		}
	}
	dec := newDecoder(doc)
	if err := pick(dec, doc, targets); err != nil {
		return content{}, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return content{}, errors.New("something follows the JSON value")
	}
	c.code = scalarText(code)
	if n, err := strconv.Atoi(scalarText(status)); err == nil && 200 <= n && n <= 599 {
		c.status = n
	}
	if message.Kind() == '"' {
		c.message = scalarText(message)
	}
	return c, nil
}

// scalarText is a JSON string's content, or the text of a number or boolean.
func scalarText(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return ""
		}
		return string(text)
	case '0', 't', 'f':
		return string(v)
	}
	return ""
}

// pointer is a JSON pointer (RFC 6901), split and unescaped.
type pointer []string

const maxPointer = 16

func parsePointer(s string) (pointer, error) {
	if s == "" {
		return pointer{}, nil // the whole document
	}
	if !strings.HasPrefix(s, "/") {
		return nil, errors.New(strconv.Quote(s) + " does not begin with /")
	}
	p := pointer(strings.Split(s[1:], "/"))
	if len(p) > maxPointer {
		return nil, errors.New("it is more than " + strconv.Itoa(maxPointer) + " steps deep")
	}
	for i, step := range p {
		if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(step, "~0", ""), "~1", ""), "~") {
			return nil, errors.New("~ stands before neither 0 nor 1 in " + strconv.Quote(s))
		}
		p[i] = jsonpointer.Unescape(step)
	}
	return p, nil
}

// target is where a value is wanted from and where its bytes go.
type target struct {
	path pointer
	out  *[]byte
}

// pick reads one value and hands the wanted parts of it out as slices of doc,
// which must be all that dec reads. Of names that stand twice the last wins,
// as in JavaScript and in PHP.
func pick(dec *jsontext.Decoder, doc []byte, targets []target) error {
	whole := slices.IndexFunc(targets, func(t target) bool { return len(t.path) == 0 })
	if whole >= 0 || len(targets) == 0 {
		return pickWhole(dec, doc, targets)
	}
	kind := dec.PeekKind()
	if kind != '{' && kind != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	inner := make([]target, 0, len(targets))
	for i := 0; dec.PeekKind() != '}' && dec.PeekKind() != ']'; i++ {
		name := strconv.Itoa(i)
		if kind == '{' {
			token, err := dec.ReadToken()
			if err != nil {
				return err
			}
			name = token.String()
		}
		inner = inner[:0]
		for _, t := range targets {
			if t.path[0] == name {
				*t.out = nil
				inner = append(inner, target{t.path[1:], t.out})
			}
		}
		if err := pick(dec, doc, inner); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// pickWhole reads a value that is wanted itself, and perhaps parts of it too.
func pickWhole(dec *jsontext.Decoder, doc []byte, targets []target) error {
	if len(targets) == 0 {
		return dec.SkipValue()
	}
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	end := dec.InputOffset()
	raw := doc[end-int64(len(value)) : end : end]
	var parts []target
	for _, t := range targets {
		if len(t.path) == 0 {
			*t.out = raw
		} else {
			parts = append(parts, t)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return pick(newDecoder(raw), raw, parts)
}
