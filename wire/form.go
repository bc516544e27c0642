package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

// readForm reads an urlencoded body into field, a nil pointer. Lists and objects
// are found under repeated names and under PHP's bracketed ones, and as their
// encoding says.
func (in *Input) readForm(field reflect.Value, encoding []Encoding) {
	if in.known != nil && in.known.JSON() != nil {
		in.readJSON(codec.Compile(field.Type().Elem()), (*unsafe.Pointer)(field.Addr().UnsafePointer()), false)
		return
	}
	data, ok := in.readAll()
	if !ok {
		return
	}
	v := reflect.New(field.Type().Elem())
	if err := assignForm(v.Elem(), string(data), encoding); err != nil {
		in.fault("", err.Error())
		return
	}
	field.Set(v)
}

// assignForm sets v to what an urlencoded form says.
func assignForm(v reflect.Value, data string, encoding []Encoding) error {
	tree := new(bracket.Tree)
	for _, q := range parsePairs(data) {
		base, path, known := memberNamed(v.Type(), q.name)
		if !known && !takesAny(v.Type()) {
			continue
		}
		if !tree.Child(base).Add(path, bracket.Value{Text: queryUnescape(q.raw)}) {
			return fmt.Errorf("%s %s", base, unmatched)
		}
	}
	if len(tree.Keys) == 0 && wants(v.Type()) != object {
		return nil
	}
	n := membersNode(tree)
	for _, e := range encoding {
		if err := splitForm(&e, v, &n); err != nil {
			return err
		}
	}
	return assign(v, n)
}

// of returns the encoding of a part, or nil.
func of(encoding []Encoding, name string) *Encoding {
	i := slices.IndexFunc(encoding, func(e Encoding) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &encoding[i]
}

// splitForm takes apart a member that came as one text with separators in it, or as
// JSON.
func splitForm(e *Encoding, v reflect.Value, n *node) error {
	i := slices.Index(n.names, e.Name)
	if i < 0 || n.items[i].kind != scalar {
		return nil
	}
	kind := scalar
	if v.Kind() == reflect.Struct {
		fields := fieldsOf(v.Type())
		at, ok := fields.index[e.Name]
		if !ok {
			return nil
		}
		t := v.Type().Field(at).Type
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		kind = wants(t)
	}
	switch {
	case e.Style == JSON:
		n.items[i] = documentNode(n.items[i].text)
	case kind != scalar && !e.Explode:
		p := &Param{Name: e.Name, In: InQuery, Style: e.Style}
		n.items[i] = split(p, kind, n.items[i].text, func(s string) string { return s })
	}
	return nil
}

// formOf writes an object as an urlencoded form: lists as repeated names and
// objects in brackets, but for what has an encoding.
func formOf(v any, encoding []Encoding, d direction) (string, error) {
	data, err := d.marshal(v)
	if err != nil || jsontext.Value(data).Kind() == 'n' {
		return "", err
	}
	n, err := readNode(jsontext.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return "", err
	}
	if n.kind != object {
		return "", errors.New("a form must be an object")
	}
	var out []string
	add := func(name, value string) { out = append(out, url.QueryEscape(name)+"="+url.QueryEscape(value)) }
	for i, item := range n.items {
		e := of(encoding, n.names[i])
		if e != nil && e.Style == JSON {
			raw, err := memberOf(data, n.names[i])
			if err != nil {
				return "", err
			}
			add(n.names[i], string(raw))
			continue
		}
		if e != nil && item.kind != scalar && !e.Explode && e.Style != DeepObject {
			text, err := joinForm(e, item)
			if err != nil {
				return "", err
			}
			add(n.names[i], text)
			continue
		}
		if flat, err := item.flat(); item.kind == list && err == nil {
			for _, s := range flat {
				add(n.names[i], s)
			}
			continue
		}
		item.spelled(n.names[i], add)
	}
	for _, name := range d.blanks(reflect.ValueOf(v)) {
		if e := of(encoding, name); e == nil || e.Style != JSON {
			add(name, "")
		}
	}
	return strings.Join(out, "&"), nil
}

// blanks lists the members of a form that are null, where nothing says so.
func (d direction) blanks(form reflect.Value) (names []string) {
	for form.Kind() == reflect.Pointer {
		form = form.Elem()
	}
	if form.Kind() != reflect.Struct {
		return nil
	}
	fields := fieldsOf(form.Type())
	for i, name := range fields.names {
		if name != "" && isNull(form.Field(i), fields.required[i]) && blank(form.Field(i).Type()) && !d.tagged(form.Type().Field(i)) {
			names = append(names, name)
		}
	}
	return names
}

// joinForm writes a list or object as one text.
func joinForm(e *Encoding, n node) (string, error) {
	sep := map[Style]string{SpaceDelimited: " ", PipeDelimited: "|"}[e.Style]
	if sep == "" {
		sep = ","
	}
	return n.joined(sep, sep, false, func(s string) string { return s })
}

// memberOf returns a member of an object as JSON.
func memberOf(data []byte, name string) (jsontext.Value, error) {
	all, err := members(data)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.name == name {
			return m.value, nil
		}
	}
	return jsontext.Value("null"), nil
}
