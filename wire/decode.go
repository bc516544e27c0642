package wire

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"unsafe"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/schema/media"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

// Input reads one request. Its methods note what is wrong and go on, so that
// Err tells the client everything at once.
type Input struct {
	r      *http.Request
	shape  *Shape
	query  []pair
	parsed bool
	faults []problem.Fault
	broken []problem.Fault // rules
	err    error
	// body is what is left to read, given its media type.
	body  io.Reader
	given media.Type
	// known is what has been found before, if it has.
	known   Checked
	checked []byte
	// Where the parameters stand in checked, by index: few is enough as a rule.
	// A slice of few would keep an Input from living on the stack.
	few     [6]span
	more    []span
	located bool
}

// pair is one parameter of a raw query, name decoded, value not.
type pair struct{ name, raw string }

// Read returns the input of a request to an operation.
func Read(r *http.Request, shape *Shape) *Input {
	in := &Input{r: r, shape: shape}
	in.look()
	return in
}

// look is not a part of Read, so that Read can be inlined and the Input stays
// on its caller's stack.
//
//go:noinline
func (in *Input) look() {
	if known, ok := in.r.Body.(Checked); ok {
		in.known, in.checked = known, known.Parameters()
	}
}

// Err returns what is wrong with the request: nil, a problem.Malformed with all
// faults, the refusal of one that breaks rules, or the error that ended the
// reading, such as *http.MaxBytesError.
func (in *Input) Err() error {
	if in.err != nil {
		return in.err
	}
	if len(in.faults) == 0 {
		if len(in.broken) > 0 {
			return in.known.Refuse(in.broken)
		}
		return nil
	}
	e := problem.Malformed.New("the request cannot be read")
	e.Errors = in.faults
	return e
}

func (in *Input) fault(pointer, message string) {
	in.faults = append(in.faults, problem.Fault{Pointer: pointer, Message: message})
}

func (in *Input) paramFault(p *Param, message string) {
	in.fault("/"+p.In.String()+"/"+jsonpointer.Escape(p.Name), message)
}

// Param reads the shape's i-th parameter into dst, a pointer. A parameter that
// is absent leaves dst alone.
func (in *Input) Param(i int, dst any) {
	v := reflect.ValueOf(dst)
	in.param(i, codec.Compile(v.Type().Elem()), v.UnsafePointer())
}

// param reads the i-th parameter into the t at an address.
func (in *Input) param(i int, t *codec.Type, at unsafe.Pointer) {
	if in.checked != nil {
		in.checkedParam(i, t, at)
		return
	}
	p := &paramsOf(in.shape)[i]
	v := t.At(at).Elem()
	target := v.Type()
	for target.Kind() == reflect.Pointer {
		target = target.Elem()
	}
	n, found := in.find(p, target)
	if !found {
		if p.Required {
			in.paramFault(p, "is required")
		}
		return
	}
	if p.Style == JSON && n.fault == "" {
		if err := Unmarshal([]byte(n.text), t.At(at).Interface()); err != nil {
			pointer, message := jsonFault(err)
			in.paramFault(p, strings.TrimSpace(message+" "+pointer))
		}
		return
	}
	if n.kind == scalar && n.text == "" && p.AllowEmpty && target.Kind() != reflect.String {
		if target.Kind() == reflect.Bool {
			n.text = "true"
		} else {
			return
		}
	}
	if err := assign(v, n); err != nil {
		in.paramFault(p, err.Error())
	}
}

// wants says how a value of a type is laid out in a parameter.
func wants(t reflect.Type) nodeKind {
	switch {
	case t == rawMessage || reflect.PointerTo(t).Implements(textUnmarshaler):
		return scalar
	case t.Kind() == reflect.Struct && fieldsOf(t).union:
		return scalar
	case t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(tupleType):
		return list
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return object
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return list
	}
	return scalar
}

func (in *Input) find(p *Param, t reflect.Type) (node, bool) {
	kind := wants(t)
	switch p.In {
	case InPath:
		raw, ok := pathOf(in.shape).Value(escapedPath(in.r), p.Name)
		if !ok || raw == "" {
			return node{}, false
		}
		return split(p, kind, raw, pathUnescape), true
	case InHeader:
		values := in.r.Header.Values(p.Name)
		if len(values) == 0 && in.r.Host != "" && strings.EqualFold(p.Name, "Host") { // net/http takes it out of the headers
			values = []string{in.r.Host}
		}
		if len(values) == 0 {
			return node{}, false
		}
		return split(p, kind, strings.Join(values, ","), strings.TrimSpace), true
	case InCookie:
		return in.findCookie(p, kind)
	}
	return in.findQuery(p, kind, t)
}

// escapedPath is the path as the client wrote it, also when a router in front
// has decoded it: only there does a separator differ from an escaped one.
func escapedPath(r *http.Request) string {
	if r.URL.RawPath == "" && strings.IndexByte(r.RequestURI, '%') >= 0 {
		if u, err := url.ParseRequestURI(r.RequestURI); err == nil && u.Path == r.URL.Path {
			return u.EscapedPath()
		}
	}
	return r.URL.EscapedPath()
}

func (in *Input) findCookie(p *Param, kind nodeKind) (node, bool) {
	c, err := in.r.Cookie(p.Name)
	if err != nil {
		return node{}, false
	}
	return split(&Param{Name: p.Name, Style: p.Style, Explode: p.Explode && kind == object}, kind, c.Value, pathUnescape), true
}

// pathUnescape decodes percent signs; text in which they mean nothing is itself.
func pathUnescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

func queryUnescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

// split takes a single raw value apart. Separators are looked for before the
// parts are decoded; when there is none, a client may have encoded them too.
func split(p *Param, kind nodeKind, raw string, decode func(string) string) node {
	sep := ","
	switch p.Style {
	case JSON:
		return text(decode(raw))
	case Label:
		raw = strings.TrimPrefix(raw, ".")
		if p.Explode {
			sep = "."
		}
	case Matrix:
		raw = strings.TrimPrefix(raw, ";")
		if p.Explode && kind != scalar {
			sep = ";"
		}
		if !p.Explode || kind == scalar {
			raw = strings.TrimPrefix(raw, p.Name+"=")
		}
	case SpaceDelimited:
		// A space of an item is sent as +, by us at least.
		if sep = " "; strings.Contains(raw, "%20") {
			sep = "%20"
		}
	case PipeDelimited:
		sep = "|"
	}
	if kind == scalar {
		return text(decode(raw))
	}
	if !strings.Contains(raw, sep) {
		if decoded := decode(raw); p.In == InQuery && strings.Contains(decoded, sep) {
			raw, decode = decoded, func(s string) string { return s }
		}
	}
	var parts []string
	if raw != "" {
		parts = strings.Split(raw, sep)
	}
	n := node{kind: kind}
	if kind == list {
		for _, part := range parts {
			if p.Style == Matrix && p.Explode {
				part = strings.TrimPrefix(part, p.Name+"=")
			}
			n.items = append(n.items, text(decode(part)))
		}
		return n
	}
	seen := make(map[string]bool, len(parts))
	for i := 0; i < len(parts); i++ {
		name, value, ok := strings.Cut(parts[i], "=")
		if !p.Explode {
			if name = parts[i]; i+1 == len(parts) {
				return node{fault: "must be names and values in turn"}
			}
			i++
			value, ok = parts[i], true
		}
		if !ok {
			return node{fault: "must be name=value pairs"}
		}
		name = decode(name)
		if seen[name] {
			return node{fault: notOnce}
		}
		seen[name] = true
		n.names, n.items = append(n.names, name), append(n.items, text(decode(value)))
	}
	return n
}
