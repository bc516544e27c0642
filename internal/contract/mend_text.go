package contract

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// mendText reads the values that a schema of text lists without quotes: as numbers
// and truth values they fit nothing, so that the text would be refused that is
// meant.
func (r *reader) mendText(v *value) {
	typ, enum := v.get("type"), v.get("enum")
	other := func(t *value) bool { return t.text != "string" && t.text != "null" }
	if typ == nil || typ.broken || enum == nil || typ.text != "string" && (len(typ.items) == 0 || slices.ContainsFunc(typ.items, other)) {
		return
	}
	bare := func(v *value) bool { return v.raw != nil && (v.raw.kind == numberNode || v.raw.kind == boolNode) }
	if !slices.ContainsFunc(enum.items, bare) {
		return
	}
	quote := func(name string, v *value) {
		if v != nil && bare(v) {
			v.raw = &node{kind: stringNode, text: r.text(v.raw, name, v.pos).text, file: v.raw.file, place: v.raw.place}
		}
	}
	for _, item := range enum.items {
		quote("enum", item)
	}
	quote("default", v.get("default"))
}

// mendQuoted reads the values of an enum and a default that stand in quotes where
// the schema is of numbers or truth values: no text fits.
func (r *reader) mendQuoted(v *value) {
	typ := v.get("type")
	if typ == nil || typ.broken {
		return
	}
	want, kind := "", numberNode
	switch typ.text {
	case "integer":
		want = "a whole number"
	case "number":
		want = "a number"
	case "boolean":
		want, kind = "true or false", boolNode
	default:
		return
	}
	unquote := func(name string, v *value) {
		if v != nil && v.raw != nil && v.raw.kind == stringNode {
			v.raw, _ = r.unquote(v.raw, name, want, kind)
		}
	}
	if enum := v.get("enum"); enum != nil {
		for _, item := range enum.items {
			unquote("enum", item)
		}
	}
	unquote("default", v.get("default"))
}

// zeroes says of numbers that begin with a zero what they are read as, unless they are
// read as text. Which number was meant nobody can know, so that there is no repair.
func (r *reader) zeroes() {
	for _, name := range slices.Sorted(maps.Keys(r.files.byName)) {
		f := r.files.byName[name]
		if f == nil {
			continue
		}
		for _, n := range f.zeroFirst {
			if r.asText[n] {
				continue
			}
			hint := "write " + n.text
			if octal, err := strconv.ParseInt(n.written, 8, 64); err == nil {
				hint += fmt.Sprintf(", or %d if octal is meant", octal)
			}
			r.list.Warn(ruleYAML, n.pos(), fmt.Sprintf("%s is read as %s, as YAML 1.2 has it; YAML 1.1 has octal numbers that begin with 0", n.written, n.text), hint)
		}
	}
}
