package legacyproxy

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// fieldFaults says where PHP lists what is wrong with single fields, and what
// its names mean in the contract.
type fieldFaults struct {
	at      pointer
	name    pointer // within an entry of a list; nil: the usual names are tried
	message pointer // within an entry; nil: the usual names are tried
	rename  []fieldRename
}

// fieldRename maps PHP's name of a field, and all below it, to a pointer. A *
// stands for any one step on both sides.
type fieldRename struct {
	from []string
	to   string
}

// Bounds of what is passed on of faults.
const (
	maxFaults    = 100
	maxFieldName = 200
)

var (
	usualNames    = []pointer{{"field"}, {"name"}, {"property"}, {"propertyPath"}, {"param"}, {"path"}, {"key"}}
	usualMessages = []pointer{{"message"}, {"msg"}, {"error"}, {"detail"}, {"reason"}, {"description"}}
)

// read returns the faults that raw lists. It knows
//
//	{"name": "is empty", "items.0.sku": ["is unknown", "is too long"]}
//	[{"field": "name", "message": "is empty"}]
//	["the name is empty"]
//
// and the nesting of one in another. What looks like none of them is left out.
// show decides what clients see of a message.
func (f *fieldFaults) read(raw []byte, show func(string) string) []problem.Fault {
	if f == nil || raw == nil {
		return nil
	}
	r := &faultReader{fieldFaults: f, show: show}
	r.value(jsontext.Value(raw), nil, 0)
	return r.faults
}

type faultReader struct {
	*fieldFaults
	show   func(string) string
	faults []problem.Fault
}

// value reads what stands at the steps that lead to a field.
func (r *faultReader) value(v jsontext.Value, steps []string, depth int) {
	if depth > maxPointer || len(r.faults) == maxFaults {
		return
	}
	switch v.Kind() {
	case '"':
		r.add(steps, scalarText(v))
	case '{':
		if r.entry(v, steps) {
			return
		}
		members(v, func(name string, child jsontext.Value) {
			r.value(child, append(steps[:len(steps):len(steps)], fieldSteps(name)...), depth+1)
		})
	case '[':
		elements(v, func(i int, child jsontext.Value) {
			at := steps
			if child.Kind() == '{' && len(steps) > 0 && !r.isEntry(child) {
				at = append(steps[:len(steps):len(steps)], strconv.Itoa(i)) // the faults of one element
			}
			r.value(child, at, depth+1)
		})
	}
}

// entry reads an object that is about one fault, and reports whether it is.
func (r *faultReader) entry(v jsontext.Value, steps []string) bool {
	message, ok := r.lookup(v, r.message, usualMessages)
	name, named := r.lookup(v, r.name, usualNames)
	if !ok || !named && len(steps) == 0 {
		return false
	}
	if named {
		steps = append(steps[:len(steps):len(steps)], fieldSteps(name)...)
	}
	r.add(steps, message)
	return true
}

func (r *faultReader) isEntry(v jsontext.Value) bool {
	_, ok := r.lookup(v, r.message, usualMessages)
	return ok
}

// lookup is the text at a pointer, or at the first of the usual ones that has
// any.
func (r *faultReader) lookup(v jsontext.Value, declared pointer, usual []pointer) (string, bool) {
	if declared != nil {
		usual = []pointer{declared}
	}
	for _, p := range usual {
		var found []byte
		if pick(newDecoder(v), v, []target{{p, &found}}) != nil {
			return "", false
		}
		if value := jsontext.Value(found); value != nil && value.Kind() == '"' {
			return scalarText(value), true
		}
	}
	return "", false
}

func (r *faultReader) add(steps []string, message string) {
	if len(r.faults) == maxFaults {
		return
	}
	r.faults = append(r.faults, problem.Fault{Pointer: r.pointer(steps), Message: r.show(message)})
}

// pointer is the contract's place of a field.
func (f *fieldFaults) pointer(steps []string) string {
	prefix := ""
	for _, rename := range f.rename {
		if to, rest, ok := rename.apply(steps); ok {
			prefix, steps = to, rest
			break
		}
	}
	var out strings.Builder
	out.WriteString(prefix)
	for _, s := range steps {
		out.WriteByte('/')
		out.WriteString(jsonpointer.Escape(s))
	}
	return legacyName(out.String())
}

func (r *fieldRename) apply(steps []string) (to string, rest []string, ok bool) {
	if len(steps) < len(r.from) {
		return "", nil, false
	}
	to = r.to
	for i, want := range r.from {
		switch {
		case want == "*":
			to = strings.Replace(to, "*", steps[i], 1)
		case want != steps[i]:
			return "", nil, false
		}
	}
	return to, steps[len(r.from):], true
}

// fieldSteps splits what PHP calls a field: items.0.sku, items[0][sku] or
// /items/0/sku.
func fieldSteps(name string) []string {
	if strings.HasPrefix(name, "/") {
		if p, err := parsePointer(name); err == nil {
			return p
		}
	}
	name = strings.NewReplacer("][", ".", "[", ".", "]", "").Replace(name)
	steps := strings.Split(strings.Trim(name, "."), ".")
	if len(steps) > maxPointer {
		steps = steps[:maxPointer]
	}
	return steps
}

// legacyName is a name as one bounded line.
func legacyName(s string) string {
	s = legacyMessage(s)
	return strings.ToValidUTF8(s[:min(len(s), maxFieldName)], "")
}

func newDecoder(v []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowDuplicateNames(true))
}

// members visits an object's members for as long as it can be read.
func members(v jsontext.Value, visit func(name string, child jsontext.Value)) {
	dec := newDecoder(v)
	if _, err := dec.ReadToken(); err != nil {
		return
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return
		}
		name := token.String()
		child, err := dec.ReadValue()
		if err != nil {
			return
		}
		visit(name, child)
	}
}

// elements visits a list's elements for as long as it can be read.
func elements(v jsontext.Value, visit func(i int, child jsontext.Value)) {
	dec := newDecoder(v)
	if _, err := dec.ReadToken(); err != nil {
		return
	}
	for i := 0; dec.PeekKind() != ']'; i++ {
		child, err := dec.ReadValue()
		if err != nil {
			return
		}
		visit(i, child)
	}
}

// undo returns the envelope with the names that PHP gets instead of the
// contract's mapped back, after those that are declared.
func (e *envelope) undo(r *requestSettings) *envelope {
	if e == nil || e.fields == nil {
		return e
	}
	fields := *e.fields
	fields.rename = slices.Clone(fields.rename)
	for _, b := range r.body.rename {
		fields.rename = append(fields.rename, fieldRename{[]string{b.to}, "/" + jsonpointer.Escape(b.from)})
	}
	if r.query != nil {
		for _, q := range r.query.rename {
			fields.rename = append(fields.rename, fieldRename{[]string{parseQueryName(q.to).root}, "/query/" + jsonpointer.Escape(q.from.root)})
		}
	}
	out := *e
	out.fields = &fields
	return &out
}
