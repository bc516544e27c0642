package legacyproxy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// envelopeFile is an envelope, or the word none.
type envelopeFile struct {
	pos  config.Pos
	none bool
	body struct {
		Code    config.Value[string] `yaml:"code"`
		Message config.Value[string] `yaml:"message"`
		Data    config.Value[string] `yaml:"data"`
		Status  config.Value[string] `yaml:"status"`
		Success codeSet              `yaml:"success"`
		Fields  *fieldsFile          `yaml:"fields"`
	}
}

// UnmarshalConfig implements config.Unmarshaler.
func (e *envelopeFile) UnmarshalConfig(n *config.Node) {
	e.pos = n.Pos()
	const mapping = "write {code: /code, data: /data}, with the pointers to what there is"
	switch text := n.Text(); {
	case n.Kind() == config.Mapping, n.Kind() == config.Null:
		n.Decode(&e.body)
		return
	case n.Kind() == config.Sequence:
		n.Faultf(mapping, "envelope: want none or a mapping, found a list")
	case text == "none":
	case slices.Contains([]string{"", "true", "yes", "on"}, text):
		n.Faultf(mapping, "envelope: want none or a mapping, found %q", text)
	case slices.Contains([]string{"false", "no", "off"}, text), strings.EqualFold(text, "none"):
		n.Faultf("write none", "envelope: want none or a mapping, found %q", text)
	default:
		n.Faultf("write {data: "+suggestPointer(text, "data")+"}", "envelope: want none or a mapping, found %q", text)
	}
	e.none = true
}

// fieldsFile says where PHP lists what is wrong with single fields. Written as
// a single value it is the pointer alone.
type fieldsFile struct {
	At      config.Value[string]             `yaml:"at"`
	Name    config.Value[string]             `yaml:"name"`
	Message config.Value[string]             `yaml:"message"`
	Rename  config.Map[config.Value[string]] `yaml:"rename"`
	pos     config.Pos
}

// UnmarshalConfig implements config.Unmarshaler.
func (f *fieldsFile) UnmarshalConfig(n *config.Node) {
	f.pos = n.Pos()
	switch n.Kind() {
	case config.Scalar:
		n.Decode(&f.At)
		return
	case config.Sequence:
		n.Faultf("write /errors, the pointer to where PHP lists them: the fields themselves need no names", "envelope: fields: want a pointer or a mapping, found a list")
		return
	}
	type plain fieldsFile
	n.Decode((*plain)(f))
}

// envelope compiles an envelope; nil when there is none.
func (p *parser) envelope(f *envelopeFile) *envelope {
	if f == nil || f.none {
		return nil
	}
	b := &f.body
	e := &envelope{
		code:    p.pointer(b.Code, "code", "code"),
		message: p.pointer(b.Message, "message", "message"),
		data:    p.pointer(b.Data, "data", "data"),
		status:  p.pointer(b.Status, "status", "status"),
		success: b.Success,
		fields:  p.fields(b.Fields),
	}
	switch {
	case !b.Code.Set() && !b.Success.empty():
		p.fault(b.Success.items[0].pos, "add code: /code, the pointer to the code", "envelope: success without code")
	case !b.Code.Set() && !b.Data.Set() && !b.Status.Set() && !b.Message.Set() && b.Fields == nil:
		p.fault(f.pos, "write {code: /code, message: /msg, data: /data}, or those of them that there are", "envelope: it does not say where anything is")
	}
	seen := map[string]bool{}
	for _, item := range b.Success.items {
		if seen[item.text] {
			p.fault(item.pos, "keep one of them", "envelope: success has %q twice", item.text)
		}
		seen[item.text] = true
	}
	return e
}

// pointer reads a JSON pointer. An empty one is the whole document. usual is the
// name that applications give to what it leads to.
func (p *parser) pointer(v config.Value[string], key, usual string) pointer {
	if !v.Set() {
		return nil
	}
	ptr, err := parsePointer(v.V)
	if err != nil {
		p.fault(v.Pos, "write "+suggestPointer(v.V, usual), "envelope: %s: %v", key, err)
		return pointer{} // there is one, if no good one: rules may rely on it
	}
	return ptr
}

// suggestPointer writes a place that somebody wrote as in PHP, in JavaScript or
// as a JSONPath, as a JSON pointer: error.code, errors[0].code, $.error.code.
// What is none of them, or too deep, becomes the usual name of what stands there.
func suggestPointer(text, usual string) string {
	steps := strings.Split(strings.TrimPrefix(text, "/"), "/") // wrong escapes
	if !strings.HasPrefix(text, "/") {
		text = strings.TrimLeft(text, "$#./")
		steps = strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("./[]'\"", c) })
	}
	number := func(s string) bool { _, err := strconv.Atoi(s); return err == nil }
	if len(steps) == 0 || len(steps) > maxPointer || len(steps) == 1 && number(steps[0]) || strings.ContainsAny(text, " \t{}") {
		return "/" + usual
	}
	var out strings.Builder
	for _, s := range steps {
		out.WriteString("/" + jsonpointer.Escape(s))
	}
	return out.String()
}

// fields compiles where the faults of single fields stand.
func (p *parser) fields(f *fieldsFile) *fieldFaults {
	if f == nil {
		return nil
	}
	if !f.At.Set() {
		p.fault(f.pos, "add at: /errors, the pointer to them", "envelope: fields does not say where they are")
	}
	out := &fieldFaults{at: p.pointer(f.At, "fields", "errors"), name: p.pointer(f.Name, "fields: name", "field"), message: p.pointer(f.Message, "fields: message", "message")}
	for _, e := range f.Rename {
		from := fieldSteps(e.Key)
		out.rename = append(out.rename, fieldRename{from, e.Value.V})
		to, err := parsePointer(e.Value.V)
		switch {
		case err != nil, e.Value.V == "":
			p.fault(e.Value.Pos, "write "+suggestPointer(e.Value.V, "query/limit"), "envelope: fields: rename: %q is no JSON pointer", e.Value.V)
		case stars(to) > stars(from):
			p.fault(e.Value.Pos, "write a * for each of them in the name, too", "envelope: fields: rename: %q has more * than %q", e.Value.V, e.Key)
		}
	}
	return out
}

// stars counts the steps that stand for any one.
func stars(steps []string) (n int) {
	for _, s := range steps {
		if s == "*" {
			n++
		}
	}
	return n
}

// anyEnvelope is an envelope with all that some envelope of the file has, for
// checking rules that serve many operations.
func (p *parser) anyEnvelope() *envelope {
	merged := &envelope{}
	merge := func(f *envelopeFile) {
		if f == nil || f.none {
			return
		}
		if f.body.Code.Set() {
			merged.code = pointer{"code"}
		}
		if f.body.Message.Set() {
			merged.message = pointer{"message"}
		}
		if f.body.Fields != nil {
			merged.fields = &fieldFaults{}
		}
	}
	if merge(p.m.file.Envelope); p.m.defaults.envelope != nil {
		merged.success = p.m.defaults.envelope.success
	}
	for i := range p.m.file.Operations {
		merge(p.m.file.Operations[i].Value.Envelope)
	}
	return merged
}
